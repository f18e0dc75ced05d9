"""LUNs: which there are, and what may be done to them."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import GB_BLOCKS, Lun

from . import identity, pools

PREPARING_SECONDS = 3.0
LUN_LIMIT_NUMBER = 65535
DIGITS = 9
"""More of them are no LUN number; it keeps what people write within what the state can compare."""


def by_number(array: Array, number: int) -> Lun | None:
    """Return the LUN of a number."""
    row = array.db.execute("SELECT * FROM lun WHERE number = ?", (number,)).fetchone()
    return row and Lun(*row)


def by_written_number(array: Array, said: str) -> Lun | None:
    """Return the LUN of a number as a person wrote it, None also when that is no number."""
    is_number = said.isdecimal() and len(said) <= DIGITS
    return by_number(array, int(said)) if is_number else None


def by_name(array: Array, name: str) -> Lun | None:
    """Return the LUN of a name."""
    row = array.db.execute("SELECT * FROM lun WHERE name = ?", (name,)).fetchone()
    return row and Lun(*row)


def by_id(array: Array, lun: int) -> Lun:
    """Return the LUN of a row id."""
    return Lun(*array.db.execute("SELECT * FROM lun WHERE id = ?", (lun,)).fetchone())


def named(array: Array, number: int | None, name: str | None) -> Lun:
    """Return the LUN that a command names by number or by name. Raises LUN_MISSING."""
    found = by_number(array, number) if number is not None else by_name(array, name or "")
    if found is None:
        raise Refused(errors.LUN_MISSING)
    return found


def every(array: Array) -> list[Lun]:
    """Return all LUNs, by number."""
    return [Lun(*row) for row in array.db.execute("SELECT * FROM lun ORDER BY number")]


def is_preparing(array: Array, lun: Lun) -> bool:
    """Say whether a LUN's Current Operation is still Preparing."""
    return array.now < lun.ready_at or array.faults.of_lun("lun-preparing", lun.number, lun.name) is not None


def is_migrating(array: Array, lun: Lun) -> bool:
    """Say whether a LUN is the source or the destination of a session."""
    return array.one("SELECT 1 FROM migration WHERE source = ? OR dest = ?", lun.id, lun.id) is not None


def is_mapped(array: Array, lun: Lun) -> bool:
    """Say whether a LUN is in a storage group."""
    return array.one("SELECT 1 FROM mapping WHERE lun = ?", lun.id) is not None


def has_images(array: Array, lun: Lun) -> bool:
    """Say whether snapshots of a primary LUN (all branches) exist."""
    return array.one("SELECT 1 FROM image WHERE primary_id = ?", lun.id) is not None


def mount_points(array: Array, lun: Lun) -> list[int]:
    """Return the numbers of a LUN's mount points."""
    rows = array.db.execute("SELECT number FROM lun WHERE primary_id = ? ORDER BY number", (lun.id,))
    return [number for (number,) in rows]


def take_name_and_number(array: Array, number: int | None, name: str | None, *, downward: bool) -> tuple[int, str]:
    """Check what a new LUN is to be called, and choose what was not said.

    The array chooses the lowest free number for a LUN, and counts down from the top for a mount point (recorded
    listings). The name defaults to "LUN" and the number. Raises LUN_NUMBER_IN_USE, LUN_NAME_IN_USE.
    """
    if number is not None and by_number(array, number) is not None:
        raise Refused(errors.LUN_NUMBER_IN_USE)
    if number is None:
        number = _free_from_top(array) if downward else _lowest_free(array)
    name = name or f"LUN {number}"
    if by_name(array, name) is not None:
        raise Refused(errors.LUN_NAME_IN_USE)
    return number, name


def _lowest_free(array: Array) -> int:
    if array.one("SELECT 1 FROM lun WHERE number = 0") is None:
        return 0
    return array.count(
        "SELECT min(number) + 1 FROM lun "
        "WHERE NOT EXISTS (SELECT 1 FROM lun AS next WHERE next.number = lun.number + 1)"
    )


def _free_from_top(array: Array) -> int:
    top = array.settings.model.top_number
    if array.one("SELECT 1 FROM lun WHERE number = ?", top) is None:
        return top
    return array.count(
        "SELECT max(number) - 1 FROM lun WHERE number <= ? "
        "AND NOT EXISTS (SELECT 1 FROM lun AS next WHERE next.number = lun.number - 1)",
        top,
    )


def create(  # noqa: PLR0913 - each is an option of `lun -create`
    array: Array,
    *,
    pool: int,
    blocks: int,
    thin: bool,
    number: int | None,
    name: str | None,
    owner: str | None,
    tiering: str,
    initial_tier: str,
    deduplicated: bool,
    ignore_thresholds: bool,
) -> Lun:
    """Create a pool LUN; it is preparing for a while.

    Raises the refusals of names, numbers, pools, limits and enablers.
    """
    if thin and not array.has("-ThinProvisioning"):
        raise Refused(errors.NO_THIN)
    if deduplicated and not (array.settings.model.deduplication and array.has("-Deduplication")):
        raise Refused(errors.NO_DEDUP)
    number, name = take_name_and_number(array, number, name, downward=False)
    owner = owner or _next_owner(array)
    _check_limits(array, blocks, owner)
    pools.check_room(array, pool, pools.footprint(blocks, thin=thin), owner, ignore_thresholds=ignore_thresholds)
    return insert(
        array,
        number=number,
        name=name,
        pool=pool,
        blocks=blocks,
        thin=thin or deduplicated,
        primary_id=None,
        owner=owner,
        tiering=tiering,
        initial_tier=initial_tier,
        deduplicated=deduplicated,
        ready_at=array.later(PREPARING_SECONDS),
    )


