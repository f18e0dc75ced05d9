"""Restore: a LUN's bytes become those of a snapshot again."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import Lun, Snapshot

from . import device_files, luns, snapshots


def restore(array: Array, snapshot: Snapshot, lun: Lun, backup: str | None) -> None:
    """Put a snapshot's bytes back onto a LUN, after freezing what it holds under the backup's name, if one is given.

    Raises SNAPSHOT_NAME_IN_USE, OTHER_PRIMARY, RESTORE_MIGRATING, RESTORE_ATTACHED, RESTORE_SIZE.
    """
    if backup is not None:
        snapshots.check_name(array, backup)
    held = [image for image in snapshots.images(array, snapshot) if image.primary_id == lun.root]
    if not held:
        raise Refused(errors.OTHER_PRIMARY, sp=lun.owner)
    if luns.is_migrating(array, lun):
        raise Refused(errors.RESTORE_MIGRATING, sp=lun.owner)
    image = held[0]
    if image.mount == lun.id or (lun.is_mount_point and lun.attached is None):
        raise Refused(errors.RESTORE_ATTACHED, sp=lun.owner)
    if image.blocks != lun.blocks:
        raise Refused(errors.RESTORE_SIZE, sp=lun.owner)
    if backup is not None:
        snapshots.create(array, backup, [lun])
    layer = image.layer if image.mount is None else snapshots.freeze(array, luns.by_id(array, image.mount))
    replace_bytes(array, luns.by_id(array, lun.id), layer)


def replace_bytes(array: Array, lun: Lun, layer: int | None) -> None:
    """Let a LUN hold what an image holds; hosts see it through the device they have."""
    array.locks.freeze(lun.id)
    top = array.layers.lay(layer)
    array.db.execute("UPDATE lun SET top = ? WHERE id = ?", (top, lun.id))
    array.db.execute("UPDATE image SET layer = ? WHERE mount = ?", (top, lun.id))
    array.layers.drop(lun.top)
    device_files.go_stale(array, lun)
