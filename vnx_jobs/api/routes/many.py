"""Many jobs by one request: each is judged for itself, and answered in its place."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.bodies import JsonObject
from vnx_jobs.api.descriptions import MANY_BODY
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.documents.answers import KEY_FORM, MAX_KEY, MAX_MANY, AnswersDocument
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.names import name_problem
from vnx_jobs.ports import Accepted
from vnx_jobs.submission import Request as JobRequest

from .jobs import asked, veiled

router = APIRouter(prefix="/v1", tags=["jobs"])

_KNOWN: Final = ("batch", "first", "jobs")
_MAX_NAME: Final = 100
_MAX_PLACE: Final = 1_000_000_000


@router.post("/jobs:many", responses=refusals(body=True), openapi_extra=MANY_BODY)
def submit_many(guest: Guest, fields: JsonObject) -> AnswersDocument:
    """Submit many jobs, each for itself: one that is refused keeps no other back.

    Each is what `POST /v1/jobs` takes, and may have a `key`: the same request again then finds the same jobs. With
    `batch` they are jobs of that batch, at places from `first` on.
    """
    with guest.audited(_arrays(fields.get("jobs"))) as entry:
        guest.need(Action.SUBMIT)
        answers = _submitted(guest, fields)
        entry.jobs = tuple(one.job for one in answers if isinstance(one, Accepted) and not one.known)
    return AnswersDocument.of(answers)


def _arrays(rows: object) -> str:
    """Return the arrays that rows name, for the audit trail."""
    named = {str(row.get("array", "")) for row in rows if isinstance(row, dict)} if isinstance(rows, list) else set()
    return ",".join(sorted(named)[:10])[:_MAX_NAME]


def _submitted(guest: Visit, fields: Mapping[str, Any]) -> list[Accepted | Refused]:
    """Submit what can be understood, and answer all in their order. Raises Refused(invalid) for a body of no rows."""
    judged = [_judged(guest, row, place) for row, place in _rows(fields)]
    stored = iter(guest.house.submission.submit_many([one for one in judged if isinstance(one, JobRequest)]))
    answers = [next(stored) if isinstance(one, JobRequest) else one for one in judged]
    return [veiled(guest, one) if isinstance(one, Refused) else one for one in answers]


def _rows(fields: Mapping[str, Any]) -> Sequence[tuple[dict[str, Any], tuple[str, int]]]:
    """Return the rows of a body, each with its batch and its place there. Raises Refused(invalid)."""
    if strange := sorted(set(fields) - set(_KNOWN)):
        raise Refused(Code.INVALID, f"there is no field {strange[0]!r} (there are {', '.join(_KNOWN)})")
    rows, batch, first = fields.get("jobs"), fields.get("batch", ""), fields.get("first", 0)
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows) and 0 < len(rows) <= MAX_MANY):
        raise Refused(Code.INVALID, f"jobs must be a list of 1 to {MAX_MANY} objects")
    if not isinstance(batch, str) or (batch and (problem := name_problem(batch, _MAX_NAME))):
        raise Refused(Code.INVALID, f"batch {problem if isinstance(batch, str) else 'must be a text'}")
    if isinstance(first, bool) or not (isinstance(first, int) and 0 <= first < _MAX_PLACE):
        raise Refused(Code.INVALID, f"first must be a whole number from 0 to {_MAX_PLACE - 1}")
    return [(row, (batch, place)) for place, row in enumerate(rows, start=first)]


def _judged(guest: Visit, row: Mapping[str, Any], where: tuple[str, int]) -> JobRequest | Refused:
    given = dict(row)
    try:
        return asked(guest, given, _key(given.pop("key", "")), Action.SUBMIT, where)
    except Refused as refused:
        return refused


def _key(key: object) -> str:
    if not (isinstance(key, str) and len(key) <= MAX_KEY and re.fullmatch(KEY_FORM, key)):
        raise Refused(Code.INVALID, f"key must be a text of at most {MAX_KEY} printable ASCII characters")
    return key
