"""`storagepool` and `getdisk`."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.grammar import Args, Command, choice, flag, number, text, words
from vnx_jobs.simulator.listings import disk as disk_listing
from vnx_jobs.simulator.listings import fields, layout
from vnx_jobs.simulator.listings import pool as listing
from vnx_jobs.simulator.rules import pools, shelves

POOL = (number("-id", maximum=39), text("-name"))
FEATURES = (
    "-isVirtualProvisioningSupported",
    "-maxPools",
    "-maxDiskDrivesPerPool",
    "-maxDiskDrivesAllPools",
    "-maxDiskDrivesPerOp",
    "-maxPoolLUNs",
    "-minPoolLUNSize",
    "-maxPoolLUNSize",
    "-numPools",
    "-numPoolLUNs",
    "-numThinLUNs",
    "-numDiskDrivesAllPools",
    "-availableDisks",
)


def _list(array: Array, args: Args) -> str:
    return fields.only(_blocks(array, args), fields.POOL, args, ("Pool Name", "Pool ID"))


def _blocks(array: Array, args: Args) -> str:
    if args.has("-id") or args.has("-name"):
        return listing.block(array, pools.named(array, args.number("-id"), args.text("-name")))
    return layout.blocks(listing.block(array, pool) for pool in pools.every(array))


def _features(array: Array, args: Args) -> str:
    asked = [flag_.lower() for flag_ in FEATURES if args.has(flag_)] or [flag_.lower() for flag_ in FEATURES]
    rows = [(label, value) for flag_, label, value in listing.features(array) if flag_ in asked]
    disks = "".join(f"{listing.bus(disk)}\n" for disk in shelves.free(array))
    return layout.labelled(rows) + (f"Available Disks:\n{disks}\n" if "-availabledisks" in asked else "")


def _create(array: Array, args: Args) -> str:
    disks = args.texts("-disks")
    shelves.check(disks, args.text("-rtype") or "r_5")
    pools.create(array, args.text("-name"), disks, args.text("-rtype") or "r_5")
    return ""


def _modify(array: Array, args: Args) -> str:
    pool = pools.named(array, args.number("-id"), args.text("-name"))
    name = args.text("-newName")
    if name is not None:
        pools.rename(array, pool, name)
    threshold = args.number("-prcntFullThreshold")
    if threshold is not None:
        array.db.execute("UPDATE pool SET threshold = ? WHERE id = ?", (threshold, pool.id))
    if args.has("-description"):
        array.db.execute("UPDATE pool SET description = ? WHERE id = ?", (args.text("-description"), pool.id))
    return ""


def _destroy(array: Array, args: Args) -> str:
    pools.destroy(array, pools.named(array, args.number("-id"), args.text("-name")))
    return ""


def _disks(array: Array, args: Args) -> str:
    return disk_listing.listing(array, shelves.named(array, args.plain[0] if args.plain else None))


COMMANDS = (
    Command(("getdisk",), _disks, plain=1, reads=True),
    Command(
        ("storagepool", "-list"),
        _list,
        (*POOL, flag("-all"), *fields.options(fields.POOL)),
        at_most_one=(("-id", "-name"),),
        reads=True,
    ),
    Command(("storagepool", "-feature", "-info"), _features, (*map(flag, FEATURES), flag("-all")), reads=True),
    Command(
        ("storagepool", "-create"),
        _create,
        (
            words("-disks"),
            choice("-rtype", "r_10", "r_1_0", "r_5", "r_6"),
            text("-description", may_be_empty=True),
            text("-name"),
            number("-prcntFullThreshold", 1, 100),
            choice("-autoTiering", "scheduled", "manual"),
            choice("-fastcache", "on", "off"),
            flag("-skipRules"),
        ),
        required=("-disks",),
    ),
    Command(
        ("storagepool", "-modify"),
        _modify,
        (*POOL, text("-newName"), number("-prcntFullThreshold", 1, 100), text("-description", may_be_empty=True)),
        one_of=(("-id", "-name"),),
        confirm=True,
    ),
    Command(("storagepool", "-destroy"), _destroy, POOL, one_of=(("-id", "-name"),), confirm=True),
)
