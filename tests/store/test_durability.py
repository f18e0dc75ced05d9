"""`durability: replicated`: what is answered a replica has too, and what none has is an error, though it is stored."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import pytest
import redis
from pydantic import SecretStr

from tests.state_server import StateServer
from tests.store.world import ADVANCED, SUCCEEDED, entry, terms
from vnx_jobs.adapters.redis.server import connect
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Turn
from vnx_jobs.settings import Settings
from vnx_jobs.wiring import House

pytestmark = pytest.mark.server

SYNCED: Final = 30
"""Seconds that a replica is given to have everything."""


class Pair:
    """A state server that can be given a replica, and a house whose settings ask for one."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        (folder / "first").mkdir()
        # a server that waits for more replicas before it feeds one would cost the tests five seconds
        self._first = stack.enter_context(StateServer(folder / "first", "--repl-diskless-sync-delay", "0"))
        house = House(Settings(redis_url=SecretStr(self._first.url), prefix="t:", durability="replicated"))
        self.store = house.store
        stack.callback(house.close)

    def attach_replica(self) -> redis.Redis:
        """Start a replica, wait until it has everything, and return what reads it."""
        (self._folder / "second").mkdir()
        replicated = ("--replicaof", "127.0.0.1", str(self._first.port))
        replica = self._stack.enter_context(StateServer(self._folder / "second", *replicated))
        with closing(connect(self._first.url)) as client:
            client.set("t:any", 1)
            assert int(str(client.wait(1, SYNCED * 1000))) == 1
        return self._stack.enter_context(closing(connect(replica.url)))

    def state_at(self, replica: redis.Redis, job: str) -> str | None:
        """Return the state in which a replica has a job."""
        state = replica.hget(f"t:job:{job}", "state")
        return None if state is None else str(state)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Start a state server without a replica."""
    with ExitStack() as stack:
        yield Pair(tmp_path, stack)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let a replica that is not there be waited for a moment only, until the patch is undone."""
    monkeypatch.setattr("vnx_jobs.adapters.redis.server._REPLICA_LIMIT", 0.2)
    return monkeypatch


def test_what_is_answered_a_replica_has(pair: Pair) -> None:
    """An accepted job, a step begun and a job's end stand on the replica when the call returns."""
    replica = pair.attach_replica()
    (answer,) = pair.store.submit([entry("J")])
    assert isinstance(answer, Accepted)
    assert pair.state_at(replica, "J") == State.QUEUED
    turn = pair.store.take("J", 0, terms(10.0))
    assert isinstance(turn, Turn)
    assert pair.state_at(replica, "J") == State.RUNNING
    assert pair.store.commit(turn, SUCCEEDED) == ()
    assert pair.state_at(replica, "J") == State.SUCCEEDED


def test_a_job_that_no_replica_has_is_stored_and_known_later(pair: Pair, impatient: pytest.MonkeyPatch) -> None:
    """Without a replica a submission is an error, though the job is there; sent again with one, it is the same job."""
    with pytest.raises(StateServerError, match="submit is done, but only 0 of 1 replicas have it"):
        pair.store.submit([entry("J")])
    assert pair.store.get("J") is not None
    impatient.undo()
    replica = pair.attach_replica()
    (again,) = pair.store.submit([entry("J")])
    assert again == Accepted("J", State.QUEUED, known=True, rings=())
    assert pair.state_at(replica, "J") == State.QUEUED
    assert [one.id for one in pair.store.find()] == ["J"]


@pytest.mark.usefixtures("impatient")
def test_a_turn_and_an_end_that_no_replica_has_are_errors(pair: Pair) -> None:
    """What begins a step and what ends a job is waited for; a step between is not: its loss costs a look."""
    with pytest.raises(StateServerError):
        pair.store.submit([entry("J")])
    with pytest.raises(StateServerError, match="take is done, but only 0 of 1 replicas"):
        pair.store.take("J", 0, terms(10.0))
    taken = pair.store.get("J")
    assert taken is not None
    assert taken.state is State.RUNNING
    turn = Turn(taken, returning=False)
    assert pair.store.commit(turn, ADVANCED) == ()
    with pytest.raises(StateServerError, match="commit is done, but only 0 of 1 replicas"):
        pair.store.commit(turn, SUCCEEDED)
    assert pair.store.find(states=[State.SUCCEEDED])
