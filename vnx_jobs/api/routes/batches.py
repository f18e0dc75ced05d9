"""Batches: rows that are judged whole, submitted together, and looked at together."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from vnx_jobs.api.answers import problem, refusals
from vnx_jobs.api.bodies import media_type, understood
from vnx_jobs.api.descriptions import BATCH_BODY, REFUSED_BATCH
from vnx_jobs.api.doors import Entry as AuditEntry
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.batches.checking import Checked, check
from vnx_jobs.batches.fates import Fate, RowFate, is_accepted
from vnx_jobs.batches.formats import Document, Entry, defaults_problem, with_defaults
from vnx_jobs.batches.manifest import Manifest, understand
from vnx_jobs.batches.submitting import complaint, submit
from vnx_jobs.batches.variables import variable_problem
from vnx_jobs.batches.whole import submit_whole
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
_KNOWN: Final = ("batch", "atomic", "vars", "hooks", "defaults", "jobs")


@dataclass(frozen=True, slots=True)
class Given:
    """What the address says of a manifest besides its body."""

    array: str | None
    batch: str
    variables: Mapping[str, str]
    hooks: tuple[str, ...]


async def _manifest(  # noqa: PLR0913, PLR0917 -- a parameter of the address each
    request: Request,
    guest: Guest,
    array: Annotated[str | None, Query(description="The array of rows that name none.")] = None,
    batch: Annotated[str, Query(max_length=100, description="The batch's name, where the body gives none.")] = "",
    var: Annotated[
        list[str] | None, Query(max_length=100, description="NAME=VALUE: what {NAME} stands for in its rows.")
    ] = None,
    hook: Annotated[
        list[str] | None,
        Query(max_length=100, description="Told when all of its jobs have ended, as `hooks` are."),
    ] = None,
) -> Manifest:
    body = await request.body()
    given = Given(array, batch, _variables(var or []), tuple(hook or ()))
    manifest = await run_in_threadpool(_read, guest, media_type(request), body, given)
    return replace(manifest, hooks=tuple(dict.fromkeys((*manifest.hooks, *given.hooks))))


def _variables(given: list[str]) -> dict[str, str]:
    """Return what the sender's variables stand for. Raises Refused(invalid) for what is no NAME=VALUE."""
    pairs = [one.partition("=") for one in given]
    found = {name: value for name, _, value in pairs}
    if len(found) < len(pairs) or not all(sign for _, sign, _ in pairs):
        raise Refused(Code.INVALID, "var must be NAME=VALUE, each name once")
    return found


def _read(guest: Visit, kind: str, body: bytes, given: Given) -> Manifest:
    """Read a body as a manifest. Raises Refused."""
    meant = guest.array(given.array) if given.array else guest.only
    said: dict[str, Any] = {"batch": given.batch, "variables": given.variables}
    if kind == "application/json":
        return understand(Path("body.json"), body.decode(errors="replace"), meant, document=_rows(body), **said)
    if kind not in ENDINGS:
        known = ", ".join(["application/json", *ENDINGS])
        raise Refused(Code.MEDIA_TYPE, f"a batch is one of {known} (the body is said to be {kind or 'nothing'})")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(Code.INVALID, "the body is not UTF-8 text") from None
    return understand(Path(f"body{ENDINGS[kind]}"), text, meant, **said)


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
    if wrong := defaults_problem(defaults):
        raise Refused(Code.INVALID, wrong)
    entries = tuple(Entry(number, with_defaults(row, defaults)) for number, row in enumerate(rows, start=1))
    variables, atomic = found.get("vars", {}), found.get("atomic", False)
    if not (isinstance(variables, dict) and all(isinstance(one, str) for one in variables.values())):
        raise Refused(Code.INVALID, "vars must be an object of texts")
    for problem_of in filter(None, map(variable_problem, variables)):
        raise Refused(Code.INVALID, problem_of)
    if not isinstance(atomic, bool):
        raise Refused(Code.INVALID, "atomic must be true or false")
    return Document(entries, batch=name, hooks=tuple(hooks), variables=variables, atomic=atomic)


Rows = Annotated[Manifest, Depends(_manifest)]


def _judged(guest: Visit, manifest: Manifest, action: Action) -> Checked:
    """Judge the rows. Raises Refused if one names an array that the caller does not see, or may do nothing on."""
    named = (row.fields.get("array") for row in manifest.rows)
    for name in dict.fromkeys(one for one in named if isinstance(one, str)):
        guest.need(action, guest.array(name))
    guest.need(action)
    return check(manifest, guest.submission)


SUBMITTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ReportDocument, "description": "Every row was known: nothing was submitted."},
    202: {"description": "What became of each row; those that were submitted have a job."},
}
"""How the submission of rows is answered that was not refused whole."""


