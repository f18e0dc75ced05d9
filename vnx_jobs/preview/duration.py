"""Duration: how long rehearsed jobs may take, as far as earlier jobs or published rates tell. Nothing is guessed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType
from typing import Final

from vnx_jobs.engine import rate_of
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.model.step import Operation
from vnx_jobs.ports import JobStore
from vnx_jobs.settings import ArraySettings, Settings
from vnx_jobs.steps.work import Work

from .rehearsal import Rehearsed

RATES: Final[Mapping[str, float]] = MappingProxyType({"low": 1.4, "medium": 13.0, "high": 44.0, "asap": 85.0})
"""Megabytes a second that one session copies at a rate, as measured and published by an administrator in 2013."""
_MB_PER_GB: Final = 1024
_SAMPLE: Final = 200
"""The last jobs that succeeded on an array: so many are looked at."""
_ENOUGH: Final = 3
"""Jobs of a kind from which a figure is taken."""


@dataclass(frozen=True, slots=True)
class Duration:
    """How long the jobs of one kind would take on an array, without waiting for claims."""

    array: str
    operation: str
    jobs: int
    seconds: float | None
    """Of one job, the longest of them; None: unknown."""
    all_seconds: float | None
    """Of all of them, where the number of copies at one time limits them; None: unknown."""
    basis: str
    """Where the figure comes from, in words."""


def durations(jobs: Sequence[Rehearsed], store: JobStore, settings: Settings) -> tuple[Duration, ...]:
    """Estimate jobs by kind. Reads the last jobs that succeeded on each array."""
    kinds: dict[tuple[str, str], list[Rehearsed]] = {}
    for job in jobs:
        kinds.setdefault((job.entry.record.array, job.table.name), []).append(job)
    past = {
        array: store.find(states=(State.SUCCEEDED,), array=array, limit=_SAMPLE)
        for array in sorted({array for array, _ in kinds})
    }
    return tuple(
        _copying(array, table, them, past[array], settings.array(array))
        if copies(them[0].table)
        else _moving(array, table, them, past[array])
        if _moves(them[0].table)
        else _short(array, table, len(them), past[array])
        for (array, table), them in sorted(kinds.items())
    )


def copies(table: Operation[Work]) -> bool:
    """Say whether the array copies for a job of a table: then its time is that of the size."""
    return any(step.permit is not None for step in table.steps)


def _copying(
    array: str, table: str, jobs: Sequence[Rehearsed], past: Iterable[Record], settings: ArraySettings
) -> Duration:
    measured = [speed for record in past if record.operation == table and (speed := _speed(record)) is not None]
    if any("size_gb" not in job.facts for job in jobs):
        return Duration(array, table, len(jobs), None, None, "unknown: the size is not known yet")
    if len(measured) >= _ENOUGH:
        rate = median(measured)
        each = [_megabytes(job.facts) / rate for job in jobs]
        basis = f"measured: {len(measured)} such jobs did {rate:.3g} MB/s each, from submission to end"
    else:
        each = [_megabytes(job.facts) / RATES[rate_of(job.facts, settings)] / settings.speed for job in jobs]
        rates = sorted({rate_of(job.facts, settings) for job in jobs})
        told = ", ".join(f"{name} {RATES[name]:g} MB/s" for name in rates)
        basis = f"published rate of a copy ({told}); a busy array is slower"
    beside = min(len(jobs), settings.migrations)
    return Duration(array, table, len(jobs), max(each), max(*each, sum(each) / beside, 0.0), basis)


def _moves(table: Operation[Work]) -> bool:
    """Say whether a backup host reads or writes volumes for a job of a table."""
    return any(step.name in {"copy-out", "copy-in"} for step in table.steps)


def _moving(array: str, table: str, jobs: Sequence[Rehearsed], past: Iterable[Record]) -> Duration:
    """Estimate what backup hosts do by what they did: no rate of theirs is published."""
    done = [(_volumes(one.facts), (one.ended - one.created) / 1000) for one in past if one.operation == table]
    measured = [size / seconds for size, seconds in done if size and seconds > 0]
    sizes = [_volumes(job.facts) for job in jobs]
    if len(measured) < _ENOUGH:
        return Duration(array, table, len(jobs), None, None, "unknown: too few such jobs have ended yet")
    if not all(sizes):
        return Duration(array, table, len(jobs), None, None, "unknown: the size is not known yet")
    rate = median(measured)
    basis = f"measured: {len(measured)} such jobs did {rate:.3g} MB/s each, from submission to end"
    return Duration(array, table, len(jobs), max(sizes) / rate, None, basis)


def _volumes(facts: Facts) -> float:
    """Return the megabytes of all volumes that a backup host reads or writes for a job."""
    return sum(int(value) for name, value in facts.items() if name.startswith("size-")) / 1024**2


def _short(array: str, table: str, count: int, past: Iterable[Record]) -> Duration:
    measured = [(record.ended - record.created) / 1000 for record in past if record.operation == table]
    if len(measured) < _ENOUGH:
        return Duration(array, table, count, None, None, "unknown: too few such jobs have ended yet")
    basis = f"measured: the median of {len(measured)} such jobs, from submission to end"
    return Duration(array, table, count, median(measured), None, basis)


def _speed(record: Record) -> float | None:
    """Return the megabytes a second that a job did that copied."""
    seconds = (record.ended - record.created) / 1000
    return _megabytes(record.facts) / seconds if seconds > 0 and "size_gb" in record.facts else None


def _megabytes(facts: Facts) -> int:
    return int(facts["size_gb"]) * _MB_PER_GB
