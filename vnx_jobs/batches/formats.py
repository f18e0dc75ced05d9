"""The three forms of a manifest: YAML, JSON lines, CSV. Each becomes entries: fields as they stand, and their line."""

import csv
import io
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.json_text import JsonError, read_json
from vnx_jobs.model.specs import OPERATIONS

from .variables import variable_problem

_TOP: Final = ("batch", "atomic", "vars", "hooks", "defaults", "jobs")
_YES_NO: Final[Mapping[str, bool]] = {"true": True, "yes": True, "false": False, "no": False}
_DEEPEST: Final = 20
"""Levels of a YAML file: a manifest needs five, and the library dies of some thousands."""
_MERGE: Final = "tag:yaml.org,2002:merge"
_TOO_DEEP: Final = "it is nested too deeply, or holds itself"
_SHOWN: Final = 200
_VALUES: Final = 2_000_000
"""Values of a YAML file, its brackets too: those of 100,000 rows and more."""
_BORROWED: Final = 100_000
"""Values that all aliases of a YAML file together may stand for: a few nested lines could ask for any number."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a manifest. Values of YAML and CSV are text: `name: 007` names 007."""

    line: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one row."""

    line: int
    row: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    batch: str = ""
    hooks: tuple[str, ...] = ()
    """Hooks that are told when all of its jobs have ended."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What `{NAME}` stands for in its rows, where nobody says otherwise."""
    atomic: bool = False
    """Whether all of its rows are to be accepted, or none."""


class FormError(Exception):
    """A file that cannot be read as what it claims to be: a line, and what is wrong there."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def parse(file: Path, text: str) -> Document:
    """Read a file's text by its ending. Raises Refused for an unknown ending, or a file that cannot be read at all."""
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        text = f"{file}: the ending {file.suffix!r} is unknown (there are {', '.join(sorted(_READERS))})"
        raise Refused(Code.INVALID, text)
    try:
        return reader(text)
    except RecursionError:
        raise Refused(Code.INVALID, f"{file} cannot be read: {_TOO_DEEP}") from None
    except FormError as error:
        raise Refused(Code.INVALID, f"{file}:{error.line}: {error}") from error


def yaml_fields(file: Path, text: str) -> dict[str, Any]:
    """Return what a YAML file says, one mapping whose values are text, or lists and mappings of it.

    Raises Refused for a file that cannot be read, with the line.
    """
    try:
        return {name: _plain(value) for name, value in _mapping(_composed(text)).items()}
    except RecursionError:
        raise Refused(Code.INVALID, f"{file} cannot be read: {_TOO_DEEP}") from None
    except FormError as error:
        raise Refused(Code.INVALID, f"{file}:{error.line}: {error}") from error


def _composed(text: str) -> yaml.Node | None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _need_bounded(yaml.parse(text, Loader=loader))
        root: yaml.Node | None = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FormError(line, f"this is not YAML: {error.problem or 'it cannot be read'}") from error
    except yaml.YAMLError as error:
        raise FormError(1, f"this is not YAML: {str(error).splitlines()[0]}") from error
    return root


def _yaml(text: str) -> Document:
    top = _mapping(_composed(text))
    unknown = [name for name in top if name not in _TOP]
    if unknown:
        raise FormError(_line(top[unknown[0]]), f"there is no {unknown[0]!r} at the top (there are {', '.join(_TOP)})")
    jobs = top.get("jobs")
    if not isinstance(jobs, yaml.SequenceNode):
        raise FormError(1, "a list of jobs is missing: jobs: [...]")
    defaults = _defaults(_plain(top["defaults"]) if "defaults" in top else {}, top.get("defaults"))
    entries, problems = [], []
    for node in jobs.value:
        try:
            fields = {name: _plain(value) for name, value in _mapping(node).items()}
            entries.append(Entry(_line(node), with_defaults(fields, defaults)))
        except FormError as error:
            problems.append(Problem(error.line, "", str(error)))
    batch = _plain(top["batch"]) if "batch" in top else ""
    if not isinstance(batch, str):
        raise FormError(_line(top["batch"]), "batch must be a name")
    return Document(tuple(entries), tuple(problems), batch, _hooks(top), _variables(top), _atomic(top))


def _atomic(top: Mapping[str, yaml.Node]) -> bool:
    node = top.get("atomic")
    said = "false" if node is None else node.value
    if not (isinstance(said, str) and said.lower() in _YES_NO):
        raise FormError(_line(node), "atomic must be true or false")
    return _YES_NO[said.lower()]


def _variables(top: Mapping[str, yaml.Node]) -> Mapping[str, str]:
    found = _mapping(top["vars"]) if "vars" in top else {}
    for name, node in found.items():
        if problem := variable_problem(name):
            raise FormError(_line(node), problem)
        if not isinstance(node, yaml.ScalarNode):
            raise FormError(_line(node), f"variable {name!r} must be a text")
    return {name: str(node.value) for name, node in found.items()}


