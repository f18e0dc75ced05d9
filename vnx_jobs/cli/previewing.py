"""What `--plan` shows: what jobs would do, hold, wait for and cost; nothing is stored."""

from collections.abc import Iterable, Sequence
from typing import Final

import click

from vnx_jobs.batches.checking import Checked
from vnx_jobs.batches.submitting import submit
from vnx_jobs.documents.plans import BatchPlanDocument, JobPlanDocument, KnownPlanDocument
from vnx_jobs.preview import Preview, Rehearsal, Rehearsed, preview
from vnx_jobs.preview.capacity import PoolUse, SlotUse
from vnx_jobs.preview.duration import Duration
from vnx_jobs.preview.told import Commands, ToldClaim, in_the_way
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
        text = f"{answer.job} {answer.state} (known by its key): nothing would be done"
        show_said(form, KnownPlanDocument(job=answer.job, state=answer.state), text)
    else:
        plan = preview(rehearsal)
        show_one(form, JobPlanDocument.of(plan), lambda: _show_job(plan))
    return Exit.WELL


def show_plan_of_rows(
    checked: Checked, submission: Submission, *, partial: bool, form: Form
) -> tuple[Exit, BatchPlanDocument]:
    """Show what a batch would do, complaining of its rows as its submission would; return it for programs too."""
    rehearsal = Rehearsal(submission)
    fates = submit(checked, rehearsal, partial=partial, by="")
    reports.complain(checked, fates, planned=True)
    plan = preview(rehearsal)
    told = BatchPlanDocument.of_rows(plan, checked.manifest.batch, str(checked.manifest.file), fates)
    if plan.jobs or not form.for_people:
        show_one(form, told, lambda: _show_rows(plan))
    return reports.status(fates, {}), told


def _show_job(plan: Preview) -> None:
    """Write what one job would do."""
    (job,) = plan.jobs
    _show_steps(job)
    click.echo(f"it {_beginning(plan, job)}")
    _show_claims(plan.tells.claims(job))
    _show_totals(plan)


def _show_rows(plan: Preview) -> None:
    """Write what the rows of a batch would do, and what they take together."""
    for job in {job.table.name: job for job in plan.jobs}.values():
        _show_steps(job)
    rows = [(job.entry.record.row, job.table.name, _beginning(plan, job)) for job in plan.jobs]
    show_table(("row", "what", "when"), rows, empty="no rows")
    _show_totals(plan)


def _show_steps(job: Rehearsed) -> None:
    """Write a job's steps in their own sentences."""
    click.echo(f"{job.table.name}: {job.table.says}")
    for number, step in enumerate(job.steps, start=1):
        click.echo(f"{number:>3}. {step.name}: {step.says}")
        if number == job.no_way_back < len(job.steps):
            click.echo("     --- no way back: from here the job goes forward, or is STUCK ---")


def _beginning(plan: Preview, job: Rehearsed) -> str:
    """Say when a job would begin, after `it` or a row's name."""
    waits_for = plan.tells.waits_for(job)
    if waits_for.startswith("resolving "):
        return f"waits for a list that shows {waits_for.removeprefix('resolving ')}"
    return waits_for or plan.stops.get(job.entry.record.array) or "begins at once"


def _show_claims(claims: Sequence[ToldClaim]) -> None:
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


def _show_totals(plan: Preview) -> None:
    click.echo(f"array commands: {_commands(plan.commands)}")
    if plan.slots:
        _show_slots(plan.slots)
    if plan.pools:
        _show_pools(plan.pools)
    _show_durations(plan.durations)
    for note in plan.notes:
        click.echo(note)
    click.echo(_NOTHING)


def _commands(commands: Commands) -> str:
    """Say how many array commands there are, by kind."""
    lists = ", ".join(commands.lists)
    shared = f"; lists read once for all jobs that wait for one: {lists}" if lists else ""
    return f"{commands.changing} changing, {commands.reading} reading{shared}"


def _show_slots(uses: Iterable[SlotUse]) -> None:
    rows = [(use.source, _SLOTS[use.kind], str(use.now), str(use.peak), str(use.limit)) for use in uses]
    show_table(("source", "slots of", "now", "at most", "limit"), rows, empty="")


def _show_pools(uses: Iterable[PoolUse]) -> None:
    rows = [
        (use.pool, str(use.thick_gb), _free(use), str(use.thin_gb), f"{use.subscribed_gb:g}", _gb(use.capacity_gb))
        for use in uses
    ]
    show_table(("pool", "takes GB", "of free GB", "promises GB", "beside promised GB", "size GB"), rows, empty="")


def _free(use: PoolUse) -> str:
    return _gb(use.free_gb) + (" (too little)" if use.fits is False else "")


def _gb(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"


def _show_durations(found: Iterable[Duration]) -> None:
    rows = [
        (one.operation, str(one.jobs), _time(one.seconds), _time(one.all_seconds) if one.jobs > 1 else "", one.basis)
        for one in found
    ]
    show_table(("what", "jobs", "takes", "all of them", "by"), rows, empty="")


def _time(seconds: float | None) -> str:
    return "unknown" if seconds is None else duration(seconds)
