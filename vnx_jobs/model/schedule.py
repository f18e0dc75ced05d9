"""Schedules: jobs to be submitted again and again; and what is to be done about one at a moment, which is pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from .timetable import Timetable

LATE: Final = 60_000
"""Milliseconds that a run may begin late before it counts as missed: a worker's restart takes some seconds."""
POLL: Final = 2_000
"""Milliseconds between two looks at the run that another waits for."""
TOLD: Final = 3
"""Problems of a run that are kept."""
MAX_NAME: Final = 60
_NAME: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{MAX_NAME - 1}}}")


class Overlap(StrEnum):
    """What becomes of a run that is due while the one before is still under way."""

    SKIP = "skip"
    """It is left out."""
    QUEUE = "queue"
    """It waits until the other is over."""
    CANCEL = "cancel"
    """The jobs of the other are cancelled; it begins when they are over."""


class Missed(StrEnum):
    """What becomes of runs that nobody began in time, since no scheduler ran."""

    ONCE = "once"
    """The last of them is made up for, unless another is just due."""
    ALL = "all"
    """All are made up for, one after the other."""
    SKIP = "skip"
    """They are left out."""


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"must be up to {MAX_NAME} letters, digits and _ . - and begin with a letter or digit")
    return name


def _divided(names: object) -> object:
    return [one.strip() for one in names.split(",")] if isinstance(names, str) else names


def _one_or_more(jobs: object) -> object:
    return [jobs] if isinstance(jobs, Mapping) else jobs


class Schedule(Timetable):
    """Jobs, and when they are to be submitted."""

    name: Annotated[str, AfterValidator(_checked_name)]
    jobs: Annotated[tuple[dict[str, Any], ...], BeforeValidator(_one_or_more), Field(min_length=1, max_length=64)]
    """Templates: fields of job specs, whose texts may hold `{due}` and other names (`vnx_jobs.schedules.templates`)."""
    volumes: Annotated[tuple[str, ...], BeforeValidator(_divided), Field(max_length=1000)] = ()
    """Names of volumes, or patterns as a shell's: then each template makes a job for each of them, as `{volume}`."""
    overlap: Overlap = Overlap.SKIP
    missed: Missed = Missed.ONCE
    most: Annotated[int, Field(ge=1, le=1000)] = 10
    """Runs that wait, or are made up for, at most: the oldest are given up."""
    owner: str = ""
    """The policy file that it stands in, by that file's own name; empty if a person made it."""

    @property
    def calendar(self) -> str:
        """What its due times depend on: if it changes, earlier due times are nobody's."""
        return self.model_dump_json(include=set(Timetable.model_fields))

    def document(self) -> str:
        """Return what `model_validate_json` reads."""
        return self.model_dump_json()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a schedule."""

    due: int
    by: str = ""
    """Who asked for it to begin at once; empty for one that the timetable asks for."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A job that a run submits."""

    spec: Mapping[str, Any]
    row: str


@dataclass(frozen=True, slots=True)
class Firing:
    """A run that has begun: what it submits is settled and stored before its first job, so that anybody can go on."""

    run: Run
    generation: int
    asks: tuple[Ask, ...]
    batch: str
    problems: tuple[str, ...] = ()
    """Why jobs of it cannot be asked for."""

    def key(self, schedule: str, place: int) -> str:
        """Return the idempotency key of one of its jobs."""
        return f"schedule/{schedule}/{self.generation}/{'now/' if self.run.by else ''}{self.run.due}/{place}"


@dataclass(frozen=True, slots=True)
class Past:
    """What became of a run."""

    run: Run
    jobs: int = 0
    batch: str = ""
    problems: tuple[str, ...] = ()
    """Why it was given up, or what was refused: the first of it."""
    at: int = 0
    """When it was begun, or given up."""

    @classmethod
    def of(cls, firing: Firing, jobs: int, problems: Sequence[str]) -> "Past":
        """Return what became of a run that was begun."""
        told = (*firing.problems, *problems)
        more = (f"and {len(told) - TOLD} more",) if len(told) > TOLD else ()
        return cls(firing.run, jobs, firing.batch, told[:TOLD] + more)


