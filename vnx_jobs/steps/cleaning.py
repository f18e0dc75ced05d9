"""Cleaning up: the last proof that an object is what a job left which is over, and the end of its session."""

from typing import Final

from vnx_jobs.model.array import Session
from vnx_jobs.model.condition import FreshList
from vnx_jobs.model.errors import Code
from vnx_jobs.model.keys import EVERY_KIND
from vnx_jobs.model.names import job_of
from vnx_jobs.model.outcome import Absent, Done, Finding, GiveUp, NotYet, Outcome, Present
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.model.step import Step

from .identity import still_meant
from .work import JobStep, Reading, Work, nothing_left, reading, too_late_if_gone

_UNDONE: Final = ENDED - {State.SUCCEEDED}


def _not_over(work: Work) -> GiveUp | None:
    """Say why an object is not left over: the job that made it still needs it, or made it for good."""
    job = work.fact("left_by")
    state = work.inventory.fate(job)
    bears_its_name = job_of(work.job.name, work.installation) == job
    if state in (ENDED if bears_its_name else _UNDONE) or (state is None and bears_its_name):
        return None
    what = "not on record" if state is None else str(state)
    return GiveUp(f"{work.job.name} was not left over: job {job} is {what}", Code.NOT_LEFT_OVER)


def _unread(work: Work, *, snapshots: bool = False) -> NotYet | None:
    """Return what to wait for if the lists that judge the object are older than this step."""
    readings = work.inventory.readings(work.job.array)
    if (min(readings.luns, readings.snapshots) if snapshots else readings.luns) > work.job.begun:
        return None
    lists = FreshList(work.job.begun, ("snapshots",) if snapshots else ())
    return NotYet(lists, "waits for the next shared lists")


def _check_lun(work: Work) -> Reading:
    return _unread(work) or _not_over(work) or still_meant(work) or Done()


check_leftover = reading(
    "check-leftover",
    "Compare the LUN's UID with the one that was meant, and see that the job that left it is over.",
    _check_lun,
)


def _check_snapshot(work: Work) -> Reading:
    if other := _unread(work, snapshots=True) or _not_over(work):
        return other
    seen = work.inventory.snapshot(work.job.array, work.job.name)
    if seen is None:
        return GiveUp(f"there is no snapshot {work.job.name} on {work.job.array} any more", Code.NO_SUCH_SNAPSHOT)
    holders = [one.lun.name for one in work.inventory.volumes(work.job.array) if one.lun.attached == seen.name]
    if holders:
        return GiveUp(f"snapshot {seen.name} is attached to {holders[0]}", Code.NOT_LEFT_OVER)
    if (seen.source, seen.created) != (work.fact_number("source_number"), work.fact("created")):
        text = f"snapshot {seen.name} of LUN {seen.source}, created {seen.created}, is not the one that was meant"
        return GiveUp(text, Code.IDENTITY)
    return Done()


check_left_snapshot = reading(
    "check-left-snapshot",
    "Compare the snapshot with the one that was meant, and see that nothing holds it and its job is over.",
    _check_snapshot,
    ("luns", "snapshots"),
)


def _session(work: Work) -> Session | None:
    """Find the session that was meant: from this source onto this target. Costs one read."""
    pair = work.fact_number("source_number"), work.fact_number("number")
    return next((one for one in work.array.sessions() if (one.source, one.destination) == pair), None)


def _source_mistaken(work: Work) -> GiveUp | None:
    sightings = (one.lun for one in work.inventory.volumes(work.job.array))
    source = next((lun for lun in sightings if lun.number == work.fact_number("source_number")), None)
    if source is None or source.uid == work.fact("source_uid"):
        return None
    text = f"LUN {source.number} has UID {source.uid}; the one that was meant has {work.fact('source_uid')}"
    return GiveUp(text, Code.IDENTITY)


def _check_session(work: Work) -> Reading:
    return _unread(work) or _not_over(work) or still_meant(work) or _source_mistaken(work) or Done()


check_left_session = reading(
    "check-left-session",
    "Compare the UIDs of both LUNs with those that were meant, and see that the job that copied is over.",
    _check_session,
)


def _cancel(work: Work) -> Outcome:
    if (other := still_meant(work) or _source_mistaken(work)) is not None:
        return other
    if _session(work) is not None:
        work.array.cancel_migration(work.fact_number("source_number"))
    return Done()


def _look_for_no_session(work: Work) -> Finding:
    return Present() if _session(work) is None else Absent()


cancel_left_session: JobStep = Step(
    name="cancel-left-session",
    says="Cancel the migration session, if it still writes onto that target.",
    do=_cancel,
    look=_look_for_no_session,
    undo=too_late_if_gone(_look_for_no_session),
    undo_says="Nothing: what is cancelled stays cancelled, and the job goes forward.",
    by_hand=nothing_left,
    holds=EVERY_KIND,
    reads=1,
    removes=True,
)
