"""What people may tell jobs to do, and what becomes of them."""

from dataclasses import replace
from typing import Final

import pytest

from tests.installation import ARRAY, SPEED, Installation
from vnx_jobs import engine
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import answer_lost, refused
from vnx_jobs.adapters.memory.vnx_world import World
from vnx_jobs.model.array import THIN
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.orders import Order
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.orders import Orders
from vnx_jobs.settings import Times
from vnx_jobs.submission import Request

START: Final = {"gold": "2 GB full: ore"}


@pytest.fixture
def orders(installation: Installation) -> Orders:
    """Return what gives orders in the installation."""
    return Orders(installation.store, installation.bell, installation.submission)


def _copying(installation: Installation) -> str:
    """Submit a clone whose copy takes for ever, and run until the array is at it."""
    installation.vnx.seconds_per_gb = 1000.0
    job = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: "session-over" in installation.record(job).condition)
    return job


def _stuck(installation: Installation) -> str:
    """Bring about a snap copy that can neither be finished nor undone."""
    installation.vnx.plan("attach_snapshot", refused(Verdict.REFUSED, "not here"))
    installation.vnx.plan("destroy_mount_point", refused(Verdict.REFUSED, "not now"))
    record = installation.do("snap-copy", name="copy", source="gold")
    assert record.state is State.STUCK
    return record.id


def test_cancel_before_the_first_step(installation: Installation, orders: Orders) -> None:
    """A job that has begun nothing ends CANCELLED at once, no command is sent, and the next in the queue goes on."""
    first = installation.submit("delete-volume", name="gold").job
    second = installation.submit("create-snapshot", name="monday", volume="gold").job
    installation.bell.rings.clear()
    before = len(installation.vnx.audit)
    assert orders.give(first, Order.CANCEL, "ann").state is State.CANCELLED
    assert len(installation.vnx.audit) == before
    assert installation.run(second)[0].state is State.SUCCEEDED
    assert installation.record(first).why == "cancelled by ann"


def test_cancel_during_a_migration(installation: Installation, orders: Orders) -> None:
    """A clone that is being copied cancels its session and removes everything that was its own."""
    job = _copying(installation)
    orders.give(job, Order.CANCEL, "ann")
    (record,) = installation.run(job)
    assert (record.state, record.code, record.error) == (State.CANCELLED, Code.CANCELLED, "cancelled by ann")
    assert installation.array_shows() == START
    assert installation.vnx.world.copies == {}
    assert installation.held() == {}


def test_cancel_while_waiting_for_a_permit(installation: Installation, orders: Orders) -> None:
    """A clone that waits for a migration permit is undone without ever getting one."""
    installation.vnx.seconds_per_gb = 1000.0
    jobs = [installation.submit("clone", name=f"twin{n}", source="gold").job for n in range(9)]
    installation.until(lambda: any("waits for a place" in installation.record(job).why for job in jobs))
    (late,) = [job for job in jobs if "waits for a place" in installation.record(job).why]
    orders.give(late, Order.CANCEL, "ann")
    assert installation.run(late)[0].state is State.CANCELLED
    assert len(installation.held()["migrations:box"]) == 8


def test_cancel_waits_until_a_lost_command_has_settled(installation: Installation, orders: Orders) -> None:
    """A command whose answer was lost and that lands late is found and undone by the cancel."""
    installation.vnx.plan("create_snapshot", answer_lost(effect=True, after=0.05))
    job = installation.submit("snap-copy", name="copy", source="gold").job
    installation.turns()
    orders.give(job, Order.CANCEL, "ann")
    assert installation.run(job)[0].state is State.CANCELLED
    assert installation.array_shows() == START
    assert installation.held() == {}


def test_cancel_past_the_point_of_no_return_is_refused(installation: Installation, orders: Orders) -> None:
    """A clone that is complete and only has to be tidied up cannot be cancelled, and says why."""
    installation.vnx.plan("destroy_snapshot", refused(Verdict.BUSY, "for now"))
    job = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: installation.record(job).past_no_way_back)
    with pytest.raises(Refused, match="past its point of no return") as caught:
        orders.give(job, Order.CANCEL, "ann")
    assert caught.value.code == Code.ORDER_REFUSED
    assert installation.run(job)[0].state is State.SUCCEEDED


