"""Schedules: which there are, where each stands, and letting one pause, go on or begin a run now."""

from collections.abc import Callable

from fastapi import APIRouter

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.documents.schedules import RunDocument, ScheduleDocument
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.schedule import Schedule, Standing

router = APIRouter(prefix="/v1/schedules", tags=["schedules"])

_NEXT = 5


@router.get("", responses=refusals())
def schedules(guest: Guest) -> list[ScheduleDocument]:
    """List the schedules by name, each with its next run."""
    guest.need(Action.LOOK)
    now, found = guest.house.scheduler.schedules.find()
    return [ScheduleDocument.of(one, now, 1) for one in found if _sees(guest, one.schedule)]


@router.get("/{name}", responses=refusals(Code.NO_SUCH_SCHEDULE))
def schedule(guest: Guest, name: str) -> ScheduleDocument:
    """Show one schedule with its next runs, and what became of the last ones."""
    guest.need(Action.LOOK)
    return _told(guest, name)


def _sees(guest: Visit, schedule: Schedule) -> bool:
    """Say whether a caller sees every array that a schedule names."""
    return guest.scope is None or all(guest.caller.sees(str(job.get("array", ""))) for job in schedule.jobs)


def _known(guest: Visit, name: str) -> tuple[int, Standing]:
    found = guest.house.scheduler.schedules.get(name)
    if found is None or not _sees(guest, found[1].schedule):
        raise Refused(Code.NO_SUCH_SCHEDULE, f"there is no schedule {name}")
    return found


def _told(guest: Visit, name: str) -> ScheduleDocument:
    now, standing = _known(guest, name)
    return ScheduleDocument.of(standing, now, _NEXT, guest.house.scheduler.schedules.history(name))


def _ordered(guest: Visit, name: str, order: Callable[[], object]) -> None:
    """Give an order to a schedule: it submits in nobody's name, so only who manages may."""
    with guest.audited():
        _known(guest, name)
        guest.need(Action.MANAGE)
        order()


@router.post("/{name}/pause", responses=refusals(Code.NO_SUCH_SCHEDULE))
def pause_schedule(guest: Guest, name: str) -> ScheduleDocument:
    """Let a schedule begin nothing by itself."""
    _ordered(guest, name, lambda: guest.house.scheduler.pause(name, guest.by))
    return _told(guest, name)


@router.post("/{name}/resume", responses=refusals(Code.NO_SUCH_SCHEDULE))
def resume_schedule(guest: Guest, name: str) -> ScheduleDocument:
    """End the pause of a schedule; what was due meanwhile is left out."""
    _ordered(guest, name, lambda: guest.house.scheduler.resume(name))
    return _told(guest, name)


@router.post("/{name}/run", responses=refusals(Code.NO_SUCH_SCHEDULE))
def run_schedule(guest: Guest, name: str) -> RunDocument:
    """Have a run begin now. It waits for the one before, and for nothing else."""
    with guest.audited() as entry:
        _known(guest, name)
        guest.need(Action.MANAGE)
        run, past = guest.house.scheduler.run(name, guest.by)
        begun = past is not None and past.batch
        entry.jobs = tuple(one.id for one in guest.house.reads.jobs(batch=past.batch)) if past and begun else ()
    return RunDocument.of(run, past, entry.jobs if begun else ())
