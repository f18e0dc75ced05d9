"""Schedules as tests write them, and instants as clocks show them."""

from datetime import UTC, datetime
from typing import Any

from vnx_jobs.model.schedule import Schedule


def ms(moment: str) -> int:
    """Return an instant: milliseconds of `2026-03-29T01:00Z`."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def shown(instants: tuple[int, ...]) -> list[str]:
    """Return instants in UTC, without the year."""
    return [f"{datetime.fromtimestamp(at / 1000, UTC):%m-%d %H:%M}" for at in instants]


def schedule(cron: str = "0 * * * *", name: str = "nightly", **fields: Any) -> Schedule:
    """Return a schedule of one snapshot."""
    job = {"operation": "create-snapshot", "array": "box", "volume": "gold", "name": "gold-{due}"}
    return Schedule.model_validate({"name": name, "cron": cron, "jobs": job} | fields)
