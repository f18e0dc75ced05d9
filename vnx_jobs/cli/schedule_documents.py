"""Schedules as documents with stable keys, for `--json`, and in words, for people."""

import json
from collections.abc import Sequence
from typing import Any

from vnx_jobs.documents.schedules import RunDocument, ScheduleDocument, word
from vnx_jobs.model.schedule import Past, Run, Standing

from .screen import local_time, show_table


def document(standing: Standing, now: int, most: int, history: Sequence[Past] = ()) -> dict[str, Any]:
    """Return a schedule for programs, with its next runs."""
    return ScheduleDocument.of(standing, now, most, history).told()


def run_document(run: Run, past: Past | None, jobs: Sequence[str]) -> dict[str, Any]:
    """Return a run for programs; `past` if it has begun, or was given up."""
    return RunDocument.of(run, past, jobs).told()


def row(standing: Standing, now: int) -> tuple[str, ...]:
    """Return a schedule's line of the table."""
    schedule = standing.schedule
    due = schedule.next(max(now, standing.handled))
    begins = "" if due is None or standing.paused else local_time(schedule.begins(due, schedule.name))
    jobs = str(len(standing.under_way)) if standing.under_way else ""
    return (schedule.name, schedule.cron, schedule.zone, begins, word(standing), jobs, schedule.owner)


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
