"""Gates: a batch is accepted whole or not at all. The same contract for Valkey and for the twin in memory."""

from collections.abc import Iterator

import pytest

from tests.store.world import BOX, MemoryWorld, RedisWorld, World, entry, held_back, locked, slot
from vnx_jobs.adapters.memory.gates import MemoryGates
from vnx_jobs.adapters.memory.store import MemoryJobStore
from vnx_jobs.adapters.redis.gates import RedisGates
from vnx_jobs.model.condition import SessionOver
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Entry, NotFree
from vnx_jobs.ports.gates import Gate, Gates

MINE = Gate("m", "me", 15.0)
OTHERS = Gate("m", "somebody else", 15.0)


@pytest.fixture
def gates(world: World) -> Iterator[Gates]:
    """Give the gates of a world."""
    if isinstance(world, RedisWorld):
        yield RedisGates(world.server)
        return
    assert isinstance(world, MemoryWorld)
    assert isinstance(world.store, MemoryJobStore)
    yield MemoryGates(world.store._server, world.store)


def through(world: World, *entries: Entry, gate: Gate = MINE) -> list[str]:
    """Submit jobs through a gate, which must be accepted and of which none may be rung; return their ids."""
    answers = world.store.submit(entries, gate)
    accepted = [one for one in answers if isinstance(one, Accepted)]
    assert (len(accepted), [one.rings for one in accepted]) == (len(entries), [()] * len(entries))
    return [one.job for one in accepted]


def rung(rings: object) -> set[str]:
    """Return the jobs that are rung."""
    assert isinstance(rings, tuple)
    return {ring.job for ring in rings}


def test_nothing_is_rung_before_the_gate_is_opened(world: World, gates: Gates) -> None:
    """Jobs behind a gate hold claims and places; opened, those that can go on are rung, and only then."""
    assert gates.shut(MINE) == 0.0
    through(world, entry("A", locked("v"), batch="m"), entry("B", locked("v"), batch="m"))
    through(world, held_back("C", behind=("A",), batch="m"), entry("D", batch="m"))
    world.accept(entry("other", locked("v")))
    world.advance(10)
    assert world.store.due(100) == ()
    assert {job: world.state(job) for job in "ABCD"} == {
        "A": State.QUEUED,
        "B": State.WAITING,
        "C": State.WAITING,
        "D": State.QUEUED,
    }
    assert rung(gates.open(MINE, [BOX])) == {"A", "D"}
    assert gates.open(MINE, [BOX]) == ()
    assert rung(world.succeed("A")) == {"B", "C"}
    assert rung(world.succeed("B")) == {"other"}


def test_other_jobs_of_the_batch_go_on(world: World, gates: Gates) -> None:
    """What is accepted without a gate, in the same batch too, is rung as ever."""
    assert gates.shut(MINE) == 0.0
    through(world, entry("A", batch="m"))
    assert rung(world.accept(entry("free", batch="m")).rings) == {"free"}
    assert rung(world.accept(entry("away", batch="n")).rings) == {"away"}


def test_a_list_or_an_order_lets_nothing_through_the_gate(world: World, gates: Gates) -> None:
    """A job behind a gate that is resumed, by the watch or by a person, goes on when the gate is opened."""
    assert gates.shut(MINE) == 0.0
    parked = Entry(held_back("P", batch="m").record, park=SessionOver(1, 2))
    through(world, parked, entry("Q", batch="m"), entry("R", batch="m"))
    assert world.store.resume(["P"]) == ()
    assert world.store.order("Q", Order.PAUSE, "me").rings == ()
    assert world.store.order("Q", Order.RESUME, "me").rings == ()
    assert world.store.order("R", Order.CANCEL, "me").rings == ()
    assert rung(gates.open(MINE, [BOX])) == {"P", "Q"}


