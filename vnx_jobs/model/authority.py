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
