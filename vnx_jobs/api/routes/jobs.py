"""Jobs: submit one, see what it would do, list them, wait for one, and give it orders."""

import contextlib
import time
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.bodies import JsonObject
from vnx_jobs.api.cursors import cursor_of, gone, parts_of
from vnx_jobs.api.descriptions import SPEC_BODY
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.documents.answers import KEY_FORM, MAX_KEY
from vnx_jobs.documents.asked import texts
from vnx_jobs.documents.jobs import JobDocument, JobsPage, OrderDocument, RetriedDocument, SubmittedDocument
from vnx_jobs.documents.plans import JobPlanDocument, KnownPlanDocument
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.orders import Order
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted
from vnx_jobs.preview import Rehearsal, preview
from vnx_jobs.submission import Request as JobRequest

router = APIRouter(prefix="/v1", tags=["jobs"])

_LOOK_AGAIN = 5.0
"""Seconds after which a job that is waited for is looked at, whatever was heard of it."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=MAX_KEY,
        pattern=KEY_FORM,
        description="Makes the request repeatable: the same key with the same spec is the same job.",
    ),
]
_SUBMITTING = (
    *(Code.UNKNOWN_ARRAY, Code.UNKNOWN_POOL, Code.NO_SUCH_VOLUME, Code.NO_SUCH_JOB, Code.NAME_IN_USE),
    *(
        Code.UNKNOWN_HOOK,
        Code.COPIES_LIMIT,
        Code.SLOTS_LIMIT,
        Code.HAS_COPIES,
        Code.KEY_CONFLICT,
        Code.IN_USE,
        Code.NOT_SUPPORTED,
    ),
)


@router.post(
    "/jobs",
    status_code=202,
    response_model=SubmittedDocument,
    responses={
        200: {"model": SubmittedDocument, "description": "The key stands for this job: nothing was submitted."},
        202: {"description": "A job was accepted.", "headers": {"Location": {"schema": {"type": "string"}}}},
        **refusals(*_SUBMITTING, body=True),
    },
    openapi_extra=SPEC_BODY,
)
def submit(guest: Guest, fields: JsonObject, key: Key = None) -> JSONResponse:
    """Submit a job: its spec; `after`, the jobs that must have succeeded before it; `hooks`, whom to call back."""
    with guest.audited(_array(fields)) as entry:
        accepted = guest.submission.submit(asked(guest, fields, key or "", Action.SUBMIT))
        entry.jobs = (accepted.job,)
    record = _record(guest, accepted)
    document = SubmittedDocument.accepted(record, guest.house.reads.waits_for(record), known=accepted.known)
    location = {"Location": f"/v1/jobs/{accepted.job}"}
    return JSONResponse(document.told(), 200 if accepted.known else 202, headers=location)


def _array(fields: dict[str, Any]) -> str:
    array = fields.get("array", "")
    return array if isinstance(array, str) else ""


def asked(
    guest: Visit, fields: dict[str, Any], key: str, action: Action, where: tuple[str, int] = ("", 0)
) -> JobRequest:
    """Read what is asked for, in a batch and at a place of it if one is named. Raises Refused if he may not."""
    given = dict(fields)
    after, hooks = texts(given, "after"), texts(given, "hooks")
    if isinstance(given.get("array"), str):
        guest.array(given["array"])
    spec = parse(given)
    guest.need(action, guest.array(spec.array))
    before = tuple(guest.job(one).id for one in dict.fromkeys(after))
    batch, place = where
    row = str(place + 1) if batch else ""
    return JobRequest(spec, key, batch, row, place, before, guest.by, hooks=hooks)


def _record(guest: Visit, accepted: Accepted) -> Any:  # noqa: ANN401 -- a record, whose type is of no interest here
    try:
        return guest.house.reads.job(accepted.job)
    except Refused:
        text = f"the key stands for job {accepted.job}, which ended {accepted.state}; its record is kept no more"
        raise Refused(Code.NO_SUCH_JOB, text, job=accepted.job) from None


@router.post(
    "/jobs:plan",
    response_model=JobPlanDocument | KnownPlanDocument,
    responses=refusals(*_SUBMITTING, body=True),
    openapi_extra=SPEC_BODY,
)
def plan(guest: Guest, fields: JsonObject, key: Key = None) -> JobPlanDocument | KnownPlanDocument:
    """Say what a job would do, hold, wait for and cost. Nothing is stored."""
    rehearsal = Rehearsal(guest.submission)
    answer = rehearsal.submit(asked(guest, fields, key or "", Action.LOOK))
    if answer.known:
        return KnownPlanDocument(job=answer.job, state=answer.state)
    return JobPlanDocument.of(preview(rehearsal))


@router.get("/jobs", responses=refusals(Code.UNKNOWN_ARRAY))
def jobs(  # noqa: PLR0913, PLR0917 -- an argument a query
    guest: Guest,
    state: Annotated[list[State] | None, Query(description="Only jobs in this state; may be repeated.")] = None,
    array: str | None = None,
    batch: Annotated[str, Query(description="Only jobs of this batch, in the order of its rows.")] = "",
    job: Annotated[
        list[str] | None, Query(max_length=100, description="Only these jobs, in this order, whatever else is asked.")
    ] = None,
    limit: Annotated[int, Query(ge=1)] = 100,
    cursor: Annotated[str, Query(description="As the part before said.")] = "",
) -> JobsPage:
    """List jobs, newest first. Jobs that come meanwhile move nothing: they stand in no later part."""
    guest.need(Action.LOOK)
    if job:
        return JobsPage(jobs=_these(guest, job), cursor=None)
    arrays = (
        guest.scope
        if array is None
        else [guest.array_of(array, lambda name: guest.house.store.find(array=name, limit=1))]
    )
    kind = f"jobs {batch}"
    after = parts_of(cursor, kind, 1)[0] if cursor else ""
    most = min(limit, guest.house.settings.api.page)
    try:
        page = guest.house.pages.page(batch=batch, states=state or (), arrays=arrays, after=after, limit=most)
    except ValueError:
        raise gone() from None
    told = tuple(JobDocument.of(record) for record in page.records)
    return JobsPage(jobs=told, cursor=cursor_of(kind, page.onward) if page.onward else None)


def _these(guest: Visit, ids: list[str]) -> tuple[JobDocument, ...]:
    """Tell of some jobs; what there is not is left out."""
    found = []
    for one in ids:
        with contextlib.suppress(Refused):
            found.append(JobDocument.of(guest.job(one)))
    return tuple(found)


@router.get("/jobs/{job}", responses=refusals(Code.NO_SUCH_JOB))
async def job(
    guest: Guest,
    job: str,
    wait: Annotated[
        float, Query(ge=0, le=60, allow_inf_nan=False, description="Seconds to wait for it to be over.")
    ] = 0,
) -> JobDocument:
    """Show a job; with `wait`, as soon as it is over (it has ended, or is STUCK), or the seconds are."""
    guest.need(Action.LOOK)
    document = await run_in_threadpool(_told, guest, job)
    if not wait or document.is_over:
        return document
    hub, limit = guest.doors.hub, time.monotonic() + wait
    listener = await hub.listen(guest.caller.sees, job=job)
    try:
        while True:
            document = await run_in_threadpool(_told, guest, job)
            left = limit - time.monotonic()
            if document.is_over or left <= 0 or listener.over:
                return document
            await listener.hear(min(left, _LOOK_AGAIN))
    finally:
        hub.leave(listener)


def _told(guest: Visit, job: str) -> JobDocument:
    record = guest.job(job)
    return JobDocument.of(record, guest.house.reads.waits_for(record))


def _order(word: Order, says: str) -> None:
    def give(guest: Guest, job: str) -> OrderDocument:
        with guest.audited(record_array(guest, job)) as entry:
            record = guest.job(job)
            guest.need(Action.ORDER, record.array)
            entry.jobs = (job,)
            return OrderDocument.of(job, word, guest.house.orders.give(job, word, guest.by))

    give.__doc__ = says
    router.add_api_route(
        f"/jobs/{{job}}/{word}",
        give,
        methods=["POST"],
        name=str(word),
        operation_id=f"{word}_job",
        responses=refusals(Code.NO_SUCH_JOB, Code.ORDER_REFUSED),
    )


def record_array(guest: Visit, job: str) -> str:
    """Return the array of a job that a caller sees, for the audit trail; empty if he sees none."""
    try:
        return guest.job(job).array
    except Refused:
        return ""


_order(Order.CANCEL, "Cancel a job and undo what it did. Refused once it can only go forward.")
_order(Order.PAUSE, "Stop a job at its next step boundary. It keeps its claims, and its place in the queues.")
_order(Order.RESUME, "Let a paused job go on, or a stuck one try again.")
_order(Order.UNDO, "Undo a stuck job: what it left on the array is removed.")
_order(Order.ABANDON, "Give a stuck job up: its claims are freed, what it left stays.")


@router.post(
    "/jobs/{job}/retry", status_code=202, responses=refusals(Code.ORDER_REFUSED, Code.PREDECESSOR, *_SUBMITTING)
)
def retry(guest: Guest, job: str, response: Response) -> RetriedDocument:
    """Submit what a job that did not succeed was asked for, as a new job that names the old one."""
    with guest.audited(record_array(guest, job)) as entry:
        record = guest.job(job)
        guest.need(Action.SUBMIT, record.array)
        accepted = guest.house.orders.retry(job, guest.by)
        entry.jobs = (accepted.job,)
    response.headers["Location"] = f"/v1/jobs/{accepted.job}"
    return RetriedDocument(job=accepted.job, retry_of=job, state=accepted.state, why=accepted.why)
