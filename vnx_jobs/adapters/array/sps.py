"""Remembers which of an array's two storage processors answers."""

import time
from collections.abc import Callable, Mapping


class StorageProcessors:
    """The addresses of an array's SPs, those that answer first. One object for each process and array.

    An SP that gave no answer is passed over for `down_time` seconds; of two such, the one whose time is over sooner is
    tried first. The plain assignments make it safe to share between threads.
    """

    def __init__(
        self, addresses: Mapping[str, str], down_time: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._addresses = dict(addresses)
        self._down_time = down_time
        self._clock = clock
        self._down_until = dict.fromkeys(addresses, 0.0)

    def in_order(self) -> list[tuple[str, str]]:
        """Return names with addresses in the order in which to try them: never none, and never one twice."""
        now = self._clock()
        return sorted(self._addresses.items(), key=lambda sp: max(now, self._down_until[sp[0]]))

    def failed(self, sp: str) -> None:
        """Note that an SP did not answer."""
        self._down_until[sp] = self._clock() + self._down_time
