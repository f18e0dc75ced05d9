"""`vnx-jobs hooks`: receivers that are called back when jobs or batches have ended."""

from typing import Any

import click

from vnx_jobs.model.hooks import HookStanding, Pending

from .exits import Exit
from .screen import instant, local_time, show_facts, show_json, show_table
from .session import opened, sender

_as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


@click.group()
def hooks() -> None:
    """Have receivers called back when jobs or batches have ended."""


@hooks.command()
@click.argument("name")
@click.argument("url")
@_as_json
def add(name: str, url: str, *, as_json: bool) -> int:
    """Register a receiver, and print the key that it verifies messages with.

    For example: vnx-jobs hooks add provisioning https://portal.example.org/vnx-jobs
    """
    with opened() as house:
        key = house.hooks.add(name, url, sender())
    if as_json:
        show_json({"hook": name, "url": url, "key": key})
    else:
        click.echo(f"{name} is registered; its messages are signed with this key, which its receiver must know:\n{key}")
    return Exit.WELL


@hooks.command("list")
@_as_json
def list_(*, as_json: bool) -> int:
    """List receivers, and how things stand with each."""
    with opened() as house:
        found = house.hooks.find()
    if as_json:
        show_json([_document(one) for one in found])
    else:
        head = ("hook", "url", "delivered", "waiting", "given up", "last attempt", "answer")
        show_table(head, [_row(one) for one in found], empty="no hooks")
    return Exit.WELL


@hooks.command()
@click.argument("name")
@_as_json
def show(name: str, *, as_json: bool) -> int:
    """Show one receiver, and what it has not been told yet."""
    with opened() as house:
        standing = house.hooks.get(name)
        pending = house.hooks.pending(name)
    if as_json:
        show_json({**_document(standing), "messages": [_message(one) for one in pending]})
        return Exit.WELL
    show_facts(
        [
            *(("hook", name), ("url", standing.hook.url), ("registered by", standing.hook.by)),
            *(("delivered", str(standing.delivered)), ("waiting", str(standing.waiting))),
            *(("given up", str(standing.given_up)), ("last attempt", local_time(standing.tried))),
            ("answer", standing.answer),
        ]
    )
    if pending:
        head = ("message", "subject", "since", "attempts", "next", "answer")
        show_table(head, [_told(one) for one in pending], empty="")
    return Exit.WELL


@hooks.command()
@click.argument("name")
def key(name: str) -> int:
    """Print the key that the receiver verifies messages with."""
    with opened() as house:
        click.echo(house.hooks.key(name))
    return Exit.WELL


@hooks.command()
@click.argument("name")
def test(name: str) -> int:
    """Send a message from this machine, and say what came of it; the status is 1 if the receiver did not take it."""
    with opened() as house:
        answer = house.hooks.test(name)
    click.echo(f"{name}: {answer.text}")
    return Exit.WELL if answer.well else Exit.FAILED


@hooks.command()
@click.argument("name")
def again(name: str) -> int:
    """Try now whatever waits or was given up, once the receiver is there again."""
    with opened() as house:
        count = house.hooks.again(name)
    click.echo(f"{name}: {count} messages are tried again")
    return Exit.WELL


@hooks.command()
@click.argument("name")
def remove(name: str) -> int:
    """Remove a receiver, and all that it has not been told."""
    with opened() as house:
        house.hooks.remove(name)
    click.echo(f"{name} is removed")
    return Exit.WELL


def _document(one: HookStanding) -> dict[str, Any]:
    return {
        "hook": one.hook.name,
        "url": one.hook.url,
        "by": one.hook.by,
        "delivered": one.delivered,
        "waiting": one.waiting,
        "given_up": one.given_up,
        "failures": one.failures,
        "tried": instant(one.tried),
        "answer": one.answer or None,
    }


def _message(one: Pending) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": str(one.kind),
        "subject": one.subject,
        "at": instant(one.at),
        "attempts": one.attempts,
        "next": instant(one.due),
        "given_up": not one.due,
        "answer": one.answer or None,
    }


def _row(one: HookStanding) -> tuple[str, ...]:
    counts = (str(one.delivered), str(one.waiting), str(one.given_up))
    return (one.hook.name, one.hook.url, *counts, local_time(one.tried), one.answer)


def _told(one: Pending) -> tuple[str, ...]:
    due = local_time(one.due) or "given up"
    return (one.id, one.subject, local_time(one.at), str(one.attempts), due, one.answer)
