"""What happens when another state server answers at the address: a restart, or one that lacks the last changes."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.state_server import StateServer
from tests.store.world import ADVANCED, BOX, NUMBERS, RedisWorld, entry, locked, numbers, slot, terms
from vnx_jobs.adapters.redis.server import FrozenError, Server, connect
from vnx_jobs.adapters.redis.store import RedisJobStore
from vnx_jobs.adapters.redis.witness import OwnWitness, SharedWitness, shared_file
from vnx_jobs.model.array import Lun
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.keys import copies_key, mounts_key
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Lists, NotFree, NoTurn, Turn

pytestmark = pytest.mark.server

LANDING = 60.0
SYNCED = 30
"""Seconds that a replica is given: its server waits five for others before it begins to feed it."""
UID = "60:06:01:60:5B:B0:2E:00:8C:8E:43:62:C5:5D:E1:11"
HIDDEN = "vjt-00000000000000000000000001-snap"
REFUSED = "the state server lost its last changes: box is read anew before anything goes on"


class Hands(RedisWorld):
    """A world over a state server that comes up anew, with what it had then or with what it had earlier."""

    def __init__(self, own: StateServer, folder: Path) -> None:
        super().__init__(own.url, "t:")
        self.own = own
        self.folder = folder
        self.earlier = folder.with_name("earlier")

    def report(self, worker: str = "w1") -> None:
        """Be the heartbeat of a worker whose processes saw what this client saw."""
        self.store.report(worker, {BOX: LANDING})

    def keep_a_copy(self) -> None:
        """Copy what the server has now."""
        shutil.copytree(self.folder, self.earlier)

    def come_up_anew(self, *, earlier: bool = False) -> None:
        """Kill the server and start it again, with what it has, or with what the copy has."""
        self.own.kill()
        if earlier:
            shutil.rmtree(self.folder)
            shutil.copytree(self.earlier, self.folder)
        self.own.start()
        self.store.get("any")  # connects again, and changes nothing

    def another(self) -> RedisJobStore:
        """Open a store that has seen nothing yet."""
        return RedisJobStore(Server(connect(self.own.url), "t:"), finished_days=7, key_days=14)

    def list_array(self, *luns: Lun) -> None:
        """Be the watch: read everything, and say so."""
        ticket, begun = self.inventory.ticket()
        self.inventory.store(BOX, Lists(begun, ticket, luns=luns, snapshots=(), pools=()), NUMBERS)
        self.store.thaw(BOX, begun)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Hands]:
    """Open a world over a server of its own."""
    folder = tmp_path / "server"
    folder.mkdir()
    with StateServer(folder) as own:
        made = Hands(own, folder)
        yield made
        made.client.close()


def test_a_plain_restart_is_over_when_every_worker_has_told_what_it_saw(world: Hands) -> None:
    """Until then nothing is accepted and no turn is given; afterwards everything goes on as if nothing had been."""
    world.report("w1")
    world.report("w2")
    world.accept(entry("J", locked("v")))
    world.come_up_anew()
    assert world.refused("J") == "the state server came up anew: its workers are asked what they saw"
    with pytest.raises(FrozenError, match="came up anew"):
        world.store.submit([entry("K")])
    world.report("w1")
    assert isinstance(world.store.take("J", 0, terms(10.0)), NoTurn)
    world.report("w2")
    turn = world.turn("J")
    assert (turn.returning, turn.record.unsure) == (False, False)
    assert world.accept(entry("K")).state is State.QUEUED


def test_without_workers_a_restart_asks_nobody(world: Hands) -> None:
    """An installation whose workers have all ended accepts jobs at once."""
    world.report("w1")
    world.accept(entry("J"))
    world.store.leave("w1")
    world.come_up_anew()
    assert world.accept(entry("K")).state is State.QUEUED
    assert not world.turn("J").returning


def test_a_turn_goes_through_a_restart(world: Hands) -> None:
    """What is under way is committed, whoever has not told yet."""
    world.report()
    world.accept(entry("J"))
    turn = world.turn("J", lease=30.0, busy=60.0)
    world.come_up_anew()
    assert world.store.commit(turn, ADVANCED) == ()


def test_lost_changes_begin_an_epoch(world: Hands) -> None:
    """A server that knows less than a worker saw freezes the array until nothing can land and lists are new."""
    world.report()
    world.accept(entry("J", locked("v")))
    world.keep_a_copy()
    world.turn("J", lease=30.0, busy=60.0)
    world.come_up_anew(earlier=True)
    world.report()
    assert world.refused("J") == REFUSED
    with pytest.raises(FrozenError, match="lost its last changes"):
        world.store.submit([entry("K")])
    assert world.store.standing(BOX).judge == world.now() + round(LANDING * 1000)
    world.advance(LANDING - 1)
    world.list_array()
    assert world.refused("J") == REFUSED
    world.advance(1)
    assert world.refused("J") == REFUSED
    world.list_array()
    assert world.store.standing(BOX).frozen == ""
    turn = world.turn("J")
    assert (turn.returning, turn.record.unsure) == (True, True)
    assert world.store.commit(turn, ADVANCED) == ()
    assert world.turn("J").returning, "more than one step may be lost"
    world.accept(entry("K"))
    assert not world.turn("K").returning


def test_what_lost_jobs_made_takes_its_places_before_anything_is_accepted(world: Hands) -> None:
    """A snap copy whose record was lost holds its number and its slots again once the array goes on."""
    world.list_array()
    world.report()
    world.keep_a_copy()
    made = world.accept(entry("00000000000000000000000001", numbers(), slot(copies_key(BOX, UID), 1, HIDDEN)))
    assert world.record(made.job).numbers == {"volume": 500}
    world.come_up_anew(earlier=True)
    world.report()
    assert world.store.get(made.job) is None
    world.advance(LANDING)
    gold = Lun(7, "gold", UID, 4096, "pool", thin=True)
    copy = Lun(500, "copy", UID.replace("11", "12"), 4096, "pool", thin=True, primary="gold", attached=HIDDEN)
    world.list_array(gold, copy)
    answers = world.store.submit(
        [entry("K", slot(copies_key(BOX, UID), 1, "other", refuse=True)), entry("L", numbers())]
    )
    assert isinstance(answers[0], NotFree)
    assert answers[0].holders == (HIDDEN,)
    assert world.record("L").numbers == {"volume": 501}
    assert mounts_key(BOX, UID) in {key.removeprefix("h:") for key in world.keys()}  # noqa: SIM118 -- no mapping


def test_a_worker_that_cannot_tell_any_more_counts_as_one_that_saw_more(world: Hands) -> None:
    """The last change may have been seen by a worker that died with the server: the array is asked."""
    world.report("w1")
    world.report("w2")
    world.accept(entry("J"))
    world.come_up_anew()
    assert "came up anew" in world.refused("J")
    world.advance(10)
    world.report("w1")
    assert "came up anew" in world.refused("J")
    world.advance(6)
    world.report("w1")
    assert world.refused("J") == REFUSED


def test_workers_are_asked_however_long_the_server_was_away(world: Hands) -> None:
    """Leases of workers do not run out while nobody could renew them."""
    world.report("w1")
    world.accept(entry("J"))
    world.keep_a_copy()
    world.turn("J")
    world.come_up_anew(earlier=True)
    long_ago = (int(world.client.time()[0]) - 600) * 1000
    world.client.set("t:now", long_ago)
    world.client.zadd("t:workers", {"w1": long_ago + 15_000})
    assert "came up anew" in world.refused("J")
    world.report("w1")
    assert world.refused("J") == REFUSED


def test_a_new_process_notices_a_new_server_by_its_first_call(world: Hands) -> None:
    """A producer that was never connected before does not pass by the question."""
    world.report("w1")
    world.come_up_anew()
    with pytest.raises(StateServerError, match="came up anew"):
        world.another().submit([entry("K")])


def test_nothing_is_rung_while_the_server_is_not_trusted(world: Hands) -> None:
    """The sweep rings nobody, and forgets nobody: all are rung afterwards."""
    world.report()
    world.accept(entry("J"))
    world.come_up_anew()
    world.store.standing(BOX)
    world.advance(3)
    assert world.refused("J")
    assert world.store.due(10) == ()
    world.report()
    world.advance(3)
    assert [ring.job for ring in world.store.due(10)] == ["J"]


def test_a_worker_is_never_asked_about_a_server_of_long_ago(world: Hands) -> None:
    """Three restarts in a row, one worker: each time it is asked once, and answers."""
    for count in range(3):
        world.report()
        world.accept(entry(f"J{count}"))
        world.come_up_anew()
        assert world.refused("J0")
        world.report()
    assert world.turn("J0").record.state is State.RUNNING


def test_processes_of_a_worker_share_what_they_saw() -> None:
    """What one process saw the other tells; the lower number never hides the higher; four servers are remembered."""
    file = shared_file()
    try:
        child, heart = SharedWitness(file), SharedWitness(file)
        child.saw("a" * 40, 7)
        heart.saw("a" * 40, 3)
        heart.saw("b" * 40, 2)
        assert child.seen() == {"a" * 40: 7, "b" * 40: 2}
        for server in "cde":
            child.saw(server * 40, 1)
        assert heart.seen() == {"b" * 40: 2, "c" * 40: 1, "d" * 40: 1, "e" * 40: 1}
    finally:
        os.close(file)


def test_what_many_see_at_once_is_not_lost() -> None:
    """Writers at the same time leave the highest number, whoever was last."""
    file = shared_file()

    def see(first: int) -> None:
        witness = SharedWitness(file)
        for count in range(200):
            witness.saw("a", first + 4 * count)

    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(see, range(4)))
        assert SharedWitness(file).seen() == {"a": 799}
    finally:
        os.close(file)


def test_an_own_witness_keeps_the_highest() -> None:
    """A process that stands alone remembers its server and the one before."""
    witness = OwnWitness()
    for server, changes in (("a", 3), ("a", 9), ("a", 4), ("b", 1)):
        witness.saw(server, changes)
    assert witness.seen() == {"a": 9, "b": 1}


def test_an_emptied_server_is_found_out_by_the_first_report(world: Hands) -> None:
    """A server that knows nothing of the run that a worker saw has lost everything: its arrays are read anew."""
    world.report()
    world.accept(entry("J", numbers()))
    world.client.flushall()
    world.come_up_anew()
    world.accept(entry("K"))
    world.report()
    assert world.refused("K") == REFUSED


def test_a_copy_from_before_any_worker_is_found_out(world: Hands) -> None:
    """No worker stands in the copy, so nobody is asked; but the one that lives knows more, and says so."""
    world.accept(entry("J"))
    world.keep_a_copy()
    world.report()
    world.turn("J")
    world.come_up_anew(earlier=True)
    world.accept(entry("K"))
    world.report()
    assert world.refused("J") == REFUSED


def test_a_second_restart_loses_no_evidence(world: Hands) -> None:
    """While the question is open the server counts on, and may come up anew again: the loss is still seen."""
    world.report()
    world.accept(entry("J"))
    world.keep_a_copy()
    world.turn("J")
    world.come_up_anew(earlier=True)
    for _ in range(30):
        world.store.lease("sweep", "other", 1.0)
    world.come_up_anew()
    assert "came up anew" in world.refused("J")
    world.report()
    assert world.refused("J") == REFUSED


def test_who_takes_a_turn_is_asked_whatever_its_heartbeat_does(world: Hands) -> None:
    """A worker whose heartbeat has not reported yet is known by its turn, and by that counts as one that saw more."""
    store = RedisJobStore(Server(world.client, "t:", worker="w7"), finished_days=7, key_days=14)
    world.accept(entry("J"))
    assert isinstance(store.take("J", 0, terms(10.0)), Turn)
    world.come_up_anew()
    for _ in range(2):
        world.store.lease("sweep", "w1", 1.0)
        assert "came up anew" in world.store.standing(BOX).frozen
        world.report("w1")


def test_every_array_is_frozen_also_one_that_the_worker_does_not_know(world: Hands) -> None:
    """An array that only other workers have in their settings is not gone on with unrepaired."""
    world.client.hset("t:bounds", "other", 4)
    world.report()
    world.keep_a_copy()
    world.accept(entry("J"))
    world.come_up_anew(earlier=True)
    world.store.standing(BOX)
    world.report()
    assert "lost its last changes" in world.store.standing("other").frozen


def test_a_fence_is_never_given_twice(world: Hands) -> None:
    """A turn of before the loss cannot commit in the name of the one that was taken after it."""
    world.report()
    world.accept(entry("J"))
    world.keep_a_copy()
    old = world.turn("J")
    world.come_up_anew(earlier=True)
    world.report()
    world.advance(LANDING)
    world.list_array()
    new = world.turn("J")
    assert new.record.attempts == old.record.attempts == 1
    assert new.record.fence > old.record.fence
    assert world.store.commit(old, ADVANCED) is None
    assert world.store.commit(new, ADVANCED) == ()


def test_a_replica_that_is_attached_is_no_new_server(world: Hands, tmp_path: Path) -> None:
    """Replication begins and ends on a running server: new clients and old ones go on."""
    folder = tmp_path / "replica"
    folder.mkdir()
    world.report()
    world.accept(entry("J"))
    with StateServer(folder, "--replicaof", "127.0.0.1", str(world.own.port)), contextlib.closing(world.client):
        world.client.set("t:any", 1)
        assert int(str(world.client.wait(1, SYNCED * 1000))) == 1
        for count in range(3):
            (answer,) = world.another().submit([entry(f"K{count}")])
            assert isinstance(answer, Accepted)
            assert isinstance(world.store.submit([entry(f"L{count}")])[0], Accepted)
