"""Runs a program and writes what it gives to a device or a file, whole, or compares it only by its digest.

`python -m vnx_jobs.copier.writer --size BYTES (--device PATH | --file PATH | --nowhere) [...] -- PROGRAM [WORD ...]`
ends with status 0 only if the program did, gave exactly the size that was said, and all of it is on the device,
flushed. Else one line on stderr says why. A device, or a file that stands for one, must be there and have that size; a
file is made, must not be there before, and is there afterwards only if it is whole.
"""

import argparse
import errno
import fcntl
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from vnx_jobs.copier.identity import check_wwn
from vnx_jobs.copier.pace import Pace
from vnx_jobs.copier.telling import CopyError, ProgressFile, put
from vnx_jobs.model.digest import PIECE, Digest

_ZEROS: Final = bytes(PIECE)
_TOOL_FAILED: Final = "tool"
"""The program that gives the bytes failed: it tells itself why."""
_OTHER_BYTES: Final = "bytes"
"""It gave too few bytes, too many, or others than were expected."""


@contextmanager
def _program(command: list[str], descriptors: list[int]) -> Iterator[int]:
    """Run the program that gives the bytes. Raises CopyError(tool) if it does not end well."""
    program = None
    try:
        with _end_put_off():
            program = _started(command, descriptors)
        yield _wide(program)
    except BaseException:
        if program is not None:
            program.kill()
        raise
    finally:
        if program is not None:
            with program:  # closes the pipe and waits
                pass
    if program.returncode < 0:
        raise CopyError("ended", f"{Path(command[0]).name} was ended by signal {-program.returncode}")
    if program.returncode:
        raise CopyError(_TOOL_FAILED, f"{Path(command[0]).name} ended with status {program.returncode}")


def _started(command: list[str], descriptors: list[int]) -> subprocess.Popen[bytes]:
    try:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, pass_fds=descriptors)
    except OSError as error:
        raise CopyError(_TOOL_FAILED, f"{command[0]} cannot be run: {error.strerror}") from error
    for descriptor in descriptors:
        os.close(descriptor)  # a secret that is the program's alone
    return program


def _wide(program: subprocess.Popen[bytes]) -> int:
    """Return the descriptor that a program's bytes come from, with a pipe that holds a piece."""
    if program.stdout is None:
        raise CopyError(_TOOL_FAILED, "the program gives no bytes")
    with suppress(OSError):  # larger pipes are not allowed: it works with a small one
        fcntl.fcntl(program.stdout, fcntl.F_SETPIPE_SZ, PIECE)
    return program.stdout.fileno()


@contextmanager
def _end_put_off() -> Iterator[None]:
    """Put a request to end off for a moment: a program that is just being started is known to nobody yet."""
    asked: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
    if asked:
        sys.exit(1)


@contextmanager
def _opened(given: argparse.Namespace) -> Iterator[int | None]:
    """Open what is written to. A file comes to its name when all is well, and is removed if not."""
    if given.nowhere:
        yield None
    elif given.file is not None:
        beside = given.file.with_name(f"{given.file.name}.part")
        if given.file.exists():
            raise CopyError("device", f"{given.file} is there already")
        with _open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC) as descriptor:
            try:
                os.ftruncate(descriptor, given.size)
                yield descriptor
            except BaseException:
                beside.unlink()
                raise
        beside.rename(given.file)
    else:
        with _open(given.device, os.O_RDWR | os.O_EXCL) as descriptor:  # EXCL: a device that is mounted is refused
            check_wwn(descriptor, given.wwn, shlex.split(given.wwn_command))
            if (has := os.lseek(descriptor, 0, os.SEEK_END)) != given.size:
                raise CopyError("short-read", f"the device has {has} bytes, not {given.size}")
            yield descriptor


