"""The program `naviseccli`, as clients start it: words in, an answer on stdout and an exit status out."""

from __future__ import annotations

import os
import sys
import time

from . import command, logins
from .answer import Answer
from .call import Call
from .errors import Refused
from .invocation import BadInvocation, understand
from .store import NotAState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

USAGE_STATUS = 34
NO_STATE_STATUS = 254


def main(argv: list[str] | None = None, told: Mapping[str, str] = os.environ) -> int:
    """Run one command; return its exit status. The array's errors go to stdout, as by the real program.

    `told` is the environment that names the array (VNX_SIM_STATE), who calls (VNX_SIM_CALLER) and the speed.
    """
    began = process_start()
    try:
        answer = _answer(sys.argv[1:] if argv is None else argv, told, began)
    except BadInvocation as bad:
        answer = Answer(f"{bad}\n", USAGE_STATUS)
    except NotAState as missing:
        answer = Answer(f"{missing}\n", NO_STATE_STATUS)
    except Refused as refused:
        answer = Answer(f"{refused.text}\n", refused.status)
    return _give(answer)


def _answer(argv: list[str], told: Mapping[str, str], began: float) -> Answer:
    invocation = understand(argv)
    if {"add_user_security", "remove_user_security"} & invocation.switches:
        return Answer(logins.keep(invocation))
    call = Call(
        folder=told.get("VNX_SIM_STATE", ""),
        invocation=invocation,
        caller=told.get("VNX_SIM_CALLER", "cli"),
        speed=_speed(told.get("VNX_SIM_SPEED") or "1"),
        began=began,
    )
    return command.serve(call)


def _speed(said: str) -> float:
    """Read by what the array's times are divided. Raises BadInvocation."""
    try:
        speed = float(said)
    except ValueError:
        speed = 0.0
    if not speed > 0:  # this way round, since no comparison with NaN is true
        raise BadInvocation(f"VNX_SIM_SPEED: {said} is not a number above 0")
    return max(speed, 0.001)


def _give(answer: Answer) -> int:
    """Write an answer. A client that is gone does not hear it, and that is no error."""
    try:
        sys.stdout.write(answer.text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answer.status


def process_start() -> float:
    """Return when this process was started, in seconds since the epoch: latency counts from there."""
    with open("/proc/self/stat", "rb") as stat:  # noqa: PTH123 - pathlib costs 15 ms of a command's 40
        ticks = int(stat.read().rpartition(b")")[2].split()[19])
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - age
