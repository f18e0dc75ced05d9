"""Jobs as documents with stable keys, for `--json` and reports, and in words, for people."""

import time
from dataclasses import asdict
from typing import Any

from vnx_jobs.model.hosts import connections
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.model.step import NO_WAY_BACK_NAME

from .screen import duration, instant


def job_document(record: Record, why: str = "") -> dict[str, Any]:
    """Return a job for programs. `why` is the reason of its state where somebody knows it better than the record."""
    number, count = place(record)
    return {
        "job": record.id,
        "operation": str(record.spec["operation"]),
        "table": record.operation,
        "array": record.array,
        "name": record.name,
        "state": str(record.state),
        "step": record.step or None,
        "step_number": number,
        "steps": count,
        "percent": record.percent,
        "seconds_left": seconds_left(record),
        "attempts": record.attempts,
        "why": why or record.why,
        "code": record.code or None,
        "error": record.error or None,
        "leftovers": list(record.leftovers),
        "connections": [asdict(one) for one in connections(record.facts)],
        "spec": dict(record.spec),
        "batch": record.batch or None,
        "row": record.row or None,
        "after": list(record.after),
        "key": record.key or None,
        "by": record.by or None,
        "retry_of": record.retry_of or None,
        "order": record.order or None,
        "created": instant(record.created),
        "moved": instant(record.moved),
        "ended": instant(record.ended),
    }


def place(record: Record) -> tuple[int, int]:
    """Return the number of the step that a job is at, and how many there are."""
    count = sum(name != NO_WAY_BACK_NAME for name in record.steps)
    done = sum(name != NO_WAY_BACK_NAME for name in record.steps[: record.cursor])
    return min(done + 1, count), count


def seconds_left(record: Record) -> int | None:
    """Return the seconds until what the job waits for is expected to be over, where the array knows."""
    return max(0, round(record.eta / 1000 - time.time())) if record.eta and not is_over(record) else None


def is_over(record: Record) -> bool:
    """Say whether nothing more will happen by itself: the job has ended, or is stuck until a person acts."""
    return record.state in ENDED or record.state is State.STUCK


def progress(record: Record) -> str:
    """Return how far a job is, in words."""
    if is_over(record):
        took = f" after {duration((record.ended - record.created) / 1000)}" if record.ended else ""
        return f"{record.error or 'done'}{took}" if record.state is State.SUCCEEDED else record.error or record.why
    number, count = place(record)
    parts = [f"step {number} of {count}"]
    if record.percent is not None:
        parts.append(f"{record.percent} %")
    if (left := seconds_left(record)) is not None:
        parts.append(f"{duration(left)} left")
    if record.why and record.percent is None:
        parts.append(record.why)
    return ", ".join(parts)
