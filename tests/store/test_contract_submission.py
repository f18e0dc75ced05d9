"""The job store's contract: what a submission stores, and what it does when it is repeated."""

from dataclasses import replace

import pytest

from tests.store.world import (
    BACKED_OFF,
    BOX,
    DAY,
    World,
    entry,
    held_back,
    locked,
    numbers,
    shared,
    slot,
)
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.condition import FreshList
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Change, Entry, KeyConflict, NotFree, Ring


def test_a_submitted_job_is_on_record_as_it_was_given(world: World) -> None:
    """Every field of a record comes back as it went in, claims and time besides."""
    given = Record(
        id="J",
        spec={"operation": "clone", "name": "vol ü:+-._", "size_gb": 2**33, "snapcopy": False, "pool": None},
        operation="clone",
        steps=("take-snapshot", "no-way-back", "put-away-take-snapshot"),
        array=BOX,
        facts={"uid": "60:06:01", "number": 2**40},
        drops=(("copies:box:1", "vjt-X-snap"), ("numbers:box", "7")),
        key="a key",
        batch="monday",
        row="row-3",
        after=("A", "B"),
        behind=("C",),
        by="ni\udce9ghtly ü",
    )
    world.accept(Entry(given, (numbers("volume,target"), locked("name"), shared("pin"))))
    expected = given.evolve(
        state=State.QUEUED,
        numbers={"volume": 500, "target": 501},
        claims=(("n", f"numbers:{BOX}", "volume,target"), ("x", "name", "J"), ("s", "pin", "J")),
        created=world.now(),
        moved=world.now(),
    )
    assert world.record("J") == expected


def test_a_new_job_rings_its_whole_chain(world: World) -> None:
    """Who submits is told to ring from the first step to the last."""
    assert world.accept(entry("J")).rings == (Ring("J", 0, 1),)


def test_a_waiting_job_rings_nothing_and_says_why(world: World) -> None:
    """A job whose claims are taken is on record, waits, and names what it waits for."""
    world.accept(entry("A", locked("v")))
    answer = world.accept(entry("B", locked("v")))
    assert (answer.state, answer.rings) == (State.WAITING, ())
    assert "v" in answer.why
    assert world.record("B").why == answer.why
    assert world.refused("B") == "the job waits for its claims"
    assert world.store.blockers("B") == [NotFree("v", 1, 0, 0, ("A",))]


def test_a_job_without_claims_runs(world: World) -> None:
    """Nothing asked for is nothing to wait for."""
    assert world.accept(entry("J")).state is State.QUEUED
    world.succeed("J")
    assert world.state("J") is State.SUCCEEDED


def test_the_same_request_under_its_key_is_the_same_job(world: World) -> None:
    """A repeated request is answered with the job it stands for, in its present state, and rings nothing."""
    world.accept(entry("first", locked("v"), key="k", digest="d"))
    again = world.accept(entry("second", locked("v"), key="k", digest="d"))
    assert again == Accepted("first", State.QUEUED, known=True, rings=())
    assert world.store.get("second") is None
    world.succeed("first")
    assert world.accept(entry("third", key="k", digest="d")).state is State.SUCCEEDED


def test_another_request_under_a_known_key_conflicts(world: World) -> None:
    """A key stands for one request for ever: a different one is refused, and nothing of it is stored."""
    world.accept(entry("first", key="k", digest="d"))
    assert world.store.submit([entry("second", key="k", digest="other")]) == [KeyConflict("first")]
    assert world.store.get("second") is None


def test_a_key_can_be_looked_up(world: World) -> None:
    """A lookup answers as a submission would, and stores nothing."""
    assert world.store.known([("k", "d")]) == [None]
    world.accept(entry("J", key="k", digest="d"))
    assert world.store.known([("k", "d")]) == [Accepted("J", State.QUEUED, known=True, rings=())]
    assert world.store.known([("k", "other")]) == [KeyConflict("J")]


def test_a_key_outlives_the_record_and_remembers_the_end(world: World) -> None:
    """Once the record is removed, the key still protects, and tells how the job ended."""
    world.accept(entry("J", key="k", digest="d"))
    world.fail("J")
    world.advance(8 * DAY)
    world.store.due(10)
    assert world.store.get("J") is None
    assert world.accept(entry("late", key="k", digest="d")) == Accepted("J", State.FAILED, known=True, rings=())
    assert world.store.known([("k", "d")]) == [Accepted("J", State.FAILED, known=True, rings=())]
    assert world.store.submit([entry("late", key="k", digest="other")]) == [KeyConflict("J")]


