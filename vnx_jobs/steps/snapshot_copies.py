"""Copies of snapshots that users name.

The array copies without a description, so a copy made at once under the name asked for could not be told from a
stranger's. It is made under a name of the job's, and gets the user's together with the job's mark.
"""

from vnx_jobs.model.errors import ArrayError
from vnx_jobs.model.keeping import Keeping
from vnx_jobs.model.keys import EVERY_KIND
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, Outcome, Present
from vnx_jobs.model.step import Step

from . import by_hand
from .snapshots import hidden, look_for_named, named
from .work import JobStep, Work, nothing, nothing_left


def _standing(work: Work) -> str | None:
    """Return the name that the copy bears by now; None if there is none. Costs one read, or two."""
    if isinstance(look_for_named(work), Present):
        return work.job.name
    return hidden(work) if work.array.snapshot(hidden(work)) is not None else None


def _copy(work: Work) -> Outcome:
    work.array.copy_snapshot(work.fact("snapshot"), hidden(work))
    return Done()


def _look_for_copy(work: Work) -> Finding:
    return Absent() if _standing(work) is None else Present()


def _destroy_copy(work: Work) -> Outcome:
    if (name := _standing(work)) is None:
        return Done()
    work.array.destroy_snapshot(name)
    return Done(gone=(name,))


def _by_hand(work: Work) -> tuple[str, ...]:
    try:
        name = _standing(work)
    except ArrayError:
        return (by_hand.snapshot(hidden(work)),)
    return () if name is None else (by_hand.snapshot(name),)


copy_named_snapshot: JobStep = Step(
    name="copy-named-snapshot",
    says="Copy the snapshot, under a name of this job's.",
    do=_copy,
    look=_look_for_copy,
    undo=_destroy_copy,
    undo_says="Destroy the copy, whichever name it bears by then.",
    by_hand=_by_hand,
    holds=EVERY_KIND,
)


def _name(work: Work) -> Outcome:
    keeping = Keeping.of(work.job.facts)
    work.array.name_snapshot(hidden(work), work.job.name, description=work.mark, keeping=keeping)
    return Done(made=(named(work, work.fact_number("source_number"), work.fact_number("primary_number")),))


def _look_for_name(work: Work) -> Finding:
    finding = look_for_named(work)
    if isinstance(finding, Absent) and work.array.snapshot(hidden(work)) is None:
        return Broken(f"the copy {hidden(work)} is gone")
    return finding


name_snapshot: JobStep = Step(
    name="name-snapshot",
    says="Give the copy the name asked for, this job's mark as its description, and its end.",
    do=_name,
    look=_look_for_name,
    undo=nothing,
    undo_says="Nothing: the copy is destroyed whole, whichever name it bears.",
    by_hand=nothing_left,
    holds=(),
)
