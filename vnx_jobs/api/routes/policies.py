"""Policy files: many schedules made what a file says, by who manages every array that it names."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.bodies import media_type
from vnx_jobs.api.descriptions import POLICY_BODY
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.documents.asked import arrays_of
from vnx_jobs.documents.schedules import DifferenceDocument
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.schedule import Schedule
from vnx_jobs.schedules.policies import Difference, Policies, compare, understand
from vnx_jobs.schedules.scheduler import taken

router = APIRouter(prefix="/v1", tags=["schedules"])


async def _policies(
    request: Request,
    guest: Guest,
    owner: Annotated[str, Query(max_length=100, description="What the file is known by, if it gives no `owner`.")],
    array: Annotated[str | None, Query(description="The array of jobs that name none.")] = None,
) -> Policies:
    if (kind := media_type(request)) not in POLICY_BODY["requestBody"]["content"]:
        raise Refused(Code.MEDIA_TYPE, f"the body must be application/yaml (it is said to be {kind or 'nothing'})")
    body = await request.body()
    return await run_in_threadpool(_read, guest, body, owner, array)


def _read(guest: Visit, body: bytes, owner: str, array: str | None) -> Policies:
    """Read a policy file. Raises Refused."""
    guest.need(Action.MANAGE)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(Code.INVALID, "the body is not UTF-8 text") from None
    return understand(Path("body.yaml"), text, guest.array(array) if array else guest.only, owner)


Wanted = Annotated[Policies, Depends(_policies)]


@router.post(
    "/schedules:apply",
    responses=refusals(Code.UNKNOWN_ARRAY, Code.NAME_IN_USE, body=True),
    openapi_extra=POLICY_BODY,
)
def apply_policies(guest: Guest, wanted: Wanted) -> DifferenceDocument:
    """Make the schedules of a policy file what it says. All are judged before any is changed.

    Schedules of the same file that are no longer in it are removed; others are left alone, and so is what the caller
    does not see.
    """
    with guest.audited(arrays_of([job for one in wanted.schedules for job in one.jobs])):
        difference = _difference(guest, wanted)
        guest.house.scheduler.apply(difference)
    return DifferenceDocument.of(wanted.owner, difference, stored=True)


@router.post(
    "/schedules:plan",
    responses=refusals(Code.UNKNOWN_ARRAY, Code.NAME_IN_USE, body=True),
    openapi_extra=POLICY_BODY,
)
def plan_policies(guest: Guest, wanted: Wanted) -> DifferenceDocument:
    """Say what applying a policy file would change. Nothing is stored."""
    difference = _difference(guest, wanted)
    guest.house.scheduler.check(*difference.puts)
    return DifferenceDocument.of(wanted.owner, difference, stored=False)


def _difference(guest: Visit, wanted: Policies) -> Difference:
    """Say what a file changes of what the caller sees. Raises Refused for arrays and names that he cannot have."""
    for schedule in wanted.schedules:
        for job in schedule.jobs:
            guest.need(Action.MANAGE, guest.array(str(job.get("array", ""))))
    _, present = guest.house.scheduler.schedules.find()
    seen: list[Schedule] = []
    for one in (standing.schedule for standing in present):
        if guest.sees_all(one):
            seen.append(one)
        elif one.name in {mine.name for mine in wanted.schedules}:
            raise taken(one.name)
    return compare(wanted, seen)
