"""The supervisor's children: how each is started, when it is ready, and when it is started again after it has died."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from . import logs
from .processes import MARK_VARIABLE, end, kill

_FIRST_DELAY: Final = 0.5
_LONGEST_DELAY: Final = 30.0
_HEALTHY: Final = 60.0
"""Seconds after which an ended child counts as one that had worked: it is started again with the first delay."""


@dataclass(slots=True)
class Child:
    """One child process with everything that it starts; `look` is called over and over by the supervisor."""

    name: str
    command: tuple[str, ...]
    mark: str
    """The stack's mark; the child's own is made of it."""
    log: Path
    folder: Path
    """Its working directory: nothing that lies in the user's may be imported by chance."""
    ready: Callable[["Child"], bool]
    patience: float
    """Seconds it is given to end by itself."""
    environment: Mapping[str, str] = field(default_factory=dict)
    restarts: int = 0
    log_begins: int = 0
    """Where in the log this run of the child begins."""
    _process: subprocess.Popen[bytes] | None = None
    _began: float = 0.0
    _delay: float = _FIRST_DELAY
    _due: float = 0.0

    @property
    def own_mark(self) -> str:
        """The mark of this child and of all that it starts."""
        return f"{self.mark}:{self.name}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self.running and self._process is not None else None

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it in a session of its own, so that a key pressed at the terminal reaches the supervisor only."""
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.log_begins = os.fstat(descriptor).st_size
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd=self.folder,
                env={**os.environ, **self.environment, MARK_VARIABLE: self.own_mark},
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        self._began = time.monotonic()

    def look(self) -> bool:
        """Start it again if it has ended and its delay is over; say whether anything changed."""
        if self.running:
            return False
        now = time.monotonic()
        if self._process is not None:
            kill(self.own_mark)  # what it had started must not work on beside its successor
            self._delay = _FIRST_DELAY if now - self._began > _HEALTHY else min(_LONGEST_DELAY, self._delay * 2)
            self._due, self._process = now + self._delay, None
            return True
        if now < self._due:
            return False
        self.restarts += 1
        self.start()
        return True

    def stop(self) -> None:
        """End it and all that it started: first the child itself, which ends its own children, then what is left."""
        if self._process is not None and self.running:
            self._process.terminate()
            try:
                self._process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        end(self.own_mark, patience=2)

    def bound_log(self) -> None:
        """Put its log aside if it has outgrown the limit. Raises OSError."""
        if logs.bound(self.log):
            self.log_begins = 0

    def says(self, text: str) -> bool:
        """Say whether this run of the child has written a text into its log."""
        with self.log.open("rb") as log:
            log.seek(self.log_begins)
            return text.encode() in log.read()
