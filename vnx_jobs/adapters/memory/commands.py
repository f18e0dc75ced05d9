"""How a command reaches a `MemoryVnx`: what all parts of the in-memory twin of the array port share."""

from collections.abc import Callable
from typing import Self, TypeVar

from vnx_jobs.model.errors import ArrayError, Verdict

from .vnx import MemoryVnx, Rule, Word
from .vnx_world import World

T = TypeVar("T")


class MemoryCommands:
    """Sends commands to a `MemoryVnx`, in the time of a turn."""

    def __init__(self, vnx: MemoryVnx, deadline: float | None = None) -> None:
        self._vnx = vnx
        self._deadline = deadline

    def until(self, deadline: float) -> Self:
        """Return the same array for one turn: past the deadline (on the array's clock) no command is sent any more.

        Such a command raises ArrayError(NO_SLOT), and is not in the audit.
        """
        return type(self)(self._vnx, deadline)

    def _change(self, verb: str, arguments: tuple[Word, ...], rule: Rule) -> None:
        self._in_time()
        self._vnx.run(verb, arguments, rule, lambda _world, _now: None)

    def _read(self, verb: str, arguments: tuple[Word, ...], show: Callable[[World, float], T]) -> T:
        self._in_time()
        return self._vnx.run(verb, arguments, None, show)

    def _in_time(self) -> None:
        if self._deadline is not None and self._vnx.clock.monotonic() > self._deadline:
            raise ArrayError(Verdict.NO_SLOT, "the time for this turn is over; nothing was sent")
