"""The job store's contract: what people may order jobs to do, in every state."""

import pytest

from tests.store.world import (
    ADVANCED,
    BACKED_OFF,
    BOX,
    SETTLING,
    SUCCEEDED,
    World,
    entry,
    held_back,
    locked,
    numbers,
    permit,
    shared,
    slot,
)
from vnx_jobs.model.condition import FreshList, SessionOver
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.model.step import NO_WAY_BACK_NAME
from vnx_jobs.ports import Accepted, Change, Entry, Ordered, Ring

PARKED = Change(State.WAITING, "parked", "copying", condition=SessionOver(7, 1000))
STUCK = Change(State.STUCK, "stuck", "no way", code="attempts-spent", error="no way", leftovers=("a",))
BACK = Change(State.UNDOING, "turned-back", "full", back=True, goal=State.CANCELLED)
LATER = "takes hold at its next step"


def done(state: State, word: str, *rings: Ring) -> Ordered:
    """Return the answer to an order by ann that took hold."""
    return Ordered(taken=True, why=f"{word} by ann", state=state, rings=rings)


def refusal(world: World, job: str, order: Order) -> str:
    """Give an order that must be refused, and must change nothing; return why."""
    before = world.store.get(job)
    answer = world.store.order(job, order, "ann")
    assert not answer.taken
    assert (answer.state, answer.rings) == (None, ())
    assert world.store.get(job) == before
    return answer.why


def test_a_job_that_did_nothing_is_cancelled_at_once(world: World) -> None:
    """It ends, its claims are free, and who waited for them, or for its end, is rung."""
    world.accept(entry("J", locked("v"), slot("copies", 1, keep=True), numbers(), makes=("volume:x",)))
    world.accept(entry("K", locked("v")))
    world.accept(held_back("D", behind=("J",)))
    answer = world.store.order("J", Order.CANCEL, "ann")
    assert (answer.taken, answer.state, answer.why) == (True, State.CANCELLED, "cancelled by ann")
    assert (world.record("J").code, world.record("J").error) == ("cancelled", "cancelled by ann")
    assert sorted(ring.job for ring in answer.rings) == ["D", "K"]
    assert (world.state("J"), world.state("K")) == (State.CANCELLED, State.QUEUED)
    assert world.inventory.maker(BOX, "volume:x") is None
    assert world.accept(entry("L", slot("copies", 1), numbers("a,b,c,volume"))).state is State.QUEUED


def test_a_waiting_job_is_cancelled_out_of_its_queue(world: World) -> None:
    """Whoever stood behind it moves up."""
    world.accept(entry("reader", shared("v")))
    world.accept(entry("writer", locked("v")))
    world.accept(entry("late", shared("v")))
    assert world.store.order("writer", Order.CANCEL, "ann") == done(State.CANCELLED, "cancelled", Ring("late", 0, 1))
    assert world.state("late") is State.QUEUED
    assert [ring.job for ring in world.succeed("reader")] == []


def test_a_job_held_back_is_cancelled_at_once(world: World) -> None:
    """A job that was never planned, parked or looked at once already, has nothing to undo."""
    world.accept(Entry(held_back("parked").record, park=FreshList(0)))
    world.accept(entry("A"))
    world.accept(held_back("dependent", after=("A",)))
    world.accept(held_back("looked-at"))
    world.commit("looked-at", PARKED)
    for job in ("parked", "dependent", "looked-at"):
        assert world.store.order(job, Order.CANCEL, "ann") == done(State.CANCELLED, "cancelled")
    assert world.store.parked(BOX) == {}
    assert world.succeed("A") == ()


def test_a_cancel_during_planning_takes_hold_with_its_end(world: World) -> None:
    """A job cancelled while a worker plans it ends as soon as that is done, however it was to go on."""
    for job, change in (("J", PARKED), ("K", Change(State.WAITING, "held", "x", behind=True))):
        world.accept(held_back(job))
        turn = world.turn(job)
        assert world.store.order(job, Order.CANCEL, "ann").why == LATER
        assert world.store.commit(turn, change) is not None
        assert (world.state(job), world.record(job).why) == (State.CANCELLED, "cancelled by ann")
        assert (world.record(job).code, world.record(job).error) == ("cancelled", "cancelled by ann")


