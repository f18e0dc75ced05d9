"""The bytes of layers: sparse files with a map of what was written.

A layer is two sparse files, `N.data` (the bytes, at their own offsets) and `N.map` (one byte for each 8 KB block,
the granularity of VNX snapshots; 1 says that the block is in this layer). A chain of layers, newest first, is an
image: each block is taken from the first layer that has it, and is zeros where none has. A layer that nobody wrote
has no files.

A block's bytes are written before its mark, so a writer that is killed leaves the old block or the new one, never a
mixture of layers.
"""

from __future__ import annotations

import fcntl
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLOCK = 8192
WINDOW = 1 << 16  # blocks looked at together: 64 KB of map, 512 MB of content
_MARK = b"\x01"


def paths(folder: str, file: int) -> tuple[str, str]:
    """Name the data file and the map of a layer's file."""
    return f"{folder}/content/{file}.data", f"{folder}/content/{file}.map"


def written(folder: str, file: int) -> bool:
    """Say whether anything was ever written to this file."""
    return os.path.exists(paths(folder, file)[1])  # noqa: PTH110 - pathlib costs 15 ms of a command's 40


class Layer:
    """An opened layer. Close it after use; it is its own context manager."""

    def __init__(self, folder: str, file: int, *, create: bool = False) -> None:
        mode = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC if create else os.O_RDONLY | os.O_CLOEXEC
        data, marks = paths(folder, file)
        self._data = self._map = -1
        try:
            # The data file first: whoever sees the map may rely on the data file.
            self._data = os.open(data, mode, 0o600)
            self._map = os.open(marks, mode, 0o600)
        except FileNotFoundError:
            self.close()

    def __enter__(self) -> Layer:  # noqa: PYI034 - nothing derives from it; `Self` would import typing
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close both files."""
        for descriptor in (self._data, self._map):
            if descriptor >= 0:
                os.close(descriptor)
        self._data = self._map = -1

    def marks(self, first: int, count: int) -> bytes:
        """Return one byte for each block, 1 where this layer has it."""
        found = os.pread(self._map, count, first) if self._map >= 0 else b""
        return found.ljust(count, b"\0")

    def windows(self) -> Iterator[int]:
        """Give the numbers of the windows in which this layer may have blocks."""
        if self._map < 0:
            return
        position, last = 0, -1
        while True:
            try:
                position = os.lseek(self._map, position, os.SEEK_DATA)
            except OSError:  # no data behind this position
                return
            end = os.lseek(self._map, position, os.SEEK_HOLE)
            first = max(position // WINDOW, last + 1)
            last = (end - 1) // WINDOW
            yield from range(first, last + 1)
            position = end

    def get(self, block: int, count: int) -> bytes:
        """Read whole blocks, zeros behind the end of the file."""
        return os.pread(self._data, count * BLOCK, block * BLOCK).ljust(count * BLOCK, b"\0")

    def put(self, block: int, data: bytes) -> None:
        """Write whole blocks and mark them."""
        write_all(self._data, data, block * BLOCK)
        write_all(self._map, _MARK * (len(data) // BLOCK), block)

    def put_part(self, offset: int, data: bytes, below: Sequence[Layer]) -> None:
        """Write bytes within one block; the rest of the block comes from the layers below.

        Writers of one block take turns by a lock on its mark.
        """
        block, start = divmod(offset, BLOCK)
        fcntl.lockf(self._map, fcntl.LOCK_EX, 1, block)
        try:
            if self.marks(block, 1) == _MARK:
                write_all(self._data, data, offset)
                return
            whole = bytearray(gather(below, block, 1))
            whole[start : start + len(data)] = data
            self.put(block, bytes(whole))
        finally:
            fcntl.lockf(self._map, fcntl.LOCK_UN, 1, block)


def write_all(descriptor: int, data: bytes, offset: int) -> None:
    """Write bytes at an offset, however many calls that takes."""
    view = memoryview(data)
    while view:
        done = os.pwrite(descriptor, view, offset)
        view, offset = view[done:], offset + done


def write(top: Layer, below: Sequence[Layer], offset: int, data: bytes) -> None:
    """Write bytes anywhere into a layer that lies over others."""
    while data:
        start = offset % BLOCK
        if start or len(data) < BLOCK:
            size = min(BLOCK - start, len(data))
            top.put_part(offset, data[:size], below)
        else:
            size = len(data) // BLOCK * BLOCK
            top.put(offset // BLOCK, data[:size])
        offset, data = offset + size, data[size:]


def gather(chain: Sequence[Layer], first: int, count: int) -> bytes:
    """Read whole blocks of an image."""
    result = bytearray(count * BLOCK)
    for block, data in _found(chain, first, count):
        result[(block - first) * BLOCK : (block - first) * BLOCK + len(data)] = data
    return bytes(result)


def extents(chain: Sequence[Layer]) -> Iterator[tuple[int, bytes]]:
    """Give what is written in an image, in order: a block's number and the bytes of it and its neighbours."""
    for window in sorted({window for layer in chain for window in layer.windows()}):
        yield from sorted(_found(chain, window * WINDOW, WINDOW), key=lambda found: found[0])


def _found(chain: Sequence[Layer], first: int, count: int) -> Iterator[tuple[int, bytes]]:
    wanted = int.from_bytes(_MARK * count, "little")
    for layer in chain:
        here = int.from_bytes(layer.marks(first, count), "little") & wanted
        if here:
            for place, length in runs(here.to_bytes(count, "little")):
                yield first + place, layer.get(first + place, length)
            wanted ^= here
            if not wanted:
                return


LONGEST_RUN = 1024  # blocks read at once: 8 MB


def runs(marks: bytes) -> Iterator[tuple[int, int]]:
    """Give start and length of the runs of marked blocks."""
    start = marks.find(_MARK)
    while start >= 0:
        end = marks.find(b"\0", start, start + LONGEST_RUN)
        end = min(start + LONGEST_RUN, len(marks)) if end < 0 else end
        yield start, end - start
        start = marks.find(_MARK, end)
