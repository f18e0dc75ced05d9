"""What becomes of records when the state server fails: it is told in one line, and nothing answered is lost."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import redis

from tests.state_server import StateServer, free_port
from tests.store.world import ADVANCED, BOX, RedisWorld, entry, locked, numbers, redis_world, slot, terms
from vnx_jobs.adapters.redis.inventory import RedisInventory
from vnx_jobs.adapters.redis.server import Server, UnansweredError, connect
from vnx_jobs.adapters.redis.store import RedisJobStore
from vnx_jobs.model.errors import Code, StateServerError
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Ring

pytestmark = pytest.mark.server

LOGIN = ":S3cr/et:pw"


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[StateServer]:
    """Start a state server that the test may kill."""
    with StateServer(tmp_path) as server:
        yield server


@pytest.fixture
def frail(own_server: StateServer) -> Iterator[RedisWorld]:
    """Open a world over a state server that the test may kill."""
    with redis_world(own_server.url, "t:") as world:
        yield world


def test_a_server_that_is_away_is_told_in_one_line_without_its_password() -> None:
    """Every door says that the state server does not answer; none shows the login."""
    with contextlib.closing(connect(f"redis://user:S3cret@127.0.0.1:{free_port()}/0")) as client:
        server = Server(client, "t:")
        store = RedisJobStore(server, finished_days=1, key_days=1)
        doors = (
            lambda: store.submit([entry("J")]),
            lambda: store.get("J"),
            store.find,
            lambda: store.take("J", 0, terms(1.0)),
            lambda: store.due(1),
            lambda: RedisInventory(server, "t").volumes(BOX),
        )
        for door in doors:
            with pytest.raises(StateServerError, match="the state server does not answer") as caught:
                door()
            assert caught.value.code is Code.STATE_SERVER
            assert "\n" not in str(caught.value)
            assert "S3cret" not in str(caught.value)


@pytest.mark.parametrize("url", [f"redis://{LOGIN}@h:6379/0", f"http://{LOGIN}@h:6379/0", "", "redis://h:port/0"])
def test_an_address_that_is_none_is_told_without_its_password(url: str) -> None:
    """A mistyped address is refused by what it should look like, and nothing of it is repeated."""
    with pytest.raises(StateServerError, match="redis://") as caught:
        connect(url)
    assert "S3cr" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_refused_login_is_told_as_such(own_server: StateServer) -> None:
    """A wrong password is not taken for a server that is away."""
    with contextlib.closing(redis.Redis.from_url(own_server.url)) as admin:
        admin.config_set("requirepass", "right")
    with contextlib.closing(connect(own_server.url.replace("redis://", "redis://:wrong@"))) as client:
        store = RedisJobStore(Server(client, "t:"), finished_days=1, key_days=1)
        with pytest.raises(StateServerError, match="refused the login") as caught:
            store.get("J")
        assert "wrong" not in str(caught.value)


def test_a_submission_whose_answer_was_lost_is_stored_once(frail: RedisWorld) -> None:
    """The call is carried out, the connection breaks, the caller asks again: one job, and its claims once."""
    begin = frail.server.begin_many
    calls: list[object] = []

    def lose_the_first_answer(name: str, entries: Any, *, durable: bool) -> object:
        under_way = begin(name, entries, durable=durable)
        calls.append(entries)
        if len(calls) == 1:
            under_way.answers()
            under_way.answers = unanswered  # type: ignore[method-assign]  # the fault is planted here
        return under_way

    def unanswered() -> NoReturn:
        raise UnansweredError("broken")

    frail.server.begin_many = lose_the_first_answer  # type: ignore[method-assign,assignment]  # and passes here
    (answer,) = frail.store.submit([entry("J", slot("copies", 1, refuse=True), numbers(), key="k", digest="d")])
    assert answer == Accepted("J", State.QUEUED, known=True, rings=())
    assert len(calls) == 2
    assert len(frail.store.find()) == 1
    assert frail.record("J").numbers == {"volume": 500}
    frail.advance(3)
    assert frail.store.due(10) == (Ring("J", 0, 1),)


def test_a_restarted_server_knows_everything(own_server: StateServer, frail: RedisWorld) -> None:
    """Records, claims and queues survive a kill; the scripts, forgotten by the server, are sent again."""
    frail.accept(entry("A", locked("v"), numbers(), key="k", digest="d"))
    frail.accept(entry("B", locked("v")))
    turn = frail.turn("A", lease=30.0, busy=45.0)
    before = frail.keys()
    own_server.kill()
    with pytest.raises(StateServerError):
        frail.store.get("A")
    own_server.start()
    assert frail.state("A") is State.RUNNING
    assert frail.keys() == before
    assert frail.store.commit(turn, ADVANCED) == ()
    assert [ring.job for ring in frail.succeed("A")] == ["B"]
    assert frail.state("B") is State.QUEUED


def test_a_submission_waits_for_a_server_that_comes_back(own_server: StateServer, frail: RedisWorld) -> None:
    """After a restart the first call of a client that was connected before is answered."""
    frail.accept(entry("A"))
    own_server.stop()
    own_server.start()
    assert frail.accept(entry("B")).state is State.QUEUED
    assert {record.id for record in frail.store.find()} == {"A", "B"}


def test_a_full_server_refuses_work_and_lets_running_jobs_end(frail: RedisWorld) -> None:
    """Under maxmemory nothing new is accepted, and it is said why; jobs under way are taken, moved, and end."""
    jobs = [f"J{count}" for count in range(20)]
    frail.store.submit([entry(job, numbers(span=range(100, 200)), slot("copies", 255)) for job in jobs])
    frail.accept(entry("waits", locked("v")))
    frail.accept(entry("next", locked("v")))
    frail.client.config_set("maxmemory-policy", "noeviction")
    frail.client.config_set("maxmemory", "1mb")
    with pytest.raises(StateServerError, match="% full: raise maxmemory"):
        frail.store.submit([entry("late")])
    frail.store.due(100)
    for job in jobs:
        frail.commit(job, ADVANCED)
        frail.succeed(job)
    assert [ring.job for ring in frail.fail("waits")] == ["next"]
    assert frail.store.lease("sweep", "me", 30.0)
    assert frail.inventory.ticket()[0] > 0
    frail.client.config_set("maxmemory", 0)
    assert {frail.state(job) for job in jobs} == {State.SUCCEEDED}
    assert frail.store.get("late") is None
    assert frail.accept(entry("late")).state is State.QUEUED
