"""Schedules in words, for people."""

import json
from collections.abc import Sequence

from vnx_jobs.documents.schedules import word
from vnx_jobs.model.schedule import Past, Standing

from .output import Column
from .screen import local_time, show_table


def columns(now: int) -> tuple[Column[Standing], ...]:
    """Return the columns of the table of schedules; `now` is the present in milliseconds."""
    return (
        Column("schedule", lambda one: one.schedule.name),
        Column("cron", lambda one: one.schedule.cron),
        Column("zone", lambda one: one.schedule.zone),
        Column("next", lambda one: _next(one, now)),
        Column("standing", word),
        Column("under way", lambda one: str(len(one.under_way)) if one.under_way else "", wide=True),
        Column("owner", lambda one: one.schedule.owner, wide=True),
    )


def _next(standing: Standing, now: int) -> str:
    schedule = standing.schedule
    due = schedule.next(max(now, standing.handled))
    return "" if due is None or standing.paused else local_time(schedule.begins(due, schedule.name))


def facts(standing: Standing) -> list[tuple[str, str]]:
    """Return what there is to say of a schedule, without its runs."""
    schedule = standing.schedule
    several = [("job", json.dumps(job)) for job in schedule.jobs]
    return [
        ("schedule", schedule.name),
        ("cron", schedule.cron),
        ("zone", schedule.zone),
        ("exclude", ", ".join(map(str, schedule.exclude))),
        ("only", "; ".join(map(str, schedule.only))),
        ("never", "; ".join(map(str, schedule.never))),
        ("jitter", f"{schedule.jitter} s" if schedule.jitter else ""),
        ("overlap", schedule.overlap),
        ("missed", schedule.missed),
        ("most", str(schedule.most)),
        ("volumes", ", ".join(schedule.volumes)),
        *several,
        ("owner", schedule.owner),
        ("standing", f"paused by {standing.paused}" if standing.paused else word(standing)),
        ("under way", ", ".join(standing.under_way)),
    ]


def show_past(history: Sequence[Past]) -> None:
    """Write what became of the last runs."""
    rows = [
        (
            local_time(past.run.due),
            past.run.by or "",
            local_time(past.at) if past.batch else "given up",
            str(past.jobs) if past.batch else "",
            past.batch,
            "; ".join(past.problems),
        )
        for past in history
    ]
    if rows:
        show_table(("last runs were due", "asked by", "began", "jobs", "batch", "problems"), rows, empty="")