def test_a_cancel_that_comes_too_late_for_the_array_goes_forward(installation: Installation, orders: Orders) -> None:
    """When the copy turns out to be complete, the cancelled clone succeeds: it is whole, not half."""
    job = _copying(installation)
    (session,) = installation.vnx.world.copies.values()
    orders.give(job, Order.CANCEL, "ann")
    installation.vnx.apply(lambda world, _: _finished(world, session.source))
    assert installation.run(job)[0].state is State.SUCCEEDED
    assert installation.array_shows() == {**START, "twin": "2 GB full: ore"}


def _finished(world: World, source: int) -> World:
    """Let a session come to its end."""
    return replace(world, copies={source: replace(world.copies[source], seconds=0.0)})


def test_pause_and_resume(installation: Installation, orders: Orders) -> None:
    """A paused clone does nothing, whatever its session does, and goes on when it is resumed."""
    job = _copying(installation)
    orders.give(job, Order.PAUSE, "ann")
    installation.vnx.apply(lambda world, _: _finished(world, installation.record(job).numbers["volume"]))
    installation.read_array()
    installation.turns()
    assert (installation.record(job).state, installation.record(job).why) == (State.PAUSED, "paused by ann")
    orders.give(job, Order.RESUME, "bob")
    assert installation.run(job)[0].state is State.SUCCEEDED


def test_a_paused_waiter_keeps_its_place(installation: Installation, orders: Orders) -> None:
    """A job paused while it waits for a lock is granted in its turn, stays paused, and runs when resumed."""
    first = installation.submit("delete-volume", name="gold").job
    second = installation.submit("snap-copy", name="copy", source="gold", on_limit="wait").job
    orders.give(second, Order.PAUSE, "ann")
    orders.give(first, Order.CANCEL, "ann")
    installation.turns()
    assert installation.record(second).state is State.PAUSED
    orders.give(second, Order.RESUME, "ann")
    assert installation.run(second)[0].state is State.SUCCEEDED


def test_a_stuck_job_is_undone(installation: Installation, orders: Orders) -> None:
    """Once the array lets it, a stuck job is undone: nothing of its own is left and it ends FAILED."""
    job = _stuck(installation)
    orders.give(job, Order.UNDO, "ann")
    (record,) = installation.run(job)
    assert (record.state, record.leftovers) == (State.FAILED, ())
    assert installation.array_shows() == START
    assert installation.held() == {}


def test_a_stuck_job_is_resumed(installation: Installation, orders: Orders) -> None:
    """Resuming a job that was stuck while it was undone goes on undoing."""
    job = _stuck(installation)
    orders.give(job, Order.RESUME, "ann")
    assert installation.run(job)[0].state is State.FAILED
    assert installation.array_shows() == START


def test_a_job_stuck_behind_the_point_of_no_return_is_resumed_forward(
    installation: Installation, orders: Orders
) -> None:
    """A clone whose snapshot could not be put away is resumed, puts it away and succeeds; it cannot be undone."""
    installation.vnx.plan("destroy_snapshot", refused(Verdict.REFUSED, "not now"))
    record = installation.do("clone", name="twin", source="gold")
    assert record.state is State.STUCK
    with pytest.raises(Refused, match="resume or abandon it"):
        orders.give(record.id, Order.UNDO, "ann")
    orders.give(record.id, Order.RESUME, "ann")
    assert installation.run(record.id)[0].state is State.SUCCEEDED
    assert installation.array_shows() == {**START, "twin": "2 GB full: ore"}


