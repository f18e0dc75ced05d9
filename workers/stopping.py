"""Stopping: what a worker does from SIGTERM on. It starts nothing, and is gone ten seconds later whatever hangs.

Celery's own warm shutdown waits for its tasks without a limit (measured, 5.7), and `worker_soft_shutdown_timeout` only
delays SIGQUIT. So the main process raises a flag that every process of the pool sees, and sets itself an alarm. When
that goes off it leaves: the kernel kills the pool's processes with their parent, and naviseccli with them. The step in
flight stays begun, and is settled as after any death.
"""

import mmap
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import structlog
from celery.signals import worker_init, worker_shutting_down

from vnx_jobs.model.errors import ArrayError, Verdict
from vnx_jobs.ports import CommandSlots
from vnx_jobs.settings import Settings
from vnx_jobs.wiring import House

if TYPE_CHECKING:  # the heartbeat needs neither before its first tick
    from celery import Celery

    from vnx_jobs.adapters.array.vnx import VnxArray

GRACE: Final = 10.0
"""Seconds that commands in flight are given."""


class Stopping:
    """One byte that a worker's main process shares with its pool."""

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)
        self._maker = os.getpid()

    @property
    def is_mine(self) -> bool:
        """Whether this is the main process: those of the pool inherit its signal handlers."""
        return os.getpid() == self._maker

    @property
    def begun(self) -> bool:
        """Whether this worker has been asked to stop."""
        return self._byte[0] != 0

    def begin(self) -> None:
        """Let nothing new be started."""
        self._byte[0] = 1


@cache
def stopping() -> Stopping:
    """Return this worker's flag."""
    return Stopping()


@dataclass(frozen=True, slots=True)
class SlotsUntilStopping:
    """Wraps CommandSlots: while the process is stopping there are none."""

    slots: CommandSlots
    stops: Callable[[], bool]

    @contextmanager
    def hold(self, array: str, seconds: float) -> Iterator[None]:
        """Hold a slot. Raises ArrayError(NO_SLOT), also when the process is stopping: nothing is sent then."""
        with self.slots.hold(array, seconds):
            if self.stops():  # looked at last, for waiting for the slot takes up to two seconds
                raise ArrayError(Verdict.NO_SLOT, "this worker is stopping")
            yield


class StoppingHouse(House):
    """All parts of one process whose arrays take no command once it is stopping."""

    def __init__(self, settings: Settings, stops: Callable[[], bool], app: "Celery | None" = None) -> None:
        super().__init__(settings, app)
        self._stops = stops

    def array(self, name: str, *, watching: bool = False) -> "VnxArray":
        """Return the port of an array, not yet bound to a turn."""
        array = super().array(name, watching=watching)
        slots = SlotsUntilStopping(array.runner.slots, self._stops)
        return replace(array, runner=replace(array.runner, slots=slots))


@worker_init.connect  # type: ignore[untyped-decorator]  # celery is untyped
def share(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Make the flag before the pool forks, so that all have the same."""
    stopping()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]  # celery is untyped
def stop(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Raise the flag and set the alarm, once: a second SIGTERM gains no time."""
    if stopping().is_mine and not stopping().begun:
        stopping().begin()
        signal.signal(signal.SIGALRM, _leave)
        signal.setitimer(signal.ITIMER_REAL, GRACE)


def _leave(*_: object) -> None:
    try:
        structlog.get_logger().warning("worker_left", why=f"commands were still in flight after {GRACE:.0f} s")
    finally:
        os._exit(0)
