"""What `--plan` shows: what jobs would do, hold, wait for and cost; nothing is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import click

from vnx_jobs.batches.checking import Checked
from vnx_jobs.batches.fates import RowFate
from vnx_jobs.batches.submitting import submit
from vnx_jobs.documents.plans import BatchPlanDocument, JobPlanDocument, KnownPlanDocument, PlanDocument, PlannedJob
from vnx_jobs.preview import Rehearsal, preview
from vnx_jobs.preview.told import ToldClaim, in_the_way
from vnx_jobs.submission import Request, Submission

from . import reports
from .exits import Exit
from .output import Form, show_one, show_said
from .screen import duration, show_table

_SLOTS: Final = {"copies": "snap copies", "mounts": "mount points", "snapshots": "snapshots"}
_NOTHING: Final = "nothing was stored, and no array command was sent"


def nothing_to_wait_for(*, waits: bool) -> None:
    """Raise UsageError if a plan is to be waited for."""
    if waits:
        raise click.UsageError("--plan stores nothing, so there is nothing to --wait for")


def show_plan(submission: Submission, request: Request, form: Form) -> Exit:
    """Show what a request would do. Raises Refused as its submission would."""
    rehearsal = Rehearsal(submission)
    answer = rehearsal.submit(request)
    if answer.known:
        return tell_plan(form, KnownPlanDocument(job=answer.job, state=answer.state))
    return tell_plan(form, JobPlanDocument.of(preview(rehearsal)))


def tell_plan(form: Form, plan: JobPlanDocument | KnownPlanDocument) -> Exit:
    """Write what one request would do."""
    if isinstance(plan, KnownPlanDocument):
        show_said(form, plan, f"{plan.job} {plan.state} (known by its key): nothing would be done")
    else:
        show_one(form, plan, lambda: _show_job(plan))
    return Exit.WELL


def show_plan_of_rows(
    checked: Checked, submission: Submission, *, partial: bool, form: Form
) -> tuple[Exit, BatchPlanDocument]:
    """Show what a batch would do, complaining of its rows as its submission would; return it for programs too."""
    rehearsal = Rehearsal(submission)
    fates = submit(checked, rehearsal, partial=partial, by="")
    told = BatchPlanDocument.of_rows(preview(rehearsal), checked.manifest.batch, str(checked.manifest.file), fates)
    return tell_plan_of_rows(form, told, fates, checked.manifest.file, is_file=checked.manifest.is_file), told


def tell_plan_of_rows(
    form: Form, plan: BatchPlanDocument, fates: Sequence[RowFate], file: Path, *, is_file: bool = True
) -> Exit:
    """Write what the rows of a batch would do, and complain of those that are wrong."""
    reports.complain(file, fates, is_file=is_file, planned=True)
    if plan.jobs or not form.for_people:
        show_one(form, plan, lambda: _show_rows(plan))
    return reports.status(fates, {})


def _show_job(plan: JobPlanDocument) -> None:
    """Write what one job would do."""
    (job,) = plan.jobs
    _show_steps(job)
    click.echo(f"it {job.begins}")
    _show_claims(job.claims)
    _show_totals(plan)


def _show_rows(plan: BatchPlanDocument) -> None:
    """Write what the rows of a batch would do, and what they take together."""
    for job in {job.table: job for job in plan.jobs}.values():
        _show_steps(job)
    rows = [(job.row or "", job.table, job.begins) for job in plan.jobs]
    show_table(("row", "what", "when"), rows, empty="no rows")
    _show_totals(plan)


def _show_steps(job: PlannedJob) -> None:
    """Write a job's steps in their own sentences."""
    click.echo(f"{job.table}: {job.says}")
    for step in job.steps:
        click.echo(f"{step.number:>3}. {step.name}: {step.says}")
        if step.number == job.no_way_back_after:
            click.echo("     --- no way back: from here the job goes forward, or is STUCK ---")


def _show_claims(told: Iterable[Mapping[str, Any]]) -> None:
    claims = [ToldClaim(**{at.name: one[at.name] for at in fields(ToldClaim)}) for one in told]
    rows = [
        (
            one.kind,
            one.thing,
            one.mode,
            f"{one.used} of {one.limit}" if one.limit else "",
            "free" if one.free else f"waits{in_the_way(one)}",
        )
        for one in claims
    ]
    show_table(("claim", "of", "how", "in use", "now"), rows, empty="claims: asked for when it can be planned")


def _show_totals(plan: PlanDocument) -> None:
    click.echo(f"array commands: {_commands(plan.commands)}")
    if plan.slots:
        _show_slots(plan.slots)
    if plan.pools:
        _show_pools(plan.pools)
    _show_durations(plan.durations)
    for note in plan.notes:
        click.echo(note)
    click.echo(_NOTHING)


def _commands(commands: Mapping[str, Any]) -> str:
    """Say how many array commands there are, by kind."""
    lists = ", ".join(commands["lists"])
    shared = f"; lists read once for all jobs that wait for one: {lists}" if lists else ""
    return f"{commands['changing']} changing, {commands['reading']} reading{shared}"


def _show_slots(uses: Iterable[Mapping[str, Any]]) -> None:
    rows = [(use["source"], _SLOTS[use["kind"]], *(str(use[at]) for at in ("now", "peak", "limit"))) for use in uses]
    show_table(("source", "slots of", "now", "at most", "limit"), rows, empty="")


def _show_pools(uses: Iterable[Mapping[str, Any]]) -> None:
    rows = [
        (
            use["pool"],
            str(use["thick_gb"]),
            _free(use),
            str(use["thin_gb"]),
            f"{use['subscribed_gb']:g}",
            _gb(use["capacity_gb"]),
        )
        for use in uses
    ]
    show_table(("pool", "takes GB", "of free GB", "promises GB", "beside promised GB", "size GB"), rows, empty="")


def _free(use: Mapping[str, Any]) -> str:
    return _gb(use["free_gb"]) + (" (too little)" if use["fits"] is False else "")


def _gb(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"


def _show_durations(found: Iterable[Mapping[str, Any]]) -> None:
    rows = [
        (
            one["operation"],
            str(one["jobs"]),
            _time(one["seconds"]),
            _time(one["all_seconds"]) if one["jobs"] > 1 else "",
            one["basis"],
        )
        for one in found
    ]
    show_table(("what", "jobs", "takes", "all of them", "by"), rows, empty="")


def _time(seconds: float | None) -> str:
    return "unknown" if seconds is None else duration(seconds)
