"""The report of a batch: what became of each row, and of its job if it was waited for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from vnx_jobs.batches.fates import Fate, RowFate
from vnx_jobs.model.states import State

from .documents import Job, told, took
from .exits import Exit, of_jobs
from .screen import show_table


def status(fates: Sequence[RowFate], records: Mapping[str, Job]) -> Exit:
    """Return the exit status of a batch; `records` are those that were waited for."""
    if not all(fate.has_job for fate in fates):
        return Exit.REFUSED
    return of_jobs(records.values())


def complain(file: Path, fates: Sequence[RowFate], *, is_file: bool = True, planned: bool = False) -> None:
    """Say what is wrong, a line a row, and what became of the others, or what would if it is only planned.

    `is_file`: else `file` is the word of the request.
    """
    for fate in fates:
        if fate.fate in {Fate.WRONG, Fate.REFUSED}:
            place = f"{file}:{fate.line}: row" if is_file else f"{file}:"
            click.echo(f"error: {place} {fate.row or '?'}: {fate.message}", err=True)
    count = Counter(fate.fate for fate in fates)
    with_job = sum(fate.has_job for fate in fates)
    if count[Fate.WRONG] and not with_job:
        fine = len(fates) - count[Fate.WRONG]
        text = f"nothing was submitted: {count[Fate.WRONG]} of {len(fates)} rows are wrong, {fine} are held back"
        advice = " (mend the file, or submit the rest with --partial)" if is_file else ""
        click.echo(f"error: {text}{advice}", err=True)
    elif with_job < len(fates):
        parts = ", ".join(f"{number} {fate}" for fate, number in sorted(count.items()))
        have = "would have" if planned else "have"
        click.echo(f"error: {with_job} of {len(fates)} rows {have} a job ({parts})", err=True)


def show(batch: str, fates: Sequence[RowFate], records: Mapping[str, Job], report: Path | None) -> None:
    """Write the report for people: a row a line."""
    rows = [(fate.row, *_outcome(fate, records.get(fate.job))) for fate in fates]
    show_table(("row", "what", "state", "job", "took", "remark"), rows, empty="no rows")
    counts = Counter(str(fate.fate) for fate in fates)
    click.echo(f"batch {batch}: " + ", ".join(f"{number} {fate}" for fate, number in counts.items()))
    if report is not None:
        click.echo(f"report: {report}")


def _outcome(fate: RowFate, job: Job | None) -> tuple[str, str, str, str, str]:
    """Return what ran, how it ended, by which job, how long it took, and what else there is to say."""
    if job is None:
        return fate.operation, str(fate.fate), fate.job, "", fate.message
    one = told(job)
    if one.state is not State.SUCCEEDED:
        left = f"; `vnx-jobs job {one.job}` says what is left" if one.leftovers else ""
        return one.table, str(one.state), one.job, took(one), f"{one.error or one.why}{left}"
    known = "known from an earlier submission" if fate.fate is Fate.KNOWN else ""
    return one.table, str(one.state), one.job, took(one), known