def test_a_cancel_during_planning_outlives_admission(world: World) -> None:
    """A job cancelled while a worker asks for its claims ends, and holds none of them."""
    world.accept(held_back("J"))
    world.turn("J")
    world.store.order("J", Order.CANCEL, "ann")
    answer = world.store.admit(entry("J", locked("v")))
    assert isinstance(answer, Accepted)
    assert answer.state is State.CANCELLED
    assert world.accept(entry("K", locked("v"))).state is State.QUEUED


def test_a_cancel_of_a_job_at_work_is_noted(world: World) -> None:
    """The order is on record with who gave it; the job is not disturbed, and its next turn sees it."""
    world.accept(entry("J"))
    turn = world.turn("J")
    assert world.store.order("J", Order.CANCEL, "ann") == Ordered(taken=True, why=LATER, state=State.RUNNING)
    assert world.store.commit(turn, ADVANCED) == ()
    record = world.turn("J").record
    assert (record.order, record.ordered_by) == (Order.CANCEL, "ann")


@pytest.mark.parametrize("change", [PARKED, BACKED_OFF])
def test_a_cancel_wakes_a_job_that_rests(world: World, change: Change) -> None:
    """A parked or backed-off job gets a turn at once, so that it can go back."""
    world.accept(entry("J"))
    world.commit("J", change)
    assert world.store.order("J", Order.CANCEL, "ann").rings == (Ring("J", 0, 1),)
    assert world.store.parked(BOX) == {}
    assert world.turn("J").record.order == Order.CANCEL


@pytest.mark.parametrize("change", [PARKED, BACKED_OFF])
def test_a_cancel_wakes_a_job_that_would_rest(world: World, change: Change) -> None:
    """The same holds if the order came while the worker was still at it."""
    world.accept(entry("J"))
    turn = world.turn("J")
    world.store.order("J", Order.CANCEL, "ann")
    assert world.store.commit(turn, change) == (Ring("J", 0, 1),)
    assert world.turn("J").record.order == Order.CANCEL


def test_a_cancel_waits_for_settling(world: World) -> None:
    """No order makes anybody look before a lost command could no longer land."""
    world.accept(entry("J"))
    turn = world.turn("J", lease=10.0, busy=15.0)
    world.store.order("J", Order.CANCEL, "ann")
    assert world.store.commit(turn, SETTLING) == ()
    assert world.refused("J") == "it is not time yet"
    world.advance(14)
    assert world.store.due(10) == ()
    world.advance(1)
    assert world.store.due(10) == (Ring("J", 0, 1),)
    assert world.turn("J").record.unsure


def test_a_cancel_of_a_settling_job_waits_too(world: World) -> None:
    """The same holds for an order that comes while the job settles already."""
    world.accept(entry("J"))
    world.store.commit(world.turn("J", lease=10.0, busy=15.0), SETTLING)
    assert world.store.order("J", Order.CANCEL, "ann").rings == ()
    assert world.refused("J") == "it is not time yet"
    world.advance(15)
    assert world.turn("J").record.order == Order.CANCEL


def test_an_order_ends_the_turn_of_a_dead_worker(world: World) -> None:
    """A worker that outlived its lease, and comes back after an order, has lost its turn."""
    for job, order, state in (("J", Order.CANCEL, State.WAITING), ("K", Order.PAUSE, State.PAUSED)):
        world.accept(entry(job))
        slow = world.turn(job, lease=10.0, busy=15.0)
        world.advance(11)
        assert world.store.order(job, order, "ann").taken
        assert world.store.commit(slow, SUCCEEDED) is None
        assert world.state(job) is state


def test_a_pause_does_not_replace_a_cancel(world: World) -> None:
    """A cancel that was taken and waits to take hold is not lost to a later pause, whether at work or settling."""
    world.accept(entry("J"))
    turn = world.turn("J", lease=10.0, busy=15.0)
    assert world.store.order("J", Order.CANCEL, "ann").why == LATER
    assert refusal(world, "J", Order.PAUSE) == "it is being cancelled"
    world.store.commit(turn, SETTLING)
    assert refusal(world, "J", Order.PAUSE) == "it is being cancelled"
    assert world.record("J").order == Order.CANCEL


def test_a_cancel_gives_up_the_wish_for_a_permit(world: World) -> None:
    """A job cancelled in the queue for a permit gets its turn without one, and keeps nobody from theirs."""
    for job in "ABC":
        world.accept(entry(job))
    assert world.permit("A", permit())
    assert not world.permit("B", permit())
    assert not world.permit("C", permit())
    assert world.store.order("B", Order.CANCEL, "ann").taken
    world.advance(11)
    assert [ring.job for ring in world.succeed("A")] == ["C"]


