"""One call of the program."""

from __future__ import annotations

from .invocation import Invocation
from .record import record


@record
class Call:
    """One call of the program, and the state it was made on.

    `began` is when its process started, in seconds since the epoch. `past` are faults it has already met, `entry` the
    log entry it opened when it began to hang; `lands` marks a command that was held back and lands now.
    """

    folder: str
    invocation: Invocation
    caller: str
    speed: float
    began: float
    past: frozenset[int] = frozenset()
    entry: int | None = None
    lands: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command."""
        return self.invocation.words

    @property
    def is_local(self) -> bool:
        """Whether no SP is asked: `security -certificate` concerns the client itself (storops sends it without -h)."""
        return [word.lower() for word in self.words[:2]] == ["security", "-certificate"]

    def after(self, fault: int, entry: int | None, *, lands: bool = False) -> Call:
        """Return the same call, past a fault."""
        return Call(
            folder=self.folder,
            invocation=self.invocation,
            caller=self.caller,
            speed=self.speed,
            began=self.began,
            past=self.past | {fault},
            entry=entry,
            lands=lands,
        )
