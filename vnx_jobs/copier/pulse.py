"""The pulse of a copy: says every second how far it is, and hears whether it is to stop."""

import threading
from types import TracebackType
from typing import Final, Literal, Self

import structlog

from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.transfer import Running, Transfer
from vnx_jobs.ports import Clock
from vnx_jobs.ports.transfers import Transfers

LEASE: Final = 15.0
"""Seconds without a word after which a copier counts as dead."""
_MARGIN: Final = 5.0
"""Seconds before that in which a copier that is not heard stops by itself."""
EVERY: Final = 1.0
"""Seconds between two words."""


class Pulse:
    """Runs beside the thread that copies, which may wait for a tool; both are of one process, and die together."""

    def __init__(self, transfers: Transfers, transfer: Transfer, token: str, clock: Clock) -> None:
        """Speak for a transfer that was just taken."""
        self._transfers, self._transfer, self._token, self._clock = transfers, transfer, token, clock
        self._heard = clock.monotonic()
        self._far: tuple[int, float | None] = (0, None)
        self._word: Literal["", "told", "lost"] = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pulse of {transfer.id}", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    @property
    def stopped(self) -> bool:
        """Whether the copy is to stop: it was told to, it is somebody else's by now, or nobody hears of it."""
        return self._word != "" or self._clock.monotonic() - self._heard > LEASE - _MARGIN

    @property
    def told(self) -> bool:
        """Whether the transfer was taken back, while it still is this copier's."""
        return self._word == "told"

    @property
    def lost(self) -> bool:
        """Whether the transfer is no longer this copier's, or may soon be none."""
        return self.stopped and not self.told

    @property
    def replaced(self) -> bool:
        """Whether some other copier is at it by now, and has the device. Costs a round trip if this one lost it."""
        if self._word != "lost":
            return False
        try:
            return isinstance(self._phase(), Running)
        except StateServerError:
            return True

    def lose(self) -> None:
        """Note that the transfer is no longer this copier's."""
        self._word = "lost"

    def far(self, done: int, seconds_left: float | None) -> None:
        """Note how far the copy is, for the next beat."""
        self._far = done, seconds_left

    def _run(self) -> None:
        while not self._over.wait(EVERY):
            try:
                self._beat()
            except StateServerError as error:
                structlog.get_logger().warning("copy_unheard", transfer=self._transfer.id, why=error.message)

    def _beat(self) -> None:
        now = self._clock.monotonic()
        goes_on = self._transfers.beat(self._transfer.id, self._token, *self._far, LEASE)
        self._heard = now
        if not goes_on and not self._word:
            phase = self._phase()
            self._word = "told" if isinstance(phase, Running) and phase.stopping else "lost"

    def _phase(self) -> object:
        standing = self._transfers.standing(self._transfer.job, self._transfer.place)
        return None if standing is None else standing.phase
