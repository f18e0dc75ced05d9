"""A step and an operation: values, not classes to inherit from. A mistake in a declaration fails at import."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from .keys import KeyKind, PermitKind
from .lists import ListKind
from .outcome import Finding, Outcome

W = TypeVar("W")
"""What a step is given to work with; `vnx_jobs.steps.work.Work` in the product."""

SharedList: TypeAlias = ListKind | Literal["luns", "sessions"]
"""The lists of a whole array that steps wait for or are judged by."""

NO_WAY_BACK_NAME: Final = "no-way-back"
"""In a pinned list of step names: from here on a job only goes forward or becomes STUCK."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a step may be refused for now, and the wait between: `first` seconds, doubled up to `longest`."""

    attempts: int = 8
    first: float = 2.0
    longest: float = 60.0

    def delay(self, attempts: int) -> float:
        """Return the seconds to wait after so many attempts (at least one)."""
        return min(self.longest, self.first * 2.0 ** (max(1, attempts) - 1))


@dataclass(frozen=True, slots=True)
class Step(Generic[W]):
    """One named, resumable step.

    `do` brings the effect about with at most one changing array command; `look` asks the array whether the effect is
    there and ours; `undo` takes it back after proving that it is ours, and is stated for every step, even when it is
    nothing. `says` and `undo_says` are the sentences that logs, previews and `explain` use. `by_hand` and `holds` serve
    a job that is stuck with this step still to come: what a person has to do, and what the job must not let go of.
    """

    name: str
    says: str
    do: Callable[[W], Outcome]
    look: Callable[[W], Finding]
    undo: Callable[[W], Outcome]
    undo_says: str
    by_hand: Callable[[W], tuple[str, ...]]
    """Names what of the step is on the array, an object a line, with the command that removes it.

    Reads the array to leave out what is gone, and raises nothing: what cannot be read is named.
    """
    holds: tuple[KeyKind, ...]
    """Kinds of the claims that the step's objects stand under, or that going on from here could still need."""
    writes: bool = True
    """Whether `do` sends a changing command; a step that only reads never has to settle."""
    reads: int = 0
    """How many reading commands of its own `do` sends while nothing disturbs it."""
    lists: tuple[SharedList, ...] = ()
    """The lists that it waits for or is judged by: each is read once for all jobs that wait for it."""
    removes: bool = False
    """Whether the effect is an absence: it is done whoever brought it about."""
    permit: PermitKind | None = None
    """Name of the limited number that one of must be held while this step is under way."""
    lets_go: tuple[KeyKind, ...] = ()
    """Kinds of the claims that nothing of the job needs any more once the step is done: they are given back then."""
    patience: Patience = Patience()

    def __post_init__(self) -> None:
        """Refuse a step that does not say what it does, or what its undo is."""
        if not self.name or self.name != self.name.strip().lower() or " " in self.name:
            raise ValueError(f"step name {self.name!r} must be lower-case words joined by dashes")
        if not self.says.endswith(".") or not self.undo_says.endswith("."):
            raise ValueError(f"step {self.name} must say in sentences what it does and how it is undone")


@dataclass(frozen=True, slots=True)
class Operation(Generic[W]):
    """A kind of job: a name, a sentence, and its table of steps."""

    name: str
    says: str
    steps: tuple[Step[W], ...]
    no_way_back: int
    """How many of the steps stand before the point of no return; all of them if there is none."""

    @property
    def names(self) -> tuple[str, ...]:
        """The list that a record pins at submission."""
        names = [step.name for step in self.steps]
        if self.no_way_back < len(names):
            names.insert(self.no_way_back, NO_WAY_BACK_NAME)
        return tuple(names)


@dataclass(frozen=True, slots=True)
class NoWayBack:
    """The marker that divides a table; there is one value of it, NO_WAY_BACK."""


NO_WAY_BACK: Final = NoWayBack()


def operation(name: str, says: str, *table: Step[W] | NoWayBack) -> Operation[W]:
    """Declare an operation. Raises ValueError if the table is empty, repeats a step, or has two points of no return."""
    steps = tuple(row for row in table if isinstance(row, Step))
    markers = [place for place, row in enumerate(table) if isinstance(row, NoWayBack)]
    names = [step.name for step in steps]
    if not steps or len(set(names)) < len(names):
        raise ValueError(f"operation {name} needs steps, each once: {names}")
    if len(markers) > 1:
        raise ValueError(f"operation {name} has {len(markers)} points of no return")
    if not says.endswith("."):
        raise ValueError(f"operation {name} must say in a sentence what it does")
    return Operation(name, says, steps, markers[0] if markers else len(steps))


def steps_of(operations: Mapping[str, Operation[W]]) -> Mapping[str, Step[W]]:
    """Return the steps of all operations by name."""
    return MappingProxyType({step.name: step for one in operations.values() for step in one.steps})


def catalogue(*operations: Operation[W]) -> Mapping[str, Operation[W]]:
    """Gather operations by name. Raises ValueError for a name used twice, or for two different steps of one name."""
    by_name: dict[str, Operation[W]] = {}
    steps: dict[str, Step[W]] = {}
    for one in operations:
        if one.name in by_name:
            raise ValueError(f"operation {one.name} is declared twice")
        by_name[one.name] = one
        for step in one.steps:
            if steps.setdefault(step.name, step) is not step:
                raise ValueError(f"two different steps are called {step.name}")
    return MappingProxyType(by_name)
