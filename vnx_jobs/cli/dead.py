"""`vnx-jobs dead`: messages that could not be understood."""

from typing import Any

import click

from vnx_jobs.model.authority import DeadLetter
from vnx_jobs.model.errors import Code, Refused

from .exits import Exit
from .screen import instant, local_time, show_facts, show_json, show_table
from .session import audited, opened

_as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


@click.group()
def dead() -> None:
    """Look at messages that could not be understood."""


@dead.command("list")
@click.option("--most", type=click.IntRange(1, 10_000), default=100, show_default=True, help="The newest so many.")
@_as_json
def list_(most: int, *, as_json: bool) -> int:
    """List messages that could not be understood, newest first."""
    with opened() as house:
        found = house.dead_letters.find(most)
    if as_json:
        show_json([_document(one) for one in found])
    else:
        rows = [(one.id, local_time(one.at), one.task, one.why) for one in found]
        show_table(("letter", "came", "task", "why"), rows, empty="no dead letters")
    return Exit.WELL


@dead.command()
@click.argument("letter")
@_as_json
def show(letter: str, *, as_json: bool) -> int:
    """Show one message."""
    with opened() as house:
        found = house.dead_letters.get(letter)
    if found is None:
        raise Refused(Code.INVALID, f"there is no dead letter {letter!r}: see `vnx-jobs dead list`")
    if as_json:
        show_json(_document(found))
    else:
        facts = [("came", local_time(found.at)), ("task", found.task), ("why", found.why), ("message", found.message)]
        show_facts(facts)
    return Exit.WELL


@dead.command()
@click.argument("letter", required=False)
@click.option("--all", "everything", is_flag=True, help="Forget all.")
def drop(letter: str | None, *, everything: bool) -> int:
    """Forget one message, or all."""
    if (letter is None) != everything:
        raise click.UsageError("give either a LETTER, or --all")
    with opened() as house, audited(house, f"dead drop {letter or '--all'}"):
        count = house.dead_letters.drop(letter or "")
    if letter and not count:
        raise Refused(Code.INVALID, f"there is no dead letter {letter!r}: see `vnx-jobs dead list`")
    click.echo(f"{count} forgotten")
    return Exit.WELL


def _document(letter: DeadLetter) -> dict[str, Any]:
    return {
        "letter": letter.id,
        "at": instant(letter.at),
        "task": letter.task,
        "why": letter.why,
        "message": letter.message,
    }
