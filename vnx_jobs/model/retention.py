"""Retention policies: how many backups of a volume are kept, and of which periods."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ALL: Final = -1
"""As many as there are."""


class Rule(StrEnum):
    """A rule of a policy, in the order in which they choose: each keeps the newest backup of so many periods."""

    LAST = "last"
    """The newest ones. Two of the same second count as one."""
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    """A week begins on Monday, and is of the year that has most of its days."""
    MONTHLY = "monthly"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True)
class Policy:
    """How many backups each rule keeps: 0 for none, ALL for as many as there are. Raises ValueError.

    Hours, days and longer periods begin by the clocks of `zone`.
    """

    last: int = 0
    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0
    zone: str = "UTC"
    """The name of a time zone, as `Europe/Berlin`."""

    def __post_init__(self) -> None:
        """Refuse a policy that keeps nothing, and one that nobody can read."""
        wrong = [str(rule) for rule, number in self.rules if number < ALL]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: say how many are kept, or {ALL} for all")
        if not any(number for _, number in self.rules):
            raise ValueError(f"a policy keeps something: say how many of {', '.join(Rule)}")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no time zone is called {self.zone!r} here") from error

    @property
    def rules(self) -> tuple[tuple[Rule, int], ...]:
        """Each rule and how many it keeps, in the order in which they choose."""
        numbers = (self.last, self.hourly, self.daily, self.weekly, self.monthly, self.yearly)
        return tuple(zip(Rule, numbers, strict=True))
