"""Users of the array, and who may log in."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import Account

SCOPES = {"0": "global", "1": "local", "2": "ldap"}


def every(array: Array) -> list[Account]:
    """Return all users."""
    return [Account(*row) for row in array.db.execute("SELECT * FROM account ORDER BY rowid")]


def may_enter(array: Array, name: str, password: str, scope: str) -> bool:
    """Say whether a login is right. `scope` is 0, 1 or 2, as on the command line."""
    return (
        array.one(
            "SELECT 1 FROM account WHERE name = ? AND password = ? AND scope = ?", name, password, SCOPES.get(scope, "")
        )
        is not None
    )


def add(array: Array, name: str, password: str, scope: str, role: str) -> None:
    """Enter a user. Raises USER_EXISTS."""
    if array.one("SELECT 1 FROM account WHERE name = ? AND scope = ?", name, scope):
        raise Refused(errors.USER_EXISTS)
    array.db.execute("INSERT INTO account VALUES (?, ?, ?, ?, 'user')", (name, scope, password, role))


def remove(array: Array, name: str, scope: str) -> None:
    """Remove a user. Raises USER_MISSING, USER_SYSTEM."""
    found = array.one("SELECT kind FROM account WHERE name = ? AND scope = ?", name, scope)
    if found is None:
        raise Refused(errors.USER_MISSING)
    if found[0] == "system":
        raise Refused(errors.USER_SYSTEM)
    array.db.execute("DELETE FROM account WHERE name = ? AND scope = ?", (name, scope))
