"""Keeps to a number of bytes a second."""

import time


class Pace:
    """Sleeps as long as it takes. Time that was lost is not made up for: the limit holds in every second."""

    def __init__(self, rate: int | None) -> None:
        self._rate = rate
        self._due = time.monotonic()

    def keep(self, count: int) -> None:
        """Account for bytes that are about to be moved, after waiting until they may be."""
        if self._rate is None:
            return
        now = time.monotonic()
        if self._due > now:
            time.sleep(self._due - now)
        self._due = max(self._due, now) + count / self._rate
