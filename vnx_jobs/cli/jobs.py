"""`vnx-jobs jobs` and `vnx-jobs job`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from vnx_jobs.batches.standing import rows_seen
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.model.states import State

from . import known
from .documents import progress, title, took
from .exits import Exit
from .output import Column, Form, in_form, show_documents, show_one
from .paragraphs import show_paragraph
from .screen import Fit, local_time, show_facts, show_table
from .session import opened

_FOUND: Final = 12
COLUMNS: Final[tuple[Column[JobDocument], ...]] = (
    Column("job", lambda one: one.job),
    Column("state", lambda one: str(one.state)),
    Column("what", title, fit=Fit.CUT),
    Column("array", lambda one: one.array),
    Column("step", lambda one: one.step or "", wide=True),
    Column("batch", lambda one: one.batch or "", wide=True),
    Column("by", lambda one: one.by or "", wide=True),
    Column("created", lambda one: local_time(one.created), wide=True),
    Column("took", took, wide=True),
    Column("progress", progress, fit=Fit.CUT),
)
_STATES = click.Choice([str(state) for state in State], case_sensitive=False)


@click.command()
@click.option("--state", "states", type=_STATES, multiple=True, help="Only jobs in this state; may be repeated.")
@click.option("--batch", default="", metavar="NAME", help="Only jobs of this batch, in the order of its rows.")
@click.option("--array", default="", metavar="NAME", shell_complete=known.arrays, help="Only jobs on this array.")
@click.option(
    "--limit", type=click.IntRange(0, 1_000_000), default=100, show_default=True, help="At most so many; 0 for all."
)
@in_form
def jobs(states: tuple[str, ...], batch: str, array: str, limit: int, *, form: Form) -> int:
    """List jobs, newest first.

    For example: vnx-jobs jobs --state FAILED --state STUCK --output wide
    """
    with opened() as house:
        wanted = tuple(State(state) for state in states)
        where = array and house.reads.array_of_jobs(array)
        found = house.reads.jobs(batch=batch, states=wanted, array=where, limit=limit)
        if batch and not found:
            rows_seen(house.pages, batch, lambda _: True)  # a mistyped name is told, not taken for an empty batch
    show_jobs(form, [JobDocument.of(one) for one in found])
    return Exit.WELL


def show_jobs(form: Form, found: Sequence[JobDocument]) -> None:
    """Write a list of jobs."""
    show_documents(form, found, COLUMNS, JobDocument, empty="no jobs")


@click.command()
@click.argument("job_id", metavar="ID", shell_complete=known.jobs)
@in_form
def job(job_id: str, *, form: Form) -> int:
    """Show one job.

    For example: vnx-jobs job "$JOB"
    """
    with opened() as house:
        record = house.reads.job(job_id)
        document = JobDocument.of(record, house.reads.waits_for(record))
    show_job(form, document, record.steps)
    return Exit.WELL


def show_job(form: Form, one: JobDocument, steps: Sequence[str] = ()) -> None:
    """Write all that there is to say of a job; `steps` are the names of its steps, where they are known."""
    show_one(form, one, lambda: _tell(one, steps))


def _tell(one: JobDocument, steps: Sequence[str]) -> None:
    show_facts(_facts(one, steps))
    for sentence in one.found:
        show_paragraph(sentence, "found:", _FOUND)
    _show_connections(one.connections)
    _show_leftovers(one.leftovers)


def _show_connections(ways: Sequence[Mapping[str, Any]]) -> None:
    """Write how the host opens each volume that the job attached, and where it finds the array."""
    if not ways:
        return
    click.echo(f"how {ways[0]['host']} opens what it was given:")
    rows = [(str(one["volume"]), str(one["hlu"]), str(one["mode"]), str(one["wwn"])) for one in ways]
    show_table(("volume", "host LUN", "mode", "WWN"), rows, empty="")
    for target in (*ways[0]["fibre"], *ways[0]["iscsi"]):
        click.echo(f"  by {target}")


def _show_leftovers(leftovers: Sequence[str]) -> None:
    """Write what a stuck job left, an object a line, with the commands in the order in which they must be given."""
    if not leftovers:
        return
    click.echo("what it left, and how it is removed by hand, in this order (add address and login):")
    for number, line in enumerate(leftovers, start=1):
        click.echo(f"{number:>3}. {line}")


def _facts(one: JobDocument, steps: Sequence[str]) -> list[tuple[str, str]]:
    asked = ", ".join(f"{name}={value}" for name, value in one.spec.items() if value is not None)
    return [
        ("job", one.job),
        ("state", str(one.state)),
        ("asked for", asked),
        ("progress", progress(one)),
        ("why", one.why),
        ("error", f"{one.error} ({one.code})" if one.error else ""),
        ("steps", ", ".join(steps)),
        ("batch", f"{one.batch}, row {one.row}" if one.batch else ""),
        ("after", ", ".join(one.after)),
        ("calls back", ", ".join(one.hooks)),
        ("key", one.key or ""),
        ("by", one.by or ""),
        ("created", local_time(one.created)),
        ("ended", local_time(one.ended)),
    ]
