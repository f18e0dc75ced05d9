"""`vnx-jobs hooks`: receivers that are called back when jobs or batches have ended."""

from collections.abc import Sequence
from typing import Final

import click

from vnx_jobs.documents.hooks import HookDocument, HookPendingDocument, NewHookDocument
from vnx_jobs.model.hooks import HookStanding, Pending

from . import known
from .exits import Exit
from .output import Column, Form, in_form, show_list, show_one, show_said
from .screen import Fit, local_time, show_facts, show_table
from .session import audited, opened, sender

_COLUMNS: Final[tuple[Column[HookStanding], ...]] = (
    Column("hook", lambda one: one.hook.name),
    Column("url", lambda one: one.hook.url, fit=Fit.CUT),
    Column("delivered", lambda one: str(one.delivered)),
    Column("waiting", lambda one: str(one.waiting)),
    Column("given up", lambda one: str(one.given_up)),
    Column("last attempt", lambda one: local_time(one.tried), wide=True),
    Column("by", lambda one: one.hook.by, wide=True),
    Column("answer", lambda one: one.answer, fit=Fit.CUT),
)


@click.group()
def hooks() -> None:
    """Have receivers called back when jobs or batches have ended."""


@hooks.command()
@click.argument("name")
@click.argument("url")
@in_form
def add(name: str, url: str, *, form: Form) -> int:
    """Register a receiver, and print the key that it verifies messages with.

    For example: vnx-jobs hooks add provisioning https://portal.example.org/vnx-jobs
    """
    with opened() as house, audited(house, f"hooks add {name}"):
        key = house.hooks.add(name, url, sender())
    text = f"{name} is registered; its messages are signed with this key, which its receiver must know:\n{key}"
    show_said(form, NewHookDocument(hook=name, url=url, key=key), text)
    return Exit.WELL


@hooks.command("list")
@in_form
def list_(*, form: Form) -> int:
    """List receivers, and how things stand with each.

    For example: vnx-jobs hooks list
    """
    with opened() as house:
        found = house.hooks.find()
    show_list(form, found, _COLUMNS, HookDocument, HookDocument.of, empty="no hooks")
    return Exit.WELL


@hooks.command()
@click.argument("name", shell_complete=known.hooks)
@in_form
def show(name: str, *, form: Form) -> int:
    """Show one receiver, and what it has not been told yet.

    For example: vnx-jobs hooks show provisioning
    """
    with opened() as house:
        standing = house.hooks.get(name)
        pending = house.hooks.pending(name)
    show_one(form, HookPendingDocument.with_messages(standing, pending), lambda: _show(standing, pending))
    return Exit.WELL


def _show(standing: HookStanding, pending: Sequence[Pending]) -> None:
    """Write all that there is to say of a receiver."""
    show_facts(
        [
            *(("hook", standing.hook.name), ("url", standing.hook.url), ("registered by", standing.hook.by)),
            *(("delivered", str(standing.delivered)), ("waiting", str(standing.waiting))),
            *(("given up", str(standing.given_up)), ("last attempt", local_time(standing.tried))),
            ("answer", standing.answer),
        ]
    )
    if pending:
        head = ("message", "subject", "since", "attempts", "next", "answer")
        show_table(head, [_told(one) for one in pending], empty="")


@hooks.command()
@click.argument("name", shell_complete=known.hooks)
def key(name: str) -> int:
    """Print the key that the receiver verifies messages with.

    For example: vnx-jobs hooks key provisioning
    """
    with opened() as house, audited(house, f"hooks key {name}"):
        click.echo(house.hooks.key(name))
    return Exit.WELL


@hooks.command()
@click.argument("name", shell_complete=known.hooks)
def test(name: str) -> int:
    """Send a message from this machine, and say what came of it; the status is 1 if the receiver did not take it.

    For example: vnx-jobs hooks test provisioning
    """
    with opened() as house, audited(house, f"hooks test {name}"):
        answer = house.hooks.test(name)
    click.echo(f"{name}: {answer.text}")
    return Exit.WELL if answer.well else Exit.FAILED


@hooks.command()
@click.argument("name", shell_complete=known.hooks)
def again(name: str) -> int:
    """Try now whatever waits or was given up, once the receiver is there again.

    For example: vnx-jobs hooks again provisioning
    """
    with opened() as house, audited(house, f"hooks again {name}"):
        count = house.hooks.again(name)
    click.echo(f"{name}: {count} messages are tried again")
    return Exit.WELL


@hooks.command()
@click.argument("name", shell_complete=known.hooks)
def remove(name: str) -> int:
    """Remove a receiver, and all that it has not been told.

    For example: vnx-jobs hooks remove provisioning
    """
    with opened() as house, audited(house, f"hooks remove {name}"):
        house.hooks.remove(name)
    click.echo(f"{name} is removed")
    return Exit.WELL


def _told(one: Pending) -> tuple[str, ...]:
    due = local_time(one.due) or "given up"
    return (one.id, one.subject, local_time(one.at), str(one.attempts), due, one.answer)
