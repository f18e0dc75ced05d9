"""Whose backups were not proved for too long: pure."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from vnx_jobs.ports import BackedUp

MOST_DAYS: Final = 100_000
"""The longest that anybody asks for: some centuries, which calendars can still be counted back by."""


def unproved_since(volume: BackedUp) -> int:
    """Return since when no backup of a volume was restored bit for bit: milliseconds.

    A volume that never was proved counts from its first backup: before it there was nothing to prove.
    """
    return volume.first if volume.proved is None else volume.proved


def overdue(volumes: Iterable[BackedUp], now: int, age: timedelta) -> tuple[BackedUp, ...]:
    """Return the volumes whose last proof is older than an age, longest first; `now` is in milliseconds."""
    limit = now - round(age.total_seconds() * 1000)
    return tuple(sorted((one for one in volumes if unproved_since(one) < limit), key=unproved_since))
