"""Clones of all volumes of a consistency group, from one snapshot of it: a request that becomes a batch."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.bodies import JsonObject
from vnx_jobs.api.descriptions import GROUP_CLONES_BODY, REFUSED_BATCH
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.batches.group_clones import group_clones
from vnx_jobs.batches.manifest import Manifest
from vnx_jobs.documents.asked import arrays_of, texts
from vnx_jobs.documents.batches import ReportDocument
from vnx_jobs.documents.plans import BatchPlanDocument
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.specs import SEVERAL, parse_several

from .batches import SUBMITTED, answered, planned, submitted
from .jobs import Key

router = APIRouter(prefix="/v1", tags=["batches"])

_REFUSALS = (
    Code.UNKNOWN_ARRAY,
    Code.NO_SUCH_SNAPSHOT,
    Code.NO_SUCH_VOLUME,
    Code.NOT_SUPPORTED,
    Code.UNKNOWN_HOOK,
    Code.NAME_IN_USE,
)
(_WORD,) = SEVERAL


@router.post(
    "/group-clones",
    status_code=202,
    response_model=ReportDocument,
    responses={**SUBMITTED, **refusals(*_REFUSALS, Code.KEY_CONFLICT, body=True), 422: REFUSED_BATCH},
    openapi_extra=GROUP_CLONES_BODY,
)
def clone_group(guest: Guest, fields: JsonObject, key: Key = None) -> JSONResponse:
    """Make a full clone of each volume of a group's snapshot: a batch with a job for each, as `clone-group` does.

    With a key the batch bears its name, and the same request again finds the same jobs.
    """
    with guest.audited(arrays_of([fields])) as entry:
        manifest = _rows(guest, fields, key or "", Action.SUBMIT)
        fates = submitted(guest, manifest, entry, partial=False, atomic=False)
    return answered(manifest, fates, atomic=False)


@router.post("/group-clones:plan", responses=refusals(*_REFUSALS, body=True), openapi_extra=GROUP_CLONES_BODY)
def plan_group_clones(guest: Guest, fields: JsonObject, key: Key = None) -> BatchPlanDocument:
    """Say what the clones of a group's snapshot would do, hold, wait for and cost. Nothing is stored."""
    return planned(guest, _rows(guest, fields, key or "", Action.LOOK), partial=False)


def _rows(guest: Visit, fields: dict[str, Any], key: str, action: Action) -> Manifest:
    """Return a row for each volume of the snapshot. Raises Refused, before anything is looked up, if he may not."""
    guest.need(action)
    given = {"operation": _WORD, **fields}
    hooks = texts(given, "hooks")
    if given["operation"] != _WORD:
        raise Refused(Code.INVALID, f"operation can only be {_WORD} here: others go to /v1/jobs")
    if isinstance(given.get("array"), str):
        guest.array(given["array"])
    spec = parse_several(given)
    guest.need(action, guest.array(spec.array))
    return replace(group_clones(spec, guest.submission, key), hooks=hooks)
