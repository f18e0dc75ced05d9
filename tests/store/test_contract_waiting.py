"""The job store's contract: who waits for what, and what brings every waiting job back."""

import pytest

from tests.store.world import (
    ADVANCED,
    BACKED_OFF,
    BOX,
    SUCCEEDED,
    RedisWorld,
    World,
    entry,
    held_back,
    locked,
    permit,
)
from vnx_jobs.model.condition import FreshList, SessionOver
from vnx_jobs.model.states import State
from vnx_jobs.ports import Change, Entry, Ring

OVER = SessionOver(7, 1000)
PARKED = Change(State.WAITING, "parked", "copying", condition=OVER, attempts=0)
HELD = Change(State.WAITING, "held", "waits for A", behind=True)


def rung(world: World) -> list[str]:
    """Sweep once; return which jobs are to be rung."""
    return [ring.job for ring in world.store.due(100)]


def test_a_parked_job_waits_for_the_watch(world: World) -> None:
    """A parked job says what for, spends no attempt, and neither message nor time moves it."""
    world.accept(entry("J"))
    world.commit("J", PARKED)
    record = world.record("J")
    assert (record.state, record.why, record.attempts) == (State.WAITING, "copying", 0)
    assert world.store.parked(BOX) == {"J": OVER}
    assert world.refused("J") == "the job is parked"
    world.advance(3600)
    assert rung(world) == []


def test_a_resumed_job_returns_to_its_step(world: World) -> None:
    """The watch's answer unparks and rings; a second answer rings nobody; the step is looked at, not done anew."""
    world.accept(entry("J"))
    world.accept(entry("K"))
    world.commit("J", PARKED)
    assert world.store.resume(["J", "J", "K", "nobody"]) == (Ring("J", 0, 1),)
    assert world.store.resume(["J"]) == ()
    assert world.store.parked(BOX) == {}
    turn = world.turn("J")
    assert (turn.returning, turn.record.attempts, turn.record.condition) == (True, 1, "")


def test_a_job_that_has_ended_since_the_watch_asked_is_passed_over(world: World) -> None:
    """The others of the same answer are resumed all the same."""
    for job in ("J", "K"):
        world.accept(entry(job))
        world.commit(job, PARKED)
    world.store.resume(["J"])
    world.succeed("J")
    world.store.progress({"J": (50, 1.0)})
    assert world.store.resume(["J", "K"]) == (Ring("K", 0, 1),)


def test_a_resumed_job_whose_ring_was_lost_is_rung_again(world: World) -> None:
    """A resume that nobody rang for is found by the sweep."""
    world.accept(entry("J"))
    world.commit("J", PARKED)
    world.store.resume(["J"])
    assert rung(world) == []
    world.advance(3)
    assert rung(world) == ["J"]


def test_a_parked_job_may_have_a_time_of_its_own(world: World) -> None:
    """Parked with a condition and a time, a job comes back when the first of the two is met."""
    change = Change(State.WAITING, "parked", "copying", condition=OVER, wait=5.0)
    for job in ("J", "K"):
        world.accept(entry(job))
        world.commit(job, change)
    assert [ring.job for ring in world.store.resume(["K"])] == ["K"]
    assert world.turn("K").returning
    world.advance(5)
    assert rung(world) == ["J"]
    assert world.store.parked(BOX) == {}
    assert world.turn("J").returning


def test_progress_of_parked_jobs_is_noted(world: World) -> None:
    """Percent and end are told while a job is parked, and forgotten when it goes on; others are not touched."""
    world.accept(entry("J"))
    world.accept(entry("K"))
    world.commit("J", PARKED)
    world.store.progress({"J": (40, 90.0), "K": (10, 5.0), "nobody": (1, None)})
    assert (world.record("J").percent, world.record("J").eta) == (40, world.now() + 90_000)
    assert (world.record("K").percent, world.record("K").eta) == (None, None)
    assert world.store.get("nobody") is None
    world.store.progress({"J": (41, None)})
    assert (world.record("J").percent, world.record("J").eta) == (41, None)
    world.store.progress({})
    world.store.resume(["J"])
    assert (world.record("J").percent, world.record("J").eta) == (None, None)


