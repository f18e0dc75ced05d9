"""The gates' port: batches that are accepted whole or not at all."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from .turns import Ring

SILENCE: Final = 15.0
"""Seconds after which who is not heard of counts as dead."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What a batch is submitted through: nothing behind it is rung before it is opened."""

    batch: str
    by: str
    """Who shut it: no two submissions are called the same."""
    seconds: float = SILENCE
    """Who is not heard of for so long is dead: what is behind the gate is taken back."""


class Gates(Protocol):
    """Shuts and opens gates. All methods raise StateServerError; each may be repeated when its answer was lost."""

    def shut(self, gate: Gate) -> float:
        """Shut a gate. Returns 0.0, or the seconds after which to ask again: another submission is at the batch.

        What a dead one left behind the gate is taken back first, a part a call.
        """
        ...

    def open(self, gate: Gate, arrays: Collection[str]) -> tuple[Ring, ...] | None:
        """Let all jobs behind a gate go, which are on some arrays, in one moment. Returns whom to ring.

        None: nothing was let go, since who shut it was not heard of for too long.
        """
        ...

    def take_back(self, gate: Gate) -> None:
        """Remove all jobs behind a gate, as if they had never been submitted: nothing of them has run."""
        ...
