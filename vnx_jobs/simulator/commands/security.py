"""`security`: users of the array, and the level of certificate checking, which is the client's own affair."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.grammar import Args, Command, choice, flag, text
from vnx_jobs.simulator.listings import layout
from vnx_jobs.simulator.rules import users
from vnx_jobs.simulator.settings import put

USER = (text("-user"), choice("-scope", "global", "local", "ldap"))


def _level(array: Array, args: Args) -> str:
    wanted = args.text("-setLevel")
    if wanted is not None:
        put(array.db, "certificate_level", wanted)
        return ""
    return f"{array.settings.text('certificate_level')}\n"


def _add(array: Array, args: Args) -> str:
    scope, role = args.text("-scope") or "global", args.text("-role") or "administrator"
    users.add(array, args.word("-user"), args.word("-password"), scope, role)
    return ""


def _remove(array: Array, args: Args) -> str:
    users.remove(array, args.word("-user"), args.text("-scope") or "global")
    return ""


def _list(array: Array, args: Args) -> str:
    chosen = [user for user in users.every(array) if args.text("-user") in (None, user.name)]
    if not chosen:
        raise Refused(errors.USER_UNLISTED)
    return layout.blocks(
        layout.aligned([("Username", user.name), ("Role", user.role), ("Scope", user.scope), ("Type", user.kind)], 11)
        for user in chosen
    )


COMMANDS = (
    Command(
        ("security", "-certificate"),
        _level,
        (flag("-getLevel"), choice("-setLevel", "low", "medium")),
        one_of=(("-getLevel", "-setLevel"),),
    ),
    Command(
        ("security", "-adduser"),
        _add,
        (*USER, text("-password"), choice("-role", "administrator", "operator", "monitor", "storageadmin")),
        required=("-user", "-password"),
        confirm=True,
    ),
    Command(("security", "-rmuser"), _remove, USER, required=("-user",), confirm=True),
    Command(("security", "-list"), _list, (text("-user"), flag("-type")), reads=True),
)