def test_what_is_taken_back_leaves_nothing(world: World, gates: Gates) -> None:
    """Its records, keys, claims and places are gone; who waited for its claims gets them, the same keys begin anew."""
    world.accept(entry("done", key="k0", digest="0", batch="m"))
    assert gates.shut(MINE) == 0.0
    jobs = through(world, entry("A", locked("v"), key="k1", digest="1", batch="m"), entry("B", batch="m"))
    jobs += through(world, held_back("C", after=("A",), batch="m", key="k2"))
    world.accept(entry("other", locked("v")))
    assert world.state("other") is State.WAITING
    gates.take_back(MINE)
    gates.take_back(MINE)
    assert [world.store.get(job) for job in jobs] == [None] * 3
    assert [one.id for one in world.store.find(batch="m")] == ["done"]
    assert world.store.known([("k0", "0"), ("k1", "1")])[1:] == [None]
    assert world.state("other") is State.QUEUED
    assert world.accept(entry("A2", key="k1", digest="1", batch="m")).job == "A2"


def test_a_dead_submission_is_taken_back(world: World, gates: Gates) -> None:
    """Who is not heard of for the gate's time is dead: the sweep takes back what he left, and he can do no more."""
    assert gates.shut(MINE) == 0.0
    through(world, *(entry(f"A{number}", slot("s", 500), batch="m") for number in range(250)))
    world.advance(14)
    through(world, entry("B", batch="m"))
    world.advance(14)
    assert world.store.due(10) == ()
    assert len(world.store.find(batch="m")) == 251
    world.advance(2)
    with pytest.raises(StateServerError, match="batch m was too long under way"):
        world.store.submit([entry("C", batch="m")], MINE)
    assert gates.open(MINE, [BOX]) is None
    assert rung(tuple(ring for _ in range(3) for ring in world.store.due(10))) == set()
    assert world.store.find() == []
    assert world.store.holdings(["s"])[0].used == 0


def test_one_submission_at_a_time(world: World, gates: Gates) -> None:
    """Another one is told how long to wait; when the first is dead, what it left is taken back before that begins."""
    assert gates.shut(MINE) == 0.0
    through(world, *(entry(f"A{number}", batch="m") for number in range(120)))
    world.advance(5)
    assert 0 < gates.shut(OTHERS) <= 10.0
    gates.take_back(OTHERS)
    assert len(world.store.find(batch="m")) == 120
    world.advance(11)
    waits = [gates.shut(OTHERS) for _ in range(2)]
    assert waits[-1] == 0.0
    assert world.store.find() == []
    through(world, entry("B", batch="m"), gate=OTHERS)
    assert gates.open(MINE, [BOX]) is None
    assert rung(gates.open(OTHERS, [BOX])) == {"B"}


def test_a_refusal_behind_a_gate_is_answered(world: World, gates: Gates) -> None:
    """A claim that refuses does so as ever; what is to become of the others is for him who submits them."""
    assert gates.shut(MINE) == 0.0
    one, two = (entry(job, slot("s", 1, refuse=True), batch="m") for job in "AB")
    first, second = world.store.submit([one, two], MINE)
    assert isinstance(first, Accepted)
    assert isinstance(second, NotFree)


def test_a_retried_job_takes_its_row(world: World) -> None:
    """A new attempt stands in the batch where the one stood that it tries again."""
    world.store.submit([entry(job, batch="m", place=place) for place, job in enumerate("ABC")])
    world.fail("B")
    world.accept(entry("Z", batch="m", retry_of="B"))
    assert [one.id for one in world.store.find(batch="m")] == ["A", "B", "Z", "C"]


def test_orders_to_many_jobs(world: World) -> None:
    """Each job answers for itself, in the order in which they were named."""
    world.store.submit([entry(f"J{number}") for number in range(250)])
    world.succeed("J7")
    answers = world.store.order_many([f"J{number}" for number in range(250)] + ["none"], Order.CANCEL, "me")
    assert [number for number, answer in enumerate(answers) if not answer.taken] == [7, 250]
    assert (answers[7].why, answers[250].why) == ("it has ended SUCCEEDED", "there is no such job")
    assert {one.state for one in world.store.find()} == {State.CANCELLED, State.SUCCEEDED}