def _hooks(top: Mapping[str, yaml.Node]) -> tuple[str, ...]:
    given = _plain(top["hooks"]) if "hooks" in top else []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise FormError(_line(top["hooks"]), "hooks must be a list of names")
    return tuple(given)


def _need_bounded(events: Iterable[yaml.Event]) -> None:
    """Raise FormError where a file is nested too deeply for the library, or stands for far more than it holds."""
    sizes: dict[str, int] = {}
    inside: list[tuple[str, int]] = []
    held = borrowed = 0
    for event in events:
        match event:
            case yaml.CollectionStartEvent():
                inside.append((event.anchor or "", held))
                held += 1
            case yaml.CollectionEndEvent():
                anchor, before = inside.pop()
                sizes[anchor] = held - before
            case yaml.ScalarEvent():
                held += 1
                sizes[event.anchor or ""] = 1
            case yaml.AliasEvent():
                size = sizes.get(event.anchor or "", 1)
                held, borrowed = held + size, borrowed + size
        if len(inside) > _DEEPEST:
            raise FormError(_line(event), _TOO_DEEP)
        if borrowed > _BORROWED:
            raise FormError(_line(event), f"its aliases stand for more than {_BORROWED} values")
        if held > _VALUES:
            raise FormError(_line(event), f"it holds more than {_VALUES} values: divide it")


def _mapping(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """Return a mapping's names and values. Raises FormError if it is none, or names something twice.

    What a merge (`<<: *other`) brings is filled in where the mapping itself says nothing; of several, the first holds.
    """
    if not isinstance(node, yaml.MappingNode):
        raise FormError(_line(node), "NAME: VALUE lines are expected here")
    found: dict[str, yaml.Node] = {}
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if key.tag == _MERGE:
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            continue
        if not isinstance(key, yaml.ScalarNode):
            raise FormError(_line(key), "a name is expected before the colon")
        if key.value in found:
            raise FormError(_line(key), f"{key.value} is given twice")
        found[sys.intern(key.value)] = value  # thousands of rows have the same few names
    for one in merged:
        found = _mapping(one) | found
    return found


def _plain(node: yaml.Node) -> Any:  # noqa: ANN401 -- text, or lists and mappings of it
    match node:
        case yaml.SequenceNode():
            return [_plain(one) for one in node.value]
        case yaml.MappingNode():
            return {name: _plain(value) for name, value in _mapping(node).items()}
        case _:
            return node.value


def _line(node: yaml.Node | yaml.Event | None) -> int:
    return 1 if node is None or node.start_mark is None else node.start_mark.line + 1


def _defaults(values: object, node: yaml.Node | None) -> Mapping[str, Any]:
    if not isinstance(values, dict):
        raise FormError(_line(node), "defaults must be NAME: VALUE lines")
    if problem := defaults_problem(values):
        raise FormError(_line(node), problem)
    return values


def defaults_problem(defaults: Mapping[str, Any]) -> str | None:
    """Say what is wrong with the names of defaults, or None."""
    known = {name for spec in OPERATIONS.values() for name in spec.model_fields}
    unknown = sorted(set(defaults) - known)
    return f"no operation has a field {unknown[0]!r}, as defaults say" if unknown else None


def with_defaults(fields: Mapping[str, Any], defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fill in the defaults that the row's operation knows."""
    spec = OPERATIONS.get(str(fields.get("operation", defaults.get("operation", ""))))
    fitting = {name: value for name, value in defaults.items() if spec is None or name in spec.model_fields}
    return {**fitting, **fields}


def _json_lines(text: str) -> Document:
    entries, problems = [], []
    for number, line in enumerate(text.split("\n"), start=1):  # no other sign ends a line: a text may hold it
        if not line.strip():
            continue
        try:
            found = read_json(line)
        except JsonError as error:
            problems.append(Problem(number, "", f"this line is not a JSON object: {error}"))
            continue
        if isinstance(found, dict):
            entries.append(Entry(number, {name: value for name, value in found.items() if value is not None}))
        else:
            problems.append(Problem(number, "", "this line is not a JSON object: {...} is expected"))
    return Document(tuple(entries), tuple(problems))


def _csv(text: str) -> Document:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    entries, problems = [], []
    try:
        head = [name.strip() for name in next(reader, [])]
        if not head or "" in head or len(set(head)) < len(head):
            raise FormError(1, "the first line must name the columns, each once")
        if "operation" not in head:
            shown = ", ".join(head)[:_SHOWN]
            raise FormError(1, f"there is no column 'operation' (columns: {shown}): they are divided by commas")
        while True:
            line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                break
            if len(cells) > len(head):
                problems.append(Problem(line, "", f"there are {len(cells)} cells, and {len(head)} columns"))
            elif any(cells):
                pairs = zip(head, cells, strict=False)  # cells left out at the end of a line are empty
                entries.append(Entry(line, {name: cell for name, cell in pairs if cell}))
    except csv.Error as error:
        raise FormError(reader.line_num or 1, f"this is not CSV: {error}") from error
    return Document(tuple(entries), tuple(problems))


_READERS: Final[Mapping[str, Callable[[str], Document]]] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".csv": _csv,
}
