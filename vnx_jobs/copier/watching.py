"""Watching a copy: its process is written down, then it is let go; it is ended when it stalls or is to stop."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from vnx_jobs.ports import Clock
from vnx_jobs.ports.mover import Copying, MoverError, Process, Progress

from .pulse import Pulse

_GLANCE: Final = 0.1
"""Seconds between two looks at a copy."""
_QUIET: Final = 3600.0
"""Seconds in which no byte need move while a tool waits for its repository, reads or writes its index, or flushes."""
_PATIENCE: Final = 2.0
"""Seconds that a copy is given to end by itself: whoever stops us gives ten in all."""

Result = TypeVar("Result")


class Interrupted(Exception):  # noqa: N818 -- it reads as what happened
    """The copy is to stop."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Sees the copies of one transfer through. Its thread is the one that started them: they end with it."""

    pulse: Pulse
    clock: Clock
    stall: float
    """Seconds without a byte after which a copy is ended."""
    stops: Callable[[], bool]
    """Whether this process is to stop."""
    identify: Callable[[Process], bool]
    """Writes down which process it is; False if the transfer is somebody else's."""

    def check(self) -> None:
        """Raise Interrupted if nothing more is to be begun."""
        if self.pulse.stopped or self.stops():
            raise Interrupted

    def see_through(self, copying: Copying[Result], size: int, part: int = 0, parts: int = 1) -> Result:
        """Let a copy go and wait for its result; it is one of so many parts of the whole, each of so many bytes.

        Raises MoverError, Interrupted, and StateServerError if its process could not be written down.
        """
        try:
            self._watch(copying, _Far(self, size, part, parts))
        except BaseException:
            copying.terminate("it was told to stop", patience=_PATIENCE)
            if copying.over():
                with suppress(MoverError):
                    copying.result()  # which clears up
            raise
        return copying.result()

    def _watch(self, copying: Copying[Result], far: "_Far") -> None:
        if not self.identify(copying.process):
            raise Interrupted
        self.check()
        copying.go()
        while not copying.over():
            self.check()
            progress = copying.progress()
            if (why := far.stalled(progress)) is not None:
                copying.terminate(why, "stalled", patience=_PATIENCE)
                if not copying.over():  # its result would be waited for without end
                    raise MoverError(f"{why}, but hangs in the kernel: is its device gone?", "stalled")
                return
            self.pulse.far(*far.of(progress))
            time.sleep(_GLANCE)


class _Far:
    """How far a copy is, and since when it is no further."""

    def __init__(self, watcher: Watcher, size: int, part: int, parts: int) -> None:
        self._clock, self._stall = watcher.clock, watcher.stall
        self._size, self._part, self._parts = size, part, parts
        self._began = self._moved = self._clock.monotonic()
        self._last: Progress | None = None

    def stalled(self, progress: Progress) -> str | None:
        """Say that no byte has moved for too long, if so."""
        now = self._clock.monotonic()
        if progress != self._last:
            self._last, self._moved = progress, now
        limit = self._stall if progress.began and not progress.whole else max(_QUIET, self._stall)
        if now - self._moved <= limit:
            return None
        return f"no byte moved for {limit:g} seconds after {progress.bytes} of {self._size}: the copy was ended"

    def of(self, progress: Progress) -> tuple[int, float | None]:
        """Return the bytes done of all parts, in those of one, and the seconds left at the speed so far."""
        spent = self._clock.monotonic() - self._began
        rest = self._size * (self._parts - self._part) - progress.bytes
        left = rest * spent / progress.bytes if progress.bytes else None
        return (self._part * self._size + progress.bytes) // self._parts, left
