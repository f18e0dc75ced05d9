"""The sweep: rings what is overdue. Its cost depends on what is due, not on how many jobs there are."""

from collections.abc import Mapping
from typing import Final

from .ports import Bell, JobStore

PERIOD: Final = 1.0
"""Seconds between two sweeps."""
_AT_ONCE: Final = 200


def sweep(store: JobStore, bell: Bell, owner: str, landings: Mapping[str, float]) -> int:
    """Say that this worker lives; ring what is overdue, if it has (or can take) the role. Return how many were rung.

    `landings`: by array, the seconds in which a command sent by now could still land.
    """
    store.report(owner, landings)
    if not store.lease("sweep", owner, PERIOD * 5):
        return 0
    rings = store.due(_AT_ONCE)
    bell.ring(rings)
    return len(rings)