@contextmanager
def _open(path: Path, flags: int) -> Iterator[int]:
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CopyError("device", f"{path} cannot be opened: {error.strerror}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def write(given: argparse.Namespace) -> str:
    """Write all that the program gives. Returns the digest; raises CopyError."""
    try:
        return _written(given)
    except OSError as error:
        raise _trouble("the target cannot be used", error) from error


def _written(given: argparse.Namespace) -> str:
    progress = ProgressFile(given.progress)
    with _opened(given) as target:
        with _program(given.program, given.pass_fd) as source:
            progress.passed(0)
            passed, digest = _pass_on(source, target, given, progress)
        if passed != given.size:
            raise CopyError(_OTHER_BYTES, f"only {passed} of {given.size} bytes came")
        if given.digest not in {"", digest}:
            raise CopyError(_OTHER_BYTES, f"the bytes that came have digest {digest}, not {given.digest}")
        if target is not None:
            _flush(target)
    return digest


def _pass_on(source: int, target: int | None, given: argparse.Namespace, progress: ProgressFile) -> tuple[int, str]:
    digest, pace, passed = Digest(), Pace(given.rate), 0
    buffer = bytearray(PIECE)
    skips = given.new or given.file is not None
    with ThreadPoolExecutor(1) as beside:
        while count := _fill(source, buffer):
            if passed + count > given.size:
                raise CopyError(_OTHER_BYTES, f"more than {given.size} bytes came")
            pace.keep(count)
            piece = buffer if count == PIECE else buffer[:count]
            if zeros := piece == _ZEROS:
                digest.zeros()
            digested = None if zeros else beside.submit(digest.piece, piece)
            if target is not None and not (zeros and skips):
                _write(target, piece, passed)
            if digested is not None:
                digested.result()
            passed += count
            progress.passed(passed)
    progress.passed(passed, last=passed == given.size)
    return passed, str(digest)


def _fill(source: int, buffer: bytearray) -> int:
    view, have = memoryview(buffer), 0
    while have < len(buffer) and (got := os.readv(source, [view[have:]])):
        have += got
    return have


def _write(target: int, piece: bytearray, at: int) -> None:
    view = memoryview(piece)
    try:
        while view:
            done = os.pwrite(target, view, at)
            view, at = view[done:], at + done
    except OSError as error:
        raise _trouble(f"writing failed at byte {at}", error) from error


def _flush(target: int) -> None:
    try:
        os.fsync(target)
        if stat.S_ISBLK(os.fstat(target).st_mode):
            os.posix_fadvise(target, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError as error:
        raise _trouble("writing out failed", error) from error


def _trouble(what: str, error: OSError) -> CopyError:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    return CopyError("space" if full else "device", f"{what}: {error.strerror}")


def main(words: list[str] | None = None) -> int:
    """Write, and tell what came of it."""
    parser = argparse.ArgumentParser(prog="writer", description="Write what a program gives to a device or file.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--device", type=Path, default=None, help="a device that is there")
    where.add_argument("--file", type=Path, default=None, help="a file that is made")
    where.add_argument("--nowhere", action="store_true", help="write nothing, make the digest only")
    parser.add_argument("--size", type=int, required=True, help="bytes that there must be")
    parser.add_argument("--digest", default="", help="the digest that they must have")
    parser.add_argument("--new", action="store_true", help="the device reads as zeros: zeros need not be written")
    parser.add_argument("--wwn", default="", help="the WWN that the device must have")
    parser.add_argument("--wwn-command", default="", help="what tells the WWN of a device that the kernel has none of")
    parser.add_argument("--rate", type=int, default=None, help="bytes a second at most")
    parser.add_argument("--progress", type=Path, default=None, help="file to tell the bytes in, a JSON object a line")
    parser.add_argument("--result", type=Path, default=None, help="file to tell size and digest in, or why not")
    parser.add_argument("--pass-fd", type=int, action="append", default=[], help="a descriptor that the program needs")
    parser.add_argument("program", nargs="+", help="what gives the bytes, and its words")
    given, began = parser.parse_args(words), time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that a file begun is removed and the program ended
    try:
        digest = write(given)
    except CopyError as error:
        sys.stderr.write(f"error: {error}\n")
        put(given.result, {"fault": error.fault, "text": str(error)})
        return 1
    put(given.result, {"size": given.size, "digest": digest, "seconds": time.monotonic() - began})
    return 0


if __name__ == "__main__":
    sys.exit(main())
