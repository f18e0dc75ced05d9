"""A LUN as a plain file, for hosts that want a path: `devices/N`.

A LUN has a device only once a host asked for it. Then the file holds the LUN's bytes and hosts write there; before the
array freezes the LUN, what differs is absorbed into the LUN's top layer. Whether anything can differ is told by the
file's modification time, which is set to a mark in the past whenever file and layers are in step.

The file is locked (`flock`) exclusively while it is absorbed or rebuilt: a host that writes to the path directly holds
it shared for the length of each write, for example by `flock --shared PATH COMMAND`.
"""

from __future__ import annotations

import fcntl
import os

from . import blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NONE, LIVE, STALE = 0, 1, 2
"""No device; the device holds the bytes; the layers hold them and the device must be rebuilt."""

IN_STEP = 946684800_000000000
"""The modification time of a device that equals its layers: the first second of 2000."""

PIECE = 1024
"""Blocks compared at once: 8 MB."""

_PIECE_BYTES = PIECE * blocks.BLOCK


def path(folder: str, lun: int) -> str:
    """Name the device of a LUN."""
    return f"{folder}/devices/{lun}"


def is_touched(folder: str, lun: int) -> bool:
    """Say whether hosts wrote to a device since it was last in step with the layers."""
    return os.stat(path(folder, lun)).st_mtime_ns != IN_STEP  # noqa: PTH116 - pathlib costs 15 ms of a command's 40


def build(folder: str, lun: int, size: int, files: list[int]) -> None:
    """Fill a device, new or old, with what the layers hold. Whoever has it open sees the new bytes."""
    descriptor = _locked(folder, lun)
    opened = [blocks.Layer(folder, file) for file in files]
    try:
        os.ftruncate(descriptor, 0)
        os.ftruncate(descriptor, size)
        for block, data in blocks.extents(opened):
            offset = block * blocks.BLOCK
            blocks.write_all(descriptor, data[: max(0, size - offset)], offset)
        _mark(descriptor)
    finally:
        for layer in opened:
            layer.close()
        os.close(descriptor)


def absorb(folder: str, lun: int, files: list[int]) -> None:
    """Write what differs between a device and its layers into the first of the layers."""
    descriptor = _locked(folder, lun)
    opened: list[blocks.Layer] = []
    try:
        if os.fstat(descriptor).st_mtime_ns == IN_STEP:
            return
        opened += [blocks.Layer(folder, file, create=not place) for place, file in enumerate(files)]
        held = {piece for layer in opened for piece in _pieces_of_layer(layer)}
        now, zeros = bytearray(_PIECE_BYTES), bytes(_PIECE_BYTES)  # made once: fresh memory costs more than the bytes
        for piece in sorted(held | set(_pieces_of_file(descriptor))):
            read = os.preadv(descriptor, [now], piece * _PIECE_BYTES)
            now[read:] = zeros[read:]
            before = blocks.gather(opened, piece * PIECE, PIECE) if piece in held else zeros
            if now != before:
                _absorb_piece(now, before, opened[0], piece * PIECE)
        _mark(descriptor)
    finally:
        for layer in opened:
            layer.close()
        os.close(descriptor)


def _absorb_piece(now: bytearray, before: bytes, top: blocks.Layer, first: int) -> None:
    for place in range(0, len(now), blocks.BLOCK):
        block = now[place : place + blocks.BLOCK]
        if block != before[place : place + blocks.BLOCK]:
            top.put(first + place // blocks.BLOCK, bytes(block))


def _pieces_of_layer(layer: blocks.Layer) -> Iterator[int]:
    ratio = blocks.WINDOW // PIECE
    for window in layer.windows():
        yield from range(window * ratio, (window + 1) * ratio)


def _pieces_of_file(descriptor: int) -> Iterator[int]:
    for start, end in data_ranges(descriptor):
        yield from range(start // _PIECE_BYTES, (end - 1) // _PIECE_BYTES + 1)


def data_ranges(descriptor: int) -> Iterator[tuple[int, int]]:
    """Give the ranges of a file that are not holes."""
    position = 0
    while True:
        try:
            position = os.lseek(descriptor, position, os.SEEK_DATA)
        except OSError:  # nothing but a hole is left
            return
        end = os.lseek(descriptor, position, os.SEEK_HOLE)
        yield position, end
        position = end


def _locked(folder: str, lun: int) -> int:
    descriptor = os.open(path(folder, lun), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _mark(descriptor: int) -> None:
    os.utime(descriptor, ns=(IN_STEP, IN_STEP))
