"""The contract of transfers, kept by the state server and by its twin."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from tests.store.world import BOX, FAILED, SUCCEEDED, MemoryWorld, RedisWorld, World, entry, redis_world
from vnx_jobs.adapters.memory.server import MemoryServer
from vnx_jobs.adapters.memory.store import MemoryJobStore
from vnx_jobs.adapters.memory.transfers import MemoryTransfers
from vnx_jobs.adapters.redis.transfers import RedisTransfers
from vnx_jobs.model.backup import Label
from vnx_jobs.model.condition import TransferOver
from vnx_jobs.model.hosts import Connection
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.model.transfer import (
    MAX_DEATHS,
    Asked,
    Copier,
    Direction,
    Failed,
    Moved,
    Running,
    Standing,
    Taken,
    Transfer,
)
from vnx_jobs.ports import Change
from vnx_jobs.ports.transfers import Transfers

NOON = 1_700_000_000_000
SIZE = (1 << 44) + 512
"""16 TiB: more than 14 digits."""
MOVED = Moved(SIZE, 123_456_789_012_345, 1.25, "sha256:" + "0" * 64)
BROKEN = Failed("the device ended after 5 of 6 bytes", "device")
COPIER = Copier("mover1", 4711, 123_456_789)
LEASE = 15.0


@dataclass
class Bench:
    """Transfers over a state server, and the jobs that ask for them."""

    world: World
    transfers: Transfers
    rung: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def job(self, *, parked: bool = True) -> str:
        """Return a job that waits for its transfers."""
        job = self.world.accept(entry(new_job_id())).job
        if parked:
            self.park(job)
        return job

    def park(self, job: str) -> None:
        """Let a job wait for its transfers."""
        self.world.commit(job, Change(State.WAITING, "parked", "x", condition=TransferOver(), wait=3600.0))

    def asked(self, count: int = 1, *, host: str = "mover1", array: str = BOX) -> list[str]:
        """Ask for transfers of so many jobs, a moment between each; return them by id."""
        ids = []
        for _ in range(count):
            self.transfers.ask(one := transfer(self.job(), host=host, array=array))
            self.world.advance(0.001)
            ids.append(one.id)
        return ids

    def take(self, one: str, by: str = "a", *, on_host: int = 4, on_array: int = 4) -> Taken | None:
        """Take a transfer."""
        return self.transfers.take(one, by, on_host=on_host, on_array=on_array, lease=LEASE)

    def standing(self, one: str) -> Standing | None:
        """Return how a transfer stands."""
        job, _, place = one.partition("/")
        return self.transfers.standing(job, int(place))

    def phase(self, one: str) -> object:
        """Return the phase of a transfer that is known."""
        standing = self.standing(one)
        assert standing is not None
        return standing.phase

    def die(self) -> None:
        """Let every copier be silent for too long."""
        self.world.advance(LEASE)

    def is_parked(self, one: str) -> bool:
        """Say whether the transfer's job waits."""
        return one.partition("/")[0] in self.world.store.parked(BOX)


def transfer(
    job: str, place: int = 0, *, host: str = "mover1", array: str = BOX, direction: Direction = Direction.OUT
) -> Transfer:
    """Return a transfer of a volume that no other job has."""
    label = Label(array, "gold", f"60:{job}:{place}", "", job, NOON, SIZE)
    seen = Connection(array, "esx", "gold", "60:06", 3, "ro", ("50:06",), ("10.0.0.1,iqn.1992",))
    return Transfer(job, place, direction, host, "main", label, seen, archives=("one", "two"), compare=True)


