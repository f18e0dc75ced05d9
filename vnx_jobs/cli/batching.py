"""`vnx-jobs batch`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vnx_jobs.batches.checking import Checked, check
from vnx_jobs.batches.fates import RowFate, is_accepted
from vnx_jobs.batches.manifest import read
from vnx_jobs.batches.submitting import submit
from vnx_jobs.batches.whole import submit_whole
from vnx_jobs.documents.asked import arrays_of
from vnx_jobs.documents.batches import ReportDocument, RowDocument
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.record import Record

from . import known, reports
from .bars import progress_screen
from .documents import Job
from .output import Form, in_form, pretty, show_documents, show_one
from .previewing import nothing_to_wait_for, show_plan_of_rows
from .session import array_meant, audited, finding_again, opened, sender
from .waiting import wait

if TYPE_CHECKING:  # slow: the session opens it
    from vnx_jobs.wiring import House


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@known.array_option("The array of rows that name none (not needed when only one is configured).")
@click.option("--var", "given", multiple=True, metavar="NAME=VALUE", help="What {NAME} stands for in its rows.")
@click.option("--partial", is_flag=True, help="Submit the rows that are right although others are wrong.")
@click.option("--atomic", is_flag=True, help="Accept all rows or none: nothing runs before each has its job.")
@click.option(
    "--wait", "waits", is_flag=True, help="Wait until all jobs are over; the exit status says how they ended."
)
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write the report as JSON to this file."
)
@click.option("--plan", "planned", is_flag=True, help="Store nothing: say what the jobs would do, wait for and cost.")
@click.option("--hook", "hooks", multiple=True, metavar="NAME", help="Call back when all of its jobs have ended.")
@in_form
def batch(  # noqa: PLR0913 -- an argument an option
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
) -> int:
    """Submit the jobs of a manifest: FILE.yaml, FILE.jsonl or FILE.csv.

    For example: vnx-jobs batch web.yaml

    All rows are checked first. The same file submitted again runs only what has not succeeded: rows whose jobs live or
    SUCCEEDED are known, those that FAILED, or were cancelled or given up, are tried again.
    """
    need_folder(report)
    with opened() as house:
        meant = array or (array_meant(house.settings, None) if len(house.settings.arrays) == 1 else None)
        manifest = read(file, array=meant, variables=variables_of(given))
        atomic = atomic or manifest.atomic
        if atomic and partial:
            raise click.UsageError("a batch is accepted whole (atomic) or in part (--partial), not both")
        checked = check(manifest, house.submission)
        how: dict[str, bool] = {"partial": partial, "atomic": atomic, "waits": waits, "planned": planned}
        return submit_rows(house, checked, report, hooks, form=form, **how)


def need_folder(report: Path | None) -> None:
    """Raise Refused(invalid) for a report that could not be written when all is done."""
    if report is not None and not report.parent.is_dir():
        text = f"{report}: there is no folder {report.parent} for the report; nothing was submitted"
        raise Refused(Code.INVALID, text)


def variables_of(given: Sequence[str]) -> dict[str, str]:
    """Return what --var says. Raises UsageError for what is no NAME=VALUE, or is said twice."""
    found: dict[str, str] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or name in found:
            raise click.UsageError(f"--var {one}: {'it is given twice' if sign else 'NAME=VALUE is expected'}")
        found[name] = value
    return found


def submit_rows(  # noqa: PLR0913 -- an argument an option
    house: "House",
    checked: Checked,
    report: Path | None = None,
    hooks: tuple[str, ...] = (),
    *,
    partial: bool = False,
    atomic: bool = False,
    waits: bool,
    planned: bool,
    form: Form,
) -> int:
    """Submit rows, or say what their jobs would do; wait for the jobs if that is asked for, and report."""
    told = (*checked.manifest.hooks, *hooks)
    if planned:
        house.hooks.need(told)
        nothing_to_wait_for(waits=waits)
        status, plan = show_plan_of_rows(checked, house.submission, partial=partial, form=form)
        if report is not None:
            write_report(report, plan.told())
        return status
    batch_of = checked.manifest.batch
    arrays = arrays_of([row.fields for row in checked.manifest.rows])
    with audited(house, f"batch {batch_of}", arrays) as line, house.hooks.telling(batch_of, told):
        if atomic:
            fates = submit_whole(checked, house.submission, house.gates, by=sender())
        else:
            fates = submit(checked, house.submission, partial=partial, by=sender())
        line.jobs = [fate.job for fate in fates if fate.has_job]
        line.outcome = "done" if is_accepted(fates, atomic=atomic) else str(Code.INVALID)
    reports.complain(checked.manifest.file, fates, is_file=checked.manifest.is_file)
    records: Mapping[str, Record] = {}
    ids = [fate.job for fate in fates if fate.has_job]
    if waits and ids:
        with progress_screen(quiet=not form.for_people) as screen, finding_again(house) as anew:
            records = {record.id: record for record in wait(house.reads, ids, screen, anew)}
    document = ReportDocument.of(batch_of, str(checked.manifest.file), fates, records)
    if report is not None:
        write_report(report, document.told())
    show_report(form, document, fates, records, report)
    return reports.status(fates, records)


def show_report(
    form: Form,
    document: ReportDocument,
    fates: Sequence[RowFate],
    jobs: Mapping[str, Job],
    report: Path | None,
) -> None:
    """Write what became of the rows of a batch; to people nothing, if no row has a job."""
    if form is Form.CSV:
        show_documents(form, document.rows, (), RowDocument, empty="")
    elif not form.for_people or any(fate.has_job for fate in fates):
        show_one(form, document, lambda: reports.show(document.batch, fates, jobs, report))


def write_report(path: Path, document: Mapping[str, Any]) -> None:
    """Write a report as JSON. Raises OSError."""
    path.write_text(pretty(document) + "\n")
