"""Celery's hook beside a backup host's pool: every few seconds it looks whether transfers wait that nobody rang for."""

import os
from typing import Any, Final

import structlog
from celery import bootsteps

from vnx_jobs.model.errors import StateServerError
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

from .backup_host import HOST_VARIABLE

PERIOD: Final = 5.0
"""Seconds between two looks."""


def ring_waiting(house: House, host: str) -> int:
    """Ring for as many waiting transfers as the host has free places; return how many.

    While all places are taken nobody is rung, for whoever ends takes what waits: so messages never pile up. Raises
    StateServerError.
    """
    free = house.settings.backup_host(host).copies - len(house.transfers.running(host))
    waiting = house.transfers.waiting(host, free) if free > 0 else ()
    house.bell.ring_copiers(host, waiting)
    return len(waiting)


class RingingStep(bootsteps.StartStopStep):  # type: ignore[misc]  # celery is untyped
    """Looks from the worker's main process, by its timer: one look a period for the whole host."""

    requires = {"celery.worker.components:Timer", "celery.worker.components:Pool"}  # noqa: RUF012 -- celery's form

    def __init__(self, parent: Any, **options: Any) -> None:  # noqa: ANN401 -- celery is untyped
        super().__init__(parent, **options)
        self._timer: Any = None
        self._house: House | None = None

    def start(self, parent: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """Begin to look, when the pool has forked."""
        self._house = House(load(), parent.app)
        self._timer = parent.timer.call_repeatedly(PERIOD, self._look)

    def stop(self, parent: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """Look no more."""
        del parent
        if self._timer is not None:
            self._timer.cancel()
        if self._house is not None:
            self._house.close()

    terminate = stop

    def _look(self) -> None:
        if self._house is None:
            return
        try:
            ring_waiting(self._house, os.environ[HOST_VARIABLE])
        except StateServerError as error:
            structlog.get_logger().warning("ringing_failed", why=error.message)
