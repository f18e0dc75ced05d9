"""Jobs in words, for people."""

from vnx_jobs.documents.jobs import is_over, place, seconds_left
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

from .screen import duration

__all__ = ["is_over", "place", "progress", "seconds_left"]


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
