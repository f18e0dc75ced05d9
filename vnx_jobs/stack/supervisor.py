"""The supervisor: starts the children in order, each when the one before is ready; restarts them; ends them.

One process a home folder, which its lock sees to. `python -m vnx_jobs.stack.supervisor WORKERS` runs it.
"""

import os
import re
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from vnx_jobs.adapters.redis.health import answers, vouch
from vnx_jobs.model.errors import JobError, StateServerError
from vnx_jobs.settings import HOME_VARIABLE, UNSAFE_VARIABLE, Settings, load
from vnx_jobs.wiring import House

from . import logs
from .children import Child
from .lock import end_leftovers, sign, take_lock
from .places import Places, write_private, write_status
from .simulated import pace
from .state_server import StateServer, prepare

_PERIOD: Final = 0.1
"""Seconds between two looks at the children."""
_LOG_PERIOD: Final = 1.0
"""Seconds between two looks at the sizes of the logs."""
_START_LIMIT: Final = 60.0
"""Seconds until a child that is not ready counts as failed."""
_READ_LIMIT: Final = 20.0
"""Seconds that `up` waits for the first list of each array; the stack runs without an array that is away."""
_WORKER: Final = ("worker", "--without-gossip", "--without-mingle", "--without-heartbeat")
_VALKEY_STAMP: Final = re.compile(r"^\d+:\w \d+ \w+ \d+ [\d:.]+ . ")
"""Process, role, time and level before each line that Valkey logs."""
_NO_ROOT_WARNING: Final = "ignore:You're running the worker"


WORKER_READY: Final = '"worker_ready"'
"""What a worker logs when it takes messages."""
COPIERS_READY: Final = '"copiers_ready"'
"""What a backup host's worker logs when it takes transfers."""


SERVICE_READY: Final = '"api_ready"'
"""What the HTTP service logs when it takes requests."""


class StackFailedError(StateServerError):
    """The stack could not be started; the text says why and where to look."""


