"""The ports: what the house needs from the world, each method with its contract. Adapters implement them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from .model.array import Lun, Pool, Session, Snapshot
from .model.claim import Claim
from .model.condition import Condition
from .model.orders import Order
from .model.outcome import Facts
from .model.record import Record
from .model.states import State
from .model.view import View


class Array(Protocol):
    """One VNX. Every method costs one array command, and raises ArrayError when the answer is not what was asked for.

    A read polls the array (it is never answered from the array's cache) and is repeated a few times while the array is
    unreachable; absence is returned only for the array's own complete answer that says so. A change is sent once:
    Verdict.NO_ANSWER means that it may have been, or may yet be, carried out.
    """

    def luns(self) -> tuple[Lun, ...]:
        """List every pool LUN and mount point."""
        ...

    def lun(self, number: int) -> Lun | None:
        """Read one LUN by number, or None if the array says there is none."""
        ...

    def snapshots(self) -> tuple[Snapshot, ...]:
        """List every snapshot."""
        ...

    def snapshot(self, name: str) -> Snapshot | None:
        """Read one snapshot, or None if the array says there is none."""
        ...

    def sessions(self) -> tuple[Session, ...]:
        """List every migration session; a finished session is no longer listed."""
        ...

    def pools(self) -> tuple[Pool, ...]:
        """List every storage pool."""
        ...

    def create_lun(self, number: int, name: str, size_gb: int, pool: str, *, thin: bool) -> None:
        """Create a LUN with the number and the name together. ALREADY: the number or the name is in use."""
        ...

    def create_mount_point(self, number: int, name: str, primary: int) -> None:
        """Create a mount point on the primary LUN of that number. ALREADY: the number or the name is in use."""
        ...

    def destroy_lun(self, number: int) -> None:
        """Destroy a LUN that has no snapshots and is mapped nowhere. ALREADY: there is no such LUN."""
        ...

    def destroy_mount_point(self, number: int) -> None:
        """Destroy a mount point, detaching its snapshot. ALREADY: there is no such LUN."""
        ...

    def create_snapshot(self, source: int, name: str, *, writable: bool, description: str = "") -> None:
        """Snapshot the LUN of that number; never deleted by the array itself. ALREADY: the name is in use."""
        ...

    def copy_snapshot(self, source: str, name: str) -> None:
        """Copy a snapshot. ALREADY: the new name is in use."""
        ...

    def allow_writes(self, snapshot: str) -> None:
        """Make a snapshot writable, so that it can be attached, and safe from the array's own deleting. Idempotent."""
        ...

    def destroy_snapshot(self, name: str) -> None:
        """Destroy a snapshot that is not attached. ALREADY: there is no such snapshot."""
        ...

    def attach_snapshot(self, mount_point: int, snapshot: str) -> None:
        """Attach a snapshot to a mount point of the same primary LUN. ALREADY: it is attached to some mount point."""
        ...

    def migrate(self, source: int, destination: int, rate: str) -> None:
        """Start a migration session; rate is low, medium, high or asap. BUSY: the destination is not ready yet."""
        ...

    def cancel_migration(self, source: int) -> None:
        """Cancel a session. ALREADY: there is no session for the LUN. BUSY: its copy is complete, it is about to go."""
        ...


class CommandSlots(Protocol):
    """A limited number of array commands in flight, over all workers of an installation."""

    def hold(self, array: str, seconds: float) -> AbstractContextManager[None]:
        """Hold a slot while a command runs; waits up to two seconds, then raises ArrayError(NO_SLOT)."""
        ...


@dataclass(frozen=True, slots=True)
class Sighting:
    """An object of the array as some list, or the job that made it, last showed it."""

    lun: Lun
    seen: int
    """When the list was begun, or the job ended: milliseconds of the state server's clock."""


@dataclass(frozen=True, slots=True)
class Readings:
    """When the last complete list of each kind was begun (state server's milliseconds); 0 for never."""

    luns: int = 0
    snapshots: int = 0
    sessions: int = 0
    pools: int = 0


@dataclass(frozen=True, slots=True)
class Lists:
    """What the watch read in one round, and when each list was begun. A list that was not read is None."""

    begun: int
    ticket: int
    """The last ticket given out before the first list was begun: claims that are younger are not judged by it."""
    luns: tuple[Lun, ...] | None = None
    snapshots: tuple[Snapshot, ...] | None = None
    sessions: tuple[Session, ...] | None = None
    pools: tuple[Pool, ...] | None = None


class Inventory(Protocol):
    """What is known of an array without asking it. Costs no array command."""

    def readings(self, array: str) -> Readings:
        """Say how old the lists are."""
        ...

    def volume(self, array: str, name: str) -> Sighting | None:
        """Find a volume by name."""
        ...

    def volumes(self, array: str) -> tuple[Sighting, ...]:
        """Return every known volume, temporary ones too, by name."""
        ...

    def snapshot(self, array: str, name: str) -> Snapshot | None:
        """Find a snapshot by name."""
        ...

    def snapshots(self, array: str) -> tuple[Snapshot, ...]:
        """Return every known snapshot, by name."""
        ...

    def session(self, array: str, source: int) -> Session | None:
        """Find a migration session, in the last session list, by its source's number."""
        ...

    def pools(self, array: str) -> tuple[Pool, ...]:
        """Return the pools that the last list showed; empty if none was read yet."""
        ...

    def maker(self, array: str, thing: str) -> str | None:
        """Return the unfinished job that is to make `volume:NAME` or `snapshot:NAME`."""
        ...

    def view(self, array: str, names: Collection[str]) -> View:
        """Return what is known of volumes and snapshots of these names, and of the primaries that they hang on."""
        ...

    def ticket(self) -> tuple[int, int]:
        """Return the last ticket given out and the state server's time, to begin a list with."""
        ...

    def store(self, array: str, lists: Lists, number_range: range) -> None:
        """Take in complete lists: replace what is older, and repair slots and numbers that the array contradicts.

        Left alone: claims whose ticket is younger than the lists, and claims of jobs that have not ended.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ring:
    """Which chain a job needs: steps from the cursor to the last, or back to the first."""

    job: str
    cursor: int
    last: int


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
    limit: int
    waiting: int
    holders: tuple[str, ...]
    """Some of the members that hold it."""


@dataclass(frozen=True, slots=True)
class KeyConflict:
    """The idempotency key belongs to a job with another request."""

    job: str


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


@dataclass(frozen=True, slots=True)
class Lease:
    """For how long the turns at one array are protected. All in seconds."""

    read: float
    """A turn at a step that only reads."""
    write: float
    """A turn at a step that sends a changing command: none is started that could end later."""
    landing: float
    """How long after its turn's beginning a changing command could still land, whatever became of its worker."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker can serve, and on what terms. Jobs of other arrays, and steps it does not know, it leaves alone."""

    arrays: Mapping[str, Lease]
    steps: Mapping[str, bool]
    """The steps by name, and whether each sends a changing command."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to run one step of a job: until the lease ends, and only for a commit with this fence."""

    record: Record
    """As it stands after the turn was taken: attempts counted, begun and until set."""
    returning: bool
    """The step had begun before: look first."""


@dataclass(frozen=True, slots=True)
class NoTurn:
    """The step is not to be run now, and why: a duplicate message, a live lease, an ended job, a parked one."""

    why: str
    rings: tuple[Ring, ...] = ()
    onward: bool = False
    """The place is the point of no return, not a step: the chain's next link has the step behind it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a turn commits: the next place and state of the job, with everything that must happen in the same moment."""

    state: State
    event: str
    """One word for the event stream: advanced, parked, backed-off, settling, turned-back, ended, stuck."""
    why: str = ""
    code: str | None = None
    """Set with `error` when the job is given up; None leaves both as they are."""
    error: str = ""
    cursor: int | None = None
    """The new place; None leaves the cursor and what is known about its step."""
    back: bool | None = None
    goal: str | None = None
    facts: Facts | None = None
    attempts: int | None = None
    begun: bool | None = None
    """False: the step has certainly had no effect, so it counts as not begun."""
    unsure: bool | None = None
    condition: Condition | None = None
    wait: float | None = None
    """Seconds until the job is to be looked at again. None with a condition: only the watch resumes it."""
    behind: bool = False
    """Rest until the job's predecessors have ended."""
    settle: bool = False
    """Do nothing until the last command could no longer land; a STUCK job, when it is told to go on."""
    leftovers: tuple[str, ...] = ()
    frees: tuple[str, ...] = ()
    """Keys of claims that a STUCK job gives back: nothing that it left, or may still do, needs them."""
    made: tuple[Lun | Snapshot, ...] = ()
    gone: tuple[str, ...] = ()
    """Names of volumes or snapshots that the step showed to be gone."""


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


class JobStore(Protocol):
    """The job records and their claims. Each method is atomic, and durable when it returns.

    Every method raises StateServerError if the state server cannot be used.
    """

    def submit(self, entries: Iterable[Entry]) -> list[Accepted | NotFree | KeyConflict]:
        """Store records and ask for their claims, an entry at a time, in order, in pipelined calls. Idempotent by key.

        Entries are taken while earlier ones are being stored. If taking one raises, earlier ones may be stored.
        """
        ...

    def known(self, asked: Sequence[tuple[str, str]]) -> list[Accepted | KeyConflict | None]:
        """Look idempotency keys up, each with its digest, without storing anything."""
        ...

    def admit(self, entry: Entry) -> Accepted | NotFree:
        """Ask for the claims of a record that was stored without; replaces its operation, steps, spec and drops."""
        ...

    def get(self, job: str) -> Record | None:
        """Read one record."""
        ...

    def find(
        self, *, batch: str = "", states: Iterable[State] = (), array: str = "", limit: int = 0, newest: bool = True
    ) -> list[Record]:
        """List records by batch, state and array, newest first unless told otherwise; `limit` 0 for all."""
        ...

    def take(self, job: str, cursor: int, terms: Terms) -> Turn | NoTurn:
        """Take a turn: compare-and-set on the cursor, count the attempt, start a lease.

        If the step sends a changing command, `until` says from now on how long it could still land. A step that has
        begun and not settled is parked until it has, and no turn is given.
        """
        ...

    def permit(self, turn: Turn, claim: Claim) -> NoTurn | None:
        """Ask for a permit; if none is free the job is parked in its queue and rung when it is granted. Idempotent."""
        ...

    def commit(self, turn: Turn, change: Change) -> tuple[Ring, ...] | None:
        """Commit a turn's outcome; return whom to ring, or None if the turn was lost (fence) and nothing changed.

        Raises ValueError for a state that cannot follow the present one.
        """
        ...

    def order(self, job: str, order: Order, by: str) -> Ordered:
        """Give an order to a job; one that cannot take hold at once is noted and takes hold at its next turn."""
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

    def blockers(self, job: str) -> list[NotFree]:
        """Say which claims a waiting job waits for, and who holds them."""
        ...

    def lease(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew a short lease on a role (the sweep, the watch of one array); False if another has it."""
        ...

    def release(self, name: str, owner: str) -> None:
        """Give a role back."""
        ...


class Bell(Protocol):
    """The doorbell. Losing or doubling a ring changes nothing but time."""

    def ring(self, rings: Iterable[Ring]) -> None:
        """Publish a chain for each job. Never raises for a broker that is away: the sweep rings again."""
        ...


class Clock(Protocol):
    """The passing of time inside a process."""

    def monotonic(self) -> float:
        """Return seconds that only go forward."""
        ...
