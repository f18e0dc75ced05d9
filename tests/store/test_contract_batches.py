"""Batches in the state server: which there are, their rows, and orders to all of them. For Valkey and its twin."""

from collections.abc import Iterable

import pytest

from tests.store.world import ADVANCED, DAY, MemoryWorld, RedisWorld, World, entry, held_back, locked
from vnx_jobs.adapters.memory.pages import MemoryPages
from vnx_jobs.adapters.memory.store import MemoryJobStore
from vnx_jobs.adapters.redis.pages import RedisPages
from vnx_jobs.batches.ordering import BatchOrders, RefusedJobs
from vnx_jobs.batches.standing import newest
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.model.step import NO_WAY_BACK_NAME
from vnx_jobs.ports import Change, Ring
from vnx_jobs.ports.pages import Pages


@pytest.fixture
def pages(world: World) -> Pages:
    """Give what reads a world in parts."""
    if isinstance(world, RedisWorld):
        return RedisPages(world.server)
    assert isinstance(world, MemoryWorld)
    assert isinstance(world.store, MemoryJobStore)
    return MemoryPages(world.store._server)


class Bell:
    """Keeps the jobs that were rung."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def ring(self, rings: Iterable[Ring]) -> None:
        """Keep them."""
        self.rung += [ring.job for ring in rings]


def test_batches_the_last_one_first(world: World, pages: Pages) -> None:
    """The batch that was submitted to last stands first; one whose records are gone does not stand there any more."""
    for job, batch in (("A", "old"), ("B", "other"), ("C", "old")):
        world.advance(1)
        world.accept(entry(job, batch=batch, array="box" if batch == "old" else "hidden"))
    assert list(pages.batches()) == ["old", "other"]
    assert [name for name, _ in newest(pages, lambda _: True, 1)] == ["old"]
    assert [name for name, _ in newest(pages, lambda array: array == "hidden", 1)] == ["other"]
    for job in "AC":
        world.succeed(job)
    world.advance(8 * DAY)
    world.store.due(10)
    assert list(pages.batches()) == ["other"]


def test_the_last_attempt_of_each_row_counts(world: World, pages: Pages) -> None:
    """Rows stand in the order of their places, each by its last attempt; jobs without a row stand for themselves."""
    world.store.submit([entry(f"a{n}", batch="m", row=f"r{n}", place=n) for n in (1, 2)])
    world.store.submit([entry("b", batch="m", place=0)])
    world.fail("a1")
    world.accept(entry("a3", batch="m", row="r1", place=1))
    world.commit("a2", ADVANCED)
    rows = pages.rows("m")
    assert [(one.job, one.row, one.state) for one in rows] == [
        ("b", "", State.QUEUED),
        ("a3", "r1", State.QUEUED),
        ("a2", "r2", State.RUNNING),
    ]
    assert (rows[2].cursor, rows[2].steps, rows[2].array) == (1, 2, "box")
    assert pages.counts(batch="m") == {("box", State.QUEUED): 2, ("box", State.RUNNING): 1}
    assert [one.id for one in pages.these(["b", "none", "a1"])] == ["b", "a1"]


def test_undo_resume_and_refusals_of_a_batch(world: World, pages: Pages) -> None:
    """Undo goes to what is stuck; who is past the point of no return refuses it, and is told of with the reason."""
    steps = ("one", NO_WAY_BACK_NAME, "two")
    for job in ("back", "forth", "stays"):
        world.accept(entry(job, batch="m", row=job, steps=steps if job == "forth" else ("one", "two")))
    world.accept(held_back("waits", after=("back",), batch="m", row="waits"))
    world.commit("forth", Change(State.RUNNING, "advanced", cursor=2))
    for job in ("back", "forth"):
        world.commit(job, Change(State.STUCK, "stuck", "it hangs"))
    bell = Bell()
    orders = BatchOrders(pages, world.store, bell)
    cancelled = orders.give("m", Order.CANCEL, "me")
    assert (dict(cancelled.taken), cancelled.already) == ({State.CANCELLED: 2}, 0)
    assert set(cancelled.refused) == {
        RefusedJobs("it is stuck: undo or abandon it", 1, ("back",)),
        RefusedJobs("it is stuck past its point of no return: resume or abandon it", 1, ("forth",)),
    }
    undone = orders.give("m", Order.UNDO, "me")
    assert (dict(undone.taken), dict(undone.left)) == ({State.UNDOING: 1}, {State.CANCELLED: 2})
    why = "it is past its point of no return: resume or abandon it"
    assert undone.refused == (RefusedJobs(why, 1, ("forth",)),)
    resumed = orders.give("m", Order.RESUME, "me")
    assert (dict(resumed.taken), resumed.already, resumed.refused) == ({State.RUNNING: 1}, 1, ())
    assert set(bell.rung) >= {"back", "forth"}


def test_a_batch_is_cancelled_from_its_end(world: World, pages: Pages) -> None:
    """What a cancelled job gives back lets none begin that is cancelled a moment later: nobody is rung."""
    world.store.submit([entry(f"J{n}", locked("v"), batch="m", place=n) for n in range(20)])
    bell = Bell()
    ordered = BatchOrders(pages, world.store, bell).give("m", Order.CANCEL, "me")
    assert (dict(ordered.taken), bell.rung) == ({State.CANCELLED: 20}, [])