def insert(array: Array, **columns: object) -> Lun:
    """Enter a LUN or a mount point, with an identity of its own."""
    is_mount_point = columns["primary_id"] is not None
    row = {
        "uid": identity.lun_uid(array),
        "attached": None,
        "compressed": 0,
        "created": array.now,
        "top": None if is_mount_point else array.layers.lay(None),
        "device": 0,
        **columns,
    }
    marks = ", ".join("?" * len(row))
    names = ", ".join(row)
    made = array.db.execute(f"INSERT INTO lun ({names}) VALUES ({marks})", tuple(row.values())).lastrowid  # noqa: S608 - the names are this module's own
    return by_id(array, made or 0)


def _next_owner(array: Array) -> str:
    return "AB"[array.count("SELECT count(*) FROM lun") % 2]


def _check_limits(array: Array, blocks: int, owner: str) -> None:
    model = array.settings.model
    if array.count("SELECT count(*) FROM lun WHERE primary_id IS NULL") >= model.max_luns:
        raise Refused(errors.LUN_COUNT_LIMIT, sp=owner)
    if not 0 < blocks <= model.max_lun_gb * GB_BLOCKS:
        raise Refused(errors.LUN_TOO_LARGE, sp=owner)


def rename(array: Array, lun: Lun, name: str) -> None:
    """Give a LUN another name. Raises LUN_RENAME_CONFLICT."""
    other = by_name(array, name)
    if other is not None and other.id != lun.id:
        raise Refused(errors.LUN_RENAME_CONFLICT)
    array.db.execute("UPDATE lun SET name = ? WHERE id = ?", (name, lun.id))


def expand(array: Array, lun: Lun, blocks: int, *, ignore_thresholds: bool) -> None:
    """Make a LUN larger; what is added reads as zeros.

    Raises the refusals of expansion: a thick LUN with snapshots cannot be expanded (Cinder's VNX driver page).
    """
    from . import device_files  # noqa: PLC0415 - devices are made of LUNs; only growth and the end need the way back

    _check_expand(array, lun, blocks)
    growth = pools.footprint(blocks, thin=bool(lun.thin)) - pools.footprint(lun.blocks, thin=bool(lun.thin))
    pools.check_room(array, lun.pool, growth, lun.owner, ignore_thresholds=ignore_thresholds)
    device_files.grow(array, lun, blocks)
    array.db.execute("UPDATE lun SET blocks = ? WHERE id = ?", (blocks, lun.id))


def _check_expand(array: Array, lun: Lun, blocks: int) -> None:
    if array.faults.of_lun("lun-file-owned", lun.number, lun.name):
        raise Refused(errors.FILE_OWNED)
    if lun.is_mount_point:
        raise Refused(errors.EXPAND_MOUNT_POINT, sp=lun.owner)
    if is_preparing(array, lun):
        raise Refused(errors.LUN_PREPARING, sp=lun.owner)
    if is_migrating(array, lun):
        raise Refused(errors.EXPAND_MIGRATING, sp=lun.owner)
    if blocks <= lun.blocks:
        raise Refused(errors.EXPAND_NOT_LARGER, sp=lun.owner)
    if blocks > array.settings.model.max_lun_gb * GB_BLOCKS:
        raise Refused(errors.EXPAND_TOO_LARGE, sp=lun.owner)
    if not lun.thin and has_images(array, lun):
        raise Refused(errors.EXPAND_SNAPPED_THICK, sp=lun.owner)


def destroy(array: Array, lun: Lun, *, with_snapshots: bool) -> None:
    """Destroy a LUN or a mount point.

    Raises the refusals of `lun -destroy`. An attached snapshot is detached, whether -forceDetach was said or not: no
    recording shows a mount point that refused.
    """
    from . import snapshots  # noqa: PLC0415 - snapshots are made of LUNs; only a LUN's end needs the way back

    _check_destroy(array, lun)
    if lun.is_mount_point:
        snapshots.detach(array, lun)
    elif has_images(array, lun):
        if not with_snapshots:
            raise Refused(errors.LUN_HAS_SNAPSHOTS, sp=lun.owner)
        snapshots.destroy_all_of(array, lun)
    remove(array, by_id(array, lun.id))


def _check_destroy(array: Array, lun: Lun) -> None:
    if is_mapped(array, lun):
        raise Refused(errors.LUN_IN_STORAGE_GROUP)
    if is_migrating(array, lun):
        raise Refused(errors.LUN_USED_BY_FEATURE)
    if array.one("SELECT 1 FROM member WHERE lun = ?", lun.id):
        raise Refused(errors.LUN_IN_CONSISTENCY_GROUP, sp=lun.owner)
    if mount_points(array, lun):
        raise Refused(errors.LUN_HAS_MOUNT_POINTS, sp=lun.owner)


def remove(array: Array, lun: Lun) -> None:
    """Take a LUN out of the state, with its bytes and its device."""
    array.locks.freeze(lun.id)
    array.db.execute("DELETE FROM lun WHERE id = ?", (lun.id,))
    array.layers.drop(lun.top)
    for path in (f"/devices/{lun.id}", f"/locks/{lun.id}.gate", f"/locks/{lun.id}.lock"):
        array.layers.discard(path)
