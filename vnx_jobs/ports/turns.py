"""The values of turns: who may take one, what it is given, and what it commits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.condition import Condition
from vnx_jobs.model.outcome import Facts, Gone, Made
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State


@dataclass(frozen=True, slots=True)
class Ring:
    """Which chain a job needs: steps from the cursor to the last, or back to the first."""

    job: str
    cursor: int
    last: int


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
    lost: bool = False
    """The state server lost changes since the job was accepted: it may be further than its record says."""


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
    begun: int | None = None
    """When the step's command was last sent; 0: it has certainly had no effect, so the step counts as not begun."""
    unsure: bool | None = None
    condition: Condition | None = None
    wait: float | None = None
    """Seconds until the job is to be looked at again. None with a condition: only the watch resumes it."""
    behind: bool = False
    """Rest until the job's predecessors have ended."""
    readmit: bool = False
    """Give all claims back and ask anew, by a new plan; for a job that has done nothing yet."""
    settle: bool = False
    """Do nothing until the last command could no longer land; a STUCK job, when it is told to go on."""
    leftovers: tuple[str, ...] = ()
    frees: tuple[str, ...] = ()
    """Keys of claims that are given back: nothing that the job left, or may still do, needs them."""
    made: tuple[Made, ...] = ()
    gone: tuple[Gone, ...] = ()
    """What the step showed to be gone."""
    access: Mapping[str, AccessMode | None] = field(default_factory=dict)
    """Access marks of volumes, by UID; None takes a mark away."""