@router.post(
    "/batches",
    status_code=202,
    response_model=ReportDocument,
    responses={
        **SUBMITTED,
        **refusals(Code.UNKNOWN_ARRAY, Code.UNKNOWN_HOOK, Code.NAME_IN_USE, Code.KEY_CONFLICT, body=True),
        422: REFUSED_BATCH,
    },
    openapi_extra=BATCH_BODY,
)
def submit_batch(guest: Guest, manifest: Rows, *, partial: bool = False, atomic: bool = False) -> JSONResponse:
    """Submit the rows of a manifest: all of them are judged first, and with one wrong nothing is submitted.

    `partial` submits the rows that are right. `atomic` accepts all or none, and lets none run before. The
    same batch again finds the same jobs, and submits what is missing.
    """
    atomic = atomic or manifest.atomic
    if atomic and partial:
        raise Refused(Code.INVALID, "a batch is accepted whole (atomic) or in part (partial), not both")
    with guest.audited(_arrays(manifest)) as entry:
        fates = submitted(guest, manifest, entry, partial=partial, atomic=atomic)
    return answered(manifest, fates, atomic=atomic)


def submitted(guest: Visit, manifest: Manifest, entry: AuditEntry, *, partial: bool, atomic: bool) -> list[RowFate]:
    """Submit the rows of a manifest, and note their jobs for the audit trail. Raises Refused if he may not."""
    checked = _judged(guest, manifest, Action.SUBMIT)
    with _telling(guest, manifest):
        fates = _submitted(guest, checked, partial=partial, atomic=atomic)
    entry.jobs = tuple(fate.job for fate in fates if fate.fate is Fate.SUBMITTED)
    if not is_accepted(fates, atomic=atomic):
        entry.outcome = str(Code.INVALID)
    return fates


def answered(manifest: Manifest, fates: list[RowFate], *, atomic: bool) -> JSONResponse:
    """Return the answer that tells what became of rows."""
    report = ReportDocument.of(manifest.batch, str(manifest.file), fates, {})
    if is_accepted(fates, atomic=atomic):
        known = all(fate.fate is Fate.KNOWN for fate in fates)
        headers = {"Location": f"/v1/batches/{quote(manifest.batch, safe='')}"}
        return JSONResponse(report.told(), 200 if known else 202, headers=headers)
    return problem(Refused(Code.INVALID, complaint(fates)), report=report.told())


def _submitted(guest: Visit, checked: Checked, *, partial: bool, atomic: bool) -> list[RowFate]:
    if atomic:
        with _a_place(guest.doors.atomic):
            return submit_whole(checked, guest.submission, guest.house.gates, by=guest.by)
    return submit(checked, guest.submission, partial=partial, by=guest.by)


@contextmanager
def _a_place(places: BoundedSemaphore) -> Iterator[None]:
    """Hold one of the places for batches that are accepted whole. Raises Refused(too-many-requests) if all are held."""
    if not places.acquire(blocking=False):
        text = "so many batches are being accepted whole already that no more can be: try again"
        raise Refused(Code.TOO_MANY, text, retry_after=2)
    try:
        yield
    finally:
        places.release()


def _telling(guest: Visit, manifest: Manifest) -> AbstractContextManager[None]:
    """Have the hooks told that a manifest names, when all that is submitted within has ended. Raises Refused."""
    if not manifest.hooks:
        return nullcontext()
    _need_all_seen(guest, manifest.batch)
    return guest.house.hooks.telling(manifest.batch, manifest.hooks)


def _need_all_seen(guest: Visit, batch: str) -> None:
    """Raise Refused(name-in-use) for a batch that has jobs which he does not see: its hooks are told of all of them."""
    if guest.scope is None:
        return
    if not all(guest.caller.sees(array) for array, _ in guest.house.pages.counts(batch=batch)):
        text = f"batch {batch!r} has jobs that this token does not see: give it another name, or name no hooks"
        raise Refused(Code.NAME_IN_USE, text)


def _arrays(manifest: Manifest) -> str:
    """Return the array of a manifest, for the audit trail; several with commas."""
    return ",".join(sorted({str(row.fields.get("array", "")) for row in manifest.rows})[:10])


@router.post(
    "/batches:plan",
    responses=refusals(Code.UNKNOWN_ARRAY, Code.UNKNOWN_HOOK, Code.NAME_IN_USE, body=True),
    openapi_extra=BATCH_BODY,
)
def plan_batch(guest: Guest, manifest: Rows, *, partial: bool = False) -> BatchPlanDocument:
    """Say what the rows of a manifest would do, hold, wait for and cost. Nothing is stored."""
    return planned(guest, manifest, partial=partial)


def planned(guest: Visit, manifest: Manifest, *, partial: bool) -> BatchPlanDocument:
    """Return the plan of rows. Raises Refused if he may not look at their arrays."""
    checked = _judged(guest, manifest, Action.LOOK)
    if manifest.hooks:
        _need_all_seen(guest, manifest.batch)
        guest.house.hooks.need(manifest.hooks)
    rehearsal = Rehearsal(guest.submission)
    fates = submit(checked, rehearsal, partial=partial, by="")
    return BatchPlanDocument.of_rows(preview(rehearsal), manifest.batch, str(manifest.file), fates)


def standing_of(guest: Visit, batch: str) -> BatchDocument:
    """Return how the jobs of a batch stand that a caller sees. Raises Refused(no-such-batch)."""
    counted: Counter[State] = Counter()
    for (array, state), count in guest.house.pages.counts(batch=batch).items() if batch else ():
        if guest.caller.sees(array):
            counted[state] += count
    if not counted:
        raise Refused(Code.NO_SUCH_BATCH, f"there are no jobs of a batch {batch!r}")
    return BatchDocument.of(batch, counted)
