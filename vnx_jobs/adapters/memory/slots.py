"""The twin of command slots: a bounded number of array commands in flight, on a clock of one's own."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

from vnx_jobs.model.errors import ArrayError, Verdict
from vnx_jobs.ports import Clock


class MemoryCommandSlots:
    """Implements CommandSlots. It does not wait: in one process, whoever holds a slot would have to move first."""

    def __init__(self, clock: Clock, counts: Mapping[str, int]) -> None:
        """Count commands of each array up to `counts`."""
        self._clock = clock
        self._counts = counts
        self._lock = Lock()
        self._owners = itertools.count()
        self._held: dict[str, dict[int, float]] = {array: {} for array in counts}
        """Until when each slot is held, by array and owner."""

    @contextmanager
    def hold(self, array: str, seconds: float) -> Iterator[None]:
        """Hold a slot for at most `seconds`. Raises ArrayError(NO_SLOT) at once if there is none."""
        owner = self._take(array, seconds)
        try:
            yield
        finally:
            with self._lock:
                self._held[array].pop(owner, None)

    def _take(self, array: str, seconds: float) -> int:
        with self._lock:
            now = self._clock.monotonic()
            held = {owner: until for owner, until in self._held[array].items() if until > now}
            if len(held) >= self._counts[array]:
                raise ArrayError(Verdict.NO_SLOT, f"all {self._counts[array]} command slots of {array} are taken")
            owner = next(self._owners)
            self._held[array] = held | {owner: now + seconds}
            return owner
