"""What the heartbeat tells its worker: a byte a second, while none of its threads hangs."""

import os
import sys
import threading
import time
from typing import Final

import structlog

from vnx_jobs.settings import Settings

_TICK_LIMIT: Final = 120.0
"""Seconds after which a thread counts as hung: longer than all timeouts of the state server in one tick."""
_READS: Final = 8
"""So many reading commands of the slowest array, at their limit each, are given to one tick besides."""


class Heart(threading.Event):
    """Is set when all threads are to stop; knows from their waiting on it that none of them hangs."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        slowest = max((array.pace.read_limit for array in settings.arrays.values()), default=0.0)
        self._limit = _TICK_LIMIT + _READS * slowest
        self._due: dict[str, float] = {}

    def wait(self, timeout: float | None = None) -> bool:
        """Wait; the thread that waits is to come back within the limit afterwards."""
        self._due[threading.current_thread().name] = time.monotonic() + (timeout or 0) + self._limit
        return super().wait(timeout)

    def pulse(self) -> None:
        """Tell the worker that no thread hangs, if it is so. Raises BrokenPipeError if the worker has gone."""
        now = time.monotonic()
        if late := [name for name, due in self._due.copy().items() if due < now]:
            structlog.get_logger().error("heartbeat_hangs", threads=late)
        else:
            os.write(sys.stdout.fileno(), b".")
