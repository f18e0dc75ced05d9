"""Leftovers: what a stuck job has on the array, and which of its claims nothing of it needs any more."""

from collections.abc import Mapping
from dataclasses import replace
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
    places = [(place, steps[work.job.steps[place]]) for place in _ahead(work.job) if work.job.steps[place] in steps]
    there = [(step, replace(work, job=work.job.evolve(cursor=place))) for place, step in places]
    return tuple(line for step, at in there for line in step.by_hand(at)) or (NOTHING,)


def spare_claims(job: Record, steps: Mapping[str, JobStep]) -> tuple[str, ...]:
    """Return the keys of the claims that a stuck job can give back: no step that it may still come to needs them."""
    ahead = [job.steps[place] for place in _ahead(job)]
    if any(name not in steps for name in ahead):
        return ()  # another version's step: what it needs is not known here
    needed = {kind for name in ahead for kind in steps[name].holds}
    if job.past_no_way_back:
        needed.add("numbers")  # what was made keeps its number
    return tuple(key for _, key, _ in job.claims if kind_of(key) not in needed)


def _ahead(job: Record) -> tuple[int, ...]:
    """Return the places of the steps that a stuck job would go on with, its own first: forward, or else back."""
    places = range(job.cursor, len(job.steps)) if job.past_no_way_back else range(job.cursor, -1, -1)
    return tuple(place for place in places if job.steps[place] != NO_WAY_BACK_NAME)
