"""Groups of processes: who is in one, and ending one."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from vnx_jobs.ports.mover import Process

_PROC: Final = Path("/proc")
_GLANCE: Final = 0.02
_BORN: Final = 19
"""Where the time of birth stands in /proc/PID/stat, counted from the state, which follows the name."""


def born(pid: int) -> int:
    """Return when a process was born, in clock ticks since the machine started; 0 if there is none."""
    fields = _stat(pid)
    return int(fields[_BORN]) if fields else 0


def members(group: int) -> tuple[int, ...]:
    """Return the processes of a group that still live."""
    return tuple(pid for pid, fields in _all() if int(fields[2]) == group and fields[0] not in "ZX")


def end(process: Process, patience: float = 5.0) -> bool:
    """End a leader's whole group: asked first, then killed. Say whether nothing of it is left after twice `patience`.

    A leader that was born at another time is a stranger who got the number; then nothing is left of the right one, for
    a number is not given again while a group bears it.
    """
    if (now := born(process.pid)) and now != process.born:
        return True
    return any(_end_by(process.pid, how, patience) for how in (signal.SIGTERM, signal.SIGKILL))


def _end_by(group: int, how: signal.Signals, patience: float) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(group, how)
    limit = time.monotonic() + patience
    while members(group):
        if time.monotonic() > limit:
            return False
        time.sleep(_GLANCE)
    return True


def _all() -> Iterator[tuple[int, list[str]]]:
    for entry in _PROC.iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            yield int(entry.name), fields


def _stat(pid: int) -> list[str]:
    """Return what follows a process' name in its line of status; nothing if it is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()
