"""Pools and the room in them.

Figures are modelled on recorded listings: a thick 10 GB LUN consumes 11.773 GB, a thick 100 GB one 103.452 GB, an empty
thin 1 GB LUN 1.753 GB. So a LUN's metadata is 1.586 GB and 1.87 % of its size. What a host wrote to a thin LUN is not
counted.
"""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import DISK_GB, GB_BLOCKS, Pool

THIN_METADATA_BLOCKS = 3153920
THIN_UNCOMMITTED_BLOCKS = 523264
BASE_METADATA_BLOCKS = 3326083
METADATA_SHARE = 0.01866
SLICE_BLOCKS = 2048


def every(array: Array) -> list[Pool]:
    """Return all pools, by id."""
    return [Pool(*row) for row in array.db.execute("SELECT * FROM pool ORDER BY id")]


def named(array: Array, number: int | None, name: str | None) -> Pool:
    """Return the pool that a command names by id or by name. Raises POOL_MISSING."""
    query = "SELECT * FROM pool WHERE id = ?" if number is not None else "SELECT * FROM pool WHERE name = ?"
    row = array.db.execute(query, (number if number is not None else name,)).fetchone()
    if row is None:
        raise Refused(errors.POOL_MISSING)
    return Pool(*row)


def metadata(blocks: int) -> int:
    """Return the metadata of a LUN, in blocks."""
    raw = BASE_METADATA_BLOCKS + int(blocks * METADATA_SHARE)
    return raw // SLICE_BLOCKS * SLICE_BLOCKS


def footprint(blocks: int, *, thin: bool) -> int:
    """Return what a LUN consumes of its pool, in blocks."""
    return THIN_METADATA_BLOCKS + THIN_UNCOMMITTED_BLOCKS if thin else blocks + metadata(blocks)


def consumed(array: Array, pool: Pool) -> int:
    """Return the consumed blocks of a pool."""
    rows = array.db.execute("SELECT blocks, thin FROM lun WHERE pool = ? AND primary_id IS NULL", (pool.id,))
    return min(pool.user_blocks, sum(footprint(blocks, thin=bool(thin)) for blocks, thin in rows))


def is_destroying(array: Array, pool: Pool) -> bool:
    """Say whether a pool is being destroyed."""
    return bool(array.faults.of("pool-destroying", pool.name) or array.faults.of("pool-destroying", str(pool.id)))


def is_full(array: Array, pool: Pool) -> bool:
    """Say whether a pool was made full on demand."""
    return bool(array.faults.of("pool-full", pool.name) or array.faults.of("pool-full", str(pool.id)))


def check_room(array: Array, pool_id: int, blocks: int, sp: str, *, ignore_thresholds: bool) -> None:
    """Refuse what does not fit a pool, or would lift it over its Percent Full Threshold.

    That LUNs above the threshold are refused unless -ignoreThresholds is given is known from Cinder's VNX driver.
    """
    pool = named(array, pool_id, None)
    if is_destroying(array, pool):
        raise Refused(errors.POOL_NOT_READY)
    used = consumed(array, pool) + blocks
    if is_full(array, pool) or used > pool.user_blocks:
        raise Refused(errors.POOL_FULL, sp=sp)
    if used * 100 > pool.user_blocks * pool.threshold and not ignore_thresholds:
        raise Refused(errors.POOL_OVER_THRESHOLD, sp=sp)


def create(array: Array, name: str | None, disks: tuple[str, ...], raid: str) -> Pool:
    """Make a pool of free disks. Raises POOL_NAME_IN_USE, DISK_USED."""
    taken = {disk for pool in every(array) for disk in pool.disks.split(",")}
    number = next(
        each for each in range(len(taken) + 100) if array.one("SELECT 1 FROM pool WHERE id = ?", each) is None
    )
    name = name or f"Pool {number}"
    if array.one("SELECT 1 FROM pool WHERE name = ?", name):
        raise Refused(errors.POOL_NAME_IN_USE)
    for disk in disks:
        if disk in taken:
            raise Refused(errors.DISK_USED, disk=disk)
    blocks = max(1, len(disks) - 1) * DISK_GB * GB_BLOCKS
    array.db.execute(
        "INSERT INTO pool VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, name, blocks, raid, "SAS", "Performance", 70, "", ",".join(disks)),
    )
    return named(array, number, None)


def rename(array: Array, pool: Pool, name: str) -> None:
    """Give a pool another name. Raises POOL_RENAME_CONFLICT."""
    if array.one("SELECT 1 FROM pool WHERE name = ? AND id <> ?", name, pool.id):
        raise Refused(errors.POOL_RENAME_CONFLICT)
    array.db.execute("UPDATE pool SET name = ? WHERE id = ?", (name, pool.id))


def destroy(array: Array, pool: Pool) -> None:
    """Destroy an empty pool. Raises POOL_DESTROYING, POOL_HAS_LUNS."""
    if is_destroying(array, pool):
        raise Refused(errors.POOL_DESTROYING)
    if array.one("SELECT 1 FROM lun WHERE pool = ?", pool.id):
        raise Refused(errors.POOL_HAS_LUNS)
    array.db.execute("DELETE FROM pool WHERE id = ?", (pool.id,))
