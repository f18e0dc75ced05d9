"""A client's way over HTTP: each call is a request."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from vnx_jobs.documents.answers import AcceptedDocument
from vnx_jobs.documents.arrays import ArrayDocument, ArrayOrderDocument
from vnx_jobs.documents.backups import (
    BackedUpDocument,
    BackedUpPage,
    BackupDocument,
    BackupsPage,
    JudgedDocument,
    JudgedPage,
)
from vnx_jobs.documents.batches import (
    BatchesDocument,
    BatchOrderDocument,
    BatchReportDocument,
    ReportDocument,
    StandingDocument,
)
from vnx_jobs.documents.jobs import (
    EventDocument,
    JobDocument,
    JobsPage,
    OrderDocument,
    RetriedDocument,
    SubmittedDocument,
)
from vnx_jobs.documents.plans import BatchPlanDocument, JobPlanDocument, KnownPlanDocument
from vnx_jobs.documents.schedules import RunDocument, ScheduleDocument
from vnx_jobs.documents.volumes import SourceDocument, SourcesPage, VolumeDocument, VolumesPage
from vnx_jobs.model.errors import Code
from vnx_jobs.model.orders import Order
from vnx_jobs.model.retention import Policy

from .asking import Ask
from .door import Filters, Listened, Part
from .errors import EventsLostError, Refused
from .exchange import END, Exchange, refusal, understood
from .manifests import Form, Manifest

_AT_ONCE: Final = 100
"""Jobs that one request asks for by their ids."""
_PAGE: Final = 200
_KINDS: Final[Mapping[Form, str]] = {"yaml": "application/yaml", "jsonl": "application/x-ndjson", "csv": "text/csv"}
"""As what manifests are sent, by their form."""
_SUBMITTING: Final = 540.0
"""Seconds that the submission of a manifest may take besides: it may have 100,000 rows."""


class HttpDoor:
    """Implements Door. For any number of threads."""

    def __init__(self, address: str, token: str | None, ca_file: Path | None) -> None:
        """Speak to the service at an address. Raises Refused(invalid) for what is no address, or no token."""
        self._service = Exchange(address, token, ca_file)
        self.name = self._service.name

    def submit(self, asked: Ask) -> SubmittedDocument:
        """Submit a job."""
        return self._service.post(SubmittedDocument, "/v1/jobs", asked.body, _keyed(asked))

    def submit_many(self, asked: Sequence[Ask], batch: str, first: int) -> list[AcceptedDocument | Refused]:
        """Submit many jobs by one request."""
        rows = [one.body | ({"key": one.key} if one.key else {}) for one in asked]
        told = self._service.ask("POST", "/v1/jobs:many", {"batch": batch, "first": first, "jobs": rows})
        with understood("/v1/jobs:many"):
            return [
                refusal(one["refused"]) if one["refused"] else AcceptedDocument.model_validate(one["accepted"])
                for one in told["answers"]
            ]

    def plan(self, asked: Ask) -> JobPlanDocument | KnownPlanDocument:
        """Say what a job would do."""
        told = self._service.ask("POST", "/v1/jobs:plan", asked.body, headers=_keyed(asked))
        with understood("/v1/jobs:plan"):
            return (KnownPlanDocument if told["known"] else JobPlanDocument).model_validate(told)

    def job(self, job: str, seconds: float = 0) -> JobDocument:
        """Return a job, as soon as it is over or the seconds are."""
        return self._service.get(JobDocument, f"/v1/jobs/{path_part(job)}", {"wait": seconds or None}, seconds)

    def these(self, jobs: Sequence[str]) -> list[JobDocument]:
        """Return jobs."""
        found: dict[str, JobDocument] = {}
        for start in range(0, len(jobs), _AT_ONCE):
            page = self._service.get(JobsPage, "/v1/jobs", {"job": list(jobs[start : start + _AT_ONCE])})
            found |= {one.job: one for one in page.jobs}
        if missing := next((one for one in jobs if one not in found), None):
            raise Refused(Code.NO_SUCH_JOB, f"there is no job {missing}")
        return [found[one] for one in jobs]

    def jobs(self, which: Filters, cursor: str) -> Part[JobDocument]:
        """List jobs."""
        asked = {"state": [str(one) for one in which.states], "array": which.array, "batch": which.batch}
        page = self._service.get(JobsPage, "/v1/jobs", {**asked, "limit": _PAGE, "cursor": cursor})
        return page.jobs, page.cursor

    def submit_batch(self, manifest: Manifest, *, partial: bool, atomic: bool) -> ReportDocument:
        """Submit the rows of a manifest."""
        told = self._manifest("/v1/batches", manifest, {"partial": partial, "atomic": atomic})
        with understood("/v1/batches"):
            return ReportDocument.model_validate(told)

    def plan_batch(self, manifest: Manifest, *, partial: bool) -> BatchPlanDocument:
        """Say what the rows of a manifest would do."""
        told = self._manifest("/v1/batches:plan", manifest, {"partial": partial})
        with understood("/v1/batches:plan"):
            return BatchPlanDocument.model_validate(told)

    def _manifest(self, path: str, manifest: Manifest, how: dict[str, bool]) -> object:
        """Send a manifest with what is said beside it, and return the answer."""
        asked: dict[str, Any] = {"array": manifest.array, "batch": manifest.batch, "hook": manifest.hooks}
        asked["var"] = [f"{name}={value}" for name, value in manifest.variables.items()]
        headers = {"Content-Type": _KINDS[manifest.form]}
        body = manifest.text.encode()
        return self._service.ask("POST", path, body, asked=asked | how, headers=headers, seconds=_SUBMITTING)

    def batches(self, limit: int) -> Sequence[StandingDocument]:
        """List batches."""
        return list(self._service.get(BatchesDocument, "/v1/batches", {"limit": limit}).batches)

    def batch(self, batch: str) -> StandingDocument:
        """Say how a batch stands."""
        return self._service.get(StandingDocument, f"/v1/batches/{path_part(batch)}")

    def batch_report(self, batch: str) -> BatchReportDocument:
        """Say of each row how it stands."""
        return self._service.get(BatchReportDocument, f"/v1/batches/{path_part(batch)}/report")

    def order_batch(self, batch: str, order: Order) -> BatchOrderDocument:
        """Give an order to all jobs of a batch."""
        return self._service.post(BatchOrderDocument, f"/v1/batches/{path_part(batch)}/{order}")

    def order(self, job: str, order: Order) -> OrderDocument:
        """Give an order to a job."""
        return self._service.post(OrderDocument, f"/v1/jobs/{path_part(job)}/{order}")

    def retry(self, job: str) -> RetriedDocument:
        """Submit again what a job was asked for."""
        return self._service.post(RetriedDocument, f"/v1/jobs/{path_part(job)}/retry")

    def volumes(self, array: str | None, cursor: str) -> Part[VolumeDocument]:
        """List volumes."""
        page = self._service.get(VolumesPage, "/v1/volumes", {"array": array, "limit": _PAGE, "cursor": cursor})
        return page.volumes, page.cursor

    def volume(self, array: str, name: str) -> VolumeDocument:
        """Return a volume."""
        return self._service.get(VolumeDocument, f"/v1/volumes/{path_part(array)}/{path_part(name)}")

    def sources(self, array: str | None, cursor: str) -> Part[SourceDocument]:
        """List sources."""
        page = self._service.get(SourcesPage, "/v1/sources", {"array": array, "limit": _PAGE, "cursor": cursor})
        return page.sources, page.cursor

    def source(self, array: str, name: str) -> SourceDocument:
        """Return a source."""
        return self._service.get(SourceDocument, f"/v1/sources/{path_part(array)}/{path_part(name)}")

    def arrays(self) -> Sequence[ArrayDocument]:
        """Say how things stand with each array."""
        return self._service.list_of(ArrayDocument, "/v1/arrays")

    def array(self, name: str) -> ArrayDocument:
        """Say how things stand with an array."""
        return self._service.get(ArrayDocument, f"/v1/arrays/{path_part(name)}")

    def backups(self, array: str | None, volume: str | None, cursor: str) -> Part[BackupDocument]:
        """List backups."""
        asked = {"array": array, "volume": volume, "limit": _PAGE, "cursor": cursor}
        page = self._service.get(BackupsPage, "/v1/backups", asked)
        return page.backups, page.cursor

    def backed_up(self, array: str | None, unproved: float | None, cursor: str) -> Part[BackedUpDocument]:
        """List volumes that have backups."""
        asked = {"array": array, "unproved": unproved, "limit": _PAGE, "cursor": cursor}
        page = self._service.get(BackedUpPage, "/v1/backups:volumes", asked)
        return page.volumes, page.cursor

    def judged(self, policy: Policy, array: str | None, volume: str | None, cursor: str) -> Part[JudgedDocument]:
        """Say of each backup whether a policy would keep it."""
        asked = {**asdict(policy), "array": array, "volume": volume, "limit": _PAGE, "cursor": cursor}
        page = self._service.get(JudgedPage, "/v1/backups:retention", asked)
        return page.backups, page.cursor

    def backup(self, archive: str) -> BackupDocument:
        """Return a backup."""
        return self._service.get(BackupDocument, f"/v1/backups/{path_part(archive)}")

    def schedules(self) -> Sequence[ScheduleDocument]:
        """List schedules."""
        return self._service.list_of(ScheduleDocument, "/v1/schedules")

    def schedule(self, name: str) -> ScheduleDocument:
        """Return a schedule."""
        return self._service.get(ScheduleDocument, _schedule(name))

    def hold(self, array: str) -> ArrayOrderDocument:
        """Begin nothing on an array."""
        return self._service.post(ArrayOrderDocument, f"/v1/arrays/{path_part(array)}/pause")

    def unhold(self, array: str) -> ArrayOrderDocument:
        """End the hold of an array."""
        return self._service.post(ArrayOrderDocument, f"/v1/arrays/{path_part(array)}/resume")

    def pin(self, archive: str, *, on: bool) -> BackupDocument:
        """Have a backup stay, or not any more."""
        return self._service.post(BackupDocument, f"/v1/backups/{path_part(archive)}/{'pin' if on else 'unpin'}")

    def put_schedule(self, name: str, fields: Mapping[str, Any], *, replace: bool) -> ScheduleDocument:
        """Add a schedule, or replace it."""
        path, asked = _schedule(name), {"replace": str(replace).lower()}
        told = self._service.ask("PUT", path, fields, asked=asked)
        with understood(path):
            return ScheduleDocument.model_validate(told)

    def remove_schedule(self, name: str) -> None:
        """Remove a schedule."""
        self._service.ask("DELETE", _schedule(name))

    def pause_schedule(self, name: str) -> ScheduleDocument:
        """Let a schedule begin nothing by itself."""
        return self._service.post(ScheduleDocument, f"{_schedule(name)}/pause")

    def resume_schedule(self, name: str) -> ScheduleDocument:
        """End the pause of a schedule."""
        return self._service.post(ScheduleDocument, f"{_schedule(name)}/resume")

    def run_schedule(self, name: str) -> RunDocument:
        """Have a run begin now."""
        return self._service.post(RunDocument, f"{_schedule(name)}/run")

    def clone_group(self, fields: Mapping[str, Any], key: str) -> ReportDocument:
        """Clone all volumes of a group's snapshot."""
        return self._service.post(ReportDocument, "/v1/group-clones", fields, {"Idempotency-Key": key})

    def listen(self, job: str, batch: str, after: str) -> Iterator[Listened]:
        """Hear what happens, until it is over or the stream is cut off."""
        of_job, of_batch = f"/v1/jobs/{path_part(job)}/events", f"/v1/batches/{path_part(batch)}/events"
        path = of_job if job else of_batch if batch else "/v1/events"
        for one in self._service.stream(path, after):
            if one.kind == "gap":
                raise EventsLostError("older events are gone: read again how things stand")
            event = None
            if one.data and not one.kind:
                with understood(path):
                    event = EventDocument.model_validate_json(one.data)
            yield Listened(one.id, event, over=one.kind == END)

    def close(self) -> None:
        """Let go of connections."""
        self._service.close()


def _keyed(asked: Ask) -> dict[str, str]:
    return {"Idempotency-Key": asked.key} if asked.key else {}


def _schedule(name: str) -> str:
    return f"/v1/schedules/{path_part(name)}"


def path_part(name: str) -> str:
    """Return a name as a part of a path: dots alone would lead elsewhere."""
    return quote(name, safe="") if name.strip(".") else name.replace(".", "%2E") or "%20"