def test_a_key_goes_over_to_a_new_attempt(world: World) -> None:
    """What renews its key gets it if the key's job ended badly, whatever that was; not while it lives or if it is well.

    The key then protects the new attempt, and longer than the old one would have been; the same call again finds it.
    """
    one = replace(entry("one", key="k", digest="d"), renews=True)
    two = replace(entry("two", key="k", digest="other"), renews=True)
    world.accept(one)
    assert world.store.submit([two]) == [KeyConflict("one")]
    world.fail("one")
    assert world.accept(one).job == "one"
    assert world.accept(entry("plain", key="k", digest="d")).job == "one"
    assert [world.accept(two).known, world.accept(two).known] == [False, True]
    world.succeed("two")
    world.advance(8 * DAY)
    world.store.due(10)
    assert world.accept(replace(entry("three", key="k", digest="other"), renews=True)).job == "two"


def test_a_repeated_call_stores_once(world: World) -> None:
    """The same record again (an answer was lost) is answered, and asks for nothing twice."""
    one = entry("J", slot("copies", 1, refuse=True), numbers())
    assert not world.accept(one).known
    assert world.accept(one).known
    assert len(world.store.find()) == 1
    assert world.record("J").numbers == {"volume": 500}


def test_each_entry_of_a_call_stands_for_itself(world: World) -> None:
    """Of many entries each is accepted or refused alone; the answers stand in their order."""
    answers = world.store.submit([entry(f"J{count}", slot("copies", 2, refuse=True)) for count in range(4)])
    assert [type(answer) for answer in answers] == [Accepted, Accepted, NotFree, NotFree]
    assert answers[3] == NotFree("copies", 2, 2, 0, ("J0", "J1"))


def test_more_entries_than_one_call_takes(world: World) -> None:
    """A thousand entries are stored as one would be, in their order."""
    answers = world.store.submit([entry(f"J{count:04}", batch="big", place=count) for count in range(1001)])
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert [record.id for record in world.store.find(batch="big")] == [f"J{count:04}" for count in range(1001)]


def test_names_to_be_made_lead_to_their_maker(world: World) -> None:
    """Others find the unfinished job that is to make an object; once it has ended, there is none."""
    world.accept(entry("J", makes=("volume:new",)))
    assert world.inventory.maker(BOX, "volume:new") == "J"
    assert world.inventory.maker(BOX, "snapshot:new") is None
    assert world.inventory.maker("other", "volume:new") is None
    world.accept(entry("second", makes=("volume:new",)))
    assert world.inventory.maker(BOX, "volume:new") == "J"
    world.fail("second")
    assert world.inventory.maker(BOX, "volume:new") == "J"
    world.succeed("J")
    assert world.inventory.maker(BOX, "volume:new") is None


def test_a_job_that_cannot_ask_yet_waits_parked(world: World) -> None:
    """A job stored with a condition holds no place anywhere, is parked on its array, and is not rung."""
    one = held_back("J", why="resolving volume x")
    answer = world.accept(Entry(one.record, park=FreshList(5, ("snapshots",))))
    assert answer == Accepted("J", State.WAITING, known=False, rings=(), why="resolving volume x")
    assert world.store.parked(BOX) == {"J": FreshList(5, ("snapshots",))}
    assert world.store.parked("other") == {}
    world.advance(3600)
    assert world.store.due(10) == ()


def test_admission_asks_for_the_claims_of_a_stored_job(world: World) -> None:
    """Once planned, the job has its steps, facts, claims and numbers, and begins with fresh attempts."""
    world.accept(held_back("J"))
    world.turn("J")
    planned = entry(
        "J", numbers(), locked("v"), operation="snap-copy", steps=("a", "b", "c"), facts={"x": 1}, drops=(("k", "m"),)
    )
    answer = world.store.admit(planned)
    assert answer == Accepted("J", State.QUEUED, known=False, rings=(Ring("J", 0, 2),))
    record = world.record("J")
    assert (record.operation, record.steps, record.facts) == ("snap-copy", ("a", "b", "c"), {"x": 1})
    assert (record.drops, record.numbers, record.admitted) == ((("k", "m"),), {"volume": 500}, True)
    assert (record.attempts, record.begun, record.lease) == (0, 0, 0)
    assert world.turn("J").record.state is State.RUNNING


def test_admission_waits_in_the_queue(world: World) -> None:
    """A job admitted while its claims are taken waits, and is rung when it is granted."""
    world.accept(entry("A", locked("v")))
    world.accept(held_back("B"))
    world.turn("B")
    answer = world.store.admit(entry("B", locked("v")))
    assert isinstance(answer, Accepted)
    assert (answer.state, answer.rings) == (State.WAITING, ())
    assert [ring.job for ring in world.succeed("A")] == ["B"]
    assert world.state("B") is State.QUEUED