def test_what_cannot_be_cancelled_is_refused(world: World) -> None:
    """A job that goes back, is past its point of no return, is stuck, has ended, or is unknown."""
    world.accept(entry("back"))
    world.commit("back", BACK)
    assert refusal(world, "back", Order.CANCEL) == "it is being undone already"
    world.accept(entry("past", steps=("one", NO_WAY_BACK_NAME, "two")))
    world.commit("past", Change(State.RUNNING, "advanced", cursor=2))
    assert refusal(world, "past", Order.CANCEL) == "it is past its point of no return and can only go forward"
    world.accept(entry("stuck"))
    world.commit("stuck", STUCK)
    assert refusal(world, "stuck", Order.CANCEL) == "it is stuck: undo or abandon it"
    world.accept(entry("over"))
    world.succeed("over")
    for order in Order:
        assert refusal(world, "over", order) == "it has ended SUCCEEDED"
        assert refusal(world, "nobody", order) == "there is no such job"


def test_a_paused_job_rests_and_goes_on(world: World) -> None:
    """A paused job is not rung and gets no turn; resumed, it goes on where it was, with its claims."""
    world.accept(entry("J", locked("v")))
    world.commit("J", ADVANCED)
    assert world.store.order("J", Order.PAUSE, "ann") == done(State.PAUSED, "paused")
    assert world.refused("J", 1) == "the job is PAUSED"
    world.advance(3600)
    assert world.store.due(10) == ()
    assert world.accept(entry("K", locked("v"))).state is State.WAITING
    assert refusal(world, "J", Order.PAUSE) == "it is paused already"
    assert world.store.order("J", Order.RESUME, "ann") == done(State.WAITING, "resumed", Ring("J", 1, 1))
    assert world.turn("J").record.state is State.RUNNING


def test_a_pause_of_a_job_at_work_takes_hold_at_the_next_step(world: World) -> None:
    """The step under way is finished; the next message pauses the job instead of taking it on."""
    world.accept(entry("J"))
    turn = world.turn("J")
    assert world.store.order("J", Order.PAUSE, "ann") == Ordered(taken=True, why=LATER, state=State.RUNNING)
    world.store.commit(turn, ADVANCED)
    assert world.refused("J", 1) == "paused by ann"
    record = world.record("J")
    assert (record.state, record.why, record.order, record.attempts) == (State.PAUSED, "paused by ann", "", 0)


def test_a_pause_is_taken_back_before_it_takes_hold(world: World) -> None:
    """Resumed in time, the job never pauses."""
    world.accept(entry("J"))
    turn = world.turn("J")
    world.store.order("J", Order.PAUSE, "ann")
    assert world.store.order("J", Order.RESUME, "ann") == done(State.RUNNING, "resumed")
    world.store.commit(turn, ADVANCED)
    assert world.turn("J").record.state is State.RUNNING


def test_a_job_paused_in_a_queue_keeps_its_place(world: World) -> None:
    """It is granted in its turn, stays paused, and is rung when it is resumed."""
    for job in ("A", "B", "C"):
        world.accept(entry(job, locked("v")))
    world.store.order("B", Order.PAUSE, "ann")
    assert world.succeed("A") == ()
    assert (world.state("B"), world.state("C")) == (State.PAUSED, State.WAITING)
    assert world.store.order("B", Order.RESUME, "ann").rings == (Ring("B", 0, 1),)
    world.succeed("B")
    assert world.state("C") is State.QUEUED


def test_a_job_resumed_in_its_queue_waits_on(world: World) -> None:
    """Resumed before its turn has come, a job waits as before and is rung when it is granted."""
    world.accept(entry("A", locked("v")))
    world.accept(entry("B", locked("v")))
    world.store.order("B", Order.PAUSE, "ann")
    assert world.store.order("B", Order.RESUME, "ann") == done(State.WAITING, "resumed")
    assert [ring.job for ring in world.succeed("A")] == ["B"]


def test_a_paused_job_is_not_woken_by_others(world: World) -> None:
    """Neither the watch nor the end of a predecessor moves it; the sweep lets it be."""
    world.accept(entry("A"))
    world.accept(held_back("J", behind=("A",)))
    world.store.order("J", Order.PAUSE, "ann")
    world.succeed("A")
    assert world.refused("J") == "the job is PAUSED"
    world.advance(3600)
    assert world.store.due(10) == ()
    assert world.store.resume(["J"]) == ()
    assert world.store.order("J", Order.RESUME, "ann").rings == (Ring("J", 0, 1),)


