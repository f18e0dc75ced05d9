"""The pages' port: records a part at a time, counts of them, and what happens to jobs. For lists that are long."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vnx_jobs.model.event import Event
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list of jobs."""

    records: tuple[Record, ...]
    onward: str
    """Where the next part begins, for `after`; empty if nothing comes after these."""


@dataclass(frozen=True, slots=True)
class Brief:
    """The last attempt at a row of a batch, in a few words. Times are milliseconds since 1970, 0 for not yet."""

    job: str
    array: str
    row: str
    """Empty for a job that no manifest asked for."""
    state: State
    created: int
    ended: int
    cursor: int = 0
    steps: int = 0
    """How many there are, while it lives."""
    percent: int | None = None
    eta: int = 0
    """When what it waits for is expected to be over."""


class Pages(Protocol):
    """Reads many records in parts. All methods raise StateServerError."""

    def page(
        self,
        *,
        batch: str = "",
        states: Collection[State] = (),
        arrays: Collection[str] | None = None,
        after: str = "",
        limit: int,
    ) -> Page:
        """List jobs of some arrays (None: of all), newest first; those of a batch in the order of its rows.

        `after` is what an earlier page said of where the next one begins. Jobs that come meanwhile move nothing: no
        job that was there before is left out, and none is told twice. Raises ValueError for an `after` of no page.
        Reads all ids, and records until `limit` of them fit.
        """
        ...

    def counts(self, *, batch: str = "") -> Mapping[tuple[str, State], int]:
        """Count the jobs that live, or the rows of a batch by their last attempts, by array and state.

        Reads some fields of each of them.
        """
        ...

    def batches(self) -> Sequence[str]:
        """Return the names of all batches whose jobs are on record, the one submitted to last first."""
        ...

    def rows(self, batch: str) -> Sequence[Brief]:
        """Return the rows of a batch in their order, of each its last attempt. Reads some fields of each job."""
        ...

    def these(self, jobs: Sequence[str]) -> Sequence[Record]:
        """Read some records, in one pipelined call; what is not there is left out."""
        ...


class Events(Protocol):
    """What happened to jobs: the last 20,000 things. All methods raise StateServerError."""

    def first(self) -> str:
        """Return the id of the oldest one that is kept; empty if there is none."""
        ...

    def last(self) -> str:
        """Return the id of the newest one; `0-0` if there is none."""
        ...

    def after(self, event: str, seconds: float, most: int = 1000) -> Sequence[Event]:
        """Return what happened after an event, oldest first; wait some seconds (at most five) for the first."""
        ...
