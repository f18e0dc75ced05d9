"""The doorbell, and the passing of time."""

from collections.abc import Iterable
from typing import Protocol

from .turns import Ring


class Bell(Protocol):
    """The doorbell. Losing or doubling a ring changes nothing but time."""

    def ring(self, rings: Iterable[Ring]) -> None:
        """Publish a chain for each job. Never raises for a broker that is away: the sweep rings again."""
        ...


class Clock(Protocol):
    """The passing of time inside a process."""

    def monotonic(self) -> float:
        """Return seconds that only go forward."""
        ...
