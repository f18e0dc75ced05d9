"""The copying processes of a backup host: who they are, and signals to them alone.

Movers start their tools with an environment of their own, without the stack's mark: what shows whose they are is that
they descend from the backup host's worker, and what tells one from a later one with its number is when it began.
"""

import contextlib
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vnx_jobs.stack.processes import process_handle

_PARENT: Final = 1
_GROUP: Final = 2
_BORN: Final = 19
"""Places in /proc/PID/stat, counted from behind the name."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process, beyond doubt."""

    pid: int
    parent: int
    group: int
    born: int
    """When it began, in clock ticks since the machine did."""


def copying(worker: int) -> list[list[Process]]:
    """Return the processes of each copy under way: those below the worker's pool, by process group.

    The worker's own group, in which its pool is too, is none of them.
    """
    known = {one.pid: one for one in _all()}
    if worker not in known:
        return []
    groups: dict[int, list[Process]] = {}
    for one in known.values():
        if one.group != known[worker].group and worker in _forebears(one, known):
            groups.setdefault(one.group, []).append(one)
    return [sorted(groups[group], key=lambda one: one.pid) for group in sorted(groups)]


def send(process: Process, number: signal.Signals) -> bool:
    """Send a signal to a process if it is still the same one; False if it is gone."""
    with process_handle(process.pid) as handle:
        if handle is None or (now := _seen(process.pid)) is None or now.born != process.born:
            return False
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, number)
            return True
    return False


def _forebears(process: Process, known: dict[int, Process]) -> Iterator[int]:
    while (parent := known.get(process.parent)) is not None:
        yield parent.pid
        process = parent


def _all() -> Iterator[Process]:
    found = (_seen(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return (one for one in found if one is not None)


def _seen(pid: int) -> Process | None:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return Process(pid, int(words[_PARENT]), int(words[_GROUP]), int(words[_BORN]))
