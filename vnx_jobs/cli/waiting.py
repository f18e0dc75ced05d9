"""Waiting for jobs: reads them over and over until all are over, and lives through short outages."""

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import click

from vnx_jobs.model.errors import Code, Refused, StateServerError
from vnx_jobs.model.states import State

from .documents import Job, is_over, told

J = TypeVar("J", bound=Job)
J_co = TypeVar("J_co", bound=Job, covariant=True)
J_contra = TypeVar("J_contra", bound=Job, contravariant=True)

_PERIOD: Final = 0.25
_OUTAGE: Final = 120.0
"""Seconds for which the state server may be away: a restart of the stack takes far less."""
_SHARE: Final = 5
"""Of the time, at most one part in so many is spent reading."""


class Screen(Protocol[J_contra]):
    """Shows jobs while they are waited for."""

    def show(self, records: Sequence[J_contra], /) -> None:
        """Show the jobs as they are now."""
        ...


class Looks(Protocol[J_co]):
    """Knows how jobs stand: what reads the records, or the service that does."""

    def these(self, ids: Sequence[str], /) -> Sequence[J_co]:
        """Return jobs in the order of their ids. Raises Refused, StateServerError."""
        ...


def wait(reads: Looks[J], ids: Sequence[str], screen: Screen[J], anew: Callable[[], Looks[J]] | None = None) -> list[J]:
    """Read jobs until all are over, and return them in the order of their ids.

    `anew` finds the state server again after it was away: it may be back in another place.

    Raises StateServerError after a long outage, and Refused for an id that is no job's.
    """
    known: dict[str, J] = {}
    away_since: float | None = None
    while True:
        began = time.monotonic()
        try:
            if away_since is not None and anew is not None:
                reads = anew()
            open_ones = [job for job in ids if job not in known or not is_over(known[job])]
            known |= zip(open_ones, reads.these(open_ones), strict=True)
        except StateServerError as error:
            away_since = _outage(away_since, began, error)
            time.sleep(1)
            continue
        away_since = None
        records = [known[job] for job in ids]
        screen.show(records)
        if all(is_over(record) for record in records):
            return records
        time.sleep(max(_PERIOD, _SHARE * (time.monotonic() - began)))


def show_ways_out(jobs: Sequence[Job]) -> None:
    """Say to whoever waited for jobs what can be done about those that are stuck."""
    for one in (told(job) for job in jobs if job.state is State.STUCK):
        undo = "" if one.no_way_back else f", `vnx-jobs undo {one.job}`"
        ways = f"`vnx-jobs resume {one.job}`{undo} or `vnx-jobs abandon {one.job}`"
        left = f"`vnx-jobs job {one.job}` says what it left; " if one.leftovers else ""
        click.echo(f"job {one.job} is stuck: {left}go on with {ways}", err=True)


def _outage(since: float | None, now: float, error: StateServerError) -> float:
    if since is None:
        click.echo(f"{error.message}; still trying", err=True)
        return now
    if now - since > _OUTAGE:
        raise error
    return since


def need_one(job: str | None, batch: str) -> None:
    """Raise Refused(invalid) if a job is named, and a batch too."""
    if job and batch:
        raise Refused(Code.INVALID, "watch a job or a batch, not both")
