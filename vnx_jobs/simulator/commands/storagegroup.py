"""`storagegroup`."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.grammar import Args, Command, choice, flag, number, numbers, text
from vnx_jobs.simulator.listings import storagegroup as listing
from vnx_jobs.simulator.rules import storage_groups

GROUP = text("-gname")
HOST = (text("-host"), GROUP)


def _create(array: Array, args: Args) -> str:
    storage_groups.create(array, args.word("-gname"))
    return ""


def _destroy(array: Array, args: Args) -> str:
    storage_groups.destroy(array, storage_groups.named(array, args.word("-gname")))
    return ""


def _list(array: Array, args: Args) -> str:
    if args.has("-gname"):
        return listing.block(array, storage_groups.named(array, args.word("-gname")))
    return "".join(listing.block(array, group) for group in storage_groups.every(array))


def _add_hlu(array: Array, args: Args) -> str:
    group = storage_groups.named(array, args.word("-gname"))
    storage_groups.add_hlu(array, group, args.count("-hlu"), args.count("-alu"))
    return ""


def _remove_hlu(array: Array, args: Args) -> str:
    storage_groups.remove_hlus(array, storage_groups.named(array, args.word("-gname")), args.numbers("-hlu"))
    return ""


def _connect(array: Array, args: Args) -> str:
    storage_groups.connect(array, storage_groups.named(array, args.word("-gname")), args.word("-host"))
    return ""


def _disconnect(array: Array, args: Args) -> str:
    storage_groups.disconnect(array, storage_groups.named(array, args.word("-gname")), args.word("-host"))
    return ""


def _set_path(array: Array, args: Args) -> str:
    storage_groups.set_path(
        array,
        storage_groups.named(array, args.word("-gname")),
        uid=args.word("-hbauid"),
        sp=args.word("-sp").upper(),
        port=args.count("-spport"),
        vport=args.count("-spvport"),
        ip=args.text("-ip"),
        host=args.word("-host"),
    )
    return ""


COMMANDS = (
    Command(("storagegroup", "-create"), _create, (GROUP,), required=("-gname",)),
    Command(("storagegroup", "-destroy"), _destroy, (GROUP,), required=("-gname",), confirm=True),
    Command(
        ("storagegroup", "-list"), _list, (GROUP, flag("-host"), flag("-iscsiAttributes"), flag("-all")), reads=True
    ),
    Command(
        ("storagegroup", "-addhlu"),
        _add_hlu,
        (number("-hlu", maximum=storage_groups.LAST_HLU), number("-alu"), GROUP),
        required=("-hlu", "-alu", "-gname"),
        confirm=True,
    ),
    Command(
        ("storagegroup", "-removehlu"),
        _remove_hlu,
        (numbers("-hlu"), GROUP),
        required=("-hlu", "-gname"),
        confirm=True,
    ),
    Command(("storagegroup", "-connecthost"), _connect, HOST, required=("-host", "-gname"), confirm=True),
    Command(("storagegroup", "-disconnecthost"), _disconnect, HOST, required=("-host", "-gname"), confirm=True),
    Command(
        ("storagegroup", "-setpath"),
        _set_path,
        (
            GROUP,
            text("-hbauid"),
            choice("-sp", "a", "b"),
            number("-spport"),
            number("-spvport"),
            text("-ip"),
            text("-host"),
            number("-failovermode"),
            number("-arraycommpath"),
            text("-unitserialnumber"),
            text("-type"),
        ),
        required=("-hbauid", "-sp", "-spport", "-host"),
        confirm=True,
    ),
)
