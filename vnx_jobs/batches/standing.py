"""How a batch stands: its rows by state, how far it is, and how much longer it takes, as far as that is known."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports.pages import Brief, Pages

_ENOUGH: Final = 3
"""Rows that must have ended before a rate is told."""
_WORKED: Final = frozenset({State.SUCCEEDED, State.FAILED})
"""Rows that ended so were worked on: others ended because somebody said so."""


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Until when nothing more will happen by itself."""

    seconds: int | None
    """None: unknown."""
    basis: str
    """Where the figure comes from, or why there is none."""


@dataclass(frozen=True, slots=True)
class BatchStanding:
    """How the rows of a batch stand; of a row that was tried again, the last attempt counts."""

    batch: str
    rows: int
    states: Mapping[State, int]
    over: int
    """Rows of which nothing more will happen by itself: ended, or STUCK."""
    percent: int
    """100 only when all are over."""
    left: TimeLeft
    begun: int
    """When the first of these jobs was submitted: milliseconds since 1970."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.over == self.rows


def rows_seen(pages: Pages, batch: str, sees: Callable[[str], bool]) -> list[Brief]:
    """Return the rows of a batch on arrays that somebody sees, in their order. Raises Refused(no-such-batch)."""
    rows = [row for row in pages.rows(batch) if sees(row.array)] if batch else []
    if not rows:
        raise Refused(Code.NO_SUCH_BATCH, f"there are no jobs of a batch {batch!r}")
    return rows


def standing_of(batch: str, rows: Sequence[Brief], now: int, halted: Mapping[str, str] | None = None) -> BatchStanding:
    """Say how a batch stands; `halted` says of arrays on which nothing moves why that is."""
    live = [row for row in rows if not is_over(row)]
    done = len(rows) - len(live) + sum(share(row) for row in live)
    return BatchStanding(
        batch=batch,
        rows=len(rows),
        states=Counter(row.state for row in rows),
        over=len(rows) - len(live),
        percent=min(99, int(100 * done / len(rows))) if live else 100,
        left=_left(rows, live, now, halted or {}),
        begun=min(row.created for row in rows),
    )


def newest(pages: Pages, sees: Callable[[str], bool], limit: int) -> Iterator[tuple[str, Sequence[Brief]]]:
    """Yield batches with the rows that somebody sees, the one submitted to last first; 0: all. Reads one at a time."""
    shown = 0
    for batch in pages.batches():
        rows = [row for row in pages.rows(batch) if sees(row.array)]
        if rows:
            yield batch, rows
            shown += 1
        if shown == limit:
            return


def is_over(row: Brief) -> bool:
    """Say whether nothing more will happen by itself."""
    return row.state in ENDED or row.state is State.STUCK


def share(row: Brief) -> float:
    """Return how much of a job that is not over is done, from 0 to 1: its steps, and what is told of this one."""
    return min(1.0, (row.cursor + (row.percent or 0) / 100) / row.steps) if row.steps else 0.0


def _left(rows: Sequence[Brief], live: Sequence[Brief], now: int, halted: Mapping[str, str]) -> TimeLeft:
    if not live:
        return TimeLeft(0, "all rows are over")
    if paused := sum(row.state is State.PAUSED for row in live):
        return TimeLeft(None, f"unknown: {paused} rows are paused")
    if why := next((halted[row.array] for row in live if row.array in halted), ""):
        return TimeLeft(None, f"unknown: {why}")
    etas = [max(0.0, (row.eta - now) / 1000) for row in live if row.eta]
    began = min(row.created for row in live)
    ended = [row for row in rows if row.state in _WORKED and row.ended >= began]
    seconds = (now - began) / 1000
    if len(ended) >= _ENOUGH and seconds > 0:
        work = len(ended) + sum(map(share, live))
        left = sum(1 - share(row) for row in live) * seconds / work
        return TimeLeft(round(max(left, *etas, 0.0)), f"measured: {len(ended)} rows ended in {seconds:.0f} s")
    if len(etas) == len(live):
        return TimeLeft(round(max(etas)), "the array tells of each that is under way")
    return TimeLeft(None, f"unknown: fewer than {_ENOUGH} rows have ended since the first of these was submitted")
