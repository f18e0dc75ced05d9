"""Celery's hook for the heartbeat: a child process beside the pool, started again if it dies or hangs."""

import os
import secrets
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any, Final

import structlog
from celery import bootsteps
from celery.signals import worker_shutting_down

from vnx_jobs.adapters.redis.witness import VARIABLE, WORKER_VARIABLE, shared_file

_CHECK: Final = 2.0
"""Seconds between two looks at the child."""
_SILENT_LOOKS: Final = 8
"""So many looks in a row without a pulse, and the child hangs. Looks are counted, not seconds: while the broker is away
this process does not look, and hears afterwards what was sent meanwhile."""
_PATIENCE: Final = 5.0
"""Seconds that the child is given to end by itself."""


class HeartbeatStep(bootsteps.StartStopStep):  # type: ignore[misc]  # celery is untyped
    """Runs `python -m workers.heartbeat`: a process of its own, so that the pool can fork without threads about it."""

    requires = {"celery.worker.components:Timer", "celery.worker.components:Pool"}  # noqa: RUF012 -- celery's form

    def __init__(self, parent: Any, **options: Any) -> None:  # noqa: ANN401 -- celery is untyped
        super().__init__(parent, **options)
        self._child: subprocess.Popen[bytes] | None = None
        self._timer: Any = None
        self._witness = shared_file()
        # The pool's children, which are forked later, inherit both.
        os.environ[VARIABLE] = str(self._witness)
        os.environ[WORKER_VARIABLE] = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._silent = 0

    def start(self, parent: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """Start the child and look after it."""
        self._start_child()
        self._timer = parent.timer.call_repeatedly(_CHECK, self._look)
        worker_shutting_down.connect(self._ask_to_end, weak=False)

    def stop(self, parent: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """End the child."""
        del parent
        self._ask_to_end()
        if self._child is not None:
            try:
                self._child.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._end_child()

    terminate = stop

    def _start_child(self) -> None:
        words = [sys.executable, "-m", "workers.heartbeat"]
        self._child = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0, pass_fds=[self._witness]
        )
        self._silent = 0
        if self._child.stdout is not None:
            os.set_blocking(self._child.stdout.fileno(), False)

    def _ask_to_end(self, **_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
        """Let it start no command any more: called as soon as the worker is asked to stop, before its pool is idle."""
        if self._timer is not None:
            self._timer.cancel()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            if self._child.stdout is not None:
                self._child.stdout.close()

    def _look(self) -> None:
        if self._child is None:
            return
        ended = self._child.poll()
        self._silent = 0 if self._pulse() else self._silent + 1
        if ended is None and self._silent < _SILENT_LOOKS:
            return
        structlog.get_logger().error("heartbeat_restarted", why="it hung" if ended is None else f"it ended ({ended})")
        self._end_child()
        self._start_child()

    def _pulse(self) -> bool:
        """Say whether the child has sent anything since the last look."""
        with suppress(BlockingIOError):
            if self._child is not None and self._child.stdout is not None:
                return bool(os.read(self._child.stdout.fileno(), 1 << 16))
        return False
