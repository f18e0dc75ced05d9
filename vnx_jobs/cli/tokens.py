"""`vnx-jobs tokens`: who may use the HTTP API."""

from collections.abc import Sequence
from typing import Any

import click

from vnx_jobs.model.authority import Role, Token

from .exits import Exit
from .screen import instant, local_time, show_json, show_table
from .session import audited, opened, sender

_as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


@click.group()
def tokens() -> None:
    """Say who may use the HTTP API: make, list and revoke tokens."""


@tokens.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(one) for one in Role]), required=True, help="What its bearer may do.")
@click.option("--array", "arrays", multiple=True, metavar="NAME", help="An array that he sees; all, if none is named.")
@click.option("--days", type=float, help="How long it is valid; until it is revoked, if not said.")
@_as_json
def add(name: str, role: str, arrays: Sequence[str], days: float | None, *, as_json: bool) -> int:
    """Make a token, and show its secret this one time.

    For example: vnx-jobs tokens add provisioning --role operator --array vnx-1 --days 365
    """
    with opened() as house, audited(house, f"tokens add {name} --role {role}", " ".join(arrays)):
        token, secret = house.authority.issue(name, Role(role), arrays or None, days, sender())
    if as_json:
        show_json({**_document(token, token.made), "secret": secret})
    else:
        click.echo(f"{secret}\nis the secret of token {token.id} for {name}; it is not shown again")
    return Exit.WELL


@tokens.command("list")
@_as_json
def list_(*, as_json: bool) -> int:
    """List tokens, those that are not valid any more too."""
    with opened() as house:
        now, found = house.authority.tokens.all()
    if as_json:
        show_json([_document(one, now) for one in found])
        return Exit.WELL
    head = ("token", "name", "role", "arrays", "made", "by", "standing")
    rows = [
        (one.id, one.name, str(one.role), _scope(one), local_time(one.made), one.by, _standing(one, now))
        for one in found
    ]
    show_table(head, rows, empty="no tokens")
    return Exit.WELL


@tokens.command()
@click.argument("token", metavar="ID|NAME")
def revoke(token: str) -> int:
    """Revoke the token of an ID, or all of a NAME, at once."""
    with opened() as house, audited(house, f"tokens revoke {token}"):
        ended = house.authority.revoke(token, sender())
    for one in ended:
        click.echo(f"token {one.id} for {one.name} is revoked")
    if not ended:
        click.echo(f"{token} was not valid any more")
    return Exit.WELL


def _scope(token: Token) -> str:
    return "all" if token.arrays is None else " ".join(sorted(token.arrays))


def _standing(token: Token, now: int) -> str:
    if token.revoked:
        return f"revoked {local_time(token.revoked)} by {token.revoked_by}"
    if not token.expires:
        return "valid"
    return f"{'valid until' if token.valid(now) else 'expired'} {local_time(token.expires)}"


def _document(token: Token, now: int) -> dict[str, Any]:
    return {
        "token": token.id,
        "name": token.name,
        "role": str(token.role),
        "arrays": None if token.arrays is None else sorted(token.arrays),
        "made": instant(token.made),
        "by": token.by,
        "expires": instant(token.expires),
        "revoked": instant(token.revoked),
        "revoked_by": token.revoked_by or None,
        "valid": token.valid(now),
    }
