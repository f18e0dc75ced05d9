"""Schedules in words, for people."""

import json
from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from vnx_jobs.documents.schedules import NextRun, RunDocument, ScheduleDocument

from .output import Column
from .screen import local_time, show_table

COLUMNS: Final[tuple[Column[ScheduleDocument], ...]] = (
    Column("schedule", lambda one: one.schedule),
    Column("cron", lambda one: _given(one, "cron")),
    Column("zone", lambda one: _given(one, "zone")),
    Column("next", lambda one: local_time(one.next[0].begins) if one.next and not one.paused_by else ""),
    Column("standing", lambda one: one.standing),
    Column("under way", lambda one: str(len(one.under_way)) if one.under_way else "", wide=True),
    Column("owner", lambda one: _given(one, "owner"), wide=True),
)


def _given(one: ScheduleDocument, field: str, between: str = ", ") -> str:
    """Return a field of a schedule's own as text; a list with something between its entries."""
    value: Any = (one.model_extra or {}).get(field, "")
    return between.join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def facts(one: ScheduleDocument) -> list[tuple[str, str]]:
    """Return what there is to say of a schedule, without its runs."""
    given = one.model_extra or {}
    return [
        ("schedule", one.schedule),
        ("cron", _given(one, "cron")),
        ("zone", _given(one, "zone")),
        ("exclude", _given(one, "exclude")),
        ("only", _given(one, "only", "; ")),
        ("never", _given(one, "never", "; ")),
        ("jitter", f"{given['jitter']} s" if given.get("jitter") else ""),
        ("overlap", _given(one, "overlap")),
        ("missed", _given(one, "missed")),
        ("most", _given(one, "most")),
        ("volumes", _given(one, "volumes")),
        *(("job", json.dumps(job)) for job in given.get("jobs", ())),
        ("owner", _given(one, "owner")),
        ("standing", f"paused by {one.paused_by}" if one.paused_by else one.standing),
        ("under way", ", ".join(one.under_way)),
    ]


def show_next(one: ScheduleDocument) -> None:
    """Write when a schedule's next runs are due, by the clocks here and by its own."""
    zone = _given(one, "zone")
    rows = [(local_time(run.due), _by_clocks(run, zone), local_time(run.begins)) for run in one.next]
    show_table(("next runs are due", f"in {zone}", "begins"), rows, empty="it is never due again")


def _by_clocks(run: NextRun, zone: str) -> str:
    return f"{run.due.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %Z}" if run.due else ""


def show_past(history: Sequence[RunDocument]) -> None:
    """Write what became of the last runs."""
    rows = [
        (
            local_time(past.due),
            past.by or "",
            local_time(past.begun) or "given up",
            str(past.jobs) if past.begun else "",
            past.batch or "",
            "; ".join(past.problems),
        )
        for past in history
    ]
    if rows:
        show_table(("last runs were due", "asked by", "began", "jobs", "batch", "problems"), rows, empty="")
