"""`snap`, without its groups."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.grammar import Args, Command, UsageError, choice, flag, number, text
from vnx_jobs.simulator.listings import layout
from vnx_jobs.simulator.listings import snap as listing
from vnx_jobs.simulator.records import Lun
from vnx_jobs.simulator.rules import groups, luns, restore, snapshots

from .snap_group import COMMANDS as GROUP_COMMANDS

KEEPING = (text("-keepFor"), choice("-allowAutoDelete", "yes", "no"), choice("-allowReadWrite", "yes", "no"))
KEEP_DIGITS = 5
KEEP_UNITS = {"h": 3600, "d": 86400, "w": 7 * 86400, "m": 30 * 86400, "y": 365 * 86400}


def _create(array: Array, args: Args) -> str:
    sources, group = _sources(array, args)
    terms = snapshots.Terms(
        writable=bool(args.yes("-allowReadWrite")),
        auto_delete=args.yes("-allowAutoDelete") is not False and not args.has("-keepFor"),
        expires=_expiry(array, args),
        description=args.text("-descr") or "",
    )
    snapshots.create(array, args.word("-name"), sources, terms, group=group)
    return ""


def _sources(array: Array, args: Args) -> tuple[list[Lun], str | None]:
    said = args.word("-res")
    if (args.text("-resType") or "LUN") == "CG":
        group = groups.named(array, said)
        return groups.members(array, group), group.name
    found = [luns.by_written_number(array, word) for word in said.split(",")]
    sources = [lun for lun in found if lun is not None]
    if len(sources) != len(found):
        raise Refused(errors.SNAPSHOT_NO_RESOURCE)
    return sources, None


def _expiry(array: Array, args: Args) -> float | None:
    """Return when `-keepFor` is over: a number and h, d, w, m or y (EMC's driver sends `24h`)."""
    said = args.text("-keepFor")
    if said is None:
        return None
    count, unit = said[:-1], said[-1:].lower()
    if not count.isdecimal() or unit not in KEEP_UNITS or len(count) > KEEP_DIGITS:
        raise UsageError(f"-keepFor:Value {said} is not valid")
    return array.later(int(count) * KEEP_UNITS[unit])


def _copy(array: Array, args: Args) -> str:
    source = snapshots.named(array, args.word("-id"), "copy")
    snapshots.copy(array, source, args.word("-name"))
    return ""


def _modify(array: Array, args: Args) -> str:
    found = snapshots.by_name(array, args.word("-id"))
    if found is None:
        raise Refused(errors.SNAPSHOT_MISSING)
    changes: dict[str, object] = {}
    if args.has("-name"):
        changes["name"] = args.text("-name")
    if args.has("-descr"):
        changes["description"] = args.text("-descr")
    if args.has("-allowReadWrite"):
        changes["writable"] = int(bool(args.yes("-allowReadWrite")))
    if args.has("-allowAutoDelete"):
        changes |= {"auto_delete": int(bool(args.yes("-allowAutoDelete"))), "expires": None}
    if args.has("-keepFor"):
        changes |= {"auto_delete": 0, "expires": _expiry(array, args)}
    snapshots.modify(array, found, **changes)
    return ""


def _list(array: Array, args: Args) -> str:
    detail = args.has("-detail")
    chosen = snapshots.every(array)
    if args.has("-id"):
        found = snapshots.by_name(array, args.word("-id"))
        if found is None:
            raise Refused(errors.SNAPSHOT_MISSING)
        chosen = [found]
    if args.has("-res"):
        of_lun = {
            snapshot
            for (snapshot,) in array.db.execute("SELECT snapshot FROM image WHERE source = ?", (args.count("-res"),))
        }
        chosen = [snapshot for snapshot in chosen if snapshot.id in of_lun]
    return layout.blocks(listing.block(array, snapshot, detail=detail) for snapshot in chosen)


def _destroy(array: Array, args: Args) -> str:
    snapshots.destroy(array, snapshots.named(array, args.word("-id"), "destroy"))
    return ""


def _restore(array: Array, args: Args) -> str:
    snapshot = snapshots.named(array, args.word("-id"), "restore")
    restore.restore(array, snapshot, luns.named(array, args.number("-res"), None), args.text("-bakName"))
    return ""


COMMANDS = (
    *GROUP_COMMANDS,
    Command(
        ("snap", "-create"),
        _create,
        (text("-res"), choice("-resType", "LUN", "CG"), text("-name"), text("-descr", may_be_empty=True), *KEEPING),
        required=("-res", "-name"),
        at_most_one=(("-keepFor", "-allowAutoDelete"),),
    ),
    Command(
        ("snap", "-copy"),
        _copy,
        (text("-id"), text("-name"), flag("-ignoreMigrationCheck"), flag("-ignoreDeduplicationCheck")),
        required=("-id", "-name"),
    ),
    Command(
        ("snap", "-modify"),
        _modify,
        (text("-id"), text("-name"), text("-descr", may_be_empty=True), *KEEPING),
        required=("-id",),
        at_most_one=(("-keepFor", "-allowAutoDelete"),),
    ),
    Command(
        ("snap", "-list"),
        _list,
        (text("-id"), number("-res"), choice("-resType", "LUN", "CG"), flag("-detail")),
        reads=True,
    ),
    Command(("snap", "-destroy"), _destroy, (text("-id"),), required=("-id",), confirm=True),
    Command(
        ("snap", "-restore"),
        _restore,
        (text("-id"), number("-res"), choice("-resType", "LUN", "CG"), text("-bakName")),
        required=("-id", "-res"),
    ),
)
