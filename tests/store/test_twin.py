"""What only the twin in memory has: a bell to drain, and threads that share it."""

from concurrent.futures import ThreadPoolExecutor

from tests.store.world import MemoryWorld, entry, numbers, slot
from vnx_jobs.adapters.memory.bell import MemoryBell
from vnx_jobs.ports import Accepted, Ring


def test_a_bell_is_drained_once() -> None:
    """Rings wait in their order until somebody drains them, and are then gone."""
    bell = MemoryBell()
    bell.ring([Ring("A", 0, 1)])
    bell.ring([Ring("B", 1, 0), Ring("A", 0, 1)])
    assert bell.drain() == (Ring("A", 0, 1), Ring("B", 1, 0), Ring("A", 0, 1))
    assert bell.drain() == ()


def test_threads_share_the_twin() -> None:
    """However many threads submit and finish at once, no limit is passed, no number given twice, no job lost."""
    world = MemoryWorld()
    span = range(40)

    def live(count: int) -> bool:
        job = f"J{count:03}"
        (answer,) = world.store.submit([entry(job, slot("copies", 30, keep=True, refuse=True), numbers(span=span))])
        if isinstance(answer, Accepted):
            world.succeed(job)
        return isinstance(answer, Accepted)

    with ThreadPoolExecutor(8) as pool:
        accepted = list(pool.map(live, range(100)))
    records = world.store.find()
    assert sum(accepted) == len(records) == 30
    assert len({record.numbers["volume"] for record in records}) == 30
