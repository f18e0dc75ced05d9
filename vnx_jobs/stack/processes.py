"""Which processes are ours, beyond doubt: each child of the stack, and all that it starts, bears a mark.

The mark is an environment variable holding a random word of this stack. A process id alone proves nothing: it may have
been given to somebody else since it was written down. The mark is read, and the signal sent, through a handle that
stays with one process, so that nothing but our own is ever signalled.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MARK_VARIABLE: Final = "VNX_JOBS_STACK"
_LOOK: Final = 0.05
"""Seconds between two looks at whether processes have ended."""


def bearing(mark: str) -> list[int]:
    """Return the process ids of all that bear a mark: `WORD` for a whole stack, `WORD:CHILD` for one child of it."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _bears(entry.name, mark)]


def end(mark: str, patience: float) -> int:
    """End all that bear a mark: ask, wait up to `patience` seconds, then kill. Returns how many were ended."""
    ended = _signal(mark, signal.SIGTERM)
    if ended and not gone(mark, patience):
        _signal(mark, signal.SIGKILL)
        gone(mark, patience)
    return ended


def kill(mark: str) -> None:
    """Kill all that bear a mark, and wait until they are gone."""
    if _signal(mark, signal.SIGKILL):
        gone(mark, patience=5)


def gone(mark: str, patience: float) -> bool:
    """Wait until nobody bears a mark any more; False if somebody still does after `patience` seconds."""
    limit = time.monotonic() + patience
    while bearing(mark):
        if time.monotonic() > limit:
            return False
        time.sleep(_LOOK)
    return True


def signal_one(pid: int, mark: str, number: signal.Signals) -> bool:
    """Send a signal to one process if it bears a mark; False if it does not, or is gone."""
    with process_handle(pid) as handle:
        if handle is not None and _bears(str(pid), mark):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
                return True
    return False


def _signal(mark: str, number: signal.Signals) -> int:
    return sum(signal_one(pid, mark, number) for pid in bearing(mark))


@contextlib.contextmanager
def process_handle(pid: int) -> Iterator[int | None]:
    """Give a handle that stays with one process whatever becomes of its id; None if there is no such process."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _bears(pid: str, mark: str) -> bool:
    """Whether a process bears a mark. One that has ended, but was not waited for yet, has no environment any more."""
    try:
        environment = Path("/proc", pid, "environ").read_bytes()
    except OSError:
        return False
    wanted = f"{MARK_VARIABLE}={mark}".encode()
    return any(entry == wanted or entry.startswith(wanted + b":") for entry in environment.split(b"\0"))
