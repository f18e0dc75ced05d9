"""`vnx-jobs schedules`: jobs that are submitted again and again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from vnx_jobs.documents.asked import arrays_of
from vnx_jobs.documents.schedules import RunDocument, ScheduleDocument
from vnx_jobs.model.schedule import Missed, Overlap
from vnx_jobs.schedules.checking import read

from . import known
from .applying import apply
from .exits import Exit
from .output import Form, in_form, show_documents, show_one, show_said
from .schedule_tables import COLUMNS, facts, show_next, show_past
from .screen import local_time, show_facts
from .session import Told, audited, opened, sender
from .submitting import given_fields

if TYPE_CHECKING:  # slow: the session opens it
    from vnx_jobs.wiring import House

NEXT: Final = 10


@click.group()
def schedules() -> None:
    """Have jobs submitted again and again."""


schedules.add_command(apply)


@schedules.command()
@click.argument("name")
@click.argument("operation", shell_complete=known.operations)
@click.argument("fields", metavar="FIELD=VALUE...", nargs=-1, shell_complete=known.fields)
@click.option("--cron", required=True, metavar="'M H D M W'", help="When, in five fields: '30 1 * * Mon-Fri'.")
@click.option("--zone", metavar="ZONE", help="By whose clocks: Europe/Berlin; else UTC.")
@click.option("--volumes", multiple=True, metavar="NAME", help="A job for each volume of this name or pattern.")
@click.option("--exclude", multiple=True, metavar="DAY[..DAY]", help="Not on these days: 2026-12-24..2027-01-06.")
@click.option("--only", multiple=True, metavar="WINDOW", help="Only within: 'Mon-Fri 22:00-06:00'.")
@click.option("--never", multiple=True, metavar="WINDOW", help="Never within: 'daily 08:00-18:00'.")
@click.option("--jitter", metavar="TIME", help="Begin up to so much later: 90s, 5m, 1h.")
@click.option(
    "--overlap", type=click.Choice([str(one) for one in Overlap]), help="If the run before is not over; else skip."
)
@click.option(
    "--missed",
    type=click.Choice([str(one) for one in Missed]),
    help="What is made up for if no scheduler ran; else once.",
)
@click.option("--most", type=click.IntRange(1, 1000), help="Runs that wait, or are made up for, at most; else 10.")
@click.option(
    "--array",
    metavar="NAME",
    shell_complete=known.arrays,
    help="The array (not needed when exactly one is configured).",
)
@click.option("--replace", is_flag=True, help="Replace the schedule of that name.")
def add(
    name: str,
    operation: str,
    fields: Sequence[str],
    *,
    array: str | None,
    replace: bool,
    **options: Any,  # noqa: ANN401 -- a schedule's
) -> int:
    """Add a schedule that submits OPERATION with these fields, as `vnx-jobs submit` does.

    Texts may hold {due}, {date}, {time}, and with --volumes {volume} and {backup}.

    For example: vnx-jobs schedules add nightly create-snapshot --cron '0 1 * * *' --volumes 'db-*'
    volume={volume} name={volume}-{due}
    """
    with opened() as house:
        job = given_fields(operation, fields, array, house.settings)
        given = {option: value for option, value in options.items() if value not in (None, ())}
        schedule = read({**given, "name": name, "jobs": [job]})
        with audited(house, f"schedules add {name}", str(job["array"])):
            house.scheduler.put(schedule, replace=replace)
        now, standing = house.scheduler.standing(name)
    return say_added(ScheduleDocument.of(standing, now, 1))


def say_added(one: ScheduleDocument) -> Exit:
    """Write when a schedule that was added begins."""
    click.echo(f"{one.schedule} begins {local_time(one.next[0].begins)}")
    return Exit.WELL


@schedules.command("list")
@in_form
def list_(*, form: Form) -> int:
    """List schedules, and when each begins next.

    For example: vnx-jobs schedules list
    """
    with opened() as house:
        now, found = house.scheduler.schedules.find()
    return show_schedules(form, [ScheduleDocument.of(one, now, 1) for one in found])


def show_schedules(form: Form, found: Sequence[ScheduleDocument]) -> Exit:
    """Write a list of schedules."""
    show_documents(form, found, COLUMNS, ScheduleDocument, empty="no schedules")
    return Exit.WELL


@schedules.command()
@click.argument("name", shell_complete=known.schedules)
@in_form
def show(name: str, *, form: Form) -> int:
    """Show one schedule, its next ten runs and its last ones.

    For example: vnx-jobs schedules show nightly
    """
    with opened() as house:
        now, standing = house.scheduler.standing(name)
        history = house.scheduler.schedules.history(name)
    return show_schedule(form, ScheduleDocument.of(standing, now, NEXT, history))


def show_schedule(form: Form, one: ScheduleDocument) -> Exit:
    """Write all that there is to say of a schedule."""
    show_one(form, one, lambda: _tell(one))
    return Exit.WELL


def _tell(one: ScheduleDocument) -> None:
    show_facts(facts(one))
    show_next(one)
    show_past(one.last)


@schedules.command()
@click.argument("name", shell_complete=known.schedules)
def pause(name: str) -> int:
    """Let a schedule begin nothing by itself.

    For example: vnx-jobs schedules pause nightly
    """
    with opened() as house, _audited(house, "pause", name):
        house.scheduler.pause(name, sender())
    return say_paused(name)


@contextmanager
def _audited(house: "House", order: str, name: str) -> Iterator[Told]:
    """Leave a line in the audit trail that names the arrays of a schedule."""
    known = house.scheduler.schedules.get(name)
    arrays = "" if known is None else arrays_of(known[1].schedule.jobs)
    with audited(house, f"schedules {order} {name}", arrays) as line:
        yield line


def say_paused(name: str) -> Exit:
    """Write that a schedule is paused."""
    click.echo(f"{name} is paused: `vnx-jobs schedules resume {name}` ends that")
    return Exit.WELL


@schedules.command()
@click.argument("name", shell_complete=known.schedules)
def resume(name: str) -> int:
    """End a pause. What was due meanwhile is left out.

    For example: vnx-jobs schedules resume nightly
    """
    with opened() as house, _audited(house, "resume", name):
        house.scheduler.resume(name)
    return say_resumed(name)


def say_resumed(name: str) -> Exit:
    """Write that a schedule is paused no more."""
    click.echo(f"{name} goes on")
    return Exit.WELL


@schedules.command()
@click.argument("name", shell_complete=known.schedules)
@in_form
def run(name: str, *, form: Form) -> int:
    """Begin a run now, whatever windows and a pause say; it waits for the run before.

    For example: vnx-jobs schedules run nightly
    """
    with opened() as house, _audited(house, "run", name) as told:
        begun, past = house.scheduler.run(name, sender())
        jobs = [job.id for job in house.store.find(batch=past.batch, newest=False)] if past else []
        told.jobs = jobs
    return show_run(form, name, RunDocument.of(begun, past, jobs))


def show_run(form: Form, name: str, one: RunDocument) -> Exit:
    """Write what a run that was asked for submitted, and return the status that it means."""
    waits = one.begun is None and not one.problems
    text = f"{name} waits until the run before is over"
    if not waits:
        submitted = "1 job" if len(one.job_ids) == 1 else f"{len(one.job_ids)} jobs"
        text = "\n".join([f"{name} submitted {submitted} as batch {one.batch or ''}", *one.job_ids, *one.problems])
    show_said(form, one, text)
    return Exit.WELL if waits or one.job_ids else Exit.REFUSED


@schedules.command()
@click.argument("name", shell_complete=known.schedules)
def remove(name: str) -> int:
    """Remove a schedule. Its jobs go on.

    For example: vnx-jobs schedules remove nightly
    """
    with opened() as house, _audited(house, "remove", name):
        house.scheduler.remove(name)
    return say_removed(name)


def say_removed(name: str) -> Exit:
    """Write that a schedule is there no more."""
    click.echo(f"{name} is removed")
    return Exit.WELL
