"""The job store's contract: turns, leases, fences, settling, and what a commit changes."""

import itertools
from dataclasses import replace

import pytest

from tests.store.world import (
    ADVANCED,
    BACKED_OFF,
    BOX,
    FAILED,
    SETTLING,
    SUCCEEDED,
    World,
    entry,
    held_back,
    locked,
    numbers,
    permit,
    slot,
    terms,
)
from vnx_jobs.model.array import Lun, Snapshot
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import VERSION
from vnx_jobs.model.states import ENDED, State, allowed
from vnx_jobs.ports import Accepted, Change, Entry, Ring, Turn

STUCK = Change(State.STUCK, "stuck", "no way on", code="attempts-spent", error="no way on", leftovers=("a", "b"))


def test_a_turn_counts_the_attempt_and_starts_a_lease(world: World) -> None:
    """The record of a turn says that the step is begun, for how long it is protected, and until when it may land."""
    world.accept(entry("J"))
    world.advance(5)
    turn = world.turn("J", lease=10.0, busy=12.5)
    now = world.now()
    record = turn.record
    assert not turn.returning
    assert (record.state, record.attempts, record.fence) == (State.RUNNING, 1, 1)
    assert (record.begun, record.lease, record.until, record.moved) == (now, now + 10_000, now + 12_500, now)
    assert world.record("J") == record


def test_a_step_that_changes_nothing_has_nothing_to_land(world: World) -> None:
    """Without a time in which a command could land, there is nothing to settle for."""
    world.accept(entry("J"))
    assert world.turn("J", busy=0.0).record.until == 0


def test_a_message_for_another_step_is_a_duplicate(world: World) -> None:
    """Only the cursor's step can be taken."""
    world.accept(entry("J"))
    assert world.refused("J", 1) == "duplicate: the job is at another step"
    world.commit("J", ADVANCED)
    assert world.refused("J", 0) == "duplicate: the job is at another step"
    assert world.turn("J").record.cursor == 1


def test_a_second_message_during_a_turn_is_a_duplicate(world: World) -> None:
    """While a lease lasts nobody else works on the job."""
    world.accept(entry("J"))
    world.turn("J", lease=10.0)
    world.advance(9)
    assert world.refused("J") == "duplicate: a turn is under way"
    assert world.record("J").attempts == 1


def test_a_turn_that_only_read_is_taken_again_at_once(world: World) -> None:
    """A worker that died in a step without commands is followed by another as soon as its lease is over."""
    world.accept(entry("J"))
    began = world.turn("J", lease=10.0).record.begun
    world.advance(11)
    turn = world.turn("J")
    assert turn.returning
    assert (turn.record.attempts, turn.record.begun, turn.record.unsure) == (2, began, False)


def test_after_a_dead_worker_the_job_settles_first(world: World) -> None:
    """As long as the dead worker's command could land nobody looks; then the step is returned to, unsure."""
    world.accept(entry("J"))
    landing = world.turn("J", lease=10.0, busy=15.0).record.until
    world.advance(11)
    assert world.refused("J") == "settling"
    record = world.record("J")
    assert (record.state, record.eta, record.unsure, record.attempts) == (State.WAITING, landing, True, 1)
    assert world.refused("J") == "it is not time yet"
    assert world.store.due(10) == ()
    world.advance(4)
    assert world.store.due(10) == (Ring("J", 0, 1),)
    turn = world.turn("J", busy=15.0)
    assert turn.returning
    assert (turn.record.state, turn.record.unsure, turn.record.attempts) == (State.RUNNING, True, 2)


def test_a_slow_worker_has_lost_its_turn(world: World) -> None:
    """Once its lease is over and somebody else came, a commit changes nothing, whatever became of the command."""
    world.accept(entry("J"))
    slow = world.turn("J", lease=10.0)
    world.advance(11)
    world.turn("J")
    before = world.record("J")
    for change in (ADVANCED, SUCCEEDED, FAILED, BACKED_OFF, STUCK):
        assert world.store.commit(slow, change) is None
    assert world.record("J") == before


def test_a_slow_worker_has_lost_its_turn_to_settling(world: World) -> None:
    """Who comes back when the job already settles is too late too: the look afterwards will tell."""
    world.accept(entry("J"))
    slow = world.turn("J", lease=10.0, busy=15.0)
    world.advance(11)
    assert world.refused("J") == "settling"
    assert world.store.commit(slow, SUCCEEDED) is None
    assert world.state("J") is State.WAITING


