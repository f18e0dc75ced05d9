"""`migrate`."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.grammar import Args, Command, choice, number
from vnx_jobs.simulator.listings import layout
from vnx_jobs.simulator.listings import migrate as listing
from vnx_jobs.simulator.rules import luns, migrations


def _start(array: Array, args: Args) -> str:
    migrations.start(array, args.count("-source"), args.count("-dest"), args.text("-rate") or "medium")
    return ""


def _list(array: Array, args: Args) -> str:
    sessions = migrations.every(array)
    if args.has("-source"):
        lun = luns.by_number(array, args.count("-source"))
        if lun is None:
            raise Refused(errors.MIGRATE_NO_SOURCE, verb="list")
        sessions = [session for session in sessions if session.source == lun.id]
        if not sessions:
            raise Refused(errors.NOT_MIGRATING, verb="list")
    if not sessions:
        return "No current migrations exist.\n"
    return layout.blocks(listing.block(array, session) for session in sessions)


def _cancel(array: Array, args: Args) -> str:
    migrations.cancel(array, args.count("-source"))
    return ""


COMMANDS = (
    Command(
        ("migrate", "-start"),
        _start,
        (number("-source"), number("-dest"), choice("-rate", "low", "medium", "high", "asap")),
        required=("-source", "-dest"),
        confirm=True,
    ),
    Command(("migrate", "-list"), _list, (number("-source"),), reads=True),
    Command(("migrate", "-cancel"), _cancel, (number("-source"),), required=("-source",), confirm=True),
)
