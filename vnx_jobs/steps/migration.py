"""Migration: the array copies a source LUN onto a destination; the source keeps number, name and UID."""

from typing import Final

from vnx_jobs.model.condition import FreshList, SessionOver
from vnx_jobs.model.errors import ArrayError, Verdict
from vnx_jobs.model.keys import EVERY_KIND
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, NotYet, Outcome, Present, TooLate, Underway
from vnx_jobs.model.step import Patience, Step

from . import by_hand
from .work import JobStep, Work

_COPYING: Final = "the array is copying"
_COMPLETE: Final = TooLate("the copy is complete")


def _start(work: Work) -> Outcome:
    source = work.number("volume")
    work.array.migrate(source, work.number("target"), work.rate)
    return NotYet(SessionOver(source, work.job.begun), _COPYING)


def _look(work: Work) -> Finding:
    """Judge by lists alone: first by what the LUNs have become, then by the session."""
    return _judge_luns(work) or _judge_session(work)


def _judge_luns(work: Work) -> Finding | None:
    """Done is: the destination is gone, and the source, same UID, is a mount point no more."""
    source = work.sighting(work.job.name)
    if work.inventory.readings(work.job.array).luns <= work.job.begun:
        return None
    if source is None or source.lun.uid != work.fact("uid"):
        return Broken(f"volume {work.job.name} was replaced or removed during its copy", "identity-changed")
    copied = work.sighting(work.temporary("target")) is None and not source.lun.is_mount_point
    return Present() if copied else None


def _judge_session(work: Work) -> Finding:
    number = work.number("volume")
    session = work.inventory.session(work.job.array, number)
    if session is not None and session.failed:
        return Broken(f"the migration session is {session.state} at {session.percent} %")
    readings = work.inventory.readings(work.job.array)
    # A busy array lists a new session only after a while: not listed proves nothing yet.
    young = work.job.moved < work.job.begun + work.pace.session_grace * 1000
    if session is not None or young or readings.sessions <= work.job.begun:
        return Underway(SessionOver(number, max(work.job.begun, readings.sessions)), _COPYING)
    if readings.luns <= readings.sessions:
        return Underway(FreshList(readings.sessions), "no session is listed: waits for the next shared LUN list")
    if work.sighting(work.temporary("target")) is None:
        return Broken("the target LUN is gone and the copy is not complete")
    return Absent()


def _cancel(work: Work) -> Outcome:
    """Cancel the session; if the array will not, the source tells what has become of it."""
    if isinstance(_judge_luns(work), Present):
        return _COMPLETE
    try:
        work.array.cancel_migration(work.number("volume"))
    except ArrayError as error:
        if error.verdict not in {Verdict.ALREADY, Verdict.REFUSED}:
            raise
        source = work.array.lun(work.number("volume"))
        if source is None or source.name != work.job.name:
            return Done()  # removed by hand
        if not source.is_mount_point:
            return _COMPLETE
        if error.verdict is Verdict.REFUSED:
            raise
    return Done()


def _is_listed(work: Work) -> bool:
    return any(session.source == work.number("volume") for session in work.array.sessions())


copy_onto_target: JobStep = Step(
    name="copy-onto-target",
    says="Migrate the mount point onto the target: the array copies, and the volume becomes a full copy.",
    do=_start,
    look=_look,
    undo=_cancel,
    undo_says="Cancel the migration session.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.migration(work.number("volume"), work.number("target")),
        _is_listed,
    ),
    holds=EVERY_KIND,  # if the copy is complete after all, the job goes forward again
    lists=("sessions", "luns"),
    permit="migrations",
    # A destination that was just created is refused for a while; EMC's Cinder driver asks five times, 15 s apart.
    patience=Patience(attempts=10, first=2.0, longest=30.0),
)
