"""In which form a command tells its answer: decided here, for all commands.

A command says of each thing what it is as a document, and what of it people want to see. What comes of that is a table
that fits the screen, the same with everything in it, or the documents as JSON, YAML or CSV.
"""

import csv
import io
import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Final, Generic, TypeVar, cast

import click
from pydantic_core import to_json

from vnx_jobs.documents.document import Document

from .screen import Fit, show_facts, show_table, show_whole_table

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
D = TypeVar("D", bound=Document)


class Form(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    WIDE = "wide"
    """With more columns, and nothing cut."""
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"

    @property
    def for_people(self) -> bool:
        """Whether it is words and tables, and no document."""
        return self in {Form.TABLE, Form.WIDE}


_SAYS: Final = "How the answer is written."


def in_form(command: F) -> F:
    """Give a command the options that say how its answer is written; it gets a `form`."""

    @click.option("-o", "--output", "chosen", type=click.Choice([str(form) for form in Form]), help=_SAYS)
    @click.option("--json", "as_json", is_flag=True, help="The same as --output json.")
    @wraps(command)
    def with_form(*given: Any, chosen: str | None, as_json: bool, **named: Any) -> Any:  # noqa: ANN401 -- the command's
        return command(*given, **named, form=form_of(chosen, as_json=as_json))

    return cast("F", with_form)  # click calls it with the options' values, by their names


def form_of(chosen: str | None, *, as_json: bool) -> Form:
    """Return the form that the options of `in_form` say. Raises UsageError if they contradict each other."""
    if as_json and chosen not in {None, Form.JSON}:
        raise click.UsageError(f"--json and --output {chosen} contradict each other")
    return Form.JSON if as_json else Form(chosen or Form.TABLE)


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column of a table for people."""

    head: str
    of: Callable[[T], str]
    wide: bool = False
    """Whether only the wide table has it."""
    fit: Fit = Fit.WHOLE
    """What becomes of a text that is too long for the line; in the wide table nothing."""


def show_list(  # noqa: PLR0913 -- what a list consists of
    form: Form,
    things: Sequence[T],
    columns: Sequence[Column[T]],
    model: type[Document],
    document: Callable[[T], Document],
    *,
    empty: str,
) -> None:
    """Write things in a form; `empty` is said to people if there are none."""
    if form.for_people:
        shown = [column for column in columns if form is Form.WIDE or not column.wide]
        head, rows = [column.head for column in shown], [[column.of(thing) for column in shown] for thing in things]
        if form is Form.WIDE:
            show_whole_table(head, rows, empty=empty)
        else:
            show_table(head, rows, empty=empty, fits=[column.fit for column in shown])
    else:
        _write(form, [document(thing) for thing in things], model)


def show_documents(
    form: Form, documents: Sequence[D], columns: Sequence[Column[D]], model: type[D], *, empty: str
) -> None:
    """Write documents, which say themselves what people want to see of them."""
    show_list(form, documents, columns, model, lambda one: one, empty=empty)


def show_one(form: Form, document: Document, tell: Callable[[], None]) -> None:
    """Write one thing in a form; `tell` writes it for people."""
    if form.for_people:
        tell()
    elif form is Form.CSV:
        _write(form, [document], type(document))
    else:
        _dump(form, document.told())


def show_said(form: Form, document: Document, text: str) -> None:
    """Write what a command did: a line for people."""
    show_one(form, document, lambda: click.echo(text))


def tells_facts(*facts: tuple[str, str]) -> Callable[[], None]:
    """Return what writes names and values below each other."""
    return lambda: show_facts(facts)


def _write(form: Form, documents: Sequence[Document], model: type[Document]) -> None:
    told_ones = [document.told() for document in documents]
    if form is not Form.CSV:
        _dump(form, told_ones)
        return
    extra = {name: None for one in told_ones for name in one if name not in model.model_fields}
    head = [*columns_of(model), *extra]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(_at(one, name)) for name in head] for one in told_ones)
    click.echo(text.getvalue(), nl=False)


def _dump(form: Form, told_ones: object) -> None:
    if form is Form.JSON:
        click.echo(pretty(told_ones))
        return
    import yaml  # noqa: PLC0415 -- only who asks for it waits for it

    click.echo(yaml.safe_dump(told_ones, sort_keys=False, allow_unicode=True), nl=False)


def pretty(told_ones: object) -> str:
    """Return what is to be told as JSON in ASCII, indented; of thousands the library writes it ten times as fast."""
    text = to_json(told_ones, indent=2)
    return text.decode() if text.isascii() else json.dumps(told_ones, indent=2)


def columns_of(model: type[Document], before: str = "") -> Iterator[str]:
    """Return the columns of a kind of document as CSV: those of a document within it with its name before them."""
    for name, field in model.model_fields.items():
        within = _document_in(field.annotation)
        if within is None:
            yield f"{before}{name}"
        else:
            yield from columns_of(within, f"{before}{name}.")


def _document_in(annotation: object) -> type[Document] | None:
    """Return the kind of document that a field holds one of, or none."""
    choices = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    found = [one for one in choices if isinstance(one, type) and issubclass(one, Document)]
    return found[0] if len(found) == 1 else None


def _at(told_one: Mapping[str, Any], path: str) -> object:
    value: Any = told_one
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _cell(value: object) -> str:
    """Return a value as a cell: texts as they are, nothing for None, lists and maps as JSON."""
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return json.dumps(value, separators=(",", ":"))