def test_a_lost_ring_is_rung_again_and_ever_more_seldom(world: World) -> None:
    """A job whose message was lost is rung after seconds; the sweep remembers, and asks less often each time."""
    world.accept(entry("J"))
    assert rung(world) == []
    times = []
    for second in range(60):
        if rung(world):
            times.append(second)
        world.advance(1)
    assert times == [2, 6, 14, 30]
    world.turn("J", lease=1.0)
    world.advance(1)
    assert rung(world) == ["J"]
    world.advance(4)
    assert rung(world) == ["J"]


def test_an_expired_lease_is_rung(world: World) -> None:
    """A job whose worker died is rung when its lease is over, and not before."""
    world.accept(entry("J"))
    world.turn("J", lease=30.0)
    world.advance(29)
    assert rung(world) == []
    world.advance(1)
    assert rung(world) == ["J"]


def test_a_broken_chain_is_rung(world: World) -> None:
    """A job whose next message was lost after a commit is rung with the rest of its chain."""
    world.accept(entry("J", steps=("a", "b", "c")))
    assert world.commit("J", ADVANCED) == ()
    world.advance(3)
    assert world.store.due(10) == (Ring("J", 1, 2),)


def test_a_grant_that_nobody_rang_is_found(world: World) -> None:
    """Who frees a lock may die before it rings: the sweep finds the job that was granted."""
    world.accept(entry("A", locked("v")))
    world.accept(entry("B", locked("v")))
    world.advance(100)
    rung(world)
    world.turn("A")
    world.advance(100)
    world.succeed("A")
    assert world.state("B") is State.QUEUED
    assert rung(world) == []
    world.advance(3)
    assert rung(world) == ["B"]


def test_a_granted_permit_that_nobody_rang_is_found(world: World) -> None:
    """The same holds for a permit."""
    for job in ("A", "B"):
        world.accept(entry(job))
    assert world.permit("A", permit())
    assert not world.permit("B", permit())
    world.advance(60)
    assert rung(world) == ["A"]
    assert [ring.job for ring in world.succeed("A")] == ["B"]
    world.advance(3)
    assert rung(world) == ["B"]


def test_the_sweep_takes_as_many_as_it_is_told(world: World) -> None:
    """A limit bounds one sweep; the next goes on."""
    for job in "ABC":
        world.accept(entry(job))
    world.advance(3)
    assert sorted(ring.job for _ in range(3) for ring in world.store.due(1)) == ["A", "B", "C"]


def test_an_end_frees_and_grants_in_one_moment(world: World) -> None:
    """The commit that ends a job already shows the next one granted, and says whom to ring."""
    world.accept(entry("A", locked("v")))
    world.accept(entry("B", locked("v")))
    world.accept(entry("C", locked("v")))
    turn = world.turn("A")
    rings = world.store.commit(turn, SUCCEEDED)
    assert rings == (Ring("B", 0, 1),)
    assert [world.state(job) for job in "ABC"] == [State.SUCCEEDED, State.QUEUED, State.WAITING]


def test_a_dependent_is_rung_when_its_predecessor_ends(world: World) -> None:
    """A job held behind others stays untouched until one of them ends, in whatever way."""
    world.accept(entry("A"))
    world.accept(entry("B"))
    assert world.accept(held_back("J", after=("A",), behind=("B",))).rings == ()
    world.advance(60)
    assert "J" not in rung(world)
    assert [ring.job for ring in world.fail("B")] == ["J"]
    world.commit("J", HELD)
    world.advance(3600)
    assert "J" not in rung(world)
    assert [ring.job for ring in world.succeed("A")] == ["J"]
    world.turn("J")


