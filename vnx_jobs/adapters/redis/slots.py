"""Command slots: a bounded number of array commands in flight, over all workers. Leases with a time."""

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from vnx_jobs.model.errors import ArrayError, StateServerError, Verdict

from .server import Server

_PATIENCE: Final = 2.0
_PAUSE: Final = 0.005
"""Seconds between two looks. There are hardly more chains on an array than slots, so hardly anybody looks."""


class RedisCommandSlots:
    """Implements CommandSlots."""

    def __init__(self, server: Server, counts: Mapping[str, int], lane: str = "") -> None:
        """Count commands of each array up to `counts`; another `lane` has slots of its own beside them."""
        self._server = server
        self._counts = counts
        self._lane = lane

    @contextmanager
    def hold(self, array: str, seconds: float) -> Iterator[None]:
        """Hold a slot for at most `seconds`; waits up to two seconds for it."""
        owner = secrets.token_hex(8)
        give_up = time.monotonic() + _PATIENCE
        while not self._take(array, owner, seconds):
            if time.monotonic() > give_up:
                raise ArrayError(Verdict.NO_SLOT, f"all {self._counts[array]} command slots of {array} are taken")
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            with suppress(StateServerError):  # the answer of the command counts for more; the lease ends by itself
                self._server.call("unslot", array + self._lane, owner)

    def _take(self, array: str, owner: str, seconds: float) -> bool:
        result, _ = self._server.call("slot", array + self._lane, owner, round(seconds * 1000), self._counts[array])
        return bool(result[0])
