"""What a step can say. Outcomes are values; the engine has an arm for each, and the type checker sees that it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .access import AccessMode
from .array import Group, HostLun, Lun, Snapshot, StorageGroup
from .condition import Condition

Shown: TypeAlias = Lun | Snapshot | Group | StorageGroup
"""What a step may show to exist."""
Made: TypeAlias = Shown | HostLun
"""What a step may show to exist, or to be under a host LUN number, even if it is nothing."""


@dataclass(frozen=True, slots=True)
class GoneGroup:
    """A consistency group, or a storage group, that exists no more; a volume or snapshot may bear the same name."""

    name: str
    kind: Literal["groups", "storage-groups"] = "groups"


Gone: TypeAlias = str | GoneGroup
"""The name of a volume or snapshot that exists no more, or a group."""

Facts: TypeAlias = Mapping[str, str | int]
"""What a step found out and later steps need: LUN numbers, UIDs. Kept in the record."""


@dataclass(frozen=True, slots=True)
class Done:
    """The array shows what the step is there for."""

    facts: Facts = field(default_factory=dict)
    made: tuple[Made, ...] = ()
    """Objects that exist, or are so, from now on, for the inventory."""
    gone: tuple[Gone, ...] = ()
    """Objects that exist no more."""
    access: Mapping[str, AccessMode | None] = field(default_factory=dict)
    """Access marks of volumes, by UID, that hold from now on; None: the volume has no mark any more."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Something else must happen first: park, spend no attempt, hold no worker, until somebody resumes the job."""

    condition: Condition
    why: str
    within: float | None = None
    """Seconds after which the step looks by itself, if nobody has resumed it; None: it waits however long."""
    refused: bool = False
    """Whether a command was certainly refused: nothing of the step stands, and the next turn may do at once."""


@dataclass(frozen=True, slots=True)
class Again:
    """Refused for now: back off and try again. Spends an attempt unless nothing was sent."""

    why: str
    spends: bool = True


@dataclass(frozen=True, slots=True)
class Away:
    """The array does not answer, or refuses the login: nothing of it moves until the watch has had an answer."""

    why: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A change was sent and nobody knows whether it was carried out: settle, then look."""

    why: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It will never work: undo what was done. `code` tells users why."""

    why: str
    code: str


@dataclass(frozen=True, slots=True)
class TooLate:
    """Undo met the array's own point of no return: go forward again."""

    why: str


@dataclass(frozen=True, slots=True)
class Anew:
    """What the job was planned on is so no more: give all claims back, and plan it anew.

    For steps before which nothing was done: the job begins with its first step again.
    """

    why: str


Outcome: TypeAlias = Done | NotYet | Again | Away | NoAnswer | GiveUp | TooLate | Anew


@dataclass(frozen=True, slots=True)
class Absent:
    """The array shows, in a complete polled answer, that the step has no effect: do it."""


@dataclass(frozen=True, slots=True)
class Underway:
    """The array, or a backup host, is at it: park until the condition holds."""

    condition: Condition
    why: str
    within: float | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """The array shows the step's effect, and its identity is right."""

    facts: Facts = field(default_factory=dict)
    made: tuple[Made, ...] = ()
    gone: tuple[Gone, ...] = ()
    access: Mapping[str, AccessMode | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broken:
    """The array shows something that is not what the step is there for (a stranger, a stopped session): give up."""

    why: str
    code: str = "array-refused"


Finding: TypeAlias = Absent | Underway | Present | Broken | Anew
