"""Steps that do nothing, for records as real jobs have them: what is left is the cost of a durable step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vnx_jobs.model.outcome import Absent, Done, Finding, Outcome
from vnx_jobs.model.step import NO_WAY_BACK_NAME, Step
from vnx_jobs.operations import OPERATIONS
from vnx_jobs.steps.work import JobStep, Work, nothing, nothing_left

NOTHING: Final = "nothing"
"""An operation of our own, for jobs without claims."""
STEPS: Final = 4
"""As many as a snap copy has."""
NAMES: Final = tuple(f"nothing-{place}" for place in range(STEPS))


def _done(_: Work) -> Outcome:
    return Done()


def _absent(_: Work) -> Finding:
    return Absent()


def _noop(name: str) -> JobStep:
    says = "Do nothing."
    return Step(name, says, do=_done, look=_absent, undo=nothing, undo_says="Nothing.", by_hand=nothing_left, holds=())


def noops() -> Mapping[str, JobStep]:
    """Return, by name, steps that do nothing: those of NOTHING and those of a snap copy."""
    return {name: _noop(name) for name in (*NAMES, *OPERATIONS["snap-copy"].names) if name != NO_WAY_BACK_NAME}
