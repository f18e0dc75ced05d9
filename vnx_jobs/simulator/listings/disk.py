"""`getdisk`: the block of one disk, with the labels that storops reads."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.records import DISK_GB
from vnx_jobs.simulator.rules import pools

from . import layout

CAPACITY_MB = 549691


def listing(array: Array, disks: list[str]) -> str:
    """Write the blocks of some disks."""
    taken = {disk: pool for pool in pools.every(array) for disk in pool.disks.split(",")}
    return layout.blocks(_block(disk, disk in taken) for disk in disks)


def _block(disk: str, used: bool) -> str:  # noqa: FBT001 - one of two states
    rows: list[tuple[str, object]] = [
        ("Vendor Id", "SEAGATE"),
        ("Product Id", "STE60005 CLAR600"),
        ("Product Revision", "ES0F"),
        ("Lun", "N/A"),
        ("Type", "N/A"),
        ("State", "Enabled" if used else "Unbound"),
        ("Hot Spare", "N/A"),
        ("Serial Number", f"SIM{disk.replace('_', '').zfill(8)}"),
        ("Sectors", CAPACITY_MB * 2048),
        ("Capacity", CAPACITY_MB),
        ("Hard Read Errors", 0),
        ("Hard Write Errors", 0),
        ("Soft Read Errors", 0),
        ("Soft Write Errors", 0),
        ("Number of Luns", 0),
        ("Raid Group ID", "This disk does not belong to a RAIDGroup"),
        ("Drive Type", "SAS"),
        ("User Capacity", f"{DISK_GB:.3f}"),
        ("Current Speed", "6Gbps"),
        ("Maximum Speed", "6Gbps"),
    ]
    bus, enclosure, slot = disk.split("_")
    return f"Bus {bus} Enclosure {enclosure}  Disk {slot}\n{layout.aligned(rows, 25)}"
