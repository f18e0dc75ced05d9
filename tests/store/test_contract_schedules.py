"""The contract of schedules, kept by the state server and by its twin."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.schedules.asked import schedule
from tests.store.world import FAILED, MemoryWorld, RedisWorld, World, entry
from vnx_jobs.adapters.memory.schedules import MemorySchedules
from vnx_jobs.adapters.memory.store import MemoryJobStore
from vnx_jobs.adapters.redis.schedules import RedisSchedules
from vnx_jobs.model.schedule import Ask, Decision, Firing, Past, Run, Schedule, Standing, decide
from vnx_jobs.model.states import State
from vnx_jobs.ports import Change, Schedules

HOUR = 3_600_000
STUCK = Change(State.STUCK, "stuck", "x", leftovers=("a",))


@dataclass
class Place:
    """Schedules, and the world that their jobs are in."""

    world: World
    kept: Schedules

    def standing(self, name: str = "nightly") -> Standing:
        """Return where a schedule stands, which must exist."""
        found = self.kept.get(name)
        assert found is not None
        return found[1]

    def add(self, one: Schedule | None = None) -> Standing:
        """Add a schedule."""
        one = one or schedule()
        assert self.kept.put(one, replace=False)
        return self.standing(one.name)

    def names_due(self) -> list[str]:
        """Return the schedules that are to be looked at by now."""
        return [standing.schedule.name for standing in self.kept.due(10)[1]]

    def begin(self, standing: Standing, due: int) -> Firing:
        """Have a run begin."""
        firing = firing_of(standing, due)
        assert self.kept.decide(standing, Decision(due, (), due, start=Run(due)), firing)
        return firing


def firing_of(standing: Standing, due: int) -> Firing:
    """Return a run of one job."""
    asks = (Ask({"operation": "create-snapshot", "names": ["a", "b"]}, "gold"),)
    return Firing(Run(due), standing.generation, asks, f"nightly-{due}", ("no volume is called x",))


@pytest.fixture
def place(world: World) -> Iterator[Place]:
    """Open a place of each kind, without schedules."""
    if isinstance(world, RedisWorld):
        yield Place(world, RedisSchedules(world.server))
        return
    assert isinstance(world, MemoryWorld)
    assert isinstance(world.store, MemoryJobStore)
    yield Place(world, MemorySchedules(world.store._server))


def test_a_schedule_comes_back_as_it_was(place: Place) -> None:
    """Every field is kept, it begins to count from now on, and it is looked at, at once."""
    one = schedule(
        exclude=["2026-12-24"], only=["Mon 01:00-02:00"], never=["daily 01:30-01:40"], jitter="5m", volumes="a*"
    )
    now = place.world.now()
    standing = place.add(one)
    assert (standing.schedule, standing.handled, standing.queue, standing.firing) == (one, now, (), None)
    assert (standing.paused, standing.under_way) == ("", ())
    assert place.names_due() == ["nightly"]
    assert place.kept.get("other") is None


def test_a_name_is_taken_once(place: Place) -> None:
    """Another schedule of that name is not added, the same one again is no mistake and changes nothing."""
    before = place.add()
    assert place.kept.put(schedule(), replace=False)
    assert not place.kept.put(schedule("30 * * * *"), replace=False)
    assert place.standing() == before


def test_replacing_keeps_what_was_dealt_with(place: Place) -> None:
    """Another template is another generation; only another timetable begins to count anew."""
    place.add()
    handled = place.standing().handled
    assert place.kept.pause("nightly", "anna")
    place.world.advance(600)
    assert place.kept.put(schedule(overlap="queue"), replace=True)
    same_times = place.standing()
    assert (same_times.handled, same_times.paused) == (handled, "anna")
    assert place.kept.put(schedule("30 * * * *"), replace=True)
    assert place.standing().handled == place.world.now()
    assert same_times.generation != place.standing().generation


def test_a_generation_never_comes_back(place: Place) -> None:
    """A schedule that is removed and added again is another one, so that its runs are others."""
    first = place.add().generation
    assert place.kept.remove("nightly")
    assert place.kept.find()[1] == ()
    assert place.add().generation != first
    assert place.kept.remove("unknown")


def test_a_decision_holds_once(place: Place) -> None:
    """Of two that decide on the same standing one succeeds, whatever they decide, and the other changes nothing."""
    standing, due = place.add(), place.world.now() + HOUR
    first, second = firing_of(standing, due), firing_of(standing, due + 1)
    assert place.kept.decide(standing, Decision(due, (), due, start=Run(due)), first)
    assert not place.kept.decide(standing, Decision(due + 1, (), due, start=Run(due + 1)), second)
    after = place.standing()
    assert (after.firing, after.handled) == (first, due)


def test_nothing_is_decided_on_what_is_old(place: Place) -> None:
    """Each change of a schedule makes void what was decided before it."""
    for change in (
        lambda: place.kept.pause("nightly", "anna"),
        lambda: place.kept.resume("nightly"),
        lambda: place.kept.ask("nightly", "anna"),
        lambda: place.kept.put(schedule(overlap="queue"), replace=True),
    ):
        assert place.kept.put(schedule(), replace=True)
        standing = place.standing()
        assert change()
        assert not place.kept.decide(standing, Decision(0, (), None), None)
    standing = place.standing()
    assert place.kept.remove("nightly")
    assert not place.kept.decide(standing, Decision(0, (), None), None)
    assert place.kept.get("nightly") is None


def test_a_run_stands_until_it_is_seen_through(place: Place) -> None:
    """What begins is there for everybody, keeps its schedule from being removed, and ends once, with its story."""
    firing = place.begin(place.add(), place.world.now())
    assert place.names_due() == ["nightly"]
    assert place.standing().firing == firing
    assert not place.kept.decide(place.standing(), Decision(0, (), None), None)
    assert not place.kept.remove("nightly")
    assert place.kept.put(schedule(overlap="queue"), replace=True)
    place.world.advance(5)
    assert place.kept.fired("nightly", firing, ["job-1"], ["gold: refused"])
    assert not place.kept.fired("nightly", firing, ["job-1"], [])
    assert place.standing().firing is None
    problems = ("no volume is called x", "gold: refused")
    assert place.kept.history("nightly") == (Past(firing.run, 1, firing.batch, problems, place.world.now()),)
    assert place.kept.remove("nightly")
    assert place.kept.history("nightly") == ()


def test_whose_jobs_are_under_way(place: Place) -> None:
    """Jobs of a run count until they are over; one that is stuck, or that nobody knows, does not."""
    firing = place.begin(place.add(), place.world.now())
    jobs = ["job-1", "job-2", "job-3"]
    for job in jobs:
        place.world.accept(entry(job))
    assert place.kept.fired("nightly", firing, [*jobs, "gone"], [])
    assert place.standing().under_way == ("job-1", "job-2", "job-3")
    place.world.succeed("job-1")
    place.world.commit("job-2", STUCK)
    assert place.standing().under_way == ("job-3",)
    place.world.fail("job-3")
    assert place.standing().under_way == ()


def test_when_it_is_looked_at(place: Place) -> None:
    """A schedule is due at the time that was decided, those that wait longest first; without one, never."""
    for name, wait in (("later", HOUR), ("soon", 60_000), ("never", None)):
        standing = place.add(schedule(name=name))
        now = place.world.now()
        wake = None if wait is None else now + wait
        assert place.kept.decide(standing, Decision(now, (), wake), None)
    assert place.names_due() == []
    place.world.advance(61)
    assert place.names_due() == ["soon"]
    place.world.advance(3600)
    assert place.names_due() == ["soon", "later"]
    assert [one.schedule.name for one in place.kept.due(1)[1]] == ["soon"]
    assert [one.schedule.name for one in place.kept.find()[1]] == ["later", "never", "soon"]
    assert place.kept.pause("never", "anna")
    assert "never" in place.names_due()


def test_what_waits_and_what_was_given_up(place: Place) -> None:
    """Runs wait in their order with who asked for them; those given up are told with the reason."""
    standing, now = place.add(), place.world.now()
    queue = (Run(now - HOUR), Run(now - 1000, "anna"))
    decision = Decision(now, queue, now, given_up=((Run(now - 2 * HOUR), "it was missed"),))
    assert place.kept.decide(standing, decision, None)
    assert place.standing().queue == queue
    assert place.kept.history("nightly") == (Past(Run(now - 2 * HOUR), problems=("it was missed",), at=now),)


def test_only_the_last_runs_are_told(place: Place) -> None:
    """Twenty are kept, the newest first."""
    for due in range(25):
        standing = place.standing() if due else place.add()
        assert place.kept.decide(standing, Decision(due, (), None, given_up=((Run(due), "x"),)), None)
    assert [past.run.due for past in place.kept.history("nightly")] == list(range(24, 4, -1))


def test_asking_for_runs(place: Place) -> None:
    """Each run that is asked for is due at a second of its own, so that its objects' names are its own."""
    place.add()
    asked = [place.kept.ask("nightly", who) for who in ("anna", "ben", "anna")]
    dues = [run.due for run in asked if run is not None]
    second = place.world.now() // 1000 * 1000
    assert dues == [second, second + 1000, second + 2000]
    assert place.standing().queue == tuple(asked)
    assert place.kept.ask("unknown", "anna") is None


