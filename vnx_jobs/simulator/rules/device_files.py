"""When a LUN has a device, and what becomes of it."""

from __future__ import annotations

import os

from vnx_jobs.simulator import devices, layers
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.records import Lun

from . import luns

BLOCK_BYTES = 512


def open_for(array: Array, host: str, hlu: int) -> Lun | None:
    """Return the LUN that a host sees under a number, and see to it that it has a device."""
    row = array.one(
        "SELECT lun FROM mapping JOIN host ON host.storage_group = mapping.storage_group WHERE name = ? AND hlu = ?",
        host,
        hlu,
    )
    if row is None:
        return None
    lun = luns.by_id(array, int(str(row[0])))
    if lun.top is not None and lun.device != devices.LIVE:
        build(array, lun)
    return lun


def build(array: Array, lun: Lun) -> None:
    """Make or remake a LUN's device from its layers."""
    array.locks.freeze(lun.id)
    devices.build(array.folder, lun.id, lun.blocks * BLOCK_BYTES, layers.chain(array.db, lun.top))
    array.db.execute("UPDATE lun SET device = ? WHERE id = ?", (devices.LIVE, lun.id))


def rebuild_stale(array: Array) -> None:
    """Remake the devices whose LUNs were restored."""
    for (lun,) in array.db.execute("SELECT id FROM lun WHERE device = ?", (devices.STALE,)).fetchall():
        build(array, luns.by_id(array, lun))


def go_stale(array: Array, lun: Lun) -> None:
    """Note that a device no longer holds its LUN's bytes; it is remade once the command is committed."""
    if lun.device:
        array.db.execute("UPDATE lun SET device = ? WHERE id = ?", (devices.STALE, lun.id))
        array.has_stale_device = True


def grow(array: Array, lun: Lun, blocks: int) -> None:
    """Make a device as large as its LUN becomes. A killed command leaves it too large, which nobody reads."""
    if lun.device:
        os.truncate(devices.path(array.folder, lun.id), blocks * BLOCK_BYTES)


def put_away(array: Array, lun: Lun) -> None:
    """Take a LUN's device away; its bytes stay in the layers."""
    if not lun.device:
        return
    array.locks.freeze(lun.id)
    if lun.top is not None:
        array.layers.absorb(lun.id, lun.top)
    array.db.execute("UPDATE lun SET device = ? WHERE id = ?", (devices.NONE, lun.id))
    array.layers.discard(f"/devices/{lun.id}")
