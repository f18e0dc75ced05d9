"""`vnx-jobs dead`: messages that could not be understood."""

from typing import Final

import click

from vnx_jobs.documents.access import LetterDocument
from vnx_jobs.model.authority import DeadLetter
from vnx_jobs.model.errors import Code, Refused

from .exits import Exit
from .output import Column, Form, in_form, show_list, show_one, tells_facts
from .screen import Fit, local_time
from .session import audited, opened

_COLUMNS: Final[tuple[Column[DeadLetter], ...]] = (
    Column("letter", lambda one: one.id),
    Column("came", lambda one: local_time(one.at)),
    Column("task", lambda one: one.task, wide=True),
    Column("why", lambda one: one.why, fit=Fit.CUT),
)


@click.group()
def dead() -> None:
    """Look at messages that could not be understood."""


@dead.command("list")
@click.option("--most", type=click.IntRange(1, 10_000), default=100, show_default=True, help="The newest so many.")
@in_form
def list_(most: int, *, form: Form) -> int:
    """List messages that could not be understood, newest first.

    For example: vnx-jobs dead list
    """
    with opened() as house:
        found = house.dead_letters.find(most)
    show_list(form, found, _COLUMNS, LetterDocument, LetterDocument.of, empty="no dead letters")
    return Exit.WELL


@dead.command()
@click.argument("letter")
@in_form
def show(letter: str, *, form: Form) -> int:
    """Show one message.

    For example: vnx-jobs dead show "$LETTER"
    """
    with opened() as house:
        found = house.dead_letters.get(letter)
    if found is None:
        raise Refused(Code.INVALID, f"there is no dead letter {letter!r}: see `vnx-jobs dead list`")
    facts = [("came", local_time(found.at)), ("task", found.task), ("why", found.why), ("message", found.message)]
    show_one(form, LetterDocument.of(found), tells_facts(*facts))
    return Exit.WELL


@dead.command()
@click.argument("letter", required=False)
@click.option("--all", "everything", is_flag=True, help="Forget all.")
def drop(letter: str | None, *, everything: bool) -> int:
    """Forget one message, or all.

    For example: vnx-jobs dead drop "$LETTER"
    """
    if (letter is None) != everything:
        raise click.UsageError("give either a LETTER, or --all")
    with opened() as house, audited(house, f"dead drop {letter or '--all'}"):
        count = house.dead_letters.drop(letter or "")
    if letter and not count:
        raise Refused(Code.INVALID, f"there is no dead letter {letter!r}: see `vnx-jobs dead list`")
    click.echo(f"{count} forgotten")
    return Exit.WELL
