"""CPU time of processes, from /proc: unlike time on the clock it means something on a machine that others use too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_TICK: Final = 1 / os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Places in /proc/PID/stat behind the name."""


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def seconds(pid: int) -> float:
    """Return the CPU seconds, user and system, that a process has taken since its start."""
    fields = _stat(pid)
    return (int(fields[_USER]) + int(fields[_SYSTEM])) * _TICK


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int(_stat(int(entry.name))[_PARENT]) == pid:
                found.append(int(entry.name))
        except OSError:
            continue  # it has ended meanwhile
    return sorted(found)


def words(pid: int) -> str:
    """Return the command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
