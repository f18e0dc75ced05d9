"""One supervisor a home folder: the lock that sees to it, and what is done under it."""

import fcntl
import os
import time
from typing import Final

from .places import Places, read_status
from .processes import end

_PATIENCE: Final = 1.0
"""Seconds: who only looks whether it is locked holds the lock for a moment."""
_LOOK: Final = 0.02


def take_lock(places: Places) -> int | None:
    """Lock a home folder for this process; None if another one holds it. Closing the descriptor frees it."""
    limit = time.monotonic() + _PATIENCE
    while (descriptor := _try(places)) is None and time.monotonic() < limit:
        time.sleep(_LOOK)
    return descriptor


def _try(places: Places) -> int | None:
    descriptor = os.open(places.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def sign(lock: int) -> None:
    """Write into the lock who holds it: a status written by anybody else is an old one."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def holder(places: Places) -> int | None:
    """Return the process id of the supervisor that lives; 0 if it has not signed yet, None if there is none."""
    if not places.lock.exists():
        return None
    descriptor = _try(places)
    if descriptor is not None:
        os.close(descriptor)
        return None
    signed = places.lock.read_text().strip()
    return int(signed) if signed.isdigit() else 0


def end_leftovers(places: Places) -> int:
    """End what a supervisor that was killed has left behind; return how many processes there were.

    For the holder of the lock alone: another supervisor's children would be ended too.
    """
    mark = str(read_status(places).get("mark", ""))
    ended = end(mark, patience=20) if mark else 0
    places.status.unlink(missing_ok=True)
    return ended
