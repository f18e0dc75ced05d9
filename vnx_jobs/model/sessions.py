"""Migration sessions that no job started: which of them stand in a job's way, and how that is told. Pure."""

import re
from collections.abc import Container, Iterable
from typing import Final

from .array import Session
from .outcome import Facts

_NUMBERS: Final = re.compile(r"number(-\d+)?|source_number|primary_number")
"""Names of the facts that hold the number of a LUN which was there before the job."""
_MEMBERS: Final = "members"
"""The fact that holds the numbers of several."""
_MINUTE: Final = 60


def touched(facts: Facts) -> frozenset[int]:
    """Return the numbers of the LUNs that a job is about, as its plan found them."""
    alone = {int(value) for name, value in facts.items() if _NUMBERS.fullmatch(name)}
    members = str(facts.get(_MEMBERS, ""))
    return frozenset(alone | {int(number) for number in members.split(",") if number})


def in_the_way(facts: Facts, sessions: Iterable[Session], ours: Container[int]) -> Session | None:
    """Return a session onto none of our LUN numbers that reads or writes a LUN which a job is about.

    The session that a job is to cancel, from one such LUN onto another, is in nobody's way.
    """
    about = touched(facts)
    meant = facts.get("source_number"), facts.get("number")
    strange = (one for one in sessions if one.destination not in ours and (one.source, one.destination) != meant)
    return next((one for one in strange if {one.source, one.destination} & about), None)


def told(session: Session, name: str) -> str:
    """Say what a job waits for; `name` is the volume's that the session is about, if it is known."""
    what = f"{name} (LUN {session.source})" if name else f"LUN {session.source}"
    left = "" if session.seconds_left is None else f", about {_duration(session.seconds_left)} left"
    return f"waits for the end of a migration of {what} that no job started: {session.percent} % done{left}"


def told_stopped(session: Session, name: str) -> str:
    """Say what a person has to do about a session that will not go on."""
    what = f"{name} (LUN {session.source})" if name else f"LUN {session.source}"
    text = f"a migration of {what} that no job started is {session.state} at {session.percent} %"
    return f"{text}: cancel it (migrate -cancel -source {session.source} -o), then try again"


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < _MINUTE else f"{round(seconds / _MINUTE)} min"