def test_a_pause(place: Place) -> None:
    """The first who paused it is named; what was due meanwhile is dealt with when the pause ends."""
    place.add()
    assert place.kept.pause("nightly", "anna")
    assert place.kept.pause("nightly", "ben")
    assert place.standing().paused == "anna"
    place.world.advance(2 * HOUR / 1000)
    assert place.kept.resume("nightly")
    standing = place.standing()
    assert (standing.paused, standing.handled) == ("", place.world.now())
    place.world.advance(10)
    assert place.kept.resume("nightly")
    assert place.standing().handled == standing.handled
    assert not place.kept.pause("unknown", "anna")
    assert not place.kept.resume("unknown")


def test_the_present_is_the_servers(place: Place) -> None:
    """A decision on the present that is told with the schedules begins the run that is due by then."""
    place.add(schedule("*/5 * * * *"))
    place.world.advance(301)
    now, (standing,) = place.kept.due(10)
    assert now == place.world.now()
    decision = decide(standing, now)
    assert decision.start is not None
    assert now - 301_000 < decision.start.due <= now


def test_a_job_that_failed_is_over(place: Place) -> None:
    """A run whose job failed keeps no other waiting."""
    firing = place.begin(place.add(), place.world.now())
    place.world.accept(entry("job-1"))
    assert place.kept.fired("nightly", firing, ["job-1"], [])
    place.world.commit("job-1", FAILED)
    assert place.standing().under_way == ()


def test_one_that_cannot_be_read_hides_no_other(redis_only: RedisWorld) -> None:
    """A schedule whose zone this machine does not know is left out, and replacing it mends it."""
    kept = RedisSchedules(redis_only.server)
    for name in ("bad", "good"):
        assert kept.put(schedule(name=name), replace=False)
    document = schedule(name="bad").document().replace("UTC", "Mars/Olympus")
    redis_only.client.hset(f"{redis_only.prefix}schedule:bad", "doc", document)
    assert [one.schedule.name for one in kept.due(10)[1]] == ["good"]
    assert kept.put(schedule(name="bad"), replace=True)
    assert [one.schedule.name for one in kept.find()[1]] == ["bad", "good"]
