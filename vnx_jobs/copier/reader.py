"""Reads a device from its first byte to its last, writes the bytes to stdout, and tells how many and what digest.

`python -m vnx_jobs.copier.reader --device PATH --size BYTES [...]` ends with status 0 only if it read exactly the size
that it was told, without an error, and wrote all of it. Else one line on stderr says why. It opens for reading alone.
SIGTERM ends it at once; it does not outlive what it writes to.
"""

import argparse
import errno
import fcntl
import os
import shlex
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from vnx_jobs.copier.bonds import die_with_parent
from vnx_jobs.copier.digesting import DigestBeside, Piece
from vnx_jobs.copier.identity import check_wwn
from vnx_jobs.copier.pace import Pace
from vnx_jobs.copier.telling import CopyError, ProgressFile, put
from vnx_jobs.model.digest import PIECE

_ZEROS: Final = bytes(PIECE)


class Stream:
    """The bytes of an open device in pieces; pieces that were never written are not read, where the device tells."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        mode = os.fstat(descriptor).st_mode
        self._tells_holes = stat.S_ISREG(mode)
        self._cached = stat.S_ISBLK(mode)
        self._seekable = self._tells_holes or self._cached

    def check_size(self) -> None:
        """See that the device has exactly the size that was said. Raises CopyError(short-read)."""
        if self._seekable and (has := os.lseek(self._descriptor, 0, os.SEEK_END)) != self._size:
            raise CopyError("short-read", f"the device has {has} bytes, not {self._size}")

    def pieces(self, buffer: Callable[[], bytearray]) -> Iterator[Piece | None]:
        """Return the pieces in their order, None for one of zeros that was never written. Raises CopyError."""
        at, data = 0, 0
        while at < self._size:
            count = min(PIECE, self._size - at)
            if at >= data:
                data = self._next_data(at)
            if at + count <= data and count == PIECE:
                yield None
            else:
                yield self._filled(buffer(), at, count), count
            at += count

    def _next_data(self, at: int) -> int:
        """Return where the next byte is that was ever written."""
        if not self._tells_holes:
            return at
        try:
            return os.lseek(self._descriptor, at, os.SEEK_DATA)
        except OSError as error:
            # ENXIO: nothing but a hole from here on, or the file was cut off, which check_size finds at the end.
            return self._size if error.errno == errno.ENXIO else at

    def _filled(self, buffer: bytearray, at: int, count: int) -> bytearray:
        view, have = memoryview(buffer)[:count], 0
        while have < count:
            try:
                if self._seekable:
                    got = os.preadv(self._descriptor, [view[have:]], at + have)
                else:
                    got = os.readv(self._descriptor, [view[have:]])
            except OSError as error:
                raise CopyError("device", f"reading failed at byte {at + have}: {error.strerror}") from error
            if not got:
                raise CopyError("short-read", f"the device ended after {at + have} of {self._size} bytes")
            have += got
        if self._cached:
            os.posix_fadvise(self._descriptor, at, count, os.POSIX_FADV_DONTNEED)
        return buffer


def read(given: argparse.Namespace, out: int) -> str:
    """Read the whole device and write it to a descriptor. Returns the digest; raises CopyError."""
    descriptor = _opened(given.device)
    try:
        check_wwn(descriptor, given.wwn, shlex.split(given.wwn_command))
        stream = Stream(descriptor, given.size)
        stream.check_size()
        digest = _pass_on(stream, out, given)
        stream.check_size()
    except OSError as error:
        raise CopyError("device", f"{given.device} cannot be used: {error.strerror}") from error
    else:
        return digest
    finally:
        os.close(descriptor)


def _opened(device: Path) -> int:
    try:
        return os.open(device, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise CopyError("device", f"{device} cannot be opened: {error.strerror}") from error


def _pass_on(stream: Stream, out: int, given: argparse.Namespace) -> str:
    """Write what the stream gives; the digest is made meanwhile."""
    digest, pace, progress, passed = DigestBeside(), Pace(given.rate), ProgressFile(given.progress), 0
    progress.passed(0)
    for piece in stream.pieces(digest.buffer):
        buffer, count = piece or (None, PIECE)
        pace.keep(count)
        if buffer is None or (count == PIECE and buffer == _ZEROS):
            digest.zeros(buffer)
            _write(out, memoryview(_ZEROS))
        else:
            digest.piece(buffer, count)
            _write(out, memoryview(buffer)[:count])
        passed += count
        progress.passed(passed)
    progress.passed(passed, last=True)
    return digest.finished()


def _write(out: int, view: memoryview) -> None:
    try:
        while view:
            view = view[os.write(out, view) :]
    except OSError as error:
        raise CopyError("ended", f"what reads the bytes went away: {error.strerror}") from error


def main(words: list[str] | None = None) -> int:
    """Read, and tell what came of it."""
    parser = argparse.ArgumentParser(prog="reader", description="Read a device once, to stdout.")
    parser.add_argument("--device", type=Path, required=True)
    parser.add_argument("--size", type=int, required=True, help="bytes that the device must have")
    parser.add_argument("--wwn", default="", help="the WWN that the device must have")
    parser.add_argument("--wwn-command", default="", help="what tells the WWN of a device that the kernel has none of")
    parser.add_argument("--rate", type=int, default=None, help="bytes a second at most")
    parser.add_argument("--progress", type=Path, default=None, help="file to tell the bytes in, a JSON object a line")
    parser.add_argument(
        "--result", type=Path, default=None, help="file to tell size, digest and seconds in, or why not"
    )
    given, began = parser.parse_args(words), time.monotonic()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever started us may have been told to ignore it
    if not die_with_parent(os.getppid(), signal.SIGKILL):
        return 1
    with suppress(OSError):  # stdout is no pipe, or larger pipes are not allowed: it works with a small one
        fcntl.fcntl(sys.stdout.fileno(), fcntl.F_SETPIPE_SZ, PIECE)
    try:
        digest = read(given, sys.stdout.fileno())
    except CopyError as error:
        sys.stderr.write(f"error: {error}\n")
        put(given.result, {"fault": error.fault, "text": str(error)})
        return 1
    put(given.result, {"size": given.size, "digest": digest, "seconds": time.monotonic() - began})
    return 0


if __name__ == "__main__":
    sys.exit(main())
