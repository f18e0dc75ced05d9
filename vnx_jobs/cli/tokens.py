"""`vnx-jobs tokens`: who may use the HTTP API."""

from collections.abc import Sequence

import click

from vnx_jobs.documents.access import NewTokenDocument, TokenDocument
from vnx_jobs.model.authority import Role, Token

from .exits import Exit
from .output import Column, Form, in_form, show_list, show_said
from .screen import Fit, local_time
from .session import audited, opened, sender


@click.group()
def tokens() -> None:
    """Say who may use the HTTP API: make, list and revoke tokens."""


@tokens.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(one) for one in Role]), required=True, help="What its bearer may do.")
@click.option("--array", "arrays", multiple=True, metavar="NAME", help="An array that he sees; all, if none is named.")
@click.option("--days", type=float, help="How long it is valid; until it is revoked, if not said.")
@in_form
def add(name: str, role: str, arrays: Sequence[str], days: float | None, *, form: Form) -> int:
    """Make a token, and show its secret this one time.

    For example: vnx-jobs tokens add provisioning --role operator --array vnx-1 --days 365
    """
    with opened() as house, audited(house, f"tokens add {name} --role {role}", " ".join(arrays)):
        token, secret = house.authority.issue(name, Role(role), arrays or None, days, sender())
    text = f"{secret}\nis the secret of token {token.id} for {name}; it is not shown again"
    show_said(form, NewTokenDocument.made_now(token, secret), text)
    return Exit.WELL


@tokens.command("list")
@in_form
def list_(*, form: Form) -> int:
    """List tokens, those that are not valid any more too.

    For example: vnx-jobs tokens list
    """
    with opened() as house:
        now, found = house.authority.tokens.all()
    columns: tuple[Column[Token], ...] = (
        Column("token", lambda one: one.id),
        Column("name", lambda one: one.name),
        Column("role", lambda one: str(one.role)),
        Column("arrays", _scope, fit=Fit.CUT),
        Column("made", lambda one: local_time(one.made), wide=True),
        Column("by", lambda one: one.by, wide=True),
        Column("standing", lambda one: _standing(one, now), fit=Fit.CUT),
    )
    show_list(form, found, columns, TokenDocument, lambda one: TokenDocument.of(one, now), empty="no tokens")
    return Exit.WELL


@tokens.command()
@click.argument("token", metavar="ID|NAME")
def revoke(token: str) -> int:
    """Revoke the token of an ID, or all of a NAME, at once.

    For example: vnx-jobs tokens revoke provisioning
    """
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
