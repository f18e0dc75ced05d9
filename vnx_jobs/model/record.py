"""The job record: the one truth about a job. Frozen: scripts of the state server move it, `evolve` copies it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, Self

from .keys import name_key, snapshot_key
from .states import State
from .step import NO_WAY_BACK_NAME

VERSION: Final = 1
"""Version of the record's format. A newer worker reads older records; an older worker leaves newer ones alone."""

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything that is known about one job. Times are milliseconds of the state server's clock since 1970."""

    id: str
    spec: Mapping[str, Any]
    """The request as it was accepted, with names resolved to what they meant then."""
    operation: str
    """The table of steps that the job runs; `clone` with `snapcopy=true` runs `snap-copy`."""
    steps: tuple[str, ...]
    """The step names, pinned at submission; the cursor is a place in this list."""
    array: str
    state: State = State.QUEUED
    version: int = VERSION
    admitted: bool = True
    """Whether the claims were asked for; a job that waits to be resolved, or for a predecessor, holds no place yet."""
    again: bool = False
    """Whether its claims were granted only after it had waited: what it was planned on may have changed since."""
    cursor: int = 0
    back: bool = False
    """Going back: the cursor's step is to be undone."""
    goal: str = ""
    """While going back: the state in which the job is to end."""
    begun: int = 0
    """When the cursor's step was begun, sent again, or could land at last: older lists say nothing. 0: not begun."""
    unsure: bool = False
    """Whether some command of the cursor's step got no answer, so that its effect may be there, or land, unseen."""
    until: int = 0
    """When a command of this step could at the latest still land; nothing of the job is looked at or undone before."""
    attempts: int = 0
    """How often the cursor's step was begun."""
    lease: int = 0
    """Until when a worker's turn on the cursor's step is protected; 0 if nobody is at it."""
    fence: int = 0
    """Number of the last turn taken; a commit under an older one is refused."""
    why: str = ""
    """The reason of the present state, for people."""
    condition: str = ""
    """What the job is parked for (JSON of a condition), if the watch is to resume it."""
    percent: int | None = None
    eta: int | None = None
    """When what the job waits for is expected to be over."""
    facts: Mapping[str, str | int] = field(default_factory=lambda: _EMPTY)
    numbers: Mapping[str, int] = field(default_factory=lambda: _EMPTY)
    """LUN numbers that were granted, by role."""
    claims: tuple[tuple[str, str, str], ...] = ()
    """What the job holds or waits for: kind, key, member."""
    drops: tuple[tuple[str, str], ...] = ()
    """Slots of a volume that this job deletes: given back when it succeeds."""
    code: str = ""
    """Why the job failed, as a stable code."""
    error: str = ""
    """Why the job failed, in a sentence; kept while it is undone."""
    leftovers: tuple[str, ...] = ()
    """What a STUCK job left on the array, an object a line."""
    key: str = ""
    batch: str = ""
    row: str = ""
    after: tuple[str, ...] = ()
    """Jobs that must have SUCCEEDED before this one asks for its claims."""
    behind: tuple[str, ...] = ()
    """Jobs whose end this one waits for, however they end: they are to make something that it names."""
    retry_of: str = ""
    """The job that this one tries again."""
    hooks: tuple[str, ...] = ()
    """Hooks that are told when it has ended."""
    order: str = ""
    """An order of a person that has not taken hold yet: cancel or pause."""
    ordered_by: str = ""
    by: str = ""
    """Who submitted the job."""
    created: int = 0
    moved: int = 0
    """When the record last changed."""
    ended: int = 0

    def evolve(self, **changes: Any) -> Self:  # noqa: ANN401 -- the fields' own types are checked by dataclasses' users
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    @property
    def step(self) -> str:
        """Name of the cursor's step; empty when the table is done."""
        return self.steps[self.cursor] if 0 <= self.cursor < len(self.steps) else ""

    @property
    def past_no_way_back(self) -> bool:
        """Whether the cursor has passed the point of no return."""
        return NO_WAY_BACK_NAME in self.steps[: self.cursor]

    @property
    def name(self) -> str:
        """Name of the object that the job is about, or of several."""
        named = (self.spec.get(field) for field in ("name", "group", "backup"))
        several = self.spec.get("volumes") or self.spec.get("backups") or ()
        return str(next(filter(None, named), ", ".join(several)))

    def kinds_gone(self, name: str) -> tuple[Literal["luns", "snapshots"], ...]:
        """Return what is gone when the job says so of a name: a volume and a snapshot may share it.

        Whichever the job holds by name; a name that it gave itself means whatever bears it.
        """
        held = {key for _, key, _ in self.claims}
        volume, snapshot = name_key(self.array, name) in held, snapshot_key(self.array, name) in held
        if volume != snapshot:
            return ("luns",) if volume else ("snapshots",)
        return ("luns", "snapshots")

    def log_context(self) -> dict[str, Any]:
        """Return what every log line about this job carries."""
        return {
            "job": self.id,
            "array": self.array,
            "operation": self.operation,
            "step": self.step,
            "attempt": self.attempts,
        }


def next_place(steps: tuple[str, ...], cursor: int) -> int:
    """Return the place of the step after the cursor's, passing over the point of no return."""
    onward = cursor + 1
    return onward + 1 if onward < len(steps) and steps[onward] == NO_WAY_BACK_NAME else onward
