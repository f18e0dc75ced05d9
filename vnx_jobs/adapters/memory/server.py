"""The state server's twin: everything that job store and inventory share, under one lock, with a clock of one's own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import Group, HostLun, Lun, Pool, Session, Snapshot, StorageGroup
from vnx_jobs.model.condition import Condition
from vnx_jobs.model.hosts import Attachment, FrontPort
from vnx_jobs.model.others import Altered, AlteredKind, place
from vnx_jobs.model.outcome import Shown
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports import Change, Clock, Ring

from .chains import Chains, Place
from .claims import Claims, Request

PATIENCE: Final = 2000
"""Milliseconds until a ring counts as lost; doubled each time, up to LONGEST."""
LONGEST: Final = 300_000
_DOUBLINGS: Final = 10
KINDS: Final[Mapping[type, str]] = {
    Lun: "luns",
    Snapshot: "snapshots",
    Session: "sessions",
    Pool: "pools",
    Group: "groups",
    StorageGroup: "storage-groups",
    FrontPort: "ports",
}
"""How lists of each kind of object are called."""
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
    thing: Shown | Session | Pool | FrontPort | None


@dataclass(slots=True)
class ShutGate:
    """Who shut it, until when he counts as alive, and the jobs behind it."""

    by: str
    until: int
    jobs: dict[str, bool] = field(default_factory=dict)
    """Whether each can go on."""
    open: bool = False


@dataclass(slots=True)
class MemoryServer:
    """All state. Adapters change it inside `moment`, which is atomic and tells whom to ring."""

    clock: Clock
    jobs: dict[str, Job] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    batches: dict[str, dict[str, int]] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    """When to look at a job again: every live job that is not ready and that nothing else will move."""
    chains: dict[str, Chains] = field(default_factory=dict)
    """By array."""
    parked: dict[str, Condition] = field(default_factory=dict)
    dependents: dict[str, set[str]] = field(default_factory=dict)
    """Jobs that wait for a job's end."""
    makers: dict[tuple[str, str], str] = field(default_factory=dict)
    """The unfinished job that is to make an object, by array and object."""
    roles: dict[str, tuple[str, int]] = field(default_factory=dict)
    lists: dict[tuple[str, str], dict[str, Entry]] = field(default_factory=dict)
    """What is known of an array, by array and kind of object."""
    shown: dict[tuple[str, str, int], tuple[int, HostLun]] = field(default_factory=dict)
    """What jobs changed of storage groups since they were listed, by array, group and host LUN number, and when."""
    readings: dict[tuple[str, str], int] = field(default_factory=dict)
    attached: dict[tuple[str, str, str], Attachment] = field(default_factory=dict)
    """What jobs of ours let hosts see, by array, UID and storage group."""
    access: dict[tuple[str, str], AccessMode] = field(default_factory=dict)
    """Access marks, by array and UID."""
    others: dict[tuple[str, AlteredKind, str], Altered] = field(default_factory=dict)
    """What others changed, by array, kind and name."""
    tickets: dict[tuple[str, str], int] = field(default_factory=dict)
    """The last ticket that was given out before a list was begun, by array and kind."""
    gates: dict[str, ShutGate] = field(default_factory=dict)
    """By batch; one that was opened stays, so that whoever opened it may ask."""
    ends: list[Callable[[str], None]] = field(default_factory=list)
    """What is told each job that ends, within the same moment."""
    sweeps: list[Callable[[], None]] = field(default_factory=list)
    """What each sweep does besides, within the same moment."""
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

    def show(self, job: Record, change: Change) -> None:
        """Note what a step of a job showed to exist, and to be gone, and what it marked."""
        now, array = self.now(), job.array
        for thing in change.made:
            if isinstance(thing, HostLun):
                self.shown[array, thing.group, thing.hlu] = (now, thing)
                self.others.pop((array, "mappings", place(thing.hlu, thing.group)), None)
                continue
            self._shown_by_job(array, KINDS[type(thing)], thing.name, thing)
            self.lists.setdefault((array, KINDS[type(thing)]), {})[thing.name] = Entry(now, thing)
        for gone in change.gone:
            name, kinds = (gone, job.kinds_gone(gone)) if isinstance(gone, str) else (gone.name, (gone.kind,))
            for kind in kinds:
                known = self.lists.get((array, kind), {})
                if name in known:
                    self._shown_by_job(array, kind, name, known[name].thing)
                    known[name] = Entry(now, None)
        for uid, mode in change.access.items():
            self.mark(array, uid, mode)

    def _shown_by_job(self, array: str, kind: str, name: str, thing: object) -> None:
        """Forget what others had done to an object that a job shows by now, under whatever name."""
        noted = [one for (box, of, called), one in self.others.items() if (box, of, called) == (array, kind, name)]
        if not noted:
            return
        for (box, of, called), one in tuple(self.others.items()):
            before = one.before
            other_name = isinstance(before, Lun) and isinstance(thing, Lun) and before.uid == thing.uid
            if (box, of) == (array, kind) and (called == name or other_name):
                del self.others[box, of, called]

    def mark(self, array: str, uid: str, mode: AccessMode | None) -> None:
        """Give a volume an access mark, or take it away."""
        self.access.pop((array, uid), None)
        if mode is not None:
            self.access[array, uid] = mode

    def live(self, job: str) -> bool:
        """Say whether a job is on record and has not ended."""
        return job in self.jobs and self.jobs[job].record.state not in ENDED

    def change(self, job: str, **fields: object) -> Record:
        """Change fields of a record."""
        record = self.jobs[job].record.evolve(**fields)
        self.jobs[job].record = record
        return record

    def chains_of(self, job: str) -> Chains:
        """Return the chains of a job's array."""
        return self.chains.setdefault(self.jobs[job].record.array, Chains())

    def start_chain(self, job: str) -> None:
        """Have a job's chain rung, and again if nobody comes."""
        record = self.jobs[job].record
        self.chains_of(job).under_way.add(job)
        self.due[job] = self.now() + min(LONGEST, PATIENCE * 2 ** min(_DOUBLINGS, self.jobs[job].rings))
        self._rings.append(Ring(job, record.cursor, 0 if record.back else len(record.steps) - 1))

    def make_due(self, job: str) -> None:
        """Have a job that can go on rung, unless it is paused: now, or when there is a place for one more chain."""
        chains, record = self.chains_of(job), self.jobs[job].record
        if record.state is State.PAUSED:
            return
        gate = self.gates.get(record.batch)
        if gate is not None and job in gate.jobs:
            gate.jobs[job] = True
            return
        if job in chains.under_way:
            self.start_chain(job)
            return
        self.due.pop(job, None)
        fresh = not (record.cursor or record.begun or record.back)
        chains.stand_by(record.batch, Place(fresh, self.now(), job))
        self.fill(record.array)

    def fill(self, array: str) -> None:
        """Ring as many ready jobs as there is room for."""
        while (job := self.chains.setdefault(array, Chains()).next()) is not None:
            self.start_chain(job)

    def rest(self, job: str) -> None:
        """Let another have the place of a job whose chain is over."""
        self.chains_of(job).rest(job)
        gate = self.gates.get(self.jobs[job].record.batch)
        if gate is not None and job in gate.jobs:
            gate.jobs[job] = False
        self.fill(self.jobs[job].record.array)

    def unpark(self, job: str) -> None:
        """Let a job go on: neither a condition nor a time keeps it."""
        self.parked.pop(job, None)
        self.jobs[job].wake = 0
        self.change(job, condition="", percent=None, eta=None)

    def over(self, job: str) -> None:
        """Let nothing move a job any more that has ended, and tell whoever wants to know."""
        self.parked.pop(job, None)
        self.due.pop(job, None)
        self.rest(job)
        for told in self.ends:
            told(job)

    def sweep(self) -> None:
        """Do what each sweep does besides ringing what is overdue."""
        self.claims.wake()
        for beside in self.sweeps:
            beside()

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
            state = State.PAUSED if paused else State.QUEUED
            self.change(job, state=state, again=True, numbers=dict(request.numbers))
        self.make_due(job)
