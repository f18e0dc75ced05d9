"""`vnx-jobs jobs` and `vnx-jobs job`."""

from typing import Final

import click

from vnx_jobs.model.hosts import connections
from vnx_jobs.model.reconciled import found
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

from .bars import title
from .documents import job_document, progress
from .exits import Exit
from .paragraphs import show_paragraph
from .screen import local_time, show_facts, show_json, show_table
from .session import opened

_FOUND: Final = 12
_STATES = click.Choice([str(state) for state in State], case_sensitive=False)


@click.command()
@click.option("--state", "states", type=_STATES, multiple=True, help="Only jobs in this state; may be repeated.")
@click.option("--batch", default="", metavar="NAME", help="Only jobs of this batch, in the order of its rows.")
@click.option("--array", default="", metavar="NAME", help="Only jobs on this array.")
@click.option("--limit", type=click.IntRange(min=0), default=100, show_default=True, help="At most so many; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def jobs(states: tuple[str, ...], batch: str, array: str, limit: int, *, as_json: bool) -> int:
    """List jobs, newest first."""
    with opened() as house:
        wanted = tuple(State(state) for state in states)
        found = house.reads.jobs(batch=batch, states=wanted, array=array, limit=limit)
        if as_json:
            show_json([job_document(record) for record in found])
            return Exit.WELL
    rows = [(one.id, str(one.state), title(one), one.array, progress(one)) for one in found]
    show_table(("job", "state", "what", "array", "progress"), rows, empty="no jobs")
    return Exit.WELL


@click.command()
@click.argument("job_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def job(job_id: str, *, as_json: bool) -> int:
    """Show one job."""
    with opened() as house:
        record = house.reads.job(job_id)
        why = house.reads.waits_for(record)
    if as_json:
        show_json(job_document(record, why))
    else:
        show_facts(_facts(record, why))
        _show_findings(record)
        _show_connections(record)
        _show_leftovers(record)
    return Exit.WELL


def _show_findings(record: Record) -> None:
    """Write what a job that reconciled an array found."""
    for sentence in found(record.facts):
        show_paragraph(sentence, "found:", _FOUND)


def _show_connections(record: Record) -> None:
    """Write how the host opens each volume that the job attached, and where it finds the array."""
    told = connections(record.facts)
    if not told:
        return
    click.echo(f"how {told[0].host} opens what it was given:")
    rows = [(one.volume, str(one.hlu), one.mode, one.wwn) for one in told]
    show_table(("volume", "host LUN", "mode", "WWN"), rows, empty="")
    for target in told[0].fibre + told[0].iscsi:
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
        ("key", record.key),
        ("by", record.by),
        ("created", local_time(record.created)),
        ("ended", local_time(record.ended)),
    ]