def test_a_commit_after_the_lease_counts_if_nobody_came(world: World) -> None:
    """A turn is lost to somebody, not to a clock."""
    world.accept(entry("J"))
    slow = world.turn("J", lease=10.0, busy=15.0)
    world.advance(60)
    assert world.store.commit(slow, SUCCEEDED) == ()
    assert world.state("J") is State.SUCCEEDED


def test_a_commit_counts_once(world: World) -> None:
    """The same commit again, after its answer was lost, changes nothing that matters; after an end it is refused."""
    world.accept(entry("J"))
    turn = world.turn("J")
    world.store.commit(turn, SUCCEEDED)
    before = world.record("J")
    assert world.store.commit(turn, SUCCEEDED) is None
    assert world.record("J") == before


def test_an_advance_begins_the_next_step_afresh(world: World) -> None:
    """The next step has no attempts, is not begun, and facts add up."""
    world.accept(entry("J", facts={"a": 1, "b": 2}))
    turn = world.turn("J", busy=5.0)
    change = Change(State.RUNNING, "advanced", cursor=1, facts={"b": 3, "c": "x"})
    assert world.store.commit(turn, change) == ()
    record = world.record("J")
    assert record.facts == {"a": 1, "b": 3, "c": "x"}
    assert (record.cursor, record.attempts, record.begun, record.until, record.lease) == (1, 0, 0, 0, 0)
    assert not world.turn("J").returning


def test_a_back_off_waits_its_time(world: World) -> None:
    """No turn is given before the back-off is over; then the sweep rings, and attempts go on counting."""
    world.accept(entry("J"))
    world.commit("J", BACKED_OFF)
    record = world.record("J")
    assert (record.state, record.why, record.attempts, record.eta) == (State.WAITING, "busy", 1, world.now() + 3000)
    assert world.refused("J") == "it is not time yet"
    assert world.store.due(10) == ()
    world.advance(3)
    assert world.store.due(10) == (Ring("J", 0, 1),)
    turn = world.turn("J")
    assert (turn.returning, turn.record.attempts) == (True, 2)


def test_a_certain_refusal_counts_as_not_begun(world: World) -> None:
    """After a refusal that left nothing the step may be done at once, without a look."""
    world.accept(entry("J"))
    world.commit("J", Change(State.WAITING, "backed-off", "busy", begun=0, attempts=0, wait=1.0))
    world.advance(1)
    turn = world.turn("J")
    assert (turn.returning, turn.record.attempts) == (False, 1)


def test_settling_waits_until_nothing_can_land(world: World) -> None:
    """After a command without an answer the job waits for the time that was set before it was sent."""
    world.accept(entry("J"))
    turn = world.turn("J", lease=10.0, busy=15.0)
    world.advance(2)
    world.store.commit(turn, SETTLING)
    record = world.record("J")
    assert (record.state, record.unsure, record.until, record.eta) == (
        State.WAITING,
        True,
        turn.record.until,
        turn.record.until,
    )
    world.advance(12)
    assert world.refused("J") == "it is not time yet"
    world.advance(1)
    assert world.turn("J").returning


def test_turning_back_rings_the_way_back(world: World) -> None:
    """A job that gives up goes from its cursor to its first step, undoing, and remembers how it is to end."""
    world.accept(entry("J", steps=("one", "two", "three")))
    world.commit("J", ADVANCED)
    change = Change(State.UNDOING, "turned-back", "full", back=True, goal=State.FAILED, code="x", error="full")
    assert world.commit("J", change) == (Ring("J", 1, 0),)
    record = world.record("J")
    assert (record.state, record.back, record.goal, record.code) == (State.UNDOING, True, State.FAILED, "x")
    assert world.turn("J").record.state is State.UNDOING
    world.advance(60)
    assert world.store.due(10) == (Ring("J", 1, 0),)


def test_a_step_taken_back_settles_too(world: World) -> None:
    """Undoing waits like doing, and goes on undoing."""
    world.accept(entry("J"))
    world.commit("J", Change(State.UNDOING, "turned-back", "full", back=True, goal=State.FAILED))
    turn = world.turn("J", busy=15.0)
    world.store.commit(turn, SETTLING)
    assert world.state("J") is State.WAITING
    world.advance(15)
    assert world.turn("J").record.state is State.UNDOING