def test_admission_twice_is_once(world: World) -> None:
    """Two workers that plan the same job ask for its claims once."""
    world.accept(held_back("J"))
    world.store.admit(entry("J", slot("copies", 1, refuse=True)))
    answer = world.store.admit(entry("J", slot("copies", 1, refuse=True)))
    assert isinstance(answer, Accepted)
    assert answer.known


def test_admission_refused_leaves_the_record(world: World) -> None:
    """The claim that refuses is named; the job stays as it was, for its worker to end it."""
    world.accept(entry("A", slot("copies", 1)))
    world.accept(held_back("B"))
    turn = world.turn("B")
    assert world.store.admit(entry("B", shared("v"), slot("copies", 1, refuse=True))) == NotFree(
        "copies", 1, 1, 0, ("A",)
    )
    assert not world.record("B").admitted
    assert world.store.commit(turn, Change(State.FAILED, "ended", "full", code="copies-limit", error="full")) == ()
    assert world.accept(entry("C", locked("v"))).state is State.QUEUED


def test_a_refusal_names_who_makes_what_is_in_the_way(world: World) -> None:
    """Who holds a set alone is not in the way of another that wants it so; who waits for a slot of it is, by name."""
    world.accept(entry("A", locked("snapshots")))
    assert world.accept(entry("B", slot("snapshots", 9, "snap", refuse=True))).state is State.WAITING
    (answer,) = world.store.submit([entry("C", Claim(Kind.EXCLUSIVE, "snapshots", refuse=True))])
    assert answer == NotFree("snapshots", 0, 9, 1, (), ("B",))
    (held,) = world.store.holdings(["snapshots"])
    assert (held.used, held.alone, held.waiters) == (1, 1, ("B",))


def test_admission_keeps_what_is_to_be_kept(world: World) -> None:
    """What a job admitted later makes keeps its slots and is known by name, like any other."""
    world.accept(held_back("J"))
    world.store.admit(entry("J", slot("copies", 1, "snap", keep=True), makes=("volume:new",)))
    assert world.inventory.maker(BOX, "volume:new") == "J"
    world.succeed("J")
    (answer,) = world.store.submit([entry("K", slot("copies", 1, refuse=True))])
    assert answer == NotFree("copies", 1, 1, 0, ("snap",))


def test_an_ended_job_is_not_admitted(world: World) -> None:
    """Nobody asks for the claims of a job that has ended."""
    world.accept(held_back("J"))
    world.commit("J", Change(State.CANCELLED, "ended", "not wanted"))
    with pytest.raises(StateServerError):
        world.store.admit(entry("J", locked("v")))
    assert world.accept(entry("K", locked("v"))).state is State.QUEUED


def test_records_are_found_by_batch_state_and_array(world: World) -> None:
    """A batch comes in the order of its rows, everything else newest first; filters go together."""
    for count, (batch, array) in enumerate([("m", BOX), ("", BOX), ("m", "other"), ("m", BOX)]):
        world.accept(entry(f"J{count}", batch=batch, place=-count, array=array))
        world.advance(1)
    world.succeed("J3")

    def found(**wanted: object) -> list[str]:
        return [record.id for record in world.store.find(**wanted)]  # type: ignore[arg-type]  # each is what it says

    assert found() == ["J3", "J2", "J1", "J0"]
    assert found(newest=False) == ["J0", "J1", "J2", "J3"]
    assert found(limit=2) == ["J3", "J2"]
    assert found(batch="m") == ["J3", "J2", "J0"]
    assert found(array="other") == ["J2"]
    assert found(states=[State.SUCCEEDED]) == ["J3"]
    assert found(batch="m", states=[State.QUEUED], array=BOX) == ["J0"]
    assert found(batch="none") == []


def test_what_is_not_there_is_none(world: World) -> None:
    """An unknown job has no record, no turn and no blockers."""
    assert world.store.get("nobody") is None
    assert world.refused("nobody") == "there is no such job"
    assert world.store.blockers("nobody") == []


def test_ended_records_are_removed_after_their_time(world: World) -> None:
    """A record stays for the days of the setting, then goes with everything that led to it; live ones never do."""
    world.accept(entry("old", batch="m"))
    world.accept(entry("live", batch="m"))
    world.succeed("old")
    world.commit("live", BACKED_OFF)
    world.advance(6 * DAY)
    world.store.due(10)
    assert world.state("old") is State.SUCCEEDED
    world.advance(1 * DAY)
    world.store.due(10)
    assert world.store.get("old") is None
    assert [record.id for record in world.store.find()] == ["live"]
    assert [record.id for record in world.store.find(batch="m")] == ["live"]
