"""Disks: where they are, and which RAID wants how many."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import SLOTS

from . import pools

FEWEST = {"r_10": 2, "r_1_0": 2, "r_5": 3, "r_6": 4}


def every(array: Array) -> list[str]:
    """Return all disks, as bus_enclosure_slot."""
    enclosures = int(array.settings.number("enclosures"))
    return [f"{place // 10}_{place % 10}_{slot}" for place in range(enclosures) for slot in range(SLOTS)]


def free(array: Array) -> list[str]:
    """Return the disks that no pool has."""
    taken = {disk for pool in pools.every(array) for disk in pool.disks.split(",")}
    return [disk for disk in every(array) if disk not in taken]


def named(array: Array, disk: str | None) -> list[str]:
    """Return one disk, or all. Raises DISK_MISSING."""
    if disk is None:
        return every(array)
    if disk not in every(array):
        raise Refused(errors.DISK_MISSING)
    return [disk]


def check(disks: tuple[str, ...], raid: str) -> None:
    """Refuse too few disks for a RAID type. Raises POOL_RULES (recorded for RAID 6)."""
    kind = {"r_5": "RAID 5", "r_6": "RAID 6"}.get(raid, "RAID 1/0")
    if len(disks) < FEWEST[raid]:
        raise Refused(
            errors.POOL_RULES,
            rule=f"The number of SAS disks chosen for {kind} is less than minimum required. "
            f"Number of SAS disks should be at least {FEWEST[raid]}.",
        )
