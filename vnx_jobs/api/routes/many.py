"""Many jobs by one request: each is judged for itself, and answered in its place."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.bodies import JsonObject
from vnx_jobs.api.descriptions import MANY_BODY
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.documents.answers import AnswersDocument
from vnx_jobs.documents.asked import arrays_of, need_key, rows_of
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Refused
from vnx_jobs.ports import Accepted
from vnx_jobs.submission import Request as JobRequest

from .jobs import asked

router = APIRouter(prefix="/v1", tags=["jobs"])


@router.post("/jobs:many", responses=refusals(body=True), openapi_extra=MANY_BODY)
def submit_many(guest: Guest, fields: JsonObject) -> AnswersDocument:
    """Submit many jobs, each for itself: one that is refused keeps no other back.

    Each is what `POST /v1/jobs` takes, and may have a `key`: the same request again then finds the same jobs. With
    `batch` they are jobs of that batch, at places from `first` on.
    """
    with guest.audited(arrays_of(fields.get("jobs"))) as entry:
        guest.need(Action.SUBMIT)
        answers = _submitted(guest, fields)
        entry.jobs = tuple(one.job for one in answers if isinstance(one, Accepted) and not one.known)
    return AnswersDocument.of(answers)


def _submitted(guest: Visit, fields: Mapping[str, Any]) -> list[Accepted | Refused]:
    """Submit what can be understood, and answer all in their order. Raises Refused(invalid) for a body of no rows."""
    judged = [_judged(guest, row, place) for row, place in rows_of(fields)]
    stored = iter(guest.submission.submit_many([one for one in judged if isinstance(one, JobRequest)]))
    return [next(stored) if isinstance(one, JobRequest) else one for one in judged]


def _judged(guest: Visit, row: Mapping[str, Any], where: tuple[str, int]) -> JobRequest | Refused:
    given = dict(row)
    try:
        key = need_key(given.pop("key")) if "key" in given else ""
        return asked(guest, given, key, Action.SUBMIT, where)
    except Refused as refused:
        return refused
