"""The state server's twin: everything that job store and inventory share, under one lock, with a clock of one's own."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from vnx_jobs.model.array import Lun, Pool, Session, Snapshot
from vnx_jobs.model.condition import Condition
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports import Clock, Ring

from .claims import Claims, Request

PATIENCE: Final = 2000
"""Milliseconds until a ring counts as lost; doubled each time, up to LONGEST."""
LONGEST: Final = 300_000
_BEGAN: Final = 1_600_000_000_000


@dataclass(slots=True)
class Job:
    """A record, and what the state server needs besides while the job lives."""

    record: Record
    keep: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    wake: int = 0
    """Not to be taken before."""
    rings: int = 0
    """How often it was rung since its last turn."""


@dataclass(slots=True)
class Key:
    """What an idempotency key stands for."""

    job: str
    digest: str
    ended: State | None = None
    until: int = 0
    """When it is forgotten; 0 while its job lives."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of an array, or (None) its absence, and when it was seen."""

    seen: int
    thing: Lun | Snapshot | Session | Pool | None


@dataclass(slots=True)
class MemoryServer:
    """All state. Adapters change it inside `moment`, which is atomic and tells whom to ring."""

    clock: Clock
    jobs: dict[str, Job] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    batches: dict[str, dict[str, int]] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    """When to look at a job again: every live job that nothing else will move."""
    parked: dict[str, Condition] = field(default_factory=dict)
    dependents: dict[str, set[str]] = field(default_factory=dict)
    """Jobs that wait for a job's end."""
    makers: dict[tuple[str, str], str] = field(default_factory=dict)
    """The unfinished job that is to make an object, by array and object."""
    roles: dict[str, tuple[str, int]] = field(default_factory=dict)
    lists: dict[tuple[str, str], dict[str, Entry]] = field(default_factory=dict)
    """What is known of an array, by array and kind of object."""
    readings: dict[tuple[str, str], int] = field(default_factory=dict)
    claims: Claims = field(init=False)
    _lock: Lock = field(default_factory=Lock)
    _rings: list[Ring] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Let grants change the jobs they are for."""
        self.claims = Claims(self._granted, self.live)

    @contextmanager
    def moment(self) -> Iterator[list[Ring]]:
        """Change state as one step; the list fills with whom to ring. Within a moment there is no other."""
        with self._lock:
            self._rings = []
            yield self._rings

    def now(self) -> int:
        """Return the present in milliseconds."""
        return _BEGAN + round(self.clock.monotonic() * 1000)

    def live(self, job: str) -> bool:
        """Say whether a job is on record and has not ended."""
        return job in self.jobs and self.jobs[job].record.state not in ENDED

    def change(self, job: str, **fields: object) -> Record:
        """Change fields of a record."""
        record = self.jobs[job].record.evolve(**fields)
        self.jobs[job].record = record
        return record

    def ring(self, job: str) -> None:
        """Have a job's chain rung."""
        record = self.jobs[job].record
        self._rings.append(Ring(job, record.cursor, 0 if record.back else len(record.steps) - 1))

    def make_due(self, job: str, patience: int = PATIENCE) -> None:
        """Have a job rung now, and again if nobody comes."""
        self.due[job] = self.now() + patience
        self.ring(job)

    def unpark(self, job: str) -> None:
        """Let a job go on: neither a condition nor a time keeps it."""
        self.parked.pop(job, None)
        self.jobs[job].wake = 0
        self.change(job, condition="", percent=None, eta=None)

    def waits_for(self, job: str, others: Iterable[str]) -> bool:
        """Make a job the dependent of those that have not ended; say whether there are any."""
        open_ones = [other for other in others if self.live(other)]
        for other in open_ones:
            self.dependents.setdefault(other, set()).add(job)
        return bool(open_ones)

    def _granted(self, request: Request) -> None:
        job, _, permit = request.name.partition("/")
        self.jobs[job].wake = 0
        record = self.change(job, why="", moved=self.now())
        if not permit:
            paused = record.state is State.PAUSED
            self.change(job, state=State.PAUSED if paused else State.QUEUED, numbers=dict(request.numbers))
        if record.state is not State.PAUSED:
            self.make_due(job)