def test_a_stuck_job_is_abandoned(installation: Installation, orders: Orders) -> None:
    """An abandoned job frees its locks, leaves its leftovers on the array and says which they are."""
    job = _stuck(installation)
    assert orders.give(job, Order.ABANDON, "ann").state is State.ABANDONED
    record = installation.record(job)
    number = record.numbers["volume"]
    assert record.leftovers == (
        f"mount point {number} copy: naviseccli lun -destroy -l {number} -forceDetach -o",
        f"snapshot vjt-{job}-snap: naviseccli snap -destroy -id vjt-{job}-snap -o",
    )
    assert {key for key in installation.held() if not key.startswith("numbers")} == set()
    assert set(installation.array_shows()) == {"gold", "copy", "snapshot hidden of gold"}


def test_retry_is_a_new_linked_job(installation: Installation, orders: Orders) -> None:
    """Trying a failed job again submits the same request as a new job that names the old one."""
    installation.vnx.plan("create_snapshot", refused(Verdict.REFUSED, "not here"))
    failed = installation.do("snap-copy", name="copy", source="gold")
    again = orders.retry(failed.id, "ann")
    (record,) = installation.run(again.job)
    assert (record.state, record.retry_of, record.by) == (State.SUCCEEDED, failed.id, "ann")
    with pytest.raises(Refused, match="SUCCEEDED"):
        orders.retry(record.id, "ann")


def test_retry_runs_nothing_before_what_it_was_to_come_after(installation: Installation, orders: Orders) -> None:
    """A deletion that was to come after a snapshot that failed is not tried again; one whose turn had come is."""
    installation.vnx.plan("create_snapshot", refused(Verdict.REFUSED, "not here"))
    first = installation.submit("create-snapshot", name="monday", volume="gold")
    second = installation.submit("delete-volume", name="gold", after=(first.job,))
    installation.run(first.job, second.job)
    assert installation.record(second.job).state is State.CANCELLED
    with pytest.raises(Refused, match=rf"was to run after {first.job} \(monday\), which ended FAILED") as told:
        orders.retry(second.job, "ann")
    assert told.value.code == Code.PREDECESSOR
    assert installation.array_shows() == START

    third = installation.submit("create-snapshot", name="tuesday", volume="gold")
    fourth = installation.submit("delete-snapshot", name="tuesday", after=(third.job,))
    installation.vnx.plan("destroy_snapshot", refused(Verdict.REFUSED, "not here"))
    installation.run(third.job, fourth.job)
    assert installation.record(fourth.job).state is State.FAILED
    (again,) = installation.run(orders.retry(fourth.job, "ann").job)
    assert again.state is State.SUCCEEDED


def test_retry_of_a_row_follows_the_last_attempt_at_the_row_before(installation: Installation, orders: Orders) -> None:
    """Of a batch the row before is tried again first; then the row behind it waits for that attempt, and runs."""
    snapshot = parse({"operation": "create-snapshot", "array": ARRAY, "name": "monday", "volume": "gold"})
    deletion = parse({"operation": "delete-volume", "array": ARRAY, "name": "gold"})
    installation.vnx.plan("create_snapshot", refused(Verdict.REFUSED, "not here"))
    first = installation.submission.submit(Request(snapshot, "b/1", "b", "1", 0, renews=True))
    second = installation.submission.submit(Request(deletion, "b/2", "b", "2", 1, (first.job,), renews=True))
    installation.run(first.job, second.job)
    with pytest.raises(Refused, match="try that one again first"):
        orders.retry(second.job, "ann")
    retried = orders.retry(first.job, "ann").job
    again = orders.retry(second.job, "ann").job
    assert installation.record(again).after == (retried,)
    installation.run(retried)
    assert installation.run(again)[0].error.startswith("gold has")


@pytest.mark.parametrize("order", list(Order))
def test_orders_to_ended_and_unknown_jobs(installation: Installation, orders: Orders, order: Order) -> None:
    """A job that has ended, or never was, takes no order."""
    record = installation.do("create-snapshot", name="monday", volume="gold")
    with pytest.raises(Refused, match="it has ended SUCCEEDED"):
        orders.give(record.id, order, "ann")
    with pytest.raises(Refused) as caught:
        orders.give("01M81T7EGS6CRASFKY2FJ3K6N0", order, "ann")
    assert caught.value.code == Code.NO_SUCH_JOB


