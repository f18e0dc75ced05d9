"""What may befall one array command. What is said of it goes through the same judgement as a real answer.

What differs from a real array: the in-memory one has no listing of its own that could be damaged, so a garbled read is
the beginning of a recorded listing and noise; and its client is not a process, so a kill is an exception that no code
of ours catches. The rows over real processes have both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.installation import SPEED, Installation, WorkerKilledError
from vnx_jobs.adapters.array.process import Ending, Run
from vnx_jobs.adapters.array.verdicts import Listing, judge_change, judge_read
from vnx_jobs.adapters.memory.vnx import Fault
from vnx_jobs.model.errors import ArrayError, Verdict

WRITE_LIMIT: Final = 120 / SPEED
READ_LIMIT: Final = 60 / SPEED
LATEST: Final = 170 / SPEED
"""When the last request may land whose client was killed: limit and both margins, less a moment."""

TIME_OUT: Final = "Exception: Error occurred because of time out\n"
DROPPED: Final = "Error: Operation failed.\nMessage : End of data stream\n"
NO_NETWORK: Final = "A network error occurred while trying to connect: '10.0.0.1'.\n"
NO_LOGIN: Final = "Authentication failed. The username, password and/or scope may be wrong.\n"
PREPARING: Final = "The LUN is Preparing (0x712d8e0e)\n"
GARBLED: Final = "\x07\x1b[0m?? ~~"
REFUSED: Final = "SP A: no such thing is done here\n"
NOT_HERE: Final = "no such thing is done here"
"""How a refusal for good is told: without the SP that says it."""


@dataclass(frozen=True, slots=True)
class Fate:
    """One thing that may befall a command."""

    make: Callable[[Installation], Fault]
    lands: bool = False
    """Whether the array carries the command out, at once or late: it must not be sent a second time then."""


def _answer(text: str, status: int = 255, ending: Ending = Ending.ANSWERED) -> ArrayError:
    """Return what the adapter makes of an answer to a changing command."""
    judgement = judge_change(("snap",), Run(ending, WRITE_LIMIT, status, text))
    assert judgement.verdict is not None
    return ArrayError(judgement.verdict, judgement.text)


def _listing(text: str, status: int = 0, ending: Ending = Ending.ANSWERED) -> ArrayError:
    """Return what the adapter makes of an answer to a reading command."""
    listing = Listing("LOGICAL UNIT NUMBER", "no such LUN")
    judgement = judge_read(("lun", "-list"), Run(ending, READ_LIMIT, status, text), listing)
    assert judgement.verdict is not None
    return ArrayError(judgement.verdict, judgement.text)


def _said(text: str, status: int = 255, *, effect: bool = False, after: float = 0.0) -> Fate:
    return Fate(lambda _: Fault(_answer(text, status), effect, after), effect)


def _hung(*, effect: bool = False, after: float = 0.0) -> Fate:
    def make(installation: Installation) -> Fault:
        error = _answer("", ending=Ending.KILLED)
        return Fault(error, effect, after, lambda: installation.clock.advance(WRITE_LIMIT))

    return Fate(make, effect)


def _killed(*, effect: bool = False, after: float = 0.0) -> Fate:
    return Fate(lambda _: Fault(WorkerKilledError(), effect, after), effect)


def _stopped(installation: Installation) -> Fault:
    """Stop a worker beyond its lease while its command is under way; others take over; then it goes on."""

    def meanwhile() -> None:
        for _ in range(4):
            installation.clock.advance(LATEST)
            installation.beat()
            installation.turns()

    return Fault(None, effect=True, meanwhile=meanwhile)


SURVIVED: Final = {
    "killed before": _killed(),
    "killed after": _killed(effect=True),
    "killed, lands late": _killed(effect=True, after=LATEST),
    "stopped": Fate(_stopped, lands=True),
    "time out, not done": _said(TIME_OUT),
    "time out, done": _said(TIME_OUT, effect=True),
    "time out, lands late": _said(TIME_OUT, effect=True, after=LATEST),
    "dropped, done": _said(DROPPED, effect=True),
    "hung, not done": _hung(),
    "hung, done": _hung(effect=True),
    "hung, lands late": _hung(effect=True, after=LATEST),
    "garbled, not done": _said(GARBLED, 0),
    "garbled, done": _said(GARBLED, 0, effect=True),
    "busy": _said(PREPARING),
    "unreachable": _said(NO_NETWORK),
    "credentials": _said(NO_LOGIN),
    "no slot": Fate(lambda _: Fault(ArrayError(Verdict.NO_SLOT, "no command slot was free"))),
}
"""What may happen to a changing command without anything but time being lost."""

REFUSAL: Final = _said(REFUSED)
"""What is refused for good."""

SILENT: Final = tuple(name for name, fate in SURVIVED.items() if not fate.lands and "," in name)
"""Fates after which nobody knows, and nothing was done."""


def _unread(text: str, status: int = 0, ending: Ending = Ending.ANSWERED) -> Fate:
    return Fate(lambda _: Fault(_listing(text, status, ending)))


def _hung_read(installation: Installation) -> Fault:
    return Fault(_listing("", ending=Ending.KILLED), meanwhile=lambda: installation.clock.advance(READ_LIMIT))


UNREAD: Final = {
    "killed": _killed(),
    "time out": _unread(TIME_OUT, 1),
    "dropped": _unread("LOGICAL UNIT NUMBER 1\nName:  gold\nError: Operation failed.\nMessage : End of data stream\n"),
    "garbled": _unread(f"LOGICAL UN{GARBLED}"),
    "empty": _unread(""),
    "hung": Fate(_hung_read),
    "unreachable": _unread(NO_NETWORK, 255),
    "credentials": _unread(NO_LOGIN, 255),
    "no slot": Fate(lambda _: Fault(ArrayError(Verdict.NO_SLOT, "no command slot was free"))),
}
"""What may happen to a reading command."""
