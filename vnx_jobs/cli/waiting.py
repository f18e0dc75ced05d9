"""Waiting for jobs: reads them over and over until all are over, and lives through short outages."""

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import click

from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.reads import Reads

from .documents import is_over

_PERIOD: Final = 0.25
_OUTAGE: Final = 120.0
"""Seconds for which the state server may be away: a restart of the stack takes far less."""
_SHARE: Final = 5
"""Of the time, at most one part in so many is spent reading."""


class Screen(Protocol):
    """Shows jobs while they are waited for."""

    def show(self, records: Sequence[Record]) -> None:
        """Show the jobs as they are now."""
        ...


def wait(reads: Reads, ids: Sequence[str], screen: Screen, anew: Callable[[], Reads] | None = None) -> list[Record]:
    """Read jobs until all are over, and return them in the order of their ids.

    `anew` finds the state server again after it was away: it may be back in another place.

    Raises StateServerError after a long outage, and Refused for an id that is no job's.
    """
    known: dict[str, Record] = {}
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


def show_ways_out(records: Sequence[Record]) -> None:
    """Say to whoever waited for jobs what can be done about those that are stuck."""
    for record in records:
        if record.state is State.STUCK:
            undo = "" if record.past_no_way_back else f", `vnx-jobs undo {record.id}`"
            ways = f"`vnx-jobs resume {record.id}`{undo} or `vnx-jobs abandon {record.id}`"
            left = f"`vnx-jobs job {record.id}` says what it left; " if record.leftovers else ""
            click.echo(f"job {record.id} is stuck: {left}go on with {ways}", err=True)


def _outage(since: float | None, now: float, error: StateServerError) -> float:
    if since is None:
        click.echo(f"{error.message}; still trying", err=True)
        return now
    if now - since > _OUTAGE:
        raise error
    return since
