"""Who may do what: roles, what they allow, and tokens, which name somebody and say what of the arrays he sees."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody may do; each role may do what the one before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


_ORDER: Final = tuple(Role)


class Action(Enum):
    """What somebody wants to do, by the least role that may."""

    LOOK = "look"
    SUBMIT = "submit"
    ORDER = "order"
    HOLD = "hold"
    """Let nothing be begun on an array."""
    MANAGE = "manage"
    """Tokens, hooks, schedules of others, the audit trail."""


_LEAST: Final = {
    Action.LOOK: Role.VIEWER,
    Action.SUBMIT: Role.OPERATOR,
    Action.ORDER: Role.OPERATOR,
    Action.HOLD: Role.ADMIN,
    Action.MANAGE: Role.ADMIN,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks for something, and from where."""

    name: str
    role: Role
    arrays: frozenset[str] | None
    """The arrays that he sees; None for all."""
    origin: str
    """An address, `local` or `celery`."""

    def may(self, action: Action, array: str = "") -> bool:
        """Say whether he may do something, on an array if one is named."""
        allowed = _ORDER.index(self.role) >= _ORDER.index(_LEAST[action])
        return allowed and (not array or self.sees(array))

    def sees(self, array: str) -> bool:
        """Say whether he may know of an array."""
        return self.arrays is None or array in self.arrays


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token: nothing by which somebody could use it."""

    id: str
    name: str
    """Who bears it: told in the records of his jobs and in the audit trail."""
    role: Role
    arrays: frozenset[str] | None
    """The arrays that its bearer sees; None for all."""
    made: int
    """When, in milliseconds of the state server."""
    by: str
    """Who made it."""
    expires: int = 0
    """From when on it is not valid, in milliseconds; 0 for never."""
    revoked: int = 0
    """When it was revoked, in milliseconds; 0 if it was not."""
    revoked_by: str = ""

    def valid(self, now: int) -> bool:
        """Say whether it is valid at a time, in milliseconds."""
        return not self.revoked and (not self.expires or now < self.expires)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A line of the audit trail."""

    who: str
    origin: str
    what: str
    """The route, the command or the message by which it was asked for."""
    outcome: str
    """`done`, or the code of the refusal."""
    array: str = ""
    """Several with commas between."""
    jobs: tuple[str, ...] = ()
    """The ids of its jobs: the first MAX_AUDITED of them."""
    count: int = 0
    """How many jobs it was about."""
    when: int = 0
    """In milliseconds of the state server, which sets it."""

    def is_about(self, array: str) -> bool:
        """Whether it is about an array; everything is about no array in particular."""
        return not array or array in self.array.split(",")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What came by message and could not be understood."""

    id: str
    at: int
    """When it came, in milliseconds of the state server."""
    why: str
    task: str
    """The message's id, as its sender's Celery knows it."""
    message: str
    """Its arguments as JSON, cut off where they are long."""


MAX_AUDITED: Final = 100
"""Jobs that one line of the audit trail names."""
MAX_WHAT: Final = 400
"""Characters of a route or command that a line tells: who asks writes the path of his request himself."""
MAX_ARRAYS: Final = 4000
"""Characters of the arrays that a line is about."""
