"""Snapshots: the hidden one behind a snap copy or a clone, and those that users name."""

from typing import Final

from vnx_jobs.model.array import Snapshot
from vnx_jobs.model.errors import Code
from vnx_jobs.model.keeping import Keeping
from vnx_jobs.model.keys import KeyKind
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, GiveUp, Outcome, Present
from vnx_jobs.model.step import Step

from . import by_hand
from .identity import source_mistaken
from .lists import outdated, unread
from .unmapped import mapped_since
from .work import JobStep, Reading, Work, destroying, nothing, nothing_left, reading


def hidden(work: Work) -> str:
    """Return the name of the snapshot that this job takes for itself."""
    return work.temporary("snap")


def _look_for_hidden(work: Work) -> Finding:
    return Absent() if work.array.snapshot(hidden(work)) is None else Present()


def _take(work: Work) -> Outcome:
    if other := outdated(work) or source_mistaken(work) or mapped_since(work):
        return other
    work.array.create_snapshot(work.fact_number("source_number"), hidden(work), writable=True)
    return Done()


def _copy(work: Work) -> Outcome:
    if other := outdated(work) or source_mistaken(work):
        return other
    work.array.copy_snapshot(work.fact("snapshot"), hidden(work))
    return Done()


def _destroy_hidden(work: Work) -> Outcome:
    work.array.destroy_snapshot(hidden(work))
    return Done()


_hidden_by_hand = by_hand.unless_gone(
    lambda work: by_hand.snapshot(hidden(work)),
    lambda work: isinstance(_look_for_hidden(work), Present),
)

_OF_A_SNAPSHOT: Final[tuple[KeyKind, ...]] = ("snapshots", "volume", "pin")
"""Its slot, and what keeps the LUN that it hangs on."""

take_snapshot: JobStep = Step(
    name="take-snapshot",
    says="Take a snapshot of the source: from here on the copy's content is fixed.",
    do=_take,
    look=_look_for_hidden,
    undo=_destroy_hidden,
    undo_says="Destroy the snapshot that this job took.",
    by_hand=_hidden_by_hand,
    holds=_OF_A_SNAPSHOT,
    lets_go=("mapping",),
)

copy_snapshot: JobStep = Step(
    name="copy-snapshot",
    says="Copy the snapshot, so that the user's own is never attached or written to.",
    do=_copy,
    look=_look_for_hidden,
    undo=_destroy_hidden,
    undo_says="Destroy the copy of the snapshot that this job made.",
    by_hand=_hidden_by_hand,
    holds=_OF_A_SNAPSHOT,
)


def _allow(work: Work) -> Outcome:
    work.array.allow_writes(hidden(work))
    return Done()


def _look_for_writable(work: Work) -> Finding:
    snapshot = work.array.snapshot(hidden(work))
    if snapshot is None:
        return Broken(f"snapshot {hidden(work)} is gone")
    return Present() if snapshot.writable and not snapshot.auto_delete else Absent()


allow_writes: JobStep = Step(
    name="allow-writes",
    says="Make the copied snapshot writable, so that it can be attached, and safe from automatic deletion.",
    do=_allow,
    look=_look_for_writable,
    undo=nothing,
    undo_says="Nothing: the copied snapshot is destroyed whole.",
    by_hand=nothing_left,
    holds=(),
)


def _take_named(work: Work) -> Outcome:
    if other := outdated(work) or source_mistaken(work) or mapped_since(work):
        return other
    source, primary = work.fact_number("source_number"), work.fact_number("primary_number")
    keeping = Keeping.of(work.job.facts)
    work.array.create_snapshot(source, work.job.name, writable=False, description=work.mark, keeping=keeping)
    return Done(made=(named(work, source, primary),))


def named(work: Work, source: int, primary: int) -> Snapshot:
    """Return the snapshot of the name asked for, as far as the job that made it knows it."""
    auto_delete = Keeping.of(work.job.facts).auto_delete
    return Snapshot(work.job.name, source, primary, created="", auto_delete=auto_delete, description=work.mark)