def test_a_job_that_is_stuck_moves_no_more(world: World) -> None:
    """A stuck job says what is left and why; no message and no sweep moves it, and its claims stay."""
    world.accept(entry("J"))
    world.commit("J", STUCK)
    record = world.record("J")
    assert (record.state, record.leftovers, record.code) == (State.STUCK, ("a", "b"), "attempts-spent")
    assert world.refused("J") == "the job is STUCK"
    world.advance(3600)
    assert world.store.due(10) == ()


def test_a_stuck_job_gives_its_permit_to_others(world: World) -> None:
    """A limit of our own making is not used up by jobs that nobody works on."""
    world.accept(entry("J"))
    world.accept(entry("K"))
    turn = world.turn("J")
    assert world.store.permit(turn, permit()) is None
    assert not world.permit("K", permit())
    rings = world.store.commit(turn, STUCK)
    assert rings == (Ring("K", 0, 1),)


def test_an_ended_job_keeps_what_people_ask_about(world: World) -> None:
    """An ended record says how, when and why; what only work needed is gone from it."""
    world.accept(entry("J", facts={"number": 7}, key="k", batch="m", row="r", by="me"))
    world.advance(2)
    world.fail("J")
    record = world.record("J")
    assert (record.state, record.code, record.error, record.why) == (
        State.FAILED,
        "array-refused",
        "it broke",
        "it broke",
    )
    assert (record.facts, record.key, record.batch, record.row, record.by) == ({"number": 7}, "k", "m", "r", "me")
    assert (record.ended, record.moved, record.created) == (world.now(), world.now(), world.now() - 2000)
    assert (record.lease, record.until, record.claims, record.condition) == (0, 0, (), "")
    assert world.refused("J") == "the job is FAILED"


def test_what_a_step_made_is_in_the_inventory_at_once(world: World) -> None:
    """The commit that says a volume exists shows it to everybody; the one that says it is gone takes it away."""
    lun = Lun(500, "new", "60:01", 2048, "pool", thin=False)
    snapshot = Snapshot("snap", 1, 1, "01/01/26 00:00:00")
    world.accept(entry("J"))
    world.advance(1)
    world.commit("J", Change(State.SUCCEEDED, "ended", cursor=2, made=(lun, snapshot)))
    sighting = world.inventory.volume(BOX, "new")
    assert sighting is not None
    assert (sighting.lun, sighting.seen) == (lun, world.now())
    assert world.inventory.snapshot(BOX, "snap") == snapshot
    world.accept(entry("K"))
    world.commit("K", Change(State.SUCCEEDED, "ended", cursor=2, gone=("new", "snap", "never-seen")))
    assert world.inventory.volume(BOX, "new") is None
    assert world.inventory.snapshot(BOX, "snap") is None
    assert (world.inventory.volumes(BOX), world.inventory.snapshots(BOX)) == ((), ())


def test_a_newer_record_is_left_alone(world: World) -> None:
    """A worker of an older version takes no turn on a record that it may not understand."""
    world.accept(entry("J", version=VERSION + 1))
    assert world.refused("J") == "the record is of a newer version"
    assert world.record("J").attempts == 0


def test_a_job_not_admitted_stays_what_it_was_during_its_turn(world: World) -> None:
    """Planning is a turn like any other, but the job does not run yet."""
    world.accept(held_back("J"))
    turn = world.turn("J")
    assert (turn.record.state, turn.record.attempts) == (State.WAITING, 1)
    assert world.refused("J") == "duplicate: a turn is under way"


def _taken(world: World, job: str, state: State) -> Turn:
    """Return a turn of a job that is in a state; only states in which a worker may hold a turn."""
    match state:
        case State.RUNNING:
            world.accept(entry(job))
        case State.WAITING:
            world.accept(held_back(job))
        case State.QUEUED:
            world.accept(entry(job, admitted=False))
        case _:
            world.accept(entry(job))
            world.commit(job, Change(State.UNDOING, "turned-back", "x", back=True))
    turn = world.turn(job)
    assert turn.record.state is state
    return turn


def test_a_job_goes_only_where_the_table_of_states_allows(world: World) -> None:
    """From each state in which a turn can be held, a commit to any other state is done or refused as the table says."""
    held = (State.QUEUED, State.RUNNING, State.WAITING, State.UNDOING)
    for count, (now, then) in enumerate(itertools.product(held, State)):
        turn = _taken(world, f"J{count}", now)
        if allowed(now, then):
            assert world.store.commit(turn, Change(then, "moved")) is not None
            assert world.state(f"J{count}") is then
        else:
            with pytest.raises(ValueError, match=f"J{count} cannot go from {now} to {then}"):
                world.store.commit(turn, Change(then, "moved"))
            assert world.record(f"J{count}") == turn.record
    assert {allowed(state, then) for state in ENDED for then in State if then is not state} == {False}


