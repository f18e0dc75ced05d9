"""Celery's hook for the heartbeat: a child process beside the pool, restarted if it dies."""

import subprocess
import sys
from typing import Any, Final

from celery import bootsteps

_CHECK: Final = 2.0
"""Seconds between two looks at whether the child lives."""


class HeartbeatStep(bootsteps.StartStopStep):  # type: ignore[misc]  # celery is untyped
    """Runs `python -m workers.heartbeat`: a process of its own, so that the pool can fork without threads about it."""

    requires = {"celery.worker.components:Timer", "celery.worker.components:Pool"}  # noqa: RUF012 -- celery's form

    def __init__(self, parent: Any, **options: Any) -> None:  # noqa: ANN401 -- celery is untyped
        super().__init__(parent, **options)
        self._child: subprocess.Popen[bytes] | None = None
        self._timer: Any = None

    def start(self, parent: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """Start the child and look after it."""
        self._start_child()
        self._timer = parent.timer.call_repeatedly(_CHECK, self._look)

    def stop(self, parent: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """End the child."""
        del parent
        if self._timer is not None:
            self._timer.cancel()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(5)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()

    terminate = stop

    def _start_child(self) -> None:
        self._child = subprocess.Popen([sys.executable, "-m", "workers.heartbeat"], stdin=subprocess.DEVNULL)

    def _look(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._start_child()
