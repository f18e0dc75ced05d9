"""`vnx-jobs schedules`: jobs that are submitted again and again."""

from collections.abc import Sequence
from typing import Any, Final

import click

from vnx_jobs.documents.schedules import RunDocument, ScheduleDocument
from vnx_jobs.model.schedule import Missed, Overlap, Past, Standing
from vnx_jobs.schedules.checking import read

from . import known
from .applying import apply
from .exits import Exit
from .output import Form, in_form, show_list, show_one, show_said
from .schedule_tables import columns, facts, show_past
from .screen import local_time, show_facts, show_table
from .session import audited, opened, sender
from .submitting import given_fields

_NEXT: Final = 10


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
    (first,) = schedule.upcoming(now, 1)
    click.echo(f"{standing.schedule.name} begins {local_time(schedule.begins(first, name))}")
    return Exit.WELL


@schedules.command("list")
@in_form
def list_(*, form: Form) -> int:
    """List schedules, and when each begins next.

    For example: vnx-jobs schedules list
    """
    with opened() as house:
        now, found = house.scheduler.schedules.find()
    show_list(
        form, found, columns(now), ScheduleDocument, lambda one: ScheduleDocument.of(one, now, 1), empty="no schedules"
    )
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
    show_one(form, ScheduleDocument.of(standing, now, _NEXT, history), lambda: _show(standing, now, history))
    return Exit.WELL


def _show(standing: Standing, now: int, history: Sequence[Past]) -> None:
    """Write all that there is to say of a schedule."""
    show_facts(facts(standing))
    schedule = standing.schedule
    name = schedule.name
    runs = [
        (local_time(due), f"{schedule.local(due):%Y-%m-%d %H:%M:%S %Z}", local_time(schedule.begins(due, name)))
        for due in schedule.upcoming(max(now, standing.handled), _NEXT)
    ]
    show_table(("next runs are due", f"in {schedule.zone}", "begins"), runs, empty="it is never due again")
    show_past(history)


@schedules.command()
@click.argument("name", shell_complete=known.schedules)
def pause(name: str) -> int:
    """Let a schedule begin nothing by itself.

    For example: vnx-jobs schedules pause nightly
    """
    with opened() as house, audited(house, f"schedules pause {name}"):
        house.scheduler.pause(name, sender())
    click.echo(f"{name} is paused: `vnx-jobs schedules resume {name}` ends that")
    return Exit.WELL


@schedules.command()
@click.argument("name", shell_complete=known.schedules)
def resume(name: str) -> int:
    """End a pause. What was due meanwhile is left out.

    For example: vnx-jobs schedules resume nightly
    """
    with opened() as house, audited(house, f"schedules resume {name}"):
        house.scheduler.resume(name)
    click.echo(f"{name} goes on")
    return Exit.WELL


@schedules.command()
@click.argument("name", shell_complete=known.schedules)
@in_form
def run(name: str, *, form: Form) -> int:
    """Begin a run now, whatever windows and a pause say; it waits for the run before.

    For example: vnx-jobs schedules run nightly
    """
    with opened() as house, audited(house, f"schedules run {name}") as told:
        begun, past = house.scheduler.run(name, sender())
        jobs = [job.id for job in house.store.find(batch=past.batch, newest=False)] if past else []
        told.jobs = jobs
    text = f"{name} waits until the run before is over"
    if past is not None:
        submitted = "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"
        text = "\n".join([f"{name} submitted {submitted} as batch {past.batch}", *jobs, *past.problems])
    show_said(form, RunDocument.of(begun, past, jobs), text)
    return Exit.REFUSED if past and not jobs else Exit.WELL


@schedules.command()
@click.argument("name", shell_complete=known.schedules)
def remove(name: str) -> int:
    """Remove a schedule. Its jobs go on.

    For example: vnx-jobs schedules remove nightly
    """
    with opened() as house, audited(house, f"schedules remove {name}"):
        house.scheduler.remove(name)
    click.echo(f"{name} is removed")
    return Exit.WELL