@pytest.mark.parametrize(
    ("command", "operation", "name"),
    [
        ("destroy_lun", "delete-volume", "gold"),
        ("destroy_mount_point", "delete-volume", "copy"),
        ("destroy_snapshot", "delete-snapshot", "monday"),
    ],
)
def test_a_cancel_that_comes_after_the_destruction_goes_forward(
    installation: Installation, orders: Orders, command: str, operation: str, name: str
) -> None:
    """A delete whose command was carried out without an answer does not end as if it had left the object alone."""
    if name != "gold":
        installation.do("snap-copy", name="copy", source="gold")
        installation.do("create-snapshot", name="monday", volume="gold")
    installation.vnx.plan(command, answer_lost(effect=True))
    job = installation.submit(operation, name=name).job
    installation.until(lambda: installation.record(job).unsure)
    orders.give(job, Order.CANCEL, "ann")
    assert installation.run(job)[0].state is State.SUCCEEDED
    assert name not in installation.array_shows()


def test_a_cancel_that_comes_before_the_destruction_leaves_the_object(
    installation: Installation, orders: Orders
) -> None:
    """A delete whose command was lost without effect ends CANCELLED, and the volume stands."""
    installation.vnx.plan("destroy_lun", answer_lost(effect=False))
    job = installation.submit("delete-volume", name="gold").job
    installation.until(lambda: installation.record(job).unsure)
    orders.give(job, Order.CANCEL, "ann")
    assert installation.run(job)[0].state is State.CANCELLED
    assert installation.array_shows() == START


def _paused_before_the_deed(installation: Installation, orders: Orders) -> tuple[str, int]:
    """Pause a deletion between the comparison of UIDs and the command that destroys; return job and LUN number."""
    installation.make("old")
    number = next(one.number for one in installation.vnx.world.volumes.values() if one.name == "old")
    job = installation.submit("delete-volume", name="old").job
    engine.turn(installation.world, job, 0)
    installation.read_array()
    engine.turn(installation.world, job, 0)
    assert orders.give(job, Order.PAUSE, "ann").state is State.PAUSED
    assert installation.record(job).step == "destroy-volume"
    installation.bell.rings.clear()
    return job, number


def _replace(installation: Installation, number: int) -> None:
    """Let an administrator destroy a volume by hand, and make another one that gets its number."""
    array = MemoryArray(installation.vnx)
    array.destroy_lun(number)
    array.create_lun(number, "other", 2, "pool", THIN)
    installation.vnx.write(number, "pearls")


def test_a_deletion_paused_for_long_spares_the_next_owner_of_the_number(
    installation: Installation, orders: Orders
) -> None:
    """A volume that was given the number while the deletion was paused is not destroyed in the old one's place."""
    job, number = _paused_before_the_deed(installation, orders)
    _replace(installation, number)
    installation.read_array()
    orders.give(job, Order.RESUME, "ann")
    (record,) = installation.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.NO_SUCH_VOLUME)
    assert installation.array_shows() == {**START, "other": "2 GB full: pearls"}


def test_a_deletion_does_not_believe_an_old_list(installation: Installation, orders: Orders) -> None:
    """Where no list was read for long, as after the stack was down, the deletion waits for one before the deed."""
    job, number = _paused_before_the_deed(installation, orders)
    _replace(installation, number)
    times = Times(idle_refresh=1e-6, watch_tick=10)
    installation.world.arrays[ARRAY].__dict__["pace"] = times.divided(SPEED)
    orders.give(job, Order.RESUME, "ann")
    installation.turns()
    assert installation.record(job).why == "waits for a list of LUNs: the last one is old"
    (record,) = installation.run(job)
    assert (record.state, record.code) == (State.SUCCEEDED, "")
    assert installation.array_shows() == {**START, "other": "2 GB full: pearls"}
