"""Leftovers: what a stuck job has on the array, and which of its claims nothing of it needs any more."""

from collections.abc import Mapping
from typing import Final

from vnx_jobs.model.keys import kind_of
from vnx_jobs.model.record import Record
from vnx_jobs.model.step import NO_WAY_BACK_NAME

from .work import JobStep, Work

NOTHING: Final = "nothing of its own: resume the job, and it ends"
"""What is said where nothing is left to be removed by hand."""


def leftovers(work: Work, steps: Mapping[str, JobStep]) -> tuple[str, ...]:
    """Name what a stuck job left, an object a line, in the order in which it must be removed.

    Costs one read of the array for each object at most.
    """
    known = [steps[name] for name in _ahead(work.job) if name in steps]
    return tuple(line for step in known for line in step.by_hand(work)) or (NOTHING,)


def spare_claims(job: Record, steps: Mapping[str, JobStep]) -> tuple[str, ...]:
    """Return the keys of the claims that a stuck job can give back: no step that it may still come to needs them."""
    ahead = _ahead(job)
    if any(name not in steps for name in ahead):
        return ()  # another version's step: what it needs is not known here
    needed = {kind for name in ahead for kind in steps[name].holds}
    if job.past_no_way_back:
        needed.add("numbers")  # what was made keeps its number
    return tuple(key for _, key, _ in job.claims if kind_of(key) not in needed)


def _ahead(job: Record) -> tuple[str, ...]:
    """Return the steps that a stuck job would go on with, the one that it is stuck at first: forward, or else back."""
    names = job.steps[job.cursor :] if job.past_no_way_back else job.steps[job.cursor :: -1]
    return tuple(name for name in names if name != NO_WAY_BACK_NAME)