@pytest.fixture(params=["redis", "memory"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Open transfers over each kind of state server."""
    if request.param == "memory":
        world = MemoryWorld()
        assert isinstance(world.store, MemoryJobStore)
        server = world.store._server
        assert isinstance(server, MemoryServer)
        twin = MemoryTransfers(server)
        yield Bench(world, twin, twin.rung)
        return
    with redis_world(request.getfixturevalue("valkey_url"), request.getfixturevalue("prefix")) as real:
        rung: list[tuple[str, tuple[str, ...]]] = []
        yield Bench(real, RedisTransfers(real.server, lambda host, ids: rung.append((host, ids))), rung)


def test_what_was_asked_for_comes_back_as_it_was(bench: Bench) -> None:
    """Every field is kept exactly, whether a copier reads it or a job; of what nobody asked for nothing is known."""
    wanted = transfer(bench.job(), 3)
    bench.transfers.ask(wanted)
    assert bench.standing(wanted.id) == Standing(wanted, Asked())
    assert bench.take(wanted.id) == Taken(wanted)
    bare = replace(transfer(bench.job()), connection=None, archives=())
    bench.transfers.ask(bare)
    assert bench.take(bare.id) == Taken(bare)
    assert bench.transfers.standing("nobody", 0) is None
    assert bench.rung == [("mover1", (wanted.id,)), ("mover1", (bare.id,))]


def test_to_ask_again_changes_nothing(bench: Bench) -> None:
    """A step that is taken again asks again: what waits keeps its place, what runs is left alone, nobody is rung."""
    first, second = bench.asked(2)
    standing = bench.standing(first)
    assert standing is not None
    bench.transfers.ask(standing.transfer)
    assert bench.rung == [("mover1", (first,)), ("mover1", (second,))]
    assert bench.transfers.waiting("mover1", 10) == (first, second)
    assert bench.take(first)
    bench.transfers.ask(replace(standing.transfer, direction=Direction.VERIFY))
    assert isinstance(bench.phase(first), Running)
    assert len(bench.rung) == 2


def test_what_was_done_is_not_done_again(bench: Bench) -> None:
    """Asked for once more after its end, the same transfer stays done; a failed one, and another one, replace it."""
    (one,) = bench.asked()
    standing = bench.standing(one)
    assert standing is not None
    bench.take(one)
    assert bench.transfers.end(one, "a", MOVED) is not None
    bench.transfers.ask(standing.transfer)
    assert bench.phase(one) == MOVED
    other = replace(standing.transfer, direction=Direction.DISCARD)
    bench.transfers.ask(other)
    assert bench.standing(one) == Standing(other, Asked())
    bench.take(one, "b")
    assert bench.transfers.end(one, "b", BROKEN) is not None
    assert bench.phase(one) == BROKEN
    bench.transfers.ask(other)
    assert bench.standing(one) == Standing(other, Asked())


def test_the_longest_waiting_are_first(bench: Bench) -> None:
    """A host's copiers see what was asked of their host alone, in the order in which it was asked for."""
    mine = bench.asked(3)
    (other,) = bench.asked(host="mover2")
    assert bench.transfers.waiting("mover1", 10) == tuple(mine)
    assert bench.transfers.waiting("mover1", 2) == tuple(mine[:2])
    assert bench.transfers.waiting("mover2", 10) == (other,)
    bench.take(mine[0])
    assert bench.transfers.waiting("mover1", 10) == tuple(mine[1:])


def test_one_copier_has_it(bench: Bench) -> None:
    """A taken transfer is nobody else's; its own copier, whose answer was lost, gets it again."""
    (one,) = bench.asked()
    assert bench.take(one, "a") is not None
    assert bench.take(one, "b") is None
    assert bench.take(one, "a") is not None
    assert bench.take("nobody/0") is None
    assert not bench.transfers.beat(one, "b", 5, None, LEASE)
    assert not bench.transfers.identify(one, "b", COPIER)
    assert bench.transfers.end(one, "b", MOVED) is None
    assert bench.transfers.beat(one, "a", 7, None, LEASE)
    assert bench.phase(one) == Running(bench.world.now() + round(LEASE * 1000), None, 7)


def test_so_many_on_a_host_and_of_an_array(bench: Bench) -> None:
    """Each limit counts what runs, on the host and of the array on all hosts; an end makes room."""
    here, there = bench.asked(3), bench.asked(2, host="mover2")
    (elsewhere,) = bench.asked(host="mover2", array="crate")
    assert [bench.take(one, on_host=2) is not None for one in here] == [True, True, False]
    assert [bench.take(one, on_array=3) is not None for one in there] == [True, False]
    assert bench.take(elsewhere, on_array=1, on_host=2) is not None
    assert len(bench.transfers.running()) == 4
    assert {one.transfer.id for one in bench.transfers.running("mover2")} == {there[0], elsewhere}
    bench.transfers.end(here[0], "a", MOVED)
    assert bench.take(here[2], on_host=2, on_array=3) is not None


def test_one_at_a_time_in_a_repository(bench: Bench) -> None:
    """Two jobs on the same volume take turns, for its repository has one user at a time."""
    first = transfer(bench.job())
    second = replace(first, job=bench.job(), direction=Direction.VERIFY)
    bench.transfers.ask(first)
    bench.transfers.ask(second)
    assert bench.take(first.id) is not None
    assert bench.take(second.id) is None
    bench.transfers.end(first.id, "a", MOVED)
    assert bench.take(second.id) is not None


def test_an_end_resumes_the_job(bench: Bench) -> None:
    """The job that waits is rung once, and finds what came of it; a second word of the same copier changes nothing."""
    (one,) = bench.asked()
    bench.take(one)
    rings = bench.transfers.end(one, "a", MOVED)
    assert rings is not None
    assert [ring.job for ring in rings] == [one.partition("/")[0]]
    assert bench.phase(one) == MOVED
    assert not bench.is_parked(one)
    assert bench.transfers.end(one, "a", BROKEN) == ()
    assert bench.phase(one) == MOVED
    assert not bench.transfers.beat(one, "a", 1, None, LEASE)
    assert bench.take(one, "b") is None
    assert bench.transfers.running() == ()


def test_a_job_that_is_not_parked_yet_is_not_resumed(bench: Bench) -> None:
    """A copy that ends before its job rests is found by the job when it looks."""
    one = transfer(bench.job(parked=False))
    bench.transfers.ask(one)
    bench.take(one.id)
    assert bench.transfers.end(one.id, "a", MOVED) == ()
    assert bench.phase(one.id) == MOVED


def test_a_dead_copier_is_replaced(bench: Bench) -> None:
    """After its lease the transfer waits again in its place, and whoever takes it learns who was at it before."""
    first, second = bench.asked(2)
    bench.take(first)
    assert bench.transfers.identify(first, "a", COPIER)
    assert bench.phase(first) == Running(bench.world.now() + round(LEASE * 1000), COPIER)
    bench.world.advance(LEASE - 1)
    assert bench.transfers.beat(first, "a", 9, None, LEASE)
    bench.world.advance(LEASE - 1)
    assert isinstance(bench.phase(first), Running)
    bench.die()
    standing = bench.standing(first)
    assert standing is not None
    assert standing == Standing(standing.transfer, Asked(), deaths=1)
    assert bench.transfers.waiting("mover1", 10) == (first, second)
    assert not bench.transfers.beat(first, "a", 10, None, LEASE)
    assert bench.transfers.end(first, "a", MOVED) is None
    assert bench.take(first, "b") == Taken(standing.transfer, COPIER)
    bench.die()
    assert bench.take(first, "c") == Taken(standing.transfer, COPIER), "b was dead before it could say who it is"


def test_a_dead_copier_takes_no_place(bench: Bench) -> None:
    """What counts as dead is not counted against any limit."""
    first, second = bench.asked(2)
    bench.take(first, on_host=1)
    assert bench.take(second, on_host=1) is None
    bench.die()
    assert bench.transfers.running() == ()
    assert bench.take(second, on_host=1) is not None


def test_too_many_deaths_are_a_failure(bench: Bench) -> None:
    """A transfer that kills its copiers fails, and its job is told by the sweep; asked for again it begins anew."""
    (one,) = bench.asked()
    for count in range(MAX_DEATHS):
        assert bench.phase(one) == Asked()
        assert bench.take(one, f"token-{count}") is not None
        bench.transfers.identify(one, f"token-{count}", COPIER)
        bench.die()
    assert [ring.job for ring in bench.world.store.due(10)] == [one.partition("/")[0]]
    standing = bench.standing(one)
    assert standing is not None
    assert isinstance(standing.phase, Failed)
    assert standing.phase.code == "copier-died"
    assert bench.transfers.waiting("mover1", 10) == ()
    bench.transfers.ask(standing.transfer)
    assert bench.standing(one) == Standing(standing.transfer, Asked())
    assert bench.take(one) == Taken(standing.transfer, COPIER), "what the last one left may still be there"


def test_given_back_it_waits_again(bench: Bench) -> None:
    """A copier that is asked to stop gives back what it is at: no death is counted, its place is kept."""
    first, second = bench.asked(2)
    bench.take(first)
    bench.transfers.identify(first, "a", COPIER)
    assert bench.transfers.give_back(first, "b") == ()
    assert isinstance(bench.phase(first), Running)
    assert bench.transfers.give_back(first, "a") == ()
    assert bench.transfers.waiting("mover1", 10) == (first, second)
    standing = bench.standing(first)
    assert standing is not None
    assert standing.deaths == 0
    assert bench.take(first, "b") == Taken(standing.transfer)
    assert bench.is_parked(first)


def test_given_back_by_a_copier_whose_processes_were_killed(bench: Bench) -> None:
    """It counts as a death each time: it waits again, and fails after so many, and its job is told."""
    (one,) = bench.asked()
    for count in range(MAX_DEATHS):
        standing = bench.standing(one)
        assert standing is not None
        assert (standing.phase, standing.deaths) == (Asked(), count)
        bench.take(one, f"token-{count}")
        bench.transfers.identify(one, f"token-{count}", COPIER)
        rings = bench.transfers.give_back(one, f"token-{count}", died=True)
        assert [ring.job for ring in rings] == ([one.partition("/")[0]] if count + 1 == MAX_DEATHS else [])
    failed = bench.phase(one)
    assert isinstance(failed, Failed)
    assert failed.code == "copier-died"


def test_progress_is_shown_by_the_job(bench: Bench) -> None:
    """A job shows how far all of its transfers are together, and the latest expected end."""
    job = bench.job()
    for place in range(2):
        bench.transfers.ask(transfer(job, place))
        bench.take(f"{job}/{place}")
    assert bench.transfers.beat(f"{job}/0", "a", SIZE // 2, 30.0, LEASE)
    record = bench.world.record(job)
    assert (record.percent, record.eta) == (25, bench.world.now() + 30_000)
    bench.transfers.beat(f"{job}/1", "a", SIZE // 4, 90.0, LEASE)
    bench.transfers.beat(f"{job}/0", "a", SIZE, None, LEASE)
    record = bench.world.record(job)
    assert (record.percent, record.eta) == (62, bench.world.now() + 90_000)


def test_taken_back_before_anybody_was_at_it(bench: Bench) -> None:
    """A transfer that waits is forgotten at once; to stop what is unknown, or done, is no error and changes nothing."""
    first, second = bench.asked(2)
    job = first.partition("/")[0]
    for _ in range(2):
        assert bench.transfers.stop(job, 0)
    assert bench.standing(first) is None
    assert bench.transfers.waiting("mover1", 10) == (second,)
    bench.take(second)
    bench.transfers.end(second, "a", MOVED)
    assert bench.transfers.stop(second.partition("/")[0], 0)
    assert bench.phase(second) == MOVED


@pytest.mark.parametrize("how", ["end", "give back", "die"])
def test_stopped_while_under_way(bench: Bench, how: str) -> None:
    """Its copier is told by its next beat; when it has ended, in whatever way, it is forgotten and the job goes on."""
    (one,) = bench.asked()
    job = one.partition("/")[0]
    bench.take(one)
    assert not bench.transfers.stop(job, 0)
    assert not bench.transfers.stop(job, 0)
    assert bench.phase(one) == Running(bench.world.now() + round(LEASE * 1000), stopping=True)
    assert not bench.transfers.beat(one, "a", 5, None, LEASE)
    assert isinstance(bench.phase(one), Running)
    assert bench.is_parked(one)
    if how == "end":
        assert [ring.job for ring in bench.transfers.end(one, "a", BROKEN) or ()] == [job]
    elif how == "give back":
        assert [ring.job for ring in bench.transfers.give_back(one, "a")] == [job]
    else:
        bench.die()
    assert bench.standing(one) is None
    assert not bench.is_parked(one)
    assert bench.transfers.stop(job, 0)


def test_told_to_stop_too_late(bench: Bench) -> None:
    """What was done before the word to stop arrived is not forgotten: the job must know what it has to take back."""
    (one,) = bench.asked()
    job = one.partition("/")[0]
    bench.take(one)
    assert not bench.transfers.stop(job, 0)
    assert [ring.job for ring in bench.transfers.end(one, "a", MOVED) or ()] == [job]
    assert bench.phase(one) == MOVED
    assert bench.transfers.stop(job, 0)


def test_a_job_forgets_what_it_asked_for(bench: Bench) -> None:
    """All that does not run goes, of this job alone; what runs stays."""
    job, (other,) = bench.job(), bench.asked()
    for place in range(3):
        bench.transfers.ask(transfer(job, place))
    bench.take(f"{job}/0")
    bench.take(f"{job}/1")
    bench.transfers.end(f"{job}/1", "a", MOVED)
    for _ in range(2):
        bench.transfers.forget(job)
    assert [bench.standing(f"{job}/{place}") is None for place in range(3)] == [False, True, True]
    assert bench.transfers.waiting("mover1", 10) == (other,)


@pytest.mark.parametrize("end", [SUCCEEDED, FAILED])
def test_the_end_of_a_job_leaves_nothing(bench: Bench, end: Change) -> None:
    """What a job leaves when it ends is forgotten: what ran is told to stop, and goes with its copier's last word."""
    job = bench.job()
    for place in range(3):
        bench.transfers.ask(transfer(job, place))
    for place in range(2):
        bench.take(f"{job}/{place}")
    bench.world.store.resume([job])
    bench.world.commit(job, end)
    assert [bench.standing(f"{job}/{place}") is None for place in range(3)] == [False, False, True]
    assert not bench.transfers.beat(f"{job}/0", "a", 5, None, LEASE)
    assert bench.transfers.end(f"{job}/0", "a", MOVED) == ()
    bench.die()
    bench.world.store.due(10)
    assert [bench.standing(f"{job}/{place}") is None for place in range(3)] == [True, True, True]
    bench.transfers.ask(transfer(job))
    assert bench.standing(f"{job}/0") is None, "a turn that was lost asks for nothing any more"
    if isinstance(bench.world, RedisWorld):
        assert not {"asked", "copying", "transfers:mover1", f"transfer:{job}/0"} & set(bench.world.keys())


def test_a_paused_job_is_not_resumed(bench: Bench) -> None:
    """A person's word holds: the end of the copy is there when the job goes on."""
    (one,) = bench.asked()
    job = one.partition("/")[0]
    bench.take(one)
    assert bench.world.store.order(job, Order.PAUSE, "anna").taken
    assert bench.transfers.end(one, "a", MOVED) == ()
    assert bench.world.state(job) is State.PAUSED
    assert bench.phase(one) == MOVED