def test_a_stuck_job_gives_back_what_nothing_of_it_needs(world: World) -> None:
    """Claims that it names go to others at once, and another may make what it was to make; the rest stays with it."""
    world.accept(
        entry("J", locked("name:box:new"), locked("volume:box:1"), slot("copies", 1), makes=("volume:new", "volume:x"))
    )
    world.accept(entry("K", locked("name:box:new")))
    world.accept(entry("L", locked("volume:box:1")))
    assert world.inventory.maker(BOX, "volume:new") == "J"
    stuck = Change(State.STUCK, "stuck", "x", leftovers=("snapshot s",), frees=("name:box:new", "copies"))
    assert [ring.job for ring in world.commit("J", stuck)] == ["K"]
    assert world.inventory.maker(BOX, "volume:new") is None
    assert world.inventory.maker(BOX, "volume:x") == "J"
    assert world.state("L") is State.WAITING
    assert world.record("J").claims == (("x", "volume:box:1", "J"),)
    assert isinstance(world.store.submit([entry("M", slot("copies", 1, refuse=True))])[0], Accepted)
    assert world.store.order("J", Order.ABANDON, "me").taken
    assert world.state("L") is State.QUEUED


def test_a_job_that_goes_on_gives_back_what_it_needs_no_more(world: World) -> None:
    """Who waits for it is granted in the same moment; the job keeps the rest, and its end gives back nothing twice."""
    world.accept(entry("J", locked("mapping:box:1"), locked("volume:box:1")))
    world.accept(entry("K", locked("mapping:box:1")))
    freed = replace(ADVANCED, frees=("mapping:box:1",))
    assert [ring.job for ring in world.commit("J", freed)] == ["K"]
    assert (world.state("J"), world.state("K")) == (State.RUNNING, State.QUEUED)
    assert world.record("J").claims == (("x", "volume:box:1", "J"),)
    world.accept(entry("L", locked("volume:box:1")))
    world.commit("J", SUCCEEDED)
    assert world.state("L") is State.QUEUED
    assert [claim[1] for claim in world.record("K").claims] == ["mapping:box:1"]


def test_a_stuck_job_that_got_no_answer_settles_when_it_is_resumed(world: World) -> None:
    """Its last command may still land: nothing of it is looked at before it no longer can."""
    world.accept(entry("J"))
    turn = world.turn("J", lease=10.0, busy=40.0)
    assert world.store.commit(turn, Change(State.STUCK, "stuck", "x", leftovers=("y",), settle=True)) is not None
    assert world.store.due(10) == ()
    assert world.store.order("J", Order.RESUME, "me").taken
    answer = world.store.take("J", 0, terms(10.0, 40.0))
    assert getattr(answer, "why", "") == "settling"
    world.advance(40)
    assert [ring.job for ring in world.store.due(10)] == ["J"]
    again = world.turn("J")
    assert (again.returning, again.record.unsure) == (True, True)


def test_claims_that_were_waited_for_are_marked(world: World) -> None:
    """A job that was granted its claims at once may begin by its plan; one that waited for them says so, to its end."""
    world.accept(entry("A", locked("v")))
    world.accept(entry("B", locked("v")))
    world.commit("A", SUCCEEDED)
    assert not world.record("A").again
    assert world.record("B").again
    world.commit("B", SUCCEEDED)
    assert not world.record("B").again


def test_a_job_can_give_its_claims_back_and_ask_anew(world: World) -> None:
    """It holds nothing then, its number is free, whoever waited goes on, and it is rung to be admitted."""
    world.accept(entry("A", locked("v"), numbers("volume")))
    world.accept(entry("B", locked("v")))
    turn = world.turn("A")
    rings = world.store.commit(turn, Change(State.WAITING, "planned-anew", "planned anew", readmit=True))
    assert {ring.job for ring in rings or ()} == {"A", "B"}
    record = world.record("A")
    assert (record.admitted, record.state, record.claims, dict(record.numbers)) == (False, State.WAITING, (), {})
    assert not world.turn("A").record.admitted
    answer = world.store.admit(Entry(world.record("A").evolve(admitted=True), (locked("v"), numbers("volume"))))
    assert isinstance(answer, Accepted)
    assert answer.state is State.WAITING
    world.commit("B", SUCCEEDED)
    assert world.record("A").numbers.keys() == {"volume"}
