"""`up` and `down`: what users call. Both may be called again at any time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from vnx_jobs.adapters.redis.health import health
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.settings import HOME_VARIABLE, Settings

from .places import Places, read_status
from .processes import end, process_handle
from .supervisor import StackFailedError, Supervisor, is_locked

_LOOK: Final = 0.1
_PATIENCE: Final = 45.0
"""Seconds that the supervisor is given to end everything: longer than all its children together."""


@dataclass(frozen=True, slots=True)
class Up:
    """What became of `up`."""

    already: bool
    supervisor: int
    notes: tuple[str, ...] = ()


def check_state_server(settings: Settings) -> None:
    """Refuse a state server of somebody else's that may forget what it was told.

    Raises StateServerError if it evicts, has no append-only file, or does not answer.
    """
    if settings.redis_url is not None:
        dangers = health(settings.redis_url.get_secret_value()).dangers
        if dangers:
            text = f"the state server may lose jobs: {'; '.join(dangers)} (change that, or use --unsafe)"
            raise StateServerError(text)


def up(
    settings: Settings, workers: int, told: Callable[[str], None], environment: Mapping[str, str] | None = None
) -> Up:
    """Start the stack in the background and wait until it runs. Raises StackFailedError or OSError.

    The stack reads its settings in the environment given, or in that of this process.
    """
    places = Places(settings.home)
    places.make()
    if running := _running(places):
        return running
    end_leftovers(places)
    log = places.log("supervisor")
    with log.open("ab") as output:
        begins = output.tell()
        process = subprocess.Popen(
            (sys.executable, "-m", "vnx_jobs.stack.supervisor", str(workers)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=places.run,
            env={**(os.environ if environment is None else environment), HOME_VARIABLE: str(settings.home)},
            start_new_session=True,
        )
    phase = ""
    while (now := read_status(places).get("phase", "")) != "running":
        if now != phase:
            phase = now
            told(phase)
        if process.poll() is not None:
            raise StackFailedError(_complaint(log.read_bytes()[begins:]) or f"the supervisor ended (log: {log})")
        time.sleep(_LOOK)
    return Up(already=False, supervisor=process.pid, notes=tuple(read_status(places).get("notes", ())))


def run_in_foreground(settings: Settings, workers: int, told: Callable[[str], None]) -> Up | None:
    """Run the stack in this process until it is told to stop; returns at once if it runs already.

    Raises StackFailedError or OSError.
    """
    places = Places(settings.home)
    places.make()
    if running := _running(places):
        return running
    end_leftovers(places)
    Supervisor(settings, workers).run(told)
    return None


def down(settings: Settings) -> bool:
    """End the stack of a home folder; say whether anything ran."""
    places = Places(settings.home)
    ran = _end_supervisor(places)
    left = end_leftovers(places)
    settings.state_server_file.unlink(missing_ok=True)
    return ran or left > 0


def end_leftovers(places: Places) -> int:
    """End what a supervisor that was killed has left behind; return how many processes there were."""
    mark = str(read_status(places).get("mark", ""))
    ended = end(mark, patience=20) if mark else 0
    places.status.unlink(missing_ok=True)
    return ended


def _end_supervisor(places: Places) -> bool:
    """Ask the supervisor to end everything, and wait until it has; kill it if it does not."""
    asked = False
    limit = time.monotonic() + _PATIENCE
    while is_locked(places):
        pid = int(read_status(places).get("supervisor", 0))
        late = time.monotonic() > limit
        if pid and (late or not asked):
            # The handle is taken first: if the lock is still held then, the process behind it is the supervisor.
            asked = _signal_while(lambda: is_locked(places), pid, signal.SIGKILL if late else signal.SIGTERM) or asked
        time.sleep(_LOOK)
    return asked


def _signal_while(holds: Callable[[], bool], pid: int, number: signal.Signals) -> bool:
    with process_handle(pid) as handle:
        if handle is None or not holds():
            return False
        signal.pidfd_send_signal(handle, number)
        return True


def _running(places: Places) -> Up | None:
    if not is_locked(places):
        return None
    return Up(already=True, supervisor=int(read_status(places).get("supervisor", 0)))


def _complaint(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("error: ") if lines else ""
