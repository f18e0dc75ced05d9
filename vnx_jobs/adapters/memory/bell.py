"""A bell that is heard by whoever drains it: a test, or a dry run."""

from collections.abc import Iterable
from threading import Lock

from vnx_jobs.ports import Ring


class MemoryBell:
    """Implements Bell: keeps rings in their order until they are drained."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rings: list[Ring] = []

    def ring(self, rings: Iterable[Ring]) -> None:
        """Keep the rings."""
        with self._lock:
            self._rings += rings

    def drain(self) -> tuple[Ring, ...]:
        """Return what was rung since the last time, oldest first."""
        with self._lock:
            rings, self._rings = tuple(self._rings), []
            return rings
