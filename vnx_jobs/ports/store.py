"""The job store's port: records, their claims, and what moves them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vnx_jobs.model.claim import Claim
from vnx_jobs.model.condition import Condition
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

from .gates import Gate
from .turns import Change, NoTurn, Ring, Terms, Turn


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request was accepted, now or (when `known`) by an earlier call with the same key."""

    job: str
    state: State
    known: bool
    rings: tuple[Ring, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class NotFree:
    """A claim that refuses instead of waiting was not free; nothing was stored."""

    key: str
    used: int
    """How many hold it; of a claim that refuses, without those that hold it alone: their end frees it."""
    limit: int
    waiting: int
    holders: tuple[str, ...]
    """Some of the members that hold it."""
    waiters: tuple[str, ...] = ()
    """Some of the jobs that wait to hold a part of it, if it refused a request."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds the key of a claim, and who waits for it."""

    used: int
    alone: int
    """How many of them hold it alone."""
    lent: int
    """How many of them are jobs' temporary objects, whose slots come free by themselves."""
    limit: int
    """How many may hold it, or how many numbers there are; 0 if none was ever asked for, or for a lock."""
    free: int
    """Free LUN numbers."""
    waiting: int
    """Places taken in its queue."""
    waiting_alone: int
    """How many of them wait to hold it alone."""
    holders: tuple[str, ...]
    """Some of the members that hold it."""
    waiters: tuple[str, ...] = ()
    """Some of the jobs that wait to hold a part of it."""


@dataclass(frozen=True, slots=True)
class KeyConflict:
    """The idempotency key belongs to a job with another request."""

    job: str
    state: State | None = field(default=None, compare=False)
    """Of that job, where it was looked up."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record to be submitted, with the claims it asks for and what its idempotency key stands for."""

    record: Record
    claims: tuple[Claim, ...] = ()
    digest: str = ""
    park: Condition | None = None
    """Set if the job cannot ask for its claims yet: what it waits for first."""
    place: int = 0
    """Place in its batch."""
    makes: tuple[str, ...] = ()
    """Objects that the job is to make, as `volume:NAME` or `snapshot:NAME`, so that others can wait for it."""
    renews: bool = False
    """Whether its key stands for it from now on if the key's job ended FAILED, CANCELLED or ABANDONED."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with an array."""

    held: str
    """Who holds it, so that nothing is begun; empty if nobody does."""
    away: str
    """Why it counts as away, so that nothing is rung; empty if it does not."""
    frozen: str
    """Why nothing is accepted and nothing moves after the state server changed hands; empty if it does."""
    judge: int
    """When its lists may first be judged again, if it is frozen until then (milliseconds); else 0."""
    under_way: int
    """Jobs whose chain is under way."""
    ready: int
    """Jobs that wait for a place for their chain."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of a person's order to a job."""

    taken: bool
    """False: the job's state does not allow it; nothing changed."""
    why: str
    state: State | None = None
    rings: tuple[Ring, ...] = ()


class Records(Protocol):
    """Where a job's record is found."""

    def get(self, job: str) -> Record | None:
        """Read one record."""
        ...


class JobStore(Records, Protocol):
    """The job records and their claims. Each method is atomic, and durable when it returns.

    Every method raises StateServerError if the state server cannot be used.
    """

    def submit(self, entries: Iterable[Entry], gate: Gate | None = None) -> list[Accepted | NotFree | KeyConflict]:
        """Store records and ask for their claims, an entry at a time, in order, in pipelined calls. Idempotent by key.

        Entries are taken while earlier ones are being stored. If taking one raises, earlier ones may be stored.
        Behind a gate, which is that of the batch of all of them and was shut before, none is rung until it is opened;
        raises StateServerError if it is not shut any more.
        """
        ...

    def known(self, asked: Sequence[tuple[str, str]]) -> list[Accepted | KeyConflict | None]:
        """Look idempotency keys up, each with its digest, without storing anything."""
        ...

    def admit(self, entry: Entry) -> Accepted | NotFree:
        """Ask for the claims of a record that was stored without; replaces its operation, steps, spec and drops."""
        ...

    def find(
        self, *, batch: str = "", states: Iterable[State] = (), array: str = "", limit: int = 0, newest: bool = True
    ) -> list[Record]:
        """List records by batch, state and array, newest first unless told otherwise; `limit` 0 for all."""
        ...

    def recent(self, array: str, since: int) -> list[Record]:
        """Return the jobs of an array that have not ended, or not before `since` (the state server's milliseconds).

        A job that ends meanwhile is among them.
        """
        ...

    def take(self, job: str, cursor: int, terms: Terms) -> Turn | NoTurn:
        """Take a turn: compare-and-set on the cursor, count the attempt, start a lease.

        If the step sends a changing command, `until` says from now on how long it could still land. A step that has
        begun and not settled is parked until it has, and no turn is given.
        """
        ...

    def permit(self, turn: Turn, *claims: Claim) -> NoTurn | None:
        """Ask for permits, in rank order: all of them or none.

        If one is not free the job is parked in its queue, and rung when all are granted. Idempotent.
        """
        ...

    def commit(self, turn: Turn, change: Change) -> tuple[Ring, ...] | None:
        """Commit a turn's outcome; return whom to ring, or None if the turn was lost (fence) and nothing changed.

        Raises ValueError for a state that cannot follow the present one.
        """
        ...

    def order(self, job: str, order: Order, by: str) -> Ordered:
        """Give an order to a job; one that cannot take hold at once is noted and takes hold at its next turn."""
        ...

    def order_many(self, jobs: Sequence[str], order: Order, by: str) -> list[Ordered]:
        """Give an order to each of some jobs, in pipelined calls; the answers stand in the order of the jobs."""
        ...

    def parked(self, array: str) -> Mapping[str, Condition]:
        """Return every job that is parked on the array, with its condition."""
        ...

    def resume(self, jobs: Iterable[str]) -> tuple[Ring, ...]:
        """Unpark jobs whose condition the watch has answered. Idempotent. Returns whom to ring."""
        ...

    def progress(self, reports: Mapping[str, tuple[int, float | None]]) -> None:
        """Note percent and seconds left of parked jobs."""
        ...

    def due(self, limit: int) -> tuple[Ring, ...]:
        """Return jobs that should have moved and have not, and remember that they were rung."""
        ...

    def hold(self, array: str, by: str) -> str:
        """Let nothing be begun on an array, for maintenance: what has begun goes on. Returns who holds it by now."""
        ...

    def unhold(self, array: str, by: str) -> tuple[Ring, ...] | None:
        """End a hold; return whom to ring, or None if nobody held the array."""
        ...

    def back(self, array: str) -> tuple[Ring, ...]:
        """Say that an array answers: jobs may go on that did not get an answer. Idempotent. Returns whom to ring."""
        ...

    def standing(self, array: str) -> Standing:
        """Say how things stand with an array."""
        ...

    def report(self, worker: str, landings: Mapping[str, float]) -> None:
        """Say that a worker lives, and what it saw last; called each second.

        `landings`: by array, the seconds in which a command sent by now could still land. By all workers' reports the
        store finds out if the state server has lost its last changes; it then freezes each array that long.
        """
        ...

    def leave(self, worker: str) -> None:
        """Say that a worker ends."""
        ...

    def thaw(self, array: str, begun: int) -> tuple[Ring, ...]:
        """Say that lists begun then have repaired an array's claims; return whom to ring if that ends its freeze."""
        ...

    def holdings(self, keys: Sequence[str]) -> list[Holding]:
        """Say who holds some keys of claims, and who waits for them, all at one moment."""
        ...

    def blockers(self, job: str) -> list[NotFree]:
        """Say which claims a waiting job waits for, and who holds them."""
        ...

    def lease(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew a short lease on a role (the sweep, the watch of one array); False if another has it."""
        ...

    def release(self, name: str, owner: str) -> None:
        """Give a role back."""
        ...
