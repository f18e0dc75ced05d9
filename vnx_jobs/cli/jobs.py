"""`vnx-jobs jobs` and `vnx-jobs job`."""

from typing import Final

import click

from vnx_jobs.batches.standing import rows_seen
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.model.hosts import connections
from vnx_jobs.model.reconciled import found
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

from . import known
from .bars import title
from .documents import progress
from .exits import Exit
from .output import Column, Form, in_form, show_list, show_one
from .paragraphs import show_paragraph
from .screen import Fit, duration, local_time, show_facts, show_table
from .session import opened

_FOUND: Final = 12
_COLUMNS: Final[tuple[Column[Record], ...]] = (
    Column("job", lambda one: one.id),
    Column("state", lambda one: str(one.state)),
    Column("what", title, fit=Fit.CUT),
    Column("array", lambda one: one.array),
    Column("step", lambda one: one.step, wide=True),
    Column("batch", lambda one: one.batch, wide=True),
    Column("by", lambda one: one.by, wide=True),
    Column("created", lambda one: local_time(one.created), wide=True),
    Column("took", lambda one: duration((one.ended - one.created) / 1000) if one.ended else "", wide=True),
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
        found = house.reads.jobs(batch=batch, states=wanted, array=array, limit=limit)
        if batch and not found:
            rows_seen(house.pages, batch, lambda _: True)  # a mistyped name is told, not taken for an empty batch
    show_list(form, found, _COLUMNS, JobDocument, JobDocument.of, empty="no jobs")
    return Exit.WELL


@click.command()
@click.argument("job_id", metavar="ID", shell_complete=known.jobs)
@in_form
def job(job_id: str, *, form: Form) -> int:
    """Show one job.

    For example: vnx-jobs job "$JOB"
    """
    with opened() as house:
        record = house.reads.job(job_id)
        why = house.reads.waits_for(record)
    show_one(form, JobDocument.of(record, why), lambda: _show(record, why))
    return Exit.WELL


def _show(record: Record, why: str) -> None:
    """Write all that there is to say of a job."""
    show_facts(_facts(record, why))
    _show_findings(record)
    _show_connections(record)
    _show_leftovers(record)


def _show_findings(record: Record) -> None:
    """Write what a job that reconciled an array found."""
    for sentence in found(record.facts):
        show_paragraph(sentence, "found:", _FOUND)


def _show_connections(record: Record) -> None:
    """Write how the host opens each volume that the job attached, and where it finds the array."""
    ways = connections(record.facts)
    if not ways:
        return
    click.echo(f"how {ways[0].host} opens what it was given:")
    rows = [(one.volume, str(one.hlu), one.mode, one.wwn) for one in ways]
    show_table(("volume", "host LUN", "mode", "WWN"), rows, empty="")
    for target in ways[0].fibre + ways[0].iscsi:
        click.echo(f"  by {target}")


def _show_leftovers(record: Record) -> None:
    """Write what a stuck job left, an object a line, with the commands in the order in which they must be given."""
    if not record.leftovers:
        return
    click.echo("what it left, and how it is removed by hand, in this order (add address and login):")
    for number, line in enumerate(record.leftovers, start=1):
        click.echo(f"{number:>3}. {line}")


def _facts(record: Record, why: str) -> list[tuple[str, str]]:
    asked = ", ".join(f"{name}={value}" for name, value in record.spec.items() if value is not None)
    return [
        ("job", record.id),
        ("state", str(record.state)),
        ("asked for", asked),
        ("progress", progress(record)),
        ("why", why),
        ("error", f"{record.error} ({record.code})" if record.error else ""),
        ("steps", ", ".join(record.steps)),
        ("batch", f"{record.batch}, row {record.row}" if record.batch else ""),
        ("after", ", ".join(record.after)),
        ("calls back", ", ".join(record.hooks)),
        ("key", record.key),
        ("by", record.by),
        ("created", local_time(record.created)),
        ("ended", local_time(record.ended)),
    ]