def test_a_paused_job_can_be_cancelled(world: World) -> None:
    """One that did nothing ends; one that did something is woken to go back."""
    world.accept(entry("J"))
    world.store.order("J", Order.PAUSE, "ann")
    assert world.store.order("J", Order.CANCEL, "ann") == done(State.CANCELLED, "cancelled")
    world.accept(entry("K"))
    world.commit("K", ADVANCED)
    world.store.order("K", Order.PAUSE, "ann")
    assert world.store.order("K", Order.CANCEL, "ann").rings == (Ring("K", 1, 1),)
    assert world.turn("K").record.order == Order.CANCEL


def test_a_stuck_job_tries_again(world: World) -> None:
    """Resumed, it returns to its step with fresh attempts, nothing left over, and no blame."""
    world.accept(entry("J"))
    world.commit("J", STUCK)
    assert world.store.order("J", Order.RESUME, "ann") == done(State.RUNNING, "resumed", Ring("J", 0, 1))
    turn = world.turn("J")
    assert (turn.returning, turn.record.attempts, turn.record.leftovers) == (True, 1, ())
    world.store.commit(turn, SUCCEEDED)
    assert (world.record("J").code, world.record("J").error) == ("", "")


def test_a_job_stuck_on_its_way_back_goes_on_back(world: World) -> None:
    """Resumed, it undoes on, to the end that it had, and for the reason that it had."""
    world.accept(entry("J"))
    world.commit("J", BACK)
    world.commit("J", STUCK)
    assert world.store.order("J", Order.RESUME, "ann") == done(State.UNDOING, "resumed", Ring("J", 0, 0))
    record = world.turn("J").record
    assert (record.state, record.goal, record.error) == (State.UNDOING, State.CANCELLED, "no way")


def test_a_stuck_job_is_undone(world: World) -> None:
    """Undone by hand, it goes back from its cursor and ends FAILED; behind the point of no return it cannot."""
    world.accept(entry("J"))
    world.commit("J", ADVANCED)
    world.commit("J", STUCK)
    assert world.store.order("J", Order.UNDO, "ann") == done(State.UNDOING, "undone", Ring("J", 1, 0))
    record = world.turn("J").record
    assert (record.state, record.back, record.goal) == (State.UNDOING, True, State.FAILED)
    world.accept(entry("K", steps=("one", NO_WAY_BACK_NAME, "two")))
    world.commit("K", Change(State.STUCK, "stuck", "no way", cursor=2))
    assert refusal(world, "K", Order.UNDO) == "it is past its point of no return: resume or abandon it"
    assert refusal(world, "K", Order.CANCEL) == "it is stuck past its point of no return: resume or abandon it"


def test_an_abandoned_job_ends_and_says_what_it_leaves(world: World) -> None:
    """Its claims are free, its leftovers stay on record."""
    world.accept(entry("J", locked("v")))
    world.accept(entry("K", locked("v")))
    world.commit("J", STUCK)
    assert world.store.order("J", Order.ABANDON, "ann") == done(State.ABANDONED, "abandoned", Ring("K", 0, 1))
    record = world.record("J")
    assert (record.state, record.leftovers, record.ended) == (State.ABANDONED, ("a",), world.now())


def test_orders_for_stuck_jobs_are_refused_to_others(world: World) -> None:
    """Each refusal says what to do instead."""
    world.accept(entry("J"))
    assert refusal(world, "J", Order.UNDO) == "only a stuck job is undone by hand: cancel it"
    assert refusal(world, "J", Order.ABANDON) == "only a stuck job can be abandoned: cancel it"
    assert refusal(world, "J", Order.RESUME) == "it is neither paused nor stuck"
    world.commit("J", STUCK)
    assert refusal(world, "J", Order.PAUSE) == "it is stuck and does nothing"


def test_a_cancel_that_comes_too_late_is_forgotten(world: World) -> None:
    """A job that turns forward again, because the array is past undoing, is not turned back a second time."""
    world.accept(entry("J"))
    world.commit("J", ADVANCED)
    world.store.order("J", Order.CANCEL, "ann")
    world.commit("J", BACK)
    world.commit("J", Change(State.RUNNING, "turned-forward", "complete", back=False, goal="", code=""))
    assert world.record("J").order == ""
