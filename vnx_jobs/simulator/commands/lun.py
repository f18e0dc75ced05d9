"""`lun` and `unbind`."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array, blocks_of
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.grammar import Args, Command, choice, flag, number, text
from vnx_jobs.simulator.listings import fields
from vnx_jobs.simulator.listings import lun as listing
from vnx_jobs.simulator.records import Lun
from vnx_jobs.simulator.rules import dedup, luns, pools, snapshots

LUN = (number("-l", maximum=luns.LUN_LIMIT_NUMBER), text("-name"))
POOL = (number("-poolId", maximum=39), text("-poolName"))
CAPACITY = (number("-capacity", minimum=1), choice("-sq", "mb", "gb", "tb", "bc"))
TIERING = (
    choice("-tieringPolicy", "noMovement", "autoTier", "highestAvailable", "lowestAvailable"),
    choice("-initialTier", "optimizePool", "highestAvailable", "lowestAvailable"),
)
WHICH = (("-l", "-name"),)
TIER_NAMES = {
    "noMovement": "No Movement",
    "autoTier": "Auto Tier",
    "highestAvailable": "Highest Available",
    "lowestAvailable": "Lowest Available",
    "optimizePool": "Optimize Pool",
}


def _lun(array: Array, args: Args) -> Lun:
    return luns.named(array, args.number("-l"), args.text("-name"))


def _create(array: Array, args: Args) -> str:
    pool = pools.named(array, args.number("-poolId"), args.text("-poolName"))
    thin = args.text("-type") == "Thin"
    dedup_on = bool(args.yes("-deduplication"))
    _check_tiering(array, args)
    luns.create(
        array,
        pool=pool.id,
        blocks=blocks_of(args.count("-capacity"), args.text("-sq") or "gb"),
        thin=thin or dedup_on,
        number=args.number("-l"),
        name=args.text("-name"),
        owner=args.text("-sp"),
        tiering=_policy(args, thin=thin),
        initial_tier=TIER_NAMES[args.text("-initialTier") or ("highestAvailable" if thin else "optimizePool")],
        deduplicated=dedup_on,
        ignore_thresholds=args.has("-ignoreThresholds"),
    )
    return ""


def _policy(args: Args, *, thin: bool) -> str:
    """Name the tiering policy. A thick LUN that was never given one has none (recorded listings)."""
    said = args.text("-tieringPolicy") or ("autoTier" if thin or args.has("-initialTier") else None)
    return "" if said is None else TIER_NAMES[said]


def _check_tiering(array: Array, args: Args) -> None:
    if args.has("-tieringPolicy") and not array.has("-FAST"):
        raise Refused(errors.NO_TIERING)


def _create_mount_point(array: Array, args: Args) -> str:
    primary = luns.named(array, args.number("-primaryLun"), args.text("-primaryLunName"))
    snapshots.create_mount_point(array, primary, args.number("-l"), args.text("-name"), args.text("-sp"))
    return ""


def _create_any(array: Array, args: Args) -> str:
    return _create_mount_point(array, args) if args.text("-type") == "snap" else _create(array, args)


def _is_shown(lun: Lun, only: str) -> bool:
    """Say whether a LUN is of the kind that -showOnly names."""
    kinds = {
        "Thin": lun.thin and not lun.is_mount_point,
        "NonThin": not lun.thin,
        "Snap": lun.is_mount_point,
        "Compressed": lun.compressed,
        "NonCompressed": not lun.compressed,
        "Deduped": lun.deduplicated,
        "NonDeduped": not lun.deduplicated,
    }
    return bool(kinds[only])


def _list(array: Array, args: Args) -> str:
    return fields.only(_blocks(array, args), fields.LUN, args, ("LOGICAL UNIT NUMBER", "Name"))


def _blocks(array: Array, args: Args) -> str:
    if args.has("-l") or args.has("-name"):
        return listing.listing(array, [_lun(array, args)])
    only = args.text("-showOnly")
    return listing.listing(array, [lun for lun in luns.every(array) if only is None or _is_shown(lun, only)])


def _modify(array: Array, args: Args) -> str:
    lun = _lun(array, args)
    _check_tiering(array, args)
    name = args.text("-newName")
    if name is not None:
        luns.rename(array, lun, name)
    for option, column in (("-tieringPolicy", "tiering"), ("-initialTier", "initial_tier")):
        chosen = args.text(option)
        if chosen is not None:
            array.db.execute(f"UPDATE lun SET {column} = ? WHERE id = ?", (TIER_NAMES[chosen], lun.id))  # noqa: S608 - the names stand one line above
    wanted = args.yes("-deduplication")
    if wanted is not None:
        dedup.switch(array, lun, on=wanted)
    return ""


def _expand(array: Array, args: Args) -> str:
    blocks = blocks_of(args.count("-capacity"), args.text("-sq") or "gb")
    luns.expand(array, _lun(array, args), blocks, ignore_thresholds=args.has("-ignoreThresholds"))
    return ""


def _destroy(array: Array, args: Args) -> str:
    lun = _lun(array, args)
    luns.destroy(array, lun, with_snapshots=args.has("-destroySnapshots"))
    return ""


def _unbind(array: Array, args: Args) -> str:
    number_said = args.plain[0]
    found = luns.by_written_number(array, number_said)
    if found is None:
        raise Refused(errors.UNBIND_MISSING, number=number_said)
    luns.destroy(array, found, with_snapshots=False)
    return ""


def _attach(array: Array, args: Args) -> str:
    snapshots.attach(array, _lun(array, args), args.word("-snapName"))
    return ""


def _detach(array: Array, args: Args) -> str:
    lun = _lun(array, args)
    if not lun.is_mount_point:
        raise Refused(errors.NOT_A_MOUNT_POINT, number=lun.number)
    if lun.attached is None:
        raise Refused(errors.NOTHING_ATTACHED)
    snapshots.detach(array, lun)
    return ""


COMMANDS = (
    Command(
        ("lun", "-create"),
        _create_any,
        (
            choice("-type", "Thin", "NonThin", "snap"),
            *CAPACITY,
            *POOL,
            number("-primaryLun"),
            text("-primaryLunName"),
            choice("-sp", "A", "B"),
            text("-aa"),
            *LUN,
            number("-offset"),
            *TIERING,
            choice("-deduplication", "on", "off"),
            flag("-ignoreThresholds"),
        ),
        at_most_one=(("-poolId", "-poolName"), ("-primaryLun", "-primaryLunName")),
    ),
    Command(
        ("lun", "-list"),
        _list,
        (
            *LUN,
            choice("-showOnly", "Thin", "NonThin", "Snap", "Compressed", "NonCompressed", "Deduped", "NonDeduped"),
            flag("-all"),
            *fields.options(fields.LUN),
        ),
        at_most_one=(("-l", "-name", "-showOnly"),),
        reads=True,
    ),
    Command(
        ("lun", "-modify"),
        _modify,
        (*LUN, text("-aa"), text("-newName"), *TIERING, choice("-deduplication", "on", "off")),
        one_of=WHICH,
        confirm=True,
    ),
    Command(
        ("lun", "-expand"),
        _expand,
        (*LUN, *CAPACITY, flag("-ignoreThresholds")),
        required=("-capacity",),
        one_of=WHICH,
        confirm=True,
    ),
    Command(
        ("lun", "-destroy"),
        _destroy,
        (*LUN, flag("-destroySnapshots"), flag("-forceDetach")),
        one_of=WHICH,
        confirm=True,
    ),
    Command(("lun", "-attach"), _attach, (*LUN, text("-snapName")), required=("-snapName",), one_of=WHICH),
    Command(("lun", "-detach"), _detach, LUN, one_of=WHICH, confirm=True),
    Command(("unbind",), _unbind, plain=1, confirm=True),
)
