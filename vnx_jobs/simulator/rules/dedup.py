"""Compression and deduplication of LUNs. Both are states here; no byte changes its place."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import Lun

from . import luns


def switch(array: Array, lun: Lun, *, on: bool) -> None:
    """Turn deduplication on or off. Raises DEDUP_ON, DEDUP_OFF, DEDUP_REFUSED, NO_DEDUP."""
    if not (array.settings.model.deduplication and array.has("-Deduplication")):
        raise Refused(errors.NO_DEDUP)
    if on and lun.deduplicated:
        raise Refused(errors.DEDUP_ON, sp=lun.owner)
    if not on and not lun.deduplicated:
        raise Refused(errors.DEDUP_OFF)
    if not lun.thin or lun.is_mount_point or luns.is_migrating(array, lun):
        raise Refused(errors.DEDUP_REFUSED)
    array.db.execute("UPDATE lun SET deduplicated = ? WHERE id = ?", (int(on), lun.id))


def compress(array: Array, lun: Lun) -> None:
    """Turn compression on; the LUN becomes thin. Raises COMPRESSION_ON, COMPRESSION_REFUSED, NO_COMPRESSION."""
    if not array.has("-Compression"):
        raise Refused(errors.NO_COMPRESSION)
    if lun.compressed:
        raise Refused(errors.COMPRESSION_ON)
    grouped = array.one("SELECT 1 FROM member WHERE lun = ?", lun.id)
    if lun.is_mount_point or grouped or luns.has_images(array, lun) or luns.is_migrating(array, lun):
        raise Refused(errors.COMPRESSION_REFUSED)
    array.db.execute("UPDATE lun SET compressed = 1, thin = 1 WHERE id = ?", (lun.id,))


def decompress(array: Array, lun: Lun) -> None:
    """Turn compression off. Raises COMPRESSION_OFF."""
    if not lun.compressed:
        raise Refused(errors.COMPRESSION_OFF)
    array.db.execute("UPDATE lun SET compressed = 0 WHERE id = ?", (lun.id,))
