"""Batches: rows that are judged whole, submitted together, and looked at together."""

from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from vnx_jobs.api.answers import problem, refusals
from vnx_jobs.api.bodies import media_type, understood
from vnx_jobs.api.descriptions import BATCH_BODY, REFUSED_BATCH
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.batches.checking import Checked, check
from vnx_jobs.batches.formats import Document, Entry
from vnx_jobs.batches.manifest import Manifest, understand
from vnx_jobs.batches.submitting import Fate, RowFate, submit
from vnx_jobs.documents.batches import BatchDocument, ReportDocument
from vnx_jobs.documents.plans import BatchPlanDocument
from vnx_jobs.model.authority import Action
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.states import State
from vnx_jobs.preview import Rehearsal, preview

router = APIRouter(prefix="/v1", tags=["batches"])

ENDINGS: Final = {
    "application/yaml": ".yaml",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
}
"""Media types of manifests, and how files of that form end. A JSON object is `application/json`."""
_KNOWN: Final = ("batch", "hooks", "defaults", "jobs")


async def _manifest(
    request: Request,
    guest: Guest,
    array: Annotated[str | None, Query(description="The array of rows that name none.")] = None,
    batch: Annotated[str, Query(max_length=100, description="The batch's name, where the body gives none.")] = "",
) -> Manifest:
    body = await request.body()
    return await run_in_threadpool(_read, guest, media_type(request), body, array, batch)


def _read(guest: Visit, kind: str, body: bytes, array: str | None, batch: str) -> Manifest:
    """Read a body as a manifest. Raises Refused."""
    meant = guest.array(array) if array else _only(guest)
    if kind == "application/json":
        return understand(Path("body.json"), body.decode(errors="replace"), meant, batch=batch, document=_rows(body))
    if kind not in ENDINGS:
        known = ", ".join(["application/json", *ENDINGS])
        raise Refused(Code.MEDIA_TYPE, f"a batch is one of {known} (the body is said to be {kind or 'nothing'})")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(Code.INVALID, "the body is not UTF-8 text") from None
    return understand(Path(f"body{ENDINGS[kind]}"), text, meant, batch=batch)


def _only(guest: Visit) -> str | None:
    """Return the array that is meant where none is named: the only one of the installation, if the caller sees it."""
    return guest.arrays[0] if len(guest.house.settings.arrays) == 1 and guest.arrays else None


def _rows(body: bytes) -> Document:
    """Return the rows of a JSON object: `jobs`, each with what `defaults` says. Raises Refused(invalid)."""
    found = understood(body)
    if strange := sorted(set(found) - set(_KNOWN)):
        raise Refused(Code.INVALID, f"there is no field {strange[0]!r} (there are {', '.join(_KNOWN)})")
    rows, defaults, name = found.get("jobs"), found.get("defaults", {}), found.get("batch", "")
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows) and isinstance(defaults, dict)):
        raise Refused(Code.INVALID, "jobs must be a list of objects, and defaults an object")
    hooks = found.get("hooks", [])
    if not (isinstance(name, str) and isinstance(hooks, list) and all(isinstance(one, str) for one in hooks)):
        raise Refused(Code.INVALID, "batch must be a text, and hooks a list of texts")
    entries = tuple(Entry(number, {**defaults, **row}) for number, row in enumerate(rows, start=1))
    return Document(entries, batch=name, hooks=tuple(hooks))


Given = Annotated[Manifest, Depends(_manifest)]


def _judged(guest: Visit, manifest: Manifest, action: Action) -> Checked:
    """Judge the rows. Raises Refused if one names an array that the caller does not see, or may do nothing on."""
    named = (row.fields.get("array") for row in manifest.rows)
    for name in dict.fromkeys(one for one in named if isinstance(one, str)):
        guest.need(action, guest.array(name))
    guest.need(action)
    return check(manifest, guest.house.submission)


