"""A LUN as a host sees it: read and write its bytes, from any process, beside whatever the array does.

Each call holds the LUN's shared lock for its own length, so a snapshot falls between two writes and never into one. A
writer that numbers its writes can therefore prove that a snapshot is a prefix of them.
"""

from __future__ import annotations

import hashlib
import os

from . import blocks, devices, layers
from .locks import Locks
from .store import connect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK_BYTES = 512
DIGITS = 9
PIECE = 8 << 20


class NoSuchLun(LookupError):  # noqa: N818 - the words say it
    """The array has no such LUN (any more), or a mount point shows no snapshot."""


class HostLun:
    """An opened LUN or mount point. Close it after use; it is its own context manager.

    The LUN is the one that had the name or the number when it was opened: a LUN of the same name made later is another.
    """

    def __init__(self, folder: str | os.PathLike[str], lun: str | int) -> None:
        self._folder = os.fspath(folder)
        self._db = connect(self._folder)
        column = "number" if isinstance(lun, int) else "name"
        row = self._db.execute(f"SELECT id FROM lun WHERE {column} = ?", (lun,)).fetchone()  # noqa: S608 - one of two words
        if row is None and isinstance(lun, str) and lun.isdecimal() and len(lun) <= DIGITS:
            row = self._db.execute("SELECT id FROM lun WHERE number = ?", (int(lun),)).fetchone()
        if row is None:
            self._db.close()
            raise NoSuchLun(f"no LUN {lun}")
        self._id: int = row[0]

    def __enter__(self) -> HostLun:  # noqa: PYI034 - nothing derives from it; `Self` would import typing
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the LUN."""
        self._db.close()

    @property
    def size(self) -> int:
        """The LUN's size in bytes. Raises NoSuchLun."""
        return self._look()[0]

    def write(self, offset: int, data: bytes) -> None:
        """Write bytes. Raises ValueError beyond the end, NoSuchLun."""
        with Locks(self._folder) as locks:
            locks.share(self._id)
            size, top, device = self._look()
            if offset < 0 or offset + len(data) > size:
                raise ValueError(f"bytes {offset} to {offset + len(data)} are not within {size}")
            if device == devices.LIVE:
                with _Device(self._folder, self._id) as descriptor:
                    blocks.write_all(descriptor, data, offset)
                return
            chain = layers.chain(self._db, top)
            opened = [blocks.Layer(self._folder, file, create=not place) for place, file in enumerate(chain)]
            try:
                blocks.write(opened[0], opened[1:], offset, data)
            finally:
                _close(opened)

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Read bytes, up to the end when no length is given. Raises ValueError before the start, NoSuchLun."""
        with Locks(self._folder) as locks:
            locks.share(self._id)
            size, top, device = self._look()
            if offset < 0:
                raise ValueError(f"bytes from {offset} on are not within {size}")
            end = size if length is None else min(size, offset + length)
            if offset >= end:
                return b""
            if device == devices.LIVE:
                with _Device(self._folder, self._id) as descriptor:
                    return os.pread(descriptor, end - offset, offset)
            first, last = offset // blocks.BLOCK, (end - 1) // blocks.BLOCK
            opened = self._open(top)
            try:
                whole = blocks.gather(opened, first, last - first + 1)
            finally:
                _close(opened)
            start = offset - first * blocks.BLOCK
            return whole[start : start + end - offset]

    def extents(self) -> Iterator[tuple[int, bytes]]:
        """Give what is not zeros, in order: offsets and bytes, in blocks of 8 KB, at one instant. Raises NoSuchLun."""
        with Locks(self._folder) as locks:
            locks.share(self._id)
            size, top, device = self._look()
            for start, data in self._written(top, device):
                for place in range(0, len(data), blocks.BLOCK):
                    block = data[place : place + blocks.BLOCK]
                    if start + place < size and block.count(0) != len(block):
                        yield start + place, block[: size - start - place]

    def _written(self, top: int, device: int) -> Iterator[tuple[int, bytes]]:
        """Give what is written somewhere, zeros or not: offsets at the start of a block, and bytes."""
        if device == devices.LIVE:
            with _Device(self._folder, self._id) as descriptor:
                for start, end in devices.data_ranges(descriptor):
                    for offset in range(start // blocks.BLOCK * blocks.BLOCK, end, PIECE):
                        yield offset, os.pread(descriptor, min(PIECE, end - offset), offset)
            return
        opened = self._open(top)
        try:
            for number, data in blocks.extents(opened):
                yield number * blocks.BLOCK, data
        finally:
            _close(opened)

    def digest(self) -> str:
        """Return a SHA-256 of the LUN's size and of each block of 8 KB that is not zeros, with its offset.

        Equal bytes give equal digests, however they came to be there. Raises NoSuchLun.
        """
        summed = hashlib.sha256(str(self.size).encode())
        for offset, data in self.extents():
            summed.update(offset.to_bytes(8, "big") + data)
        return summed.hexdigest()

    def _look(self) -> tuple[int, int, int]:
        row = self._db.execute(
            "SELECT blocks, top, primary_id, attached, device FROM lun WHERE id = ?", (self._id,)
        ).fetchone()
        if row is None or (row[2] is not None and row[3] is None):
            raise NoSuchLun("the LUN is gone, or its mount point shows no snapshot")
        return row[0] * BLOCK_BYTES, row[1], row[4]

    def _open(self, top: int) -> list[blocks.Layer]:
        return [blocks.Layer(self._folder, file) for file in layers.chain(self._db, top)]


class _Device:
    """An opened device file."""

    def __init__(self, folder: str, lun: int) -> None:
        self._descriptor = os.open(devices.path(folder, lun), os.O_RDWR | os.O_CLOEXEC)

    def __enter__(self) -> int:
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _close(opened: list[blocks.Layer]) -> None:
    for layer in opened:
        layer.close()
