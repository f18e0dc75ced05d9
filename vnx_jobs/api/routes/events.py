"""Streams of events: of one job, of a batch, of all."""

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.descriptions import STREAM
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.api.event_streams import About, EventStream, Stream, is_open, since_of
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code

from .batches import standing_of

router = APIRouter(prefix="/v1", tags=["events"])

Last = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="The stream goes on after this event; `0-0` is before the oldest one that is kept.",
    ),
]
_OVER = {204: {"description": "There is nothing more to come: do not come again."}}


@router.get("/jobs/{job}/events", response_class=EventStream, responses=STREAM | _OVER | refusals(Code.NO_SUCH_JOB))
async def job_events(guest: Guest, job: str, last: Last = None) -> Response:
    """Follow a job: how it stands, what happens to it, and its end, with which the stream ends."""
    guest.need(Action.LOOK)

    def now() -> JobDocument:
        record = guest.job(job)
        return JobDocument.of(record, guest.house.reads.waits_for(record))

    def open_jobs() -> set[str]:
        return {job} if is_open(guest.job(job).state) else set()

    await run_in_threadpool(guest.job, job)
    return await _stream(guest, last, About(now, open_jobs), job=job)


@router.get(
    "/batches/{batch}/events", response_class=EventStream, responses=STREAM | _OVER | refusals(Code.NO_SUCH_BATCH)
)
async def batch_events(guest: Guest, batch: str, last: Last = None) -> Response:
    """Follow the jobs of a batch: how they stand, what happens to each, and the end of the last one."""
    guest.need(Action.LOOK)

    def open_jobs() -> set[str]:
        found = guest.house.reads.jobs(batch=batch)
        return {one.id for one in found if guest.caller.sees(one.array) and is_open(one.state)}

    await run_in_threadpool(standing_of, guest, batch)
    return await _stream(guest, last, About(lambda: standing_of(guest, batch), open_jobs), batch=batch)


@router.get("/events", response_class=EventStream, responses=STREAM | refusals())
async def all_events(guest: Guest, last: Last = None) -> Response:
    """Follow everything that happens to jobs, and to arrays. It never ends."""
    guest.need(Action.LOOK)
    return await _stream(guest, last, About(None, None))


async def _stream(guest: Visit, last: str | None, about: About, *, job: str = "", batch: str = "") -> Response:
    """Answer with a stream; one that was read to its end is not begun again."""
    since = since_of(last)
    listener = await guest.doors.hub.listen(guest.caller.sees, job=job, batch=batch)
    stream = Stream(guest.doors.hub, guest.house.events, listener, about, since, guest.welcome)
    try:
        nothing_more = await stream.is_read_out()
    except BaseException:
        guest.doors.hub.leave(listener)
        raise
    if nothing_more:
        guest.doors.hub.leave(listener)
        return Response(status_code=204)
    return EventStream(stream)
