"""The in-memory array itself: its clock, its audit, the faults planned for it, and its life without any command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import RLock
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar, cast

from vnx_jobs.model.errors import ArrayError, Verdict
from vnx_jobs.ports import Clock

from . import vnx_rules as rules
from .snapshots_rules import expire
from .vnx_world import World, content

T = TypeVar("T")
Word: TypeAlias = str | int | bool
Rule: TypeAlias = Callable[[World, float], World]
"""A command, or anything else that happens on the array: from one state, at a time, to the next."""

_TIME_OUT: Final = "Exception: Error occurred because of time out"


@dataclass(frozen=True, slots=True)
class Fault:
    """What the caller of one command meets instead of its answer, and whether the array carries the command out.

    With `after`, it is carried out only that many seconds after it was sent. `meanwhile` is what else happens in the
    world before the caller goes on: time that passes, another worker, a person. Without an error it gets its answer.
    """

    error: BaseException | None
    effect: bool = False
    after: float = 0.0
    meanwhile: Callable[[], object] | None = None


def refused(verdict: Verdict = Verdict.REFUSED, text: str = "refused by a planned fault") -> Fault:
    """Plan that the array refuses a command."""
    return Fault(ArrayError(verdict, text))


def answer_lost(*, effect: bool, after: float = 0.0) -> Fault:
    """Plan that a command gets no answer, whether it is carried out (perhaps late) or not."""
    return Fault(ArrayError(Verdict.NO_ANSWER, _TIME_OUT), effect, after)


def meanwhile(happens: Callable[[], object]) -> Fault:
    """Plan that something happens while a command is under way, which is carried out and answered as ever."""
    return Fault(None, effect=True, meanwhile=happens)


def worker_killed(error: BaseException, *, effect: bool) -> Fault:
    """Plan that `error` is raised instead of a command, or right after it."""
    return Fault(error, effect)


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the audit: a command as it was sent."""

    number: int
    """Counted from 1."""
    verb: str
    """Name of the port's method."""
    arguments: tuple[Word, ...]
    change: bool
    carried_out: bool
    """Whether the array did it at once: not refused, not lost on the way, not to land later."""
    error: str = ""
    """What the caller met instead of an answer: a verdict, or the name of an exception."""


@dataclass(slots=True)
class _Planned:
    at: int | str
    fault: Fault
    skip: int


def is_meant(at: int | str, verb: str, arguments: tuple[Word, ...]) -> bool:
    """Say whether a verb, and words behind it, mean a command."""
    named, *words = str(at).split()
    return named == verb and set(words) <= set(map(str, arguments))


class MemoryVnx:
    """An array that lives in this process. Thread-safe: each command is one step from one `World` to the next.

    `pools` are names with gigabytes; `seconds_per_gb` is how long a migration takes, `preparing` how many seconds a new
    LUN is not ready, `unlisted` how many seconds a new session is not listed.
    """

    def __init__(
        self,
        clock: Clock,
        pools: Mapping[str, int],
        *,
        seconds_per_gb: float = 1.0,
        preparing: float = 0.0,
        unlisted: float = 0.0,
    ) -> None:
        self.clock = clock
        self.seconds_per_gb = seconds_per_gb
        self.preparing = preparing
        self.unlisted = unlisted
        self._world = World(MappingProxyType(dict(pools)))
        self._audit: list[Command] = []
        self._faults: list[_Planned] = []
        self._landing: list[tuple[float, Rule]] = []
        self._lock = RLock()

    @property
    def world(self) -> World:
        """Everything on the array now."""
        with self._lock:
            return self._now()[0]

    @property
    def audit(self) -> tuple[Command, ...]:
        """Every command so far, in the order in which they were sent."""
        with self._lock:
            return tuple(self._audit)

    def plan(self, at: int | str, fault: Fault, *, skip: int = 0) -> None:
        """Plan a fault at the command of that number, or at the next command of that verb. It strikes once.

        Words behind a verb must be among the command's arguments: `map_lun 2`. Of the commands that are meant, `skip`
        pass first. Two faults at one verb strike one command each.
        """
        with self._lock:
            self._faults.append(_Planned(at, fault, skip))

    @property
    def spared(self) -> tuple[Fault, ...]:
        """The planned faults that have struck nothing yet."""
        with self._lock:
            return tuple(planned.fault for planned in self._faults)

    def apply(self, rule: Rule) -> None:
        """Change the array from outside, as another administrator would: no command, no fault, no audit."""
        with self._lock:
            self._world = rule(*self._now())

    def write(self, number: int, new_content: str) -> None:
        """Let a host write to a LUN or mount point."""
        self.apply(lambda world, _: rules.write(world, number, new_content))

    def read(self, number: int) -> str | None:
        """Return what a host reads from a LUN or mount point; None if nothing is attached to the mount point."""
        return content(self.world, number)

    def stop_session(self, source: int, state: str = "STOPPED - Destination full") -> None:
        """Let a migration session stop or fault: it stays listed, and goes no further, until it is cancelled."""
        self.apply(lambda world, _: rules.stop_session(world, source, state))

    def run(self, verb: str, arguments: tuple[Word, ...], rule: Rule | None, show: Callable[[World, float], T]) -> T:
        """Carry out one command: change the array by `rule`, then show; or meet the fault that was planned for it."""
        with self._lock:
            _, now = self._now()
            fault = self._planned(verb, arguments)
            refusal = self._attempt(rule, fault, now)
            error = refusal if fault is None or fault.error is None else fault.error
            done = refusal is None and (fault is None or (fault.effect and not fault.after))
            self._audit.append(Command(len(self._audit) + 1, verb, arguments, rule is not None, done, _met(error)))
            shown = show(self._world, now) if error is None else None
        if fault is not None and fault.meanwhile is not None:
            fault.meanwhile()
        if error is not None:
            raise error
        return cast("T", shown)

    def _attempt(self, rule: Rule | None, fault: Fault | None, now: float) -> ArrayError | None:
        """Carry a command out, at once or later as its fault says; return the refusal of the array's own rules."""
        if rule is None or (fault is not None and not fault.effect):
            return None
        if fault is not None and fault.after:
            self._landing.append((now + fault.after, rule))
            return None
        try:
            self._world = rule(self._world, now)
        except ArrayError as refusal:
            return refusal
        return None

    def _planned(self, verb: str, arguments: tuple[Word, ...]) -> Fault | None:
        for place, planned in enumerate(self._faults):
            if planned.at != len(self._audit) + 1 and not is_meant(planned.at, verb, arguments):
                continue
            if planned.skip == 0:
                del self._faults[place]
                return planned.fault
            planned.skip -= 1
        return None

    def _now(self) -> tuple[World, float]:
        """Let everything happen whose time has come: late commands land in their order, migrations end."""
        now = self.clock.monotonic()
        due = sorted((entry for entry in self._landing if entry[0] <= now), key=lambda entry: entry[0])
        for time, rule in due:
            self._landing.remove((time, rule))
            self._world = expire(rules.settled(self._world, time), time)
            try:
                self._world = rule(self._world, time)
            except ArrayError:
                continue  # nobody hears the refusal of a command that lands late
        self._world = expire(rules.settled(self._world, now), now)
        return self._world, now


def _met(error: BaseException | None) -> str:
    if isinstance(error, ArrayError):
        return error.verdict.value
    return "" if error is None else type(error).__name__
