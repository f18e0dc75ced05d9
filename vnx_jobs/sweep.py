"""The sweep: rings what is overdue. Its cost depends on what is due, not on how many jobs there are."""

from typing import Final

from .ports import Bell, JobStore

PERIOD: Final = 1.0
"""Seconds between two sweeps."""
_AT_ONCE: Final = 200


def sweep(store: JobStore, bell: Bell, owner: str) -> int:
    """Ring what is overdue, if this process has (or can take) the role; return how many were rung."""
    if not store.lease("sweep", owner, PERIOD * 5):
        return 0
    rings = store.due(_AT_ONCE)
    bell.ring(rings)
    return len(rings)
