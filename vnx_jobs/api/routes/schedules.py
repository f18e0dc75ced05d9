"""Schedules: which there are, where each stands, making and removing one, and what one is told to do."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.bodies import JsonObject
from vnx_jobs.api.descriptions import SCHEDULE_BODY
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.documents.asked import arrays_of
from vnx_jobs.documents.schedules import RunDocument, ScheduleDocument
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.schedule import Schedule, Standing
from vnx_jobs.schedules.checking import read_as
from vnx_jobs.schedules.scheduler import taken

router = APIRouter(prefix="/v1/schedules", tags=["schedules"])

_NEXT: Final = 5
Runs = Annotated[int, Query(alias="next", ge=1, le=100, description="So many of its next runs.")]


@router.get("", responses=refusals())
def schedules(guest: Guest) -> list[ScheduleDocument]:
    """List the schedules by name, each with its next run."""
    guest.need(Action.LOOK)
    now, found = guest.house.scheduler.schedules.find()
    return [ScheduleDocument.of(one, now, 1) for one in found if guest.sees_all(one.schedule)]


@router.get("/{name}", responses=refusals(Code.NO_SUCH_SCHEDULE))
def schedule(guest: Guest, name: str, runs: Runs = _NEXT) -> ScheduleDocument:
    """Show one schedule with its next runs, and what became of the last ones."""
    guest.need(Action.LOOK)
    return _told(guest, name, runs)


@router.put(
    "/{name}",
    response_model=ScheduleDocument,
    responses={
        200: {"description": "It was replaced."},
        201: {"model": ScheduleDocument, "description": "It was added."},
        **refusals(Code.UNKNOWN_ARRAY, Code.NAME_IN_USE, body=True),
    },
    openapi_extra=SCHEDULE_BODY,
)
def put_schedule(guest: Guest, name: str, fields: JsonObject, *, replace: bool = True) -> JSONResponse:
    """Add a schedule, or replace the one of that name; with `replace=false` another one that there is stays: refused.

    It is judged whole, by what its next runs would submit. A replaced one forgets what was due before.
    """
    with guest.audited(arrays_of(fields.get("jobs"))):
        wanted = _read(guest, name, fields)
        known = guest.house.scheduler.schedules.get(name)
        if known is not None and not guest.sees_all(known[1].schedule):
            raise taken(name)
        unseen = known is None  # what appears meanwhile may be hidden from him
        guest.house.scheduler.put(wanted, replace=replace and not unseen)
    return JSONResponse(_told(guest, name).told(), 201 if known is None else 200)


def _read(guest: Visit, name: str, fields: Mapping[str, Any]) -> Schedule:
    """Read a schedule whose arrays the caller sees and manages; the only array that there is need not be named."""
    guest.need(Action.MANAGE)
    wanted = read_as(name, fields, guest.only or "")
    for job in wanted.jobs:
        guest.need(Action.MANAGE, guest.array(str(job["array"])))
    return wanted


@router.delete("/{name}", status_code=204, responses=refusals(Code.NO_SUCH_SCHEDULE))
def remove_schedule(guest: Guest, name: str) -> Response:
    """Remove a schedule. Its jobs go on."""
    _ordered(guest, name, lambda: guest.house.scheduler.remove(name))
    return Response(status_code=204)


def _known(guest: Visit, name: str) -> tuple[int, Standing]:
    found = guest.house.scheduler.schedules.get(name)
    if found is None or not guest.sees_all(found[1].schedule):
        raise Refused(Code.NO_SUCH_SCHEDULE, f"there is no schedule {name}")
    return found


def _told(guest: Visit, name: str, runs: int = _NEXT) -> ScheduleDocument:
    now, standing = _known(guest, name)
    return ScheduleDocument.of(standing, now, runs, guest.house.scheduler.schedules.history(name))


def _ordered(guest: Visit, name: str, order: Callable[[], object]) -> None:
    """Give an order to a schedule: it submits in nobody's name, so only who manages may."""
    with guest.audited() as entry:
        entry.array = arrays_of(_known(guest, name)[1].schedule.jobs)
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
        entry.array = arrays_of(_known(guest, name)[1].schedule.jobs)
        guest.need(Action.MANAGE)
        run, past = guest.house.scheduler.run(name, guest.by)
        begun = past is not None and past.batch
        entry.jobs = tuple(one.id for one in guest.house.reads.jobs(batch=past.batch)) if past and begun else ()
    return RunDocument.of(run, past, entry.jobs if begun else ())
