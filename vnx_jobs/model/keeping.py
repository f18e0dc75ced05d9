"""How long a snapshot is kept: until somebody deletes it, for a time, or until its pool needs the space."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

HOURS_A_DAY: Final = 24
MAX_KEEP_DAYS: Final = 5 * 365
"""The longest time we ask for. No public source states the array's own limit."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the array is told of a snapshot's end. One that has an end is not deleted before it, so it has one of two.

    An expired snapshot goes when it is not attached. What the array deletes gives its slot back with the next list.
    """

    hours: int = 0
    """Hours until it expires; 0 for never."""
    auto_delete: bool = False
    """Whether the array may delete it when its pool runs full (at the pool's own watermarks)."""

    @property
    def facts(self) -> dict[str, str | int]:
        """The keeping as a job's facts have it; nothing for a snapshot that stays."""
        every = {"keep_hours": self.hours, "auto_delete": int(self.auto_delete)}
        return {name: value for name, value in every.items() if value}

    @classmethod
    def of(cls, facts: Mapping[str, str | int]) -> Self:
        """Read a keeping from a job's facts."""
        return cls(int(facts.get("keep_hours", 0)), bool(facts.get("auto_delete")))


FOR_GOOD: Final = Keeping()
"""Until somebody deletes it."""