@router.post(
    "/batches",
    status_code=202,
    response_model=ReportDocument,
    responses={
        200: {"model": ReportDocument, "description": "Every row was known: nothing was submitted."},
        202: {"description": "What became of each row; those that were submitted have a job."},
        **refusals(Code.UNKNOWN_ARRAY, Code.UNKNOWN_HOOK, body=True),
        422: REFUSED_BATCH,
    },
    openapi_extra=BATCH_BODY,
)
def submit_batch(guest: Guest, manifest: Given, *, partial: bool = False) -> JSONResponse:
    """Submit the rows of a manifest: all of them are judged first, and with one wrong nothing is submitted.

    `partial` submits the rows that are right. The same batch again finds the same jobs, and submits what is missing.
    """
    with guest.audited(_arrays(manifest)) as entry:
        checked = _judged(guest, manifest, Action.SUBMIT)
        with _telling(guest, manifest):
            fates = submit(checked, guest.house.submission, partial=partial, by=guest.by)
        entry.jobs = tuple(fate.job for fate in fates if fate.fate is Fate.SUBMITTED)
    report = ReportDocument.of(manifest.batch, str(manifest.file), fates, {})
    if any(fate.has_job for fate in fates):
        known = all(fate.fate is Fate.KNOWN for fate in fates)
        headers = {"Location": f"/v1/batches/{manifest.batch}"}
        return JSONResponse(report.told(), 200 if known else 202, headers=headers)
    return problem(Refused(Code.INVALID, _complaint(fates)), report=report.told())


def _telling(guest: Visit, manifest: Manifest) -> AbstractContextManager[None]:
    """Have the hooks told that a manifest names, when all that is submitted within has ended. Raises Refused."""
    return guest.house.hooks.telling(manifest.batch, manifest.hooks) if manifest.hooks else nullcontext()


def _arrays(manifest: Manifest) -> str:
    """Return the array of a manifest, for the audit trail; several with commas."""
    return ",".join(sorted({str(row.fields.get("array", "")) for row in manifest.rows})[:10])


def _complaint(fates: list[RowFate]) -> str:
    """Say in one line why nothing was submitted."""
    bad = [fate for fate in fates if fate.fate in {Fate.WRONG, Fate.REFUSED}]
    first = f"; the first, row {bad[0].row or '?'} (line {bad[0].line}): {bad[0].message}" if bad else ""
    return f"nothing was submitted: {len(bad)} of {len(fates)} rows are wrong or refused{first}"


@router.post(
    "/batches:plan", responses=refusals(Code.UNKNOWN_ARRAY, Code.UNKNOWN_HOOK, body=True), openapi_extra=BATCH_BODY
)
def plan_batch(guest: Guest, manifest: Given, *, partial: bool = False) -> BatchPlanDocument:
    """Say what the rows of a manifest would do, hold, wait for and cost. Nothing is stored."""
    checked = _judged(guest, manifest, Action.LOOK)
    if manifest.hooks:
        guest.house.hooks.need(manifest.hooks)
    rehearsal = Rehearsal(guest.house.submission)
    fates = submit(checked, rehearsal, partial=partial, by="")
    return BatchPlanDocument.of_rows(preview(rehearsal), manifest.batch, str(manifest.file), fates)


@router.get("/batches/{batch}", responses=refusals(Code.NO_SUCH_BATCH))
def batch(guest: Guest, batch: str) -> BatchDocument:
    """Say how the jobs of a batch stand. `GET /v1/jobs?batch=` lists them."""
    guest.need(Action.LOOK)
    return standing_of(guest, batch)


def standing_of(guest: Visit, batch: str) -> BatchDocument:
    """Return how the jobs of a batch stand that a caller sees. Raises Refused(no-such-batch)."""
    counted: Counter[State] = Counter()
    for (array, state), count in guest.house.pages.counts(batch=batch).items() if batch else ():
        if guest.caller.sees(array):
            counted[state] += count
    if not counted:
        raise Refused(Code.NO_SUCH_BATCH, f"there are no jobs of a batch {batch!r}")
    return BatchDocument.of(batch, counted)