def look_for_named(work: Work) -> Finding:
    """Know it by its mark: another administrator's snapshot may bear the same name, and be of the same LUN."""
    snapshot = work.array.snapshot(work.job.name)
    if snapshot is None:
        return Absent()
    if snapshot.description == work.mark:
        return Present(made=(snapshot,))
    return Broken(f"snapshot {snapshot.name} of LUN {snapshot.source} is not this job's", Code.NAME_IN_USE)


def destroy_named_if_ours(work: Work) -> Outcome:
    """Destroy the snapshot of the name asked for, if it bears this job's mark."""
    if isinstance(look_for_named(work), Present):
        work.array.destroy_snapshot(work.job.name)
    return Done()


take_named_snapshot: JobStep = Step(
    name="take-named-snapshot",
    says="Take the snapshot under the name asked for, with this job's mark as its description.",
    do=_take_named,
    look=look_for_named,
    undo=destroy_named_if_ours,
    undo_says="Destroy the snapshot, if it bears this job's mark.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.snapshot(work.job.name),
        lambda work: isinstance(look_for_named(work), Present),
    ),
    holds=("snapshots", "volume", "snapshot"),
    lets_go=("mapping",),
)


def _named_mistaken(work: Work) -> GiveUp | None:
    """Say why the snapshot of that name is not the one that was meant, by the last list; None if it is."""
    seen, created = work.inventory.snapshot(work.job.array, work.job.name), work.fact("created")
    if seen is None:
        return GiveUp(f"there is no snapshot {work.job.name} on {work.job.array} any more", Code.NO_SUCH_SNAPSHOT)
    if seen.source == work.fact_number("source_number") and created in {"", seen.created}:
        return None
    text = f"snapshot {seen.name} of LUN {seen.source}, created {seen.created}, is not the one that was meant"
    return GiveUp(f"{text}, of LUN {work.fact('source_number')}, created {created}", Code.IDENTITY)


def _check_named(work: Work) -> Reading:
    return unread(work, "snapshots") or _named_mistaken(work) or Done()


check_snapshot = reading(
    "check-snapshot",
    "Compare the snapshot with the one that was meant, in a list read after all claims were granted.",
    _check_named,
    ("luns", "snapshots"),
)


def _destroy_named(work: Work) -> Outcome:
    """Destroy the snapshot that was checked, unless by the last list another one bears its name by now."""
    if other := outdated(work, "snapshots") or _named_mistaken(work):
        return other
    work.array.destroy_snapshot(work.job.name)
    return Done(gone=(work.job.name,))


def _look_for_named_gone(work: Work) -> Finding:
    return Present(gone=(work.job.name,)) if work.array.snapshot(work.job.name) is None else Absent()


destroy_named_snapshot = destroying(
    "destroy-named-snapshot",
    "Destroy the snapshot; the array refuses while it is attached to a mount point.",
    _destroy_named,
    _look_for_named_gone,
)


def _destroy_behind(work: Work) -> Outcome:
    work.array.destroy_snapshot(work.fact("hidden_snapshot"))
    return Done(gone=(work.fact("hidden_snapshot"),))


def _look_for_behind_gone(work: Work) -> Finding:
    name = work.fact("hidden_snapshot")
    return Present(gone=(name,)) if work.array.snapshot(name) is None else Absent()


destroy_snapshot_behind: JobStep = Step(
    name="destroy-snapshot-behind",
    says="Destroy the hidden snapshot that was behind the snap copy.",
    do=_destroy_behind,
    look=_look_for_behind_gone,
    undo=nothing,
    undo_says="Nothing: what is destroyed stays destroyed.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.snapshot(work.fact("hidden_snapshot")),
        lambda work: isinstance(_look_for_behind_gone(work), Absent),
    ),
    holds=("volume",),  # of the primary; the name of the snap copy, which is gone, may be another's by now
    removes=True,
)
