"""Manifests that a service is given: it reads them, so that lines and mistakes are told as beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from vnx_jobs.batches.fates import Fate, RowFate
from vnx_jobs.batches.manifest import unnamed
from vnx_jobs.cli import reports
from vnx_jobs.cli.batching import need_folder, show_report, variables_of, write_report
from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.output import Form
from vnx_jobs.cli.previewing import nothing_to_wait_for, tell_plan_of_rows
from vnx_jobs.client import Refused as Turned
from vnx_jobs.client.asking import new_key
from vnx_jobs.client.manifests import MAX_NAME, manifest
from vnx_jobs.client.manifests import Form as Written
from vnx_jobs.documents.batches import ReportDocument, RowDocument
from vnx_jobs.documents.plans import BatchPlanDocument
from vnx_jobs.model.errors import Code, Refused

from .jobs import followed
from .service import Service

_FORMS: Final[Mapping[str, Written]] = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
}
"""Forms of manifests by the endings of files."""


def batch(  # noqa: PLR0913, PLR0917 -- an argument an option
    service: Service,
    file: Path,
    array: str | None,
    report: Path | None,
    hooks: tuple[str, ...],
    given: tuple[str, ...],
    *,
    partial: bool,
    atomic: bool,
    waits: bool,
    planned: bool,
    form: Form,
) -> Exit:
    """Submit the jobs of a manifest."""
    need_folder(report)
    if atomic and partial:
        raise click.UsageError("a batch is accepted whole (atomic) or in part (--partial), not both")
    if planned:
        nothing_to_wait_for(waits=waits)
    manifest = _Manifest(service, file, array, given, hooks)
    if planned:
        return manifest.planned(partial=partial, report=report, form=form)
    told = manifest.submitted(partial=partial, atomic=atomic)
    return _reported(service, told, report, is_file=True, waits=waits, form=form)


def clone_group(  # noqa: PLR0913 -- an argument an option
    service: Service, fields: Mapping[str, Any], key: str, *, waits: bool, planned: bool, form: Form
) -> Exit:
    """Submit a clone of each volume of a group's snapshot."""
    if planned:
        nothing_to_wait_for(waits=waits)
        plan = service.plan_group_clones(fields)
        return tell_plan_of_rows(form, plan, _fates_of(plan), Path(plan.file), is_file=False)
    try:
        told = service.clone_group(fields, key or new_key())
    except Turned as refused:
        if refused.report is None:
            raise
        told = ReportDocument.model_validate(refused.report)
    return _reported(service, told, None, is_file=False, waits=waits, form=form)


def _reported(  # noqa: PLR0913 -- how a report is made
    service: Service, told: ReportDocument, report: Path | None, *, is_file: bool, waits: bool, form: Form
) -> Exit:
    """Say what became of rows, wait for their jobs if that is asked for, and report."""
    fates = [_fate(row) for row in told.rows]
    reports.complain(Path(told.file), fates, is_file=is_file)
    ids = [fate.job for fate in fates if fate.has_job]
    jobs = {one.job: one for one in followed(service, ids, form)} if waits and ids else {}
    document = told.followed_to(jobs) if jobs else told
    if report is not None:
        write_report(report, document.told())
    show_report(form, document, fates, jobs, report)
    return reports.status(fates, jobs)


class _Manifest:
    """A file, as a service is given it."""

    def __init__(
        self, service: Service, file: Path, array: str | None, given: Sequence[str], hooks: Sequence[str]
    ) -> None:
        """Read a file. Raises Refused for one that cannot be read, or whose ending is unknown."""
        self._service, self._file = service, file
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise Refused(Code.INVALID, f"{file} cannot be read: {reason}") from error
        form = _FORMS.get(file.suffix.lower())
        if form is None:
            known = ", ".join(sorted(_FORMS))
            raise Refused(Code.INVALID, f"{file}: the ending {file.suffix!r} is unknown (there are {known})")
        self._called = f"body.{form}"
        seen = [one.array for one in service.arrays()]
        meant = array or (seen[0] if len(seen) == 1 else None)
        variables = variables_of(given)
        name = unnamed(file, text, meant, variables)[:MAX_NAME]
        self._sent = manifest(text, form, batch=name, array=meant, variables=variables, hooks=hooks)

    def submitted(self, *, partial: bool, atomic: bool) -> ReportDocument:
        """Submit it, and return what became of each row. Raises Refused if it cannot be read as a manifest."""
        try:
            told = self._service.submit_batch(self._sent, partial=partial, atomic=atomic)
        except Turned as refused:
            if refused.report is None:
                raise self._named(refused) from None
            told = ReportDocument.model_validate(refused.report)
        return told.model_copy(update={"file": str(self._file)})

    def planned(self, *, partial: bool, report: Path | None, form: Form) -> Exit:
        """Write what its rows would do."""
        try:
            plan = self._service.plan_batch(self._sent, partial=partial)
        except Turned as refused:
            raise self._named(refused) from None
        plan = plan.model_copy(update={"file": str(self._file)})
        if report is not None:
            write_report(report, plan.told())
        return tell_plan_of_rows(form, plan, _fates_of(plan), self._file)

    def _named(self, refused: Turned) -> Turned:
        """Return a refusal that calls the file by its name."""
        text = refused.message
        if text.startswith(self._called):
            text = f"{self._file}{text.removeprefix(self._called)}"
        return Turned(refused.code, text, refused.job)


def _fate(row: RowDocument) -> RowFate:
    return RowFate(row.line, row.row, row.operation, row.array, row.name, row.fate, row.job_id or "", row.message)


def _fates_of(plan: BatchPlanDocument) -> list[RowFate]:
    """Return the fates of rows that were only rehearsed, as far as complaints need them."""
    known = {str(fate): fate for fate in Fate}
    fates = [(row, known.get(row.fate, Fate.SUBMITTED)) for row in plan.rows]
    has_job = {Fate.SUBMITTED, Fate.KNOWN}
    return [
        RowFate(row.line, row.row, "", "", "", fate, "planned" if fate in has_job else "", row.message)
        for row, fate in fates
    ]