def test_a_job_behind_ended_ones_is_rung_at_once(world: World) -> None:
    """Nobody waits for jobs that have ended, or that nobody knows."""
    world.accept(entry("A"))
    world.succeed("A")
    assert world.accept(held_back("J", after=("A", "unknown"))).rings == (Ring("J", 0, 1),)


def test_no_end_is_missed_between_asking_and_waiting(world: World) -> None:
    """A predecessor that ends after the worker looked, and before the job is held again, still brings it back."""
    world.accept(entry("A"))
    world.accept(held_back("J", after=("A",)))
    turn = world.turn("J")
    world.succeed("A")
    assert world.store.commit(turn, HELD) == (Ring("J", 0, 1),)
    world.advance(3)
    assert rung(world) == ["J"]


def test_an_ended_dependent_stays_ended(world: World) -> None:
    """A dependent that was cancelled meanwhile is neither rung nor changed when the other predecessor ends."""
    for job in ("A", "B"):
        world.accept(entry(job))
    world.accept(held_back("J", after=("A", "B")))
    world.fail("A")
    world.commit("J", Change(State.CANCELLED, "ended", "A failed"))
    before = world.record("J")
    assert world.succeed("B") == ()
    assert world.record("J") == before
    world.advance(3600)
    assert rung(world) == []


def test_a_parked_dependent_waits_for_the_watch(world: World) -> None:
    """A predecessor's end does not unpark a job that waits for a list as well."""
    world.accept(entry("A"))
    world.accept(Entry(held_back("J", after=("A",)).record, park=FreshList(0)))
    assert world.succeed("A") == ()
    assert world.refused("J") == "the job is parked"
    assert [ring.job for ring in world.store.resume(["J"])] == ["J"]


def test_the_sweep_rings_nobody_who_waits_for_claims(world: World) -> None:
    """A job that was admitted while its predecessor still ran waits for its claims, however often others stir it."""
    world.accept(entry("A"))
    world.accept(entry("B", locked("v")))
    world.accept(held_back("J", behind=("A",)))
    world.store.admit(entry("J", locked("v")))
    world.succeed("A")
    world.advance(3)
    assert "J" not in rung(world)
    world.advance(3600)
    assert "J" not in rung(world)
    assert [ring.job for ring in world.succeed("B")] == ["J"]


def test_many_dependents_are_rung_together(world: World) -> None:
    """All that wait for one job are rung by its end, each once."""
    world.accept(entry("A"))
    for job in "KLM":
        world.accept(held_back(job, behind=("A",)))
    assert sorted(ring.job for ring in world.succeed("A")) == ["K", "L", "M"]


def test_unknown_conditions_are_left_alone(redis_only: RedisWorld) -> None:
    """A job that a newer version parked stays parked: this version neither shows it to its watch nor wakes it."""
    world = redis_only
    world.accept(entry("J"))
    world.commit("J", PARKED)
    world.client.hset(f"{world.prefix}parked:{BOX}", "J", '{"kind": "of a newer version"}')
    assert world.store.parked(BOX) == {}
    world.advance(3600)
    assert rung(world) == []
    assert world.refused("J") == "the job is parked"


def test_a_role_is_held_by_one_at_a_time(world: World) -> None:
    """A lease on a role is renewed by its owner, refused to others, and free again when it is given back."""
    assert world.store.lease("sweep", "me", 30.0)
    assert world.store.lease("sweep", "me", 30.0)
    assert not world.store.lease("sweep", "you", 30.0)
    assert world.store.lease("watch:box", "you", 30.0)
    world.store.release("sweep", "you")
    assert not world.store.lease("sweep", "you", 30.0)
    world.store.release("sweep", "me")
    assert world.store.lease("sweep", "you", 30.0)


@pytest.mark.parametrize("change", [PARKED, BACKED_OFF, HELD])
def test_a_waiting_job_keeps_its_claims(world: World, change: Change) -> None:
    """Whatever a job waits for, nobody gets its locks meanwhile."""
    world.accept(entry("J", locked("v")))
    world.commit("J", change)
    assert world.accept(entry("K", locked("v"))).state is State.WAITING