@dataclass(frozen=True, slots=True)
class Standing:
    """A schedule, and where it stands at a moment."""

    schedule: Schedule
    generation: int
    """Another each time that it is replaced."""
    version: int
    """Another at each change of what stands here."""
    handled: int
    """The last due time that was dealt with."""
    queue: tuple[Run, ...] = ()
    firing: Firing | None = None
    paused: str = ""
    """Who paused it; empty if nobody did."""
    under_way: tuple[str, ...] = ()
    """Jobs of runs before that are not over."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about a schedule."""

    handled: int
    queue: tuple[Run, ...]
    wake: int | None
    """When to look again; None if only a person's order changes anything."""
    start: Run | None = None
    given_up: tuple[tuple[Run, str], ...] = ()
    cancel: bool = False
    """Whether the jobs under way are to be cancelled."""


@dataclass(slots=True)
class _Queue:
    """Runs that wait, and those that were given up."""

    waiting: list[Run]
    given_up: list[tuple[Run, str]] = field(default_factory=list)

    def drop(self, runs: Sequence[Run], why: str) -> None:
        self.given_up += [(run, why) for run in runs]
        self.waiting = [run for run in self.waiting if run not in runs]

    @property
    def timetabled(self) -> list[Run]:
        return [run for run in self.waiting if not run.by]


def decide(standing: Standing, now: int) -> Decision:
    """Say what is to be done about a schedule that is not just beginning a run. Changes nothing."""
    schedule, queue = standing.schedule, _Queue(list(standing.queue))
    passed: tuple[int, ...] = ()
    if not standing.paused:
        passed = schedule.passed(standing.handled, now, schedule.most, schedule.name)
        _take_in(schedule, queue, passed, now, busy=bool(standing.under_way))
    handled = passed[-1] if passed else standing.handled
    start = None if standing.under_way else next((run for run in queue.waiting if _may_begin(standing, run, now)), None)
    if start is not None:
        queue.waiting.remove(start)
    left = replace(standing, handled=handled, queue=tuple(queue.waiting))
    return Decision(
        handled=handled,
        queue=left.queue,
        wake=now if start is not None else _wake(left, now),
        start=start,
        given_up=tuple(queue.given_up),
        cancel=schedule.overlap is Overlap.CANCEL and bool(standing.under_way and queue.waiting),
    )


def _take_in(schedule: Schedule, queue: _Queue, passed: Sequence[int], now: int, *, busy: bool) -> None:
    """Have runs wait, or give them up, that should have begun by now."""
    on_time = [due for due in passed if _on_time(schedule, due, now)]
    missed = [Run(due) for due in passed if due not in on_time]
    made_up = {Missed.ALL: missed, Missed.ONCE: [] if on_time else missed[-1:], Missed.SKIP: []}[schedule.missed]
    queue.drop([run for run in missed if run not in made_up], "it was missed")
    queue.waiting += made_up
    if on_time and not busy and (schedule.overlap, schedule.missed) == (Overlap.SKIP, Missed.ONCE):
        queue.drop(queue.timetabled, "a newer one is due")
    for run in map(Run, on_time):
        if schedule.overlap is Overlap.SKIP and (busy or queue.timetabled):
            queue.drop([run], "the run before is not over")
        else:
            queue.waiting.append(run)
    most = 1 if schedule.overlap is Overlap.CANCEL else schedule.most
    queue.drop(queue.timetabled[:-most], "newer ones wait")


def _on_time(schedule: Schedule, due: int, now: int) -> bool:
    return schedule.begins(due, schedule.name) >= now - LATE


def _may_begin(standing: Standing, run: Run, now: int) -> bool:
    """Whom a person asked for begins at any time; a run that is late, only in a window."""
    if run.by:
        return True
    return not standing.paused and (_on_time(standing.schedule, run.due, now) or standing.schedule.allowed(now))


def _wake(standing: Standing, now: int) -> int | None:
    """Return when something is to be done next."""
    schedule = standing.schedule
    times: list[int | None] = []
    waits = bool(standing.queue and standing.under_way)
    if waits:
        times.append(now + POLL)
    if not standing.paused:
        due = schedule.next(standing.handled)
        times.append(None if due is None else max(now + 1, schedule.begins(due, schedule.name)))
        times.append(schedule.opens(now + 1) if standing.queue and not waits else None)
    return min((at for at in times if at is not None), default=None)
