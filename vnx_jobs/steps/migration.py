"""Migration: the array copies a source LUN onto a destination; the source keeps number, name and UID.

The same step makes a clone of a mount point, promotes a snap copy, and moves a volume that hosts use. What it has come
to is read of the lists: the session tells how far it is, the LUNs alone tell that it is done.
"""

from typing import Final

from vnx_jobs.model.array import Layout, Lun
from vnx_jobs.model.condition import FreshList, SessionOver
from vnx_jobs.model.errors import ArrayError, Code, Verdict
from vnx_jobs.model.keys import EVERY_KIND
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, GiveUp, NotYet, Outcome, Present, TooLate, Underway
from vnx_jobs.model.step import Patience, Step

from . import by_hand
from .identity import still_meant
from .work import JobStep, Reading, Work, reading

_COPYING: Final = "the array is copying"
_COMPLETE: Final = TooLate("the copy is complete")


def _check_branches(work: Work) -> Reading:
    if work.inventory.readings(work.job.array).snapshots <= work.job.begun:
        return NotYet(FreshList(work.job.begun, ("snapshots",)), "waits for the next shared list of snapshots")
    number, attached = work.fact_number("number"), work.job.facts.get("hidden_snapshot") or work.fact("attached")
    known = work.inventory.snapshots(work.job.array)
    branches = [one.name for one in known if one.source == number and one.name != attached]
    if branches:
        text = f"{work.job.name} has snapshots of its own ({', '.join(branches[:3])}): delete them first"
        return GiveUp(text, Code.HAS_SNAPSHOTS)
    return Done()


check_branches = reading(
    "check-branches",
    "Look in the shared list of snapshots that none was taken of the snap copy itself.",
    _check_branches,
    ("luns", "snapshots"),
)


def _start(work: Work) -> Outcome:
    if (other := still_meant(work)) is not None:
        return other
    source = work.fact_number("number")
    work.array.migrate(source, work.number("target"), work.rate)
    return NotYet(SessionOver(source, work.job.begun, work.number("target")), _COPYING)


def _look(work: Work) -> Finding:
    """Judge by lists alone: first by what the LUNs have become, then by the session."""
    return _judge_luns(work) or _judge_session(work)


def _judge_luns(work: Work) -> Finding | None:
    """Done is: the destination is gone, and the source, same UID, lies where and as it was to lie."""
    source = work.sighting(work.job.name)
    if work.inventory.readings(work.job.array).luns <= work.job.begun:
        return None
    if source is None or source.lun.uid != work.fact("uid"):
        return Broken(f"volume {work.job.name} was replaced or removed during its copy", Code.IDENTITY)
    copied = work.sighting(work.temporary("target")) is None and _lies_as_wanted(work, source.lun)
    return Present() if copied else None


def _lies_as_wanted(work: Work, lun: Lun) -> bool:
    """Say whether a LUN has what the destination was made with; a mount point has no storage of its own."""
    kind = Layout.of(work.job.facts).provisioning
    return not lun.is_mount_point and (lun.pool, lun.provisioning) == (work.fact("pool"), kind)


def _judge_session(work: Work) -> Finding:
    number = work.fact_number("number")
    session = work.inventory.session(work.job.array, number)
    if session is not None and session.failed:
        return Broken(f"the migration session is {session.state} at {session.percent} %")
    readings = work.inventory.readings(work.job.array)
    # A busy array lists a new session only after a while: not listed proves nothing yet.
    young = work.job.moved < work.job.begun + work.pace.session_grace * 1000
    if session is not None or young or readings.sessions <= work.job.begun:
        since = max(work.job.begun, readings.sessions)
        return Underway(SessionOver(number, since, work.number("target")), _COPYING)
    if readings.luns <= readings.sessions:
        return Underway(FreshList(readings.sessions), "no session is listed: waits for the next shared LUN list")
    if work.sighting(work.temporary("target")) is None:
        return Broken("the target LUN is gone and the copy is not complete")
    return Absent()


def _cancel(work: Work) -> Outcome:
    """Cancel the session, unless the LUN of that number is another by now; if the array will not, the LUNs tell why."""
    if isinstance(_judge_luns(work), Present):
        return _COMPLETE
    match still_meant(work):
        case NotYet() as waiting:
            return waiting
        case GiveUp():
            return Done()  # whatever session it is in is not ours
        case None:
            pass
    try:
        work.array.cancel_migration(work.fact_number("number"))
    except ArrayError as error:
        if error.verdict not in {Verdict.ALREADY, Verdict.REFUSED}:
            raise
        source = work.array.lun(work.fact_number("number"))
        if source is None or source.uid != work.fact("uid"):
            return Done()  # removed by hand
        if _lies_as_wanted(work, source) and not _has_target(work):
            return _COMPLETE
        if error.verdict is Verdict.REFUSED:
            raise
    return Done()


def _has_target(work: Work) -> bool:
    target = work.array.lun(work.number("target"))
    return target is not None and target.name == work.temporary("target")


def _is_listed(work: Work) -> bool:
    return any(session.destination == work.number("target") for session in work.array.sessions())


copy_onto_target: JobStep = Step(
    name="copy-onto-target",
    says="Migrate the volume onto the target: the array copies, and the volume lies where the target did.",
    do=_start,
    look=_look,
    undo=_cancel,
    undo_says="Cancel the migration session.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.migration(work.fact_number("number"), work.number("target")),
        _is_listed,
    ),
    holds=EVERY_KIND,  # if the copy is complete after all, the job goes forward again
    lists=("sessions", "luns"),
    permit="migrations",
    # A destination that was just created is refused for a while; EMC's Cinder driver asks five times, 15 s apart.
    patience=Patience(attempts=10, first=2.0, longest=30.0),
)
