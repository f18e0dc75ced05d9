"""Manifests: YAML, JSON lines or CSV become rows that know their line. Nothing is judged here but the file's form."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.names import name_problem

from . import formats
from .formats import Entry, Problem
from .variables import filled, has_number, used, variable_problem

_MOST: Final = 10_000
"""Rows that one `count` may make."""
_DIGITS: Final = 10
_SHOWN: Final = 50
_MOST_ROWS: Final = 100_000
"""Rows of one manifest: they are judged whole, in memory."""
MAX_NAME: Final = 100
"""Characters of the names of batches and rows."""
NO_NAME: Final = "(no name)"
"""What a row is called whose object has no name, or none that can be used; its spec is refused for that."""


@dataclass(frozen=True, slots=True)
class Row:
    """One job that a manifest asks for, as it stands there."""

    line: int
    name: str
    fields: Mapping[str, Any]
    """What the job's spec is made of; the array is filled in."""
    after: tuple[str, ...]
    """Names of rows that must have SUCCEEDED first."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file's rows, and what is wrong with those that could not be read; or those that one request asks for."""

    file: Path
    batch: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    is_file: bool = True
    """Else `file` is the word of the request."""
    hooks: tuple[str, ...] = ()
    """Hooks that are told when all of its jobs have ended."""
    atomic: bool = False
    """Whether all of its rows are to be accepted, or none."""


def read(file: Path, *, array: str | None, variables: Mapping[str, str] | None = None) -> Manifest:
    """Read a manifest; `array` is meant where a row and the defaults name none, `variables` stand before its own.

    Raises Refused for a file that cannot be read at all, with its name and the line where it is known.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise Refused(Code.INVALID, f"{file} cannot be read: {reason}") from error
    return understand(file, text, array, variables=variables)


def understand(  # noqa: PLR0913 -- what a text, and what its sender, says
    file: Path,
    text: str,
    array: str | None,
    *,
    batch: str = "",
    document: formats.Document | None = None,
    variables: Mapping[str, str] | None = None,
) -> Manifest:
    """Read a manifest's text by its file's ending, unless its document is given; `batch` is meant where it names none.

    Raises Refused for a text that cannot be read at all.
    """
    document = document or formats.parse(file, text)
    values = _values(file, document, variables or {})
    rows: list[Row] = []
    problems = list(document.problems)
    for entry in document.entries:
        try:
            rows += _rows(entry, values, array)
        except ValueError as error:
            problems.append(Problem(entry.line, _named(entry), str(error)))
        if len(rows) > _MOST_ROWS:
            raise Refused(Code.INVALID, f"{file}:{entry.line}: it asks for more than {_MOST_ROWS} jobs: divide it")
    if not rows and not problems:
        raise Refused(Code.INVALID, f"{file} asks for nothing: it has no rows")
    name = _batch_name(file, _filled_batch(file, document.batch or batch, values)) or unnamed(
        file, text, array, variables or {}
    )
    return Manifest(file, name, tuple(rows), tuple(problems), hooks=document.hooks, atomic=document.atomic)


def _values(file: Path, document: formats.Document, given: Mapping[str, str]) -> Mapping[str, str]:
    """Return what its variables stand for. Raises Refused for one, given or in `vars`, that nothing in it uses."""
    values = {**document.variables, **given}
    known = used(document.batch) | used([entry.fields for entry in document.entries]) if values else frozenset[str]()
    for name in values:
        if problem := variable_problem(name):
            raise Refused(Code.INVALID, problem)
        if name not in known:
            raise Refused(Code.INVALID, f"{file}: nothing in it uses the variable {name!r}")
    return values


def _filled_batch(file: Path, given: str, values: Mapping[str, str]) -> str:
    try:
        return str(filled(given, values))
    except ValueError as error:
        raise Refused(Code.INVALID, f"{file}: batch: {error}") from None


def _batch_name(file: Path, given: str) -> str:
    """Return a name that a batch is given, if it is given one. Raises Refused for one that is none."""
    if given and (problem := name_problem(given, MAX_NAME)):
        raise Refused(Code.INVALID, f"{file}: batch {problem}")
    return given


def unnamed(file: Path, text: str, array: str | None, variables: Mapping[str, str]) -> str:
    """Return the name of a batch that is given none: the same file has it again, and no other file has."""
    content = text + (array or "") + "".join(f"|{name}={value}" for name, value in sorted(variables.items()))
    stem = re.sub(r"[^A-Za-z0-9_.]+", "-", file.stem).strip("-") or "batch"
    return f"{stem}-{hashlib.blake2b(content.encode(), digest_size=4).hexdigest()}"


def _rows(entry: Entry, values: Mapping[str, str], array: str | None) -> Iterator[Row]:
    """Make an entry's rows: one, or as many as its count says. Raises ValueError saying what is wrong."""
    fields = dict(entry.fields)
    count = _count(filled(fields.pop("count", None), values))
    if count is not None and not any(has_number(str(fields.get(key, ""))) for key in ("name", "row")):
        raise ValueError("count needs {n} or {n:02} in the name, so that the rows differ")
    for number in (None,) if count is None else range(1, count + 1):
        yield _row(entry.line, {name: filled(value, values, number) for name, value in fields.items()}, array)


def _row(line: int, fields: dict[str, Any], array: str | None) -> Row:
    after = _names(fields.pop("after", ()))
    given = fields.pop("row", None)
    if "array" not in fields and array:
        fields["array"] = array
    name = str(given) if given is not None else _default_name(fields)
    if given is not None and (problem := name_problem(name, MAX_NAME)):
        raise ValueError(f"row name {problem}")
    return Row(line, name, fields, after)


def _default_name(fields: Mapping[str, Any]) -> str:
    name = str(fields.get("name", ""))
    if name_problem(name):
        return NO_NAME
    return f"delete {name}" if str(fields.get("operation", "")).startswith("delete") else name


def _named(entry: Entry) -> str:
    given = entry.fields.get("row")
    if given is None:
        return _default_name(entry.fields)
    return NO_NAME if name_problem(str(given), MAX_NAME) else str(given)


def _count(value: object) -> int | None:
    if value is None:
        return None
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and 1 <= int(text) <= _MOST):
        given = repr(text) if len(text) <= _SHOWN else f"{len(text)} characters"
        raise ValueError(f"count must be a whole number from 1 to {_MOST} (got {given})")
    return int(text)


def _names(value: object) -> tuple[str, ...]:
    """Read names of rows: a list, or one text with names divided by `;` or `,`. Raises ValueError for anything else."""
    if isinstance(value, str):
        value = re.split(r"[;,]", value)
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ValueError("after must be a name of a row, or a list of names")
    return tuple(dict.fromkeys(one.strip() for one in value if one.strip()))
