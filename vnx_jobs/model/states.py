"""The states of a job and the one table of allowed transitions: engine, scripts, docs and tests read it here."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a job stands: it ends whole, or with nothing of its own left, or is STUCK until a person acts."""

    QUEUED = "QUEUED"
    """Accepted, all its claims granted, no step begun."""
    RUNNING = "RUNNING"
    """Going forward, a step at a time."""
    WAITING = "WAITING"
    """Parked with a reason: a claim, a shared reading, the array's clock, a back-off, a predecessor."""
    PAUSED = "PAUSED"
    """Stopped at a step boundary because a person asked."""
    UNDOING = "UNDOING"
    """Going back: each step begun is undone, last first."""
    SUCCEEDED = "SUCCEEDED"
    """Ended with what was asked for."""
    FAILED = "FAILED"
    """Ended with nothing of its own on the array."""
    CANCELLED = "CANCELLED"
    """Ended on request, or because a predecessor did not succeed, with nothing of its own on the array."""
    STUCK = "STUCK"
    """Neither whole nor gone: the record says what remains. A person resumes, undoes or abandons."""
    ABANDONED = "ABANDONED"
    """Given up by a person; the leftovers are left to reconciliation."""


_S = State

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.RUNNING, _S.WAITING, _S.PAUSED, _S.CANCELLED, _S.FAILED}),
        _S.RUNNING: frozenset({_S.WAITING, _S.PAUSED, _S.UNDOING, _S.SUCCEEDED, _S.FAILED, _S.CANCELLED, _S.STUCK}),
        _S.WAITING: frozenset({_S.RUNNING, _S.UNDOING, _S.PAUSED, _S.QUEUED, _S.CANCELLED, _S.FAILED, _S.STUCK}),
        _S.PAUSED: frozenset({_S.QUEUED, _S.RUNNING, _S.WAITING, _S.UNDOING, _S.CANCELLED}),
        _S.UNDOING: frozenset({_S.WAITING, _S.PAUSED, _S.RUNNING, _S.FAILED, _S.CANCELLED, _S.STUCK}),
        _S.STUCK: frozenset({_S.RUNNING, _S.UNDOING, _S.ABANDONED}),
        _S.SUCCEEDED: frozenset(),
        _S.FAILED: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.ABANDONED: frozenset(),
    }
)
"""From each state, the states a job may go to next. What is not listed is refused by the record scripts."""

ENDED: frozenset[State] = frozenset(state for state, onward in TRANSITIONS.items() if not onward)
"""States that a job never leaves."""

UNSUCCESSFUL: frozenset[State] = ENDED - {State.SUCCEEDED}
"""Where a job ended otherwise than was asked for: it may be tried again."""
LIVE: frozenset[State] = frozenset(State) - ENDED
"""States of a job that still holds, or may still take, claims."""


def allowed(now: State, then: State) -> bool:
    """Say whether a job may go from one state to another; staying put is always allowed."""
    return now is then or then in TRANSITIONS[now]