class Supervisor:
    """Runs the stack of one home folder until it is told to stop."""

    def __init__(self, settings: Settings, workers: int) -> None:
        self.places = Places(settings.home)
        self._settings = settings
        self._workers = workers
        self._mark = secrets.token_hex(8)
        self._stop = threading.Event()
        self._children: list[Child] = []
        self._notes: list[str] = []
        self._logs_due = 0.0
        self._server: StateServer | None = None
        self._vouched = 0
        """The state server's restarts when it was last vouched for."""

    def run(self, told: Callable[[str], None] = lambda _: None) -> None:
        """Start everything, say so, look after it until told to stop, end everything.

        `told` is given each phase. Raises StackFailedError if the stack cannot be started; nothing is left then.
        """
        lock = take_lock(self.places)
        if lock is None:
            raise StackFailedError("the stack of this home folder runs already")
        sign(lock)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop.set())
        try:
            end_leftovers(self.places)
            self._start(told)
            self._say("running", told)
            while not self._stop.wait(_PERIOD):
                self._look_after()
        finally:
            self._end()
            os.close(lock)

    def _look_after(self) -> None:
        changed = [child.name for child in self._children if child.look()]
        if self._server is not None and self._vouched != self._children[0].restarts and answers(self._server.url):
            self._vouch(self._server)
        if changed:
            self._say("running")
        if time.monotonic() > self._logs_due:
            self._logs_due = time.monotonic() + _LOG_PERIOD
            logs.bound(self.places.log("supervisor"))
            for child in self._children:
                child.bound_log()

    def _start(self, told: Callable[[str], None]) -> None:
        if self._settings.redis_url is None:
            server = prepare(self.places)
            self._say("starting the state server", told)
            self._begin(self._state_server(server))
            self._vouch(server)
            write_private(self._settings.state_server_file, server.url + "\n")
        self._say(f"starting {self._workers} worker processes", told)
        self._begin(self._worker())
        for name, host in self._settings.backup_hosts.items():
            if host.local:
                self._say(f"starting the copiers of {name}", told)
                self._begin(self._copiers(name))
        service = self._service()
        for name in self._settings.arrays:
            self._say(f"reading array {name}", told)
            self._await_first_list(name)
        if service is not None:
            self._say("waiting for the HTTP service", told)
            self._await(service)

    def _state_server(self, server: StateServer) -> Child:
        return self._child("state-server", server.command, lambda _: answers(server.url), patience=10)

    def _vouch(self, server: StateServer) -> None:
        """Vouch for our state server each time it has come up: it syncs each write, so it has lost nothing."""
        vouch(server.url, self._settings.prefix)
        self._server, self._vouched = server, self._children[0].restarts

    def _worker(self) -> Child:
        command = worker_command(self._mark, self._workers)
        return self._child("worker", command, lambda it: it.says(WORKER_READY), patience=20)

    def _copiers(self, host: str) -> Child:
        command = copiers_command(host, f"{self._mark}-{host}")
        return self._child(f"copiers-{host}", command, lambda it: it.says(COPIERS_READY), patience=20)

    def _child(self, name: str, command: tuple[str, ...], ready: Callable[[Child], bool], *, patience: float) -> Child:
        told = {HOME_VARIABLE: str(self.places.home), **pace(self._settings)}
        if self._settings.unsafe_state_server:
            told[UNSAFE_VARIABLE] = "true"
        log, folder = self.places.log(name), self.places.run
        return Child(name, command, self._mark, log, folder, ready, patience, environment=told)

    def _service(self) -> Child | None:
        """Start the HTTP service, if it is wanted; it gets ready while the arrays are read."""
        if not self._settings.api.with_stack:
            return None
        self.places.service.unlink(missing_ok=True)
        command = service_command(self.places.service)
        child = self._child("api", command, lambda it: it.says(SERVICE_READY), patience=10)
        self._children.append(child)
        child.start()
        return child

    def _begin(self, child: Child) -> None:
        """Start a child and wait until it is ready."""
        self._children.append(child)
        child.start()
        self._await(child)

    def _await(self, child: Child) -> None:
        """Wait until a child is ready."""
        limit = time.monotonic() + _START_LIMIT
        while not child.ready(child):
            if not child.running:
                raise StackFailedError(f"the {child.name} ended at once: {_last_line(child)} (log: {child.log})")
            if time.monotonic() > limit:
                raise StackFailedError(f"the {child.name} is not ready after {_START_LIMIT:.0f} s (log: {child.log})")
            if self._stop.wait(_PERIOD):
                raise StackFailedError("the start was interrupted")

    def _await_first_list(self, array: str) -> None:
        house = House(self._settings)
        limit = time.monotonic() + _READ_LIMIT
        try:
            while not house.inventory.readings(array).pools:
                if time.monotonic() > limit:
                    self._notes.append(f"array {array} was not read yet: `vnx-jobs doctor` says why")
                    return
                if self._stop.wait(_PERIOD):
                    raise StackFailedError("the start was interrupted")
        finally:
            house.close()

    def _say(self, phase: str, told: Callable[[str], None] = lambda _: None) -> None:
        told(phase)
        write_status(self.places, self._status(phase))

    def _status(self, phase: str) -> dict[str, Any]:
        children = [{"name": one.name, "pid": one.pid, "restarts": one.restarts} for one in self._children]
        return {
            "phase": phase,
            "mark": self._mark,
            "supervisor": os.getpid(),
            "workers": self._workers,
            "children": children,
            "notes": self._notes,
        }

    def _end(self) -> None:
        """End the children, last first: workers finish what they do while the state server still answers."""
        self._settings.state_server_file.unlink(missing_ok=True)
        for child in reversed(self._children):
            child.stop()
        self.places.status.unlink(missing_ok=True)


def worker_command(node: str, processes: int) -> tuple[str, ...]:
    """Return the command of one worker with a pool of so many processes; no two workers may bear one node name."""
    program = (sys.executable, "-W", _NO_ROOT_WARNING, "-m", "celery", "-q", "-A", "workers")
    return (*program, *_WORKER, "-c", str(processes), "-n", f"{node}@%h")


def copiers_command(host: str, node: str) -> tuple[str, ...]:
    """Return the command of a backup host's worker."""
    return (sys.executable, "-m", "workers.backup_host", host, "--node", f"{node}@%h")


def service_command(address: Path) -> tuple[str, ...]:
    """Return the command of the HTTP service, which writes its address into a file."""
    words = ("serve", "--any-port", "--address-file", str(address))
    return (sys.executable, "-c", "from vnx_jobs.cli import main; main()", *words)


def _last_line(child: Child) -> str:
    with child.log.open("rb") as log:
        log.seek(child.log_begins)
        lines = log.read().decode(errors="replace").split("\n")
    line = next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")
    return _VALKEY_STAMP.sub("", line)


def main() -> None:
    """Run a supervisor in the background of a `vnx-jobs up`, which reads the last line if it fails."""
    try:
        Supervisor(load(), int(sys.argv[1])).run()
    except (JobError, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
