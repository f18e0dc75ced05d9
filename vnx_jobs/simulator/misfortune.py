"""What a fault of the way makes of one command."""

from __future__ import annotations

import os
import time

from vnx_jobs.simulator.errors import Refused

from . import errors
from .answer import Answer
from .call import Call
from .faults import AFTER, BEFORE, CATALOGUE, Fault
from .record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


@record
class Fate:
    """What befalls a command.

    `answer` stands in for the true one; `pause` is waited after the state was left, in seconds; `goes_on` means that
    the command is tried again after the pause; `lands_after` that it is carried out so much later by nobody's client.
    """

    answer: Answer | None = None
    pause: float = 0.0
    goes_on: bool = False
    lands_after: float | None = None


def before(fault: Fault | None, call: Call) -> Fate:
    """Say what a fault does in place of the command, if it is of that kind."""
    if fault is None or CATALOGUE[fault.name][0] != BEFORE:
        return Fate()
    if fault.name == "hang":
        return _hang(fault, call)
    if fault.name == "hold":
        at_once = fault.args[1:] == ("at-once",)
        text, status = errors.TIME_OUT.text, errors.TIME_OUT.status
        return Fate(Answer(f"{text}\n", status), 0.0 if at_once else fault.seconds, lands_after=fault.seconds)
    if fault.name == "silent-failure":
        return Fate(Answer("", fault.status(1)))
    refused = Refused(_TEXTS[fault.name], address=call.invocation.address)
    return Fate(Answer(f"{refused.text}\n", refused.status))


def _hang(fault: Fault, call: Call) -> Fate:
    """Wait; a client that brought a time limit of its own (-t) gets the time-out text and no effect."""
    limit = call.invocation.timeout
    if limit is not None and limit < fault.seconds:
        return Fate(Answer(f"{errors.TIME_OUT.text}\n", errors.TIME_OUT.status), limit)
    return Fate(Answer(""), fault.seconds, goes_on=True)


def after(fault: Fault | None, fate: Fate, answer: Answer) -> Fate:
    """Say what a fault makes of the answer of a command that was carried out, if it is of that kind."""
    if fault is None or CATALOGUE[fault.name][0] != AFTER:
        return fate
    if fault.name in ("hang-after", "not-so-fast"):
        return Fate(None, fault.seconds)
    if fault.name == "lost-answer":
        return Fate(Answer("", fault.status(255)))
    if fault.name == "garbled":
        return Fate(Answer(garble(answer.text), answer.status))
    refused = Refused(_TEXTS[fault.name])
    return Fate(Answer(f"{refused.text}\n", refused.status))


_TEXTS = {
    "sp-down": errors.SERVER_NOT_RUNNING,
    "network-error": errors.NETWORK_ERROR,
    "timeout": errors.TIME_OUT,
    "timeout-after": errors.TIME_OUT,
    "drop-connection": errors.DROPPED,
    "drop-connection-after": errors.DROPPED,
    "busy": errors.BUSY,
    "unknown-text": errors.UNKNOWN_TEXT,
    "credentials": errors.BAD_CREDENTIALS,
}


def garble(text: str) -> str:
    """Damage a text: it breaks off in the middle and ends in noise."""
    half = text[: len(text) // 2]
    return f"{half}\x07\x1b[0m?? ~~"


def apart(at_once: Callable[[], object], seconds: float, later: Callable[[], object]) -> None:
    """Let a detached process do one thing at once and another in so many seconds, whatever becomes of this one.

    Returns when the first is done.
    """
    if os.fork() == 0:
        try:
            os.setsid()
            quiet = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(quiet, descriptor)
            os.closerange(3, 1024)
            at_once()
            if os.fork() == 0:
                time.sleep(seconds)
                later()
        finally:
            os._exit(0)
    os.wait()
