"""A manifest that is submitted as a text: its form, and what is said beside it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from vnx_jobs.batches.variables import variable_problem
from vnx_jobs.model.errors import Code

from .errors import Refused

Form: TypeAlias = Literal["yaml", "jsonl", "csv"]
"""How a manifest is written, by the ending that its file would have."""
_FORMS: Final = get_args(Form)
MAX_NAME: Final = 100
"""Characters of a batch's name."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest."""

    text: str
    form: Form
    batch: str
    """The batch's name, where the text gives none; variables are filled in. Empty: it is made from the text."""
    array: str | None
    """The array of rows that name none; None: the only one that there is."""
    variables: Mapping[str, str]
    """They stand before those of the text."""
    hooks: tuple[str, ...]
    """Told when all of its jobs have ended, besides those of the text."""


def manifest(  # noqa: PLR0913 -- what a text, and what its sender, says
    text: str,
    form: Form,
    *,
    batch: str = "",
    array: str | None = None,
    variables: Mapping[str, str] | None = None,
    hooks: Collection[str] = (),
) -> Manifest:
    """Return a manifest. Raises Refused(invalid) for what cannot be sent; its rows are judged where it arrives."""
    if form not in _FORMS:
        raise Refused(Code.INVALID, f"a manifest's form is one of {', '.join(_FORMS)}, not {form!r}")
    if len(batch) > MAX_NAME:
        raise Refused(Code.INVALID, f"batch has {len(batch)} characters, more than {MAX_NAME}")
    for problem in filter(None, map(variable_problem, variables or {})):
        raise Refused(Code.INVALID, problem)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused(Code.INVALID, "the manifest is no text that can be sent: it has half a character") from None
    return Manifest(text.removeprefix("\ufeff"), form, batch, array, dict(variables or {}), tuple(hooks))
