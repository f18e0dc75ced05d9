"""Chains: how many jobs of an array are rung at one time, whose turn is next, and what a held or silent array does."""

from collections.abc import Iterator

import pytest

from tests.store.world import (
    ADVANCED,
    BOX,
    SETTLING,
    SUCCEEDED,
    MemoryWorld,
    World,
    entry,
    held_back,
    locked,
    permit,
    redis_world,
    terms,
)
from vnx_jobs.model.condition import ArrayBack, FreshList
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Change, Ring, Standing

PARKED = Change(State.WAITING, "parked", "waits for a list", condition=FreshList(0))
AWAY = Change(State.WAITING, "away", "no route to host", condition=ArrayBack(), begun=0)


@pytest.fixture(params=["redis", "memory"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Open a world in which two jobs are rung at one time."""
    if request.param == "memory":
        yield MemoryWorld(chains=2)
        return
    with redis_world(request.getfixturevalue("valkey_url"), request.getfixturevalue("prefix"), chains=2) as made:
        yield made


def rung(rings: tuple[Ring, ...]) -> list[str]:
    """Return whose chains are to be rung."""
    return [ring.job for ring in rings]


def submit(world: World, *jobs: str, batch: str = "") -> list[str]:
    """Submit jobs in one call; return whom to ring."""
    answers = world.store.submit([entry(job, batch=batch) for job in jobs])
    return [ring.job for one in answers if isinstance(one, Accepted) for ring in one.rings]


def standing(world: World) -> tuple[int, int]:
    """Return how many jobs are under way, and how many are ready."""
    now = world.store.standing(BOX)
    return now.under_way, now.ready


def test_no_more_jobs_are_rung_than_the_array_has_places(world: World) -> None:
    """Of five jobs two are rung; each that ends lets the next one be rung, first come first served."""
    assert submit(world, "A", "B", "C", "D", "E") == ["A", "B"]
    assert standing(world) == (2, 3)
    assert rung(world.succeed("B")) == ["C"]
    assert rung(world.commit("A", ADVANCED)) == []
    assert rung(world.succeed("A")) == ["D"]
    assert rung(world.succeed("C")) == ["E"]
    assert rung(world.succeed("D")) == []
    world.succeed("E")
    assert standing(world) == (0, 0)


@pytest.mark.parametrize("change", [PARKED, SETTLING, Change(State.WAITING, "backed-off", "busy", wait=5.0)])
def test_a_job_that_rests_gives_its_place_away(world: World, change: Change) -> None:
    """Parked, settling, backing off: another job is rung meanwhile."""
    submit(world, "A", "B", "C")
    assert rung(world.commit("A", change)) == ["C"]
    assert standing(world) == (2, 0)


def test_a_stuck_and_a_paused_job_give_their_places_away(world: World) -> None:
    """What waits for a person holds up nobody."""
    submit(world, "A", "B", "C", "D")
    assert rung(world.commit("A", Change(State.STUCK, "stuck", "x", leftovers=("y",)))) == ["C"]
    assert rung(world.store.order("B", Order.PAUSE, "me").rings) == ["D"]


def test_a_job_that_waits_for_a_permit_gives_its_place_away(world: World) -> None:
    """Of three jobs that want the one permit, the waiting ones do not stand in the way of others."""
    submit(world, "A", "B", "C")
    assert world.permit("A", permit())
    queued = world.store.permit(world.turn("B"), permit())
    assert queued is not None
    assert rung(queued.rings) == ["C"]


def test_a_dead_worker_keeps_the_place_until_its_job_settles(world: World) -> None:
    """While the lease runs the command may be under way; afterwards the job settles and another one is rung."""
    submit(world, "A", "B", "C")
    world.turn("A", lease=10.0, busy=40.0)
    assert standing(world) == (2, 1)
    world.advance(10)
    assert set(rung(world.store.due(10))) == {"A", "B"}
    answer = world.store.take("A", 0, terms(10.0, 40.0))
    assert rung(getattr(answer, "rings", ())) == ["C"]


def test_what_has_begun_goes_first(world: World) -> None:
    """A parked job that is resumed is rung before those of its batch that have not begun."""
    submit(world, "A", "B", "C", "D")
    world.commit("A", ADVANCED)
    assert rung(world.commit("A", PARKED)) == ["C"]
    assert world.store.resume(["A"]) == ()
    assert rung(world.succeed("B")) == ["A"]
    assert rung(world.succeed("C")) == ["D"]


def test_batches_are_served_in_turn(world: World) -> None:
    """A single job does not wait behind a batch, nor a batch behind another: each gets a place in its turn."""
    submit(world, *(f"M{count}" for count in range(6)), batch="m")
    submit(world, *(f"N{count}" for count in range(3)), batch="n")
    assert submit(world, "urgent") == []
    order = []
    for job in ["M0", "M1", "M2", "N0", "urgent", "M3", "N1"]:
        order += rung(world.succeed(job))
    assert order == ["M2", "N0", "urgent", "M3", "N1", "M4", "N2"]


def test_a_granted_claim_does_not_pass_the_places(world: World) -> None:
    """Waiters that are granted a claim are ready, and rung as places come free."""
    world.store.submit([entry("holder", locked("v")), entry("other")])
    world.store.submit([entry("waiter", locked("v")), entry("third")])
    assert rung(world.succeed("other")) == ["third"]
    assert rung(world.succeed("holder")) == ["waiter"]


def test_a_cancelled_job_leaves_the_queue(world: World) -> None:
    """A ready job that is cancelled is never rung; one whose place it had is."""
    submit(world, "A", "B", "C", "D")
    world.store.order("C", Order.CANCEL, "me")
    assert standing(world) == (2, 1)
    assert rung(world.store.order("A", Order.CANCEL, "me").rings) == ["D"]
    assert rung(world.succeed("B")) == []


def test_a_job_that_no_worker_serves_gives_its_place_to_others(world: World) -> None:
    """After four lost rings the job stands back behind those that are ready; it is rung again in its turn."""
    submit(world, "A", "B", "C", "D")
    seen: list[str] = []
    for _ in range(40):
        world.advance(1)
        seen += rung(world.store.due(10))
    assert seen[:6] == ["A", "B", "A", "B", "A", "B"]
    assert seen[6:] == ["C", "D", "C", "D", "C", "D"]
    assert standing(world) == (2, 2)


def test_a_late_message_takes_the_job_out_of_the_queue(world: World) -> None:
    """A job that is ready and gets its turn by an old message is not rung once more for that place."""
    submit(world, "A", "B", "C")
    world.turn("C")
    assert standing(world) == (3, 0)
    assert rung(world.succeed("A")) == []


def test_a_held_array_finishes_what_has_begun_and_begins_nothing(world: World) -> None:
    """Under maintenance jobs that have begun go on to their end; others wait, even if their message is out."""
    submit(world, "A", "B", "C")
    world.commit("A", ADVANCED)
    assert world.store.hold(BOX, "ann") == "ann"
    assert world.store.hold(BOX, "bob") == "ann"
    assert world.refused("B") == "the array is held: nothing is begun"
    world.commit("A", PARKED)
    assert rung(world.store.resume(["A"])) == ["A"]
    assert rung(world.succeed("A")) == []
    assert submit(world, "D") == []
    world.advance(600)
    assert world.store.due(10) == ()
    assert world.store.standing(BOX) == Standing("ann", "", "", 0, 0, 3)
    assert rung(world.store.unhold(BOX, "bob") or ()) == ["B", "C"]
    assert world.store.unhold(BOX, "bob") is None


def test_a_held_array_plans_nothing(world: World) -> None:
    """A job that has not asked for its claims yet does not ask while the array is held."""
    world.store.hold(BOX, "ann")
    (answer,) = world.store.submit([held_back("J")])
    assert isinstance(answer, Accepted)
    assert answer.rings == ()
    assert rung(world.store.unhold(BOX, "ann") or ()) == ["J"]


def test_a_silent_array_is_asked_by_the_watch_alone(world: World) -> None:
    """Once a turn found the array away nobody is rung; when it answers again everybody goes on, no attempt spent."""
    submit(world, "A", "B", "C")
    assert rung(world.commit("A", AWAY)) == []
    assert world.store.standing(BOX).away == "no route to host"
    assert rung(world.commit("B", AWAY)) == []
    world.advance(600)
    assert world.store.due(10) == ()
    assert standing(world) == (0, 1)
    assert set(world.store.parked(BOX)) == {"A", "B"}
    assert rung(world.store.back(BOX)) == ["C"]
    assert rung(world.store.resume(["A", "B"])) == ["A"]
    assert world.store.standing(BOX).away == ""
    assert [world.record(job).attempts for job in ("A", "B")] == [1, 1]
    assert [world.record(job).begun for job in ("A", "B")] == [0, 0]
    assert rung(world.commit("A", SUCCEEDED)) == ["B"]
