"""`up` and `down`: what users call. Both may be called again at any time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from vnx_jobs.settings import HOME_VARIABLE, UNSAFE_VARIABLE, Settings

from .lock import end_leftovers, holder, take_lock
from .places import Places, read_status
from .processes import process_handle
from .supervisor import StackFailedError, Supervisor

_LOOK: Final = 0.1
_PATIENCE: Final = 45.0
"""Seconds that the supervisor is given to end everything: longer than all its children together."""


@dataclass(frozen=True, slots=True)
class Up:
    """What became of `up`."""

    already: bool
    supervisor: int
    notes: tuple[str, ...] = ()


def up(
    settings: Settings, workers: int, told: Callable[[str], None], environment: Mapping[str, str] | None = None
) -> Up:
    """Start the stack in the background and wait until it runs; if another `up` is starting it, wait for that one.

    Raises StackFailedError or OSError. The stack reads its settings in the environment given, or in that of this
    process.
    """
    places = Places(settings.home)
    places.make()
    if holder(places) is not None:
        return _join(places, told)
    log = places.log("supervisor")
    with log.open("ab") as output:
        begins = output.tell()
        process = subprocess.Popen(
            (sys.executable, "-m", "vnx_jobs.stack.supervisor", str(workers)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=places.run,
            env=_environment(settings, os.environ if environment is None else environment),
            start_new_session=True,
        )
    if _runs(places, lambda: process.poll() is None, told):
        status = read_status(places)
        return Up(holder(places) != process.pid, int(status.get("supervisor", 0)), tuple(status.get("notes", ())))
    if holder(places) is not None:  # another `up` was a moment quicker
        return _join(places, told)
    raise StackFailedError(_complaint(log.read_bytes()[begins:]) or f"the supervisor ended (log: {log})")


def run_in_foreground(settings: Settings, workers: int, told: Callable[[str], None]) -> Up | None:
    """Run the stack in this process until it is told to stop; if it runs already, say so when it does.

    Raises StackFailedError or OSError.
    """
    places = Places(settings.home)
    places.make()
    if holder(places) is not None:
        return _join(places, told)
    Supervisor(settings, workers).run(told)
    return None


def down(settings: Settings) -> bool:
    """End the stack of a home folder; say whether anything ran."""
    places = Places(settings.home)
    ran = _end_supervisor(places)
    lock = take_lock(places) if places.run.is_dir() else None
    if lock is None:  # nothing was ever started here, or somebody starts it again at this moment
        return ran
    try:
        left = end_leftovers(places)
        settings.state_server_file.unlink(missing_ok=True)
    finally:
        os.close(lock)
    return ran or left > 0


def _environment(settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    unsafe = {UNSAFE_VARIABLE: "true"} if settings.unsafe_state_server else {}
    return {**given, **unsafe, HOME_VARIABLE: str(settings.home)}


def _join(places: Places, told: Callable[[str], None]) -> Up:
    """Wait until a stack that somebody else started runs. Raises StackFailedError if it ends instead."""
    if _runs(places, lambda: holder(places) is not None, told):
        return Up(already=True, supervisor=holder(places) or 0)
    raise StackFailedError(f"another `up` was starting the stack, and failed (log: {places.log('supervisor')})")


def _runs(places: Places, lives: Callable[[], bool], told: Callable[[str], None]) -> bool:
    """Wait until the stack runs, telling each phase; False if its supervisor ends before."""
    phase = ""
    while lives():
        status = read_status(places)
        now = str(status.get("phase", ""))
        if status.get("supervisor") == holder(places):  # else it was written by an earlier one that was killed
            if now == "running":
                return True
            if now != phase:
                phase = now
                told(phase)
        time.sleep(_LOOK)
    return False


def _end_supervisor(places: Places) -> bool:
    """Ask the supervisor to end everything, and wait until it has; kill it if it does not."""
    asked = False
    limit = time.monotonic() + _PATIENCE
    while (pid := holder(places)) is not None:
        late = time.monotonic() > limit
        if pid and (late or not asked):
            # The handle is taken first: if the lock is still held then, the process behind it is the supervisor.
            holds, number = partial(_holds, places, pid), signal.SIGKILL if late else signal.SIGTERM
            asked = _signal_while(holds, pid, number) or asked
        time.sleep(_LOOK)
    return asked


def _holds(places: Places, pid: int) -> bool:
    return holder(places) == pid


def _signal_while(holds: Callable[[], bool], pid: int, number: signal.Signals) -> bool:
    with process_handle(pid) as handle:
        if handle is None or not holds():
            return False
        signal.pidfd_send_signal(handle, number)
        return True


def _complaint(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("error: ") if lines else ""
