"""Call backs: receivers of theirs that are registered by name, and what is to be told to them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .errors import Code, Refused
from .states import State

MAX_NAME: Final = 40
MAX_HOOKS: Final = 10
"""How many hooks one job, or one batch, may name."""
_NAME: Final = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{MAX_NAME - 1}}}")


def hook_problem(name: str) -> str | None:
    """Say what is wrong with a hook's name, in one clause, or None. It becomes a part of the ids of messages."""
    if _NAME.fullmatch(name):
        return None
    return f"may hold only a-z, 0-9, _ and -, at most {MAX_NAME} of them, and begins with a letter or digit"


def need_hooks(names: Sequence[str], known: frozenset[str]) -> None:
    """Raise Refused if one of some names is not among those known, or if they are too many."""
    if len(names) > MAX_HOOKS:
        raise Refused(Code.INVALID, f"{len(names)} hooks are named, more than {MAX_HOOKS}")
    for name in names:
        if name not in known:
            raise unknown_hook(name, sorted(known))


def unknown_hook(name: str, known: Sequence[str]) -> Refused:
    """Return the refusal of a name that is no hook's."""
    there_are = f" (hooks: {', '.join(known)})" if known else ""
    return Refused(Code.UNKNOWN_HOOK, f"there is no hook {name!r}{there_are}: see `vnx-jobs hooks list`")


class Kind(StrEnum):
    """What is told."""

    JOB = "job"
    """A job has ended."""
    BATCH = "batch"
    """The last job of a batch has ended."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A receiver that was registered. Nothing of it is secret; its key is made from these fields (`hooks.signing`)."""

    name: str
    url: str
    generation: str
    """Another each time that the name is registered, so that no receiver learns the key of the one after it."""
    mark: str
    """By which a machine knows whether it has the secret that the key is made from."""
    by: str
    """Who registered it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one hook, which somebody is to deliver who has its lease."""

    id: str
    """The same each time that it is tried: receivers know by it what they were told already."""
    hook: Hook
    kind: Kind
    subject: str
    """The job's id, or the batch's name."""
    at: int
    """When it happened, in milliseconds of the state server."""
    attempt: int
    """Which attempt this is; it fences the notes that are made of it."""
    counts: Mapping[State, int]
    """Of a batch: how many of its jobs ended in each state."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that is not delivered."""

    id: str
    kind: Kind
    subject: str
    at: int
    attempts: int
    answer: str
    """What came of the last attempt."""
    due: int
    """When it is tried again; 0 if it was given up."""


@dataclass(frozen=True, slots=True)
class HookStanding:
    """How things stand with a hook."""

    hook: Hook
    waiting: int
    """Messages that are to be delivered."""
    given_up: int
    delivered: int
    """Messages that were delivered since it was registered."""
    failures: int
    """Attempts that failed since the last one that did not."""
    tried: int
    """When the last attempt ended, in milliseconds; 0 for never."""
    answer: str
    """What came of it."""


@dataclass(frozen=True, slots=True)
class Calls:
    """What a deliverer is to do now."""

    due: bool
    """Whether messages may be due."""
    unsealed: tuple[str, ...] = ()
    """Batches whose submission has not said that it is complete, and whose time for that is over."""
