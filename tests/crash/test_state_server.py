"""The crash matrix, the state server's part: it fails around a turn, and messages are lost or come twice."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import pytest
import redis

from tests.crash.fates import LATEST, REFUSAL, SURVIVED
from tests.crash.play import is_gone, is_whole, plan, played, submitted, was_sent_once_more
from tests.crash.tables import MATRIX, Row
from tests.installation import Installation
from vnx_jobs import engine
from vnx_jobs.adapters.memory.vnx import Fault, meanwhile
from vnx_jobs.adapters.redis.server import Answer
from vnx_jobs.ports import Ring

pytestmark = pytest.mark.slow

ROWS: Final = [pytest.param(row, id=row.operation) for row in MATRIX]
CASES: Final = [
    pytest.param(row, command, id=f"{row.operation}-{command}") for row in MATRIX for command in row.commands
]
AROUND_A_TURN: Final = {"take", "permit", "commit", "resume", "due"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what asks a state server that is away again and again wait for nothing in between."""
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))


@dataclass
class Connection:
    """A connection to the state server that breaks at one call, and stays broken for a few."""

    call: Callable[..., Answer]
    guarded: Callable[[Callable[[], Answer]], Answer]
    breaks_at: int = -1
    """Which of the calls around a turn, counted from 0."""
    carried_out: bool = False
    away: int = 1
    """How many calls fail."""
    calls: list[str] = field(default_factory=list)
    _left: int = 0

    def __call__(self, name: str, *arguments: Any, **options: Any) -> Answer:
        """Pass a call on, or break."""
        if name in AROUND_A_TURN:
            self._left = self.away if len(self.calls) == self.breaks_at else self._left
            self.calls.append(name)
        if self._left == 0:
            return self.call(name, *arguments, **options)
        self._left -= 1
        if self.carried_out:
            self.call(name, *arguments, **options)
        return self.guarded(_break)


def _break() -> Answer:
    raise redis.ConnectionError("broken")


def _calls(installation: Installation, row: Row, *, refused: bool) -> list[str]:
    """Play a row with nothing broken; return the calls around its turns."""
    connection = _breaking(installation, -1)
    _play(installation, row, refused=refused)
    return connection.calls


def _breaking(installation: Installation, at: int, *, carried_out: bool = False, away: int = 1) -> Connection:
    connection = Connection(installation.server.call, installation.server._guarded, at, carried_out, away)
    installation.server.call = connection  # type: ignore[method-assign]  # the fault is planted where calls pass
    return connection


def _play(installation: Installation, row: Row, *, refused: bool) -> None:
    """Play a row to its end, or refuse its last command that can be refused and undone."""
    if refused:
        for _ in range(2):  # a refusal whose commit is lost is forgotten, and the command is sent again
            plan(installation, row.commands[: row.no_way_back][-1], REFUSAL)
    record = played(installation, row)
    if isinstance(installation.server.call, Connection):  # the end is looked at with a connection that holds
        installation.server.call = installation.server.call.call  # type: ignore[method-assign]
    if refused:
        del installation.vnx._faults[:1]
        is_gone(installation, record)
    else:
        is_whole(installation, row, record)
        was_sent_once_more(installation, row, Counter())


WAYS: Final = [
    *(pytest.param(row, False, id=f"forward-{row.operation}") for row in MATRIX),
    *(pytest.param(row, True, id=f"back-{row.operation}") for row in MATRIX if row.commands),
]
"""Every operation to its end; and back again, if the array can refuse anything of it."""


@pytest.mark.parametrize(("row", "refused"), WAYS)
@pytest.mark.parametrize("broken", ["answer lost", "not carried out", "away for long"])
def test_a_call_that_breaks(fresh: Iterator[Installation], row: Row, broken: str, *, refused: bool) -> None:
    """Whichever call around a turn is not carried out, or not answered, the job ends the same, each command sent once.

    A commit that is not carried out is a state server that was away between the array command and the commit.
    """
    calls = _calls(next(fresh), row, refused=refused)
    for at in range(len(calls)):
        installation = next(fresh)
        lost, away = broken == "answer lost", 7 if broken == "away for long" else 1
        _breaking(installation, at, carried_out=lost, away=away)
        _play(installation, row, refused=refused)


def _lost_once() -> Callable[[Iterable[Ring]], list[Ring]]:
    """Lose each message the first time it is sent."""
    seen: set[Ring] = set()

    def carry(rings: Iterable[Ring]) -> list[Ring]:
        again = [ring for ring in rings if ring in seen]
        seen.update(rings)
        return again

    return carry


def _with_all_before() -> Callable[[Iterable[Ring]], list[Ring]]:
    """Deliver with each message every one that was sent before it."""
    sent: list[Ring] = []

    def carry(rings: Iterable[Ring]) -> list[Ring]:
        new = list(rings)
        sent.extend(new)
        return [*sent] if new else []

    return carry


CARRIERS: Final = {"lost": _lost_once, "twice": lambda: lambda rings: [*rings, *rings], "again": _with_all_before}


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_messages_that_are_lost_or_come_again(installation: Installation, row: Row, carrier: str) -> None:
    """When every message is lost once, comes twice, or comes again with each later one, nothing but time is lost."""
    installation.bell.carry = CARRIERS[carrier]()
    is_whole(installation, row, played(installation, row))
    was_sent_once_more(installation, row, Counter())


@pytest.mark.parametrize(("row", "command"), CASES)
def test_a_dead_worker_and_lost_messages(installation: Installation, row: Row, command: str) -> None:
    """When the worker dies and every message is lost once, the sweep alone finds the job, and it ends whole."""
    installation.bell.carry = _lost_once()
    plan(installation, command, SURVIVED["killed after"])
    is_whole(installation, row, played(installation, row))
    was_sent_once_more(installation, row, Counter())


@pytest.mark.parametrize(("row", "command"), CASES)
def test_a_second_worker_at_the_same_step(installation: Installation, row: Row, command: str) -> None:
    """While a command is under way another worker that gets the same message gets no turn, and takes none away."""
    job: list[str] = []
    moved: list[bool] = []

    def second() -> None:
        before = installation.record(job[0])
        moved.append(engine.turn(installation.world, job[0], before.cursor))
        assert installation.record(job[0]) == before

    installation.vnx.plan(command, meanwhile(second))
    job.append(submitted(installation, row))
    is_whole(installation, row, installation.run(*job)[0])
    assert moved == [False]
    was_sent_once_more(installation, row, Counter())


@pytest.mark.parametrize(("row", "command"), CASES)
def test_a_worker_that_comes_back_too_late(installation: Installation, row: Row, command: str) -> None:
    """A worker that was stopped while another took its step, and then hears a refusal, changes nothing."""
    job: list[str] = []

    def another() -> None:
        for _ in range(2):  # the first finds out that the turn is over; the second is rung when nothing can land
            installation.clock.advance(LATEST)
            engine.turn(installation.world, job[0], installation.record(job[0]).cursor)

    error = REFUSAL.make(installation).error
    installation.vnx.plan(command, Fault(error, meanwhile=another))
    job.append(submitted(installation, row))
    is_whole(installation, row, installation.run(*job)[0])
