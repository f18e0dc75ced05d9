"""How many list commands the watch may send: one for each tick, and one for each twenty jobs that wait for lists."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

SHARE: Final = 20
"""So many jobs pay for a list command beside those of the ticks."""
SAVED: Final = 5
"""So many ticks in which nothing was read pay for later commands: a whole refresh costs as much."""
_KNOWN: Final = 100_000
"""So many jobs are remembered as having paid; when there are more, all are forgotten, and may pay once more."""


@dataclass(slots=True)
class Allowance:
    """What was earned and is not spent yet. A watch that has just begun may refresh its whole inventory."""

    _commands: int = field(default=SAVED - 1, init=False)
    _jobs: int = field(default=0, init=False)
    """How many jobs wait, or waited, for lists, less those that paid for a command."""
    _paid: set[str] = field(default_factory=set, init=False)

    def tick(self) -> None:
        """Earn the command of one tick."""
        self._commands = max(self._commands, min(self._commands + 1, SAVED))

    def count(self, jobs: Iterable[str]) -> None:
        """Earn by jobs that are seen to wait for lists: each is counted once, however often it waits."""
        new = set(jobs) - self._paid
        if len(self._paid) > _KNOWN:
            self._paid.clear()
        self._paid |= new
        self._jobs += len(new)

    def take_turn(self) -> bool:
        """Let jobs pay for a command out of turn, if there are enough of them."""
        if self._jobs < SHARE:
            return False
        self._jobs -= SHARE
        self._commands += 1
        return True

    @property
    def commands(self) -> int:
        """How many commands may be sent now."""
        return self._commands + self._jobs // SHARE

    def spend(self, commands: int) -> None:
        """Note that so many commands are sent: ticks pay first, then jobs."""
        by_jobs = max(commands - self._commands, 0)
        self._commands -= commands - by_jobs
        self._jobs -= by_jobs * SHARE
