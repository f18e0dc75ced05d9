"""Claims, one promise a test."""

from tests.store.world import (
    ADVANCED,
    BOX,
    FAILED,
    NUMBERS,
    World,
    entry,
    locked,
    numbers,
    permit,
    shared,
    slot,
)
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.states import State
from vnx_jobs.ports import Change, NotFree


def states(world: World, *jobs: str) -> list[State]:
    """Return the states of some jobs."""
    return [world.state(job) for job in jobs]


def rung(world: World, job: str) -> list[str]:
    """Let a job succeed; return which jobs are to be rung."""
    return sorted(ring.job for ring in world.succeed(job))


QUEUED, WAITING = State.QUEUED, State.WAITING


def test_an_exclusive_claim_is_not_starved(world: World) -> None:
    """Shared claims that come after an exclusive one wait behind it, however many there are, and then all run."""
    world.accept(entry("reader", shared("v")))
    world.accept(entry("writer", locked("v")))
    late = [f"late-{count:02}" for count in range(20)]
    for job in late:
        world.accept(entry(job, shared("v")))
    assert set(states(world, "writer", *late)) == {WAITING}
    assert rung(world, "reader") == ["writer"]
    assert rung(world, "writer") == late


def test_a_shared_claim_does_not_pass_an_earlier_exclusive_one(world: World) -> None:
    """First come, first served: what would fit beside the holder waits for the exclusive claim in front of it."""
    world.accept(entry("reader", shared("v")))
    world.accept(entry("writer", locked("v")))
    assert world.accept(entry("late", shared("v"))).state is WAITING
    assert states(world, "reader", "writer", "late") == [QUEUED, WAITING, WAITING]


def test_an_unrelated_request_is_never_blocked(world: World) -> None:
    """A job stopped at one volume reserves no other lock, and cannot be passed twice where it has been stopped."""
    world.accept(entry("long", locked("v2")))
    world.accept(entry("both", locked("v1"), locked("v2")))
    assert world.accept(entry("other", locked("v1"))).state is QUEUED
    assert rung(world, "long") == []
    assert world.accept(entry("late-2", locked("v2"))).state is WAITING
    assert world.accept(entry("late-1", locked("v1"))).state is WAITING
    assert rung(world, "other") == ["both"]


def test_a_place_that_is_given_back_lets_others_in(world: World) -> None:
    """A job that finds an earlier one in its way gives up its places behind that, and whoever stood there moves up."""
    world.accept(entry("full", slot("other", 1)))
    world.accept(entry("delete", slot("other", 1), locked("copies")))
    world.accept(entry("first", locked("v")))
    world.accept(entry("second", locked("u")))
    world.accept(entry("copy", slot("copies", 5), locked("v"), locked("u")))
    world.accept(entry("late", shared("u")))
    assert rung(world, "full") == ["delete"]
    assert rung(world, "second") == []
    assert rung(world, "first") == ["late"]
    assert rung(world, "delete") == []
    assert rung(world, "late") == ["copy"]


def test_a_refusal_leaves_nothing_behind(world: World) -> None:
    """A job refused at its last claim holds none of the others, stands in no queue, and is not on record."""
    world.accept(entry("first", slot("copies", 1)))
    (answer,) = world.store.submit([entry("second", shared("v"), numbers(), slot("copies", 1, refuse=True), key="k")])
    assert answer == NotFree("copies", 1, 1, 0, ("first",))
    assert world.store.get("second") is None
    assert world.store.known([("k", "")]) == [None]
    assert world.accept(entry("third", locked("v"))).state is QUEUED
    assert world.accept(entry("fourth", numbers("a,b,c,volume"))).state is QUEUED


def test_an_exclusive_claim_on_a_set_means_empty(world: World) -> None:
    """A source with copies cannot be deleted; without them it can, and no copy begins while it is being deleted."""
    gone = Claim(Kind.EXCLUSIVE, "copies", refuse=True)
    world.accept(entry("copy", slot("copies", 2, "snap-1", keep=True)))
    world.succeed("copy")
    (answer,) = world.store.submit([entry("delete", gone)])
    assert isinstance(answer, NotFree)
    assert (answer.key, answer.used, answer.holders) == ("copies", 1, ("snap-1",))
    world.accept(entry("delete-copy", drops=(("copies", "snap-1"),)))
    world.succeed("delete-copy")
    assert world.accept(entry("delete-now", gone)).state is QUEUED
    assert world.accept(entry("late-copy", slot("copies", 2))).state is WAITING


def test_a_set_that_is_lent_comes_free(world: World) -> None:
    """A source is migrated when a clone that holds a slot for itself has ended; a copy that stays is refused."""
    alone = Claim(Kind.EXCLUSIVE, "snapshots", refuse=True)
    world.accept(entry("clone", slot("snapshots", 9, "vjt-clone-snap")))
    assert world.accept(entry("migrate", alone)).state is WAITING
    world.succeed("clone")
    assert world.state("migrate") is QUEUED
    world.succeed("migrate")
    world.accept(entry("copy", slot("snapshots", 9, "vjt-copy-snap", keep=True)))
    (answer,) = world.store.submit([entry("again", alone)])
    assert isinstance(answer, NotFree)
    assert answer.holders == ("vjt-copy-snap",)


def test_a_slot_of_a_set_that_one_holds_alone_comes_free(world: World) -> None:
    """A snapshot of a source under migration waits for its end, and is refused only if the set is full."""
    alone = Claim(Kind.EXCLUSIVE, "snapshots", refuse=True)
    world.accept(entry("migrate", alone))
    assert world.accept(entry("snapshot", slot("snapshots", 1, "monday", refuse=True, keep=True))).state is WAITING
    (answer,) = world.store.submit([entry("next", slot("snapshots", 1, "tuesday", refuse=True, keep=True))])
    assert isinstance(answer, NotFree)
    assert isinstance(world.store.submit([entry("again", alone)])[0], NotFree)
    world.succeed("migrate")
    assert world.state("snapshot") is QUEUED


def test_two_that_want_to_be_alone_follow_each_other(world: World) -> None:
    """A second migration of a volume waits for the first, and is not told of copies that nobody has."""
    alone = Claim(Kind.EXCLUSIVE, "copies", refuse=True)
    world.accept(entry("first", alone))
    assert world.accept(entry("second", alone)).state is WAITING
    world.succeed("first")
    assert world.state("second") is QUEUED


def test_a_success_keeps_and_a_failure_releases(world: World) -> None:
    """The slot and the number of what was made stay with it; those of a failure are free for the next."""
    claims = (slot("copies", 2, keep=True), slot("mounts", 9), numbers("volume,target"), locked("name"))
    world.accept(entry("good", *claims))
    world.accept(entry("bad", slot("copies", 2, keep=True)))
    waiting = world.accept(entry("next", slot("copies", 2, keep=True), numbers("a,b,c")))
    assert waiting.state is WAITING
    world.succeed("good")
    assert [blocker.holders for blocker in world.store.blockers("next")] == [("bad", "good")]
    assert [ring.job for ring in world.fail("bad")] == ["next"]
    assert world.record("next").numbers == {"a": 502, "b": 503, "c": 501}


def test_dropping_twice_is_dropping_once(world: World) -> None:
    """A slot or number given back a second time frees nobody else's."""
    world.accept(entry("copy", slot("copies", 1, "snap", keep=True), numbers()))
    world.succeed("copy")
    drops = (("copies", "snap"), (f"numbers:{BOX}", "500"))
    for job in ("delete", "again"):
        world.accept(entry(job, drops=drops))
    assert rung(world, "delete") == []
    world.accept(entry("second", slot("copies", 1, "snap-2"), numbers("a,b,c,d")))
    assert rung(world, "again") == []
    assert world.accept(entry("third", slot("copies", 1, "snap-3"))).state is WAITING
    assert world.accept(entry("fourth", numbers())).state is WAITING


def test_only_a_success_drops(world: World) -> None:
    """A deletion that failed gives back nothing of the object that is still there."""
    world.accept(entry("copy", slot("copies", 1, "snap", keep=True)))
    world.succeed("copy")
    world.accept(entry("delete", drops=(("copies", "snap"),)))
    world.fail("delete")
    assert world.accept(entry("next", slot("copies", 1))).state is WAITING


def test_numbers_come_in_rotation(world: World) -> None:
    """Fresh numbers first, in order; then those last used longest ago."""
    for job in ("a", "b", "c"):
        world.accept(entry(job, numbers()))
    assert [world.record(job).numbers["volume"] for job in "abc"] == [500, 501, 502]
    world.fail("b")
    world.fail("a")
    world.accept(entry("d", numbers()))
    world.accept(entry("e", numbers("volume,target")))
    assert world.record("d").numbers == {"volume": 503}
    assert world.record("e").numbers == {"volume": 501, "target": 500}


def test_without_free_numbers_a_job_waits_or_is_refused(world: World) -> None:
    """All numbers in use: who may wait is granted when enough come back, who may not is told how many there are."""
    world.accept(entry("all", numbers("target-a,target-b,target-c,volume")))
    assert world.accept(entry("two", numbers("volume,target"))).state is WAITING
    assert world.accept(entry("one", numbers())).state is WAITING
    (answer,) = world.store.submit([entry("now", numbers(refuse=True))])
    assert isinstance(answer, NotFree)
    assert (answer.key, answer.used, answer.limit) == (f"numbers:{BOX}", 4, 4)
    assert world.store.blockers("one")[0].limit == len(NUMBERS)
    assert rung(world, "all") == ["one", "two"]
    assert world.record("two").numbers == {"volume": 500, "target": 501}
    assert world.record("one").numbers == {"volume": 502}


def test_a_waiter_for_two_numbers_is_not_passed_by_one_for_one(world: World) -> None:
    """One free number is not given to a later job while an earlier one waits for two."""
    world.accept(entry("three", numbers("a,b,c")))
    assert world.accept(entry("two", numbers("volume,target"))).state is WAITING
    assert world.accept(entry("one", numbers())).state is WAITING


def test_a_wider_range_lets_waiters_in_and_a_narrower_one_takes_nothing_away(world: World) -> None:
    """A changed setting holds from the next claim on; a number outside it is given back, but not out again."""
    world.accept(entry("all", numbers("a,b,c,d")))
    world.accept(entry("waits", numbers()))
    world.accept(entry("wide", numbers("volume", span=range(500, 506))))
    assert world.record("wide").numbers == {"volume": 504}
    world.store.due(10)
    assert world.record("waits").numbers == {"volume": 505}
    world.accept(entry("narrow", numbers("volume,target", span=range(502, 505))))
    assert world.state("narrow") is WAITING
    world.fail("all")
    assert world.record("narrow").numbers == {"volume": 502, "target": 503}
    assert world.accept(entry("more", numbers(span=range(502, 505)))).state is WAITING


def test_permits_are_given_in_order(world: World) -> None:
    """One session at a time: the others wait in the order in which they asked, and are rung when theirs comes."""
    for job in ("a", "b", "c"):
        world.accept(entry(job))
    assert world.permit("a", permit())
    assert not world.permit("c", permit())
    assert not world.permit("b", permit())
    assert states(world, "b", "c") == [WAITING, WAITING]
    assert [blocker.holders for blocker in world.store.blockers("b")] == [("a",)]
    world.advance(11)
    assert rung(world, "a") == ["c"]
    assert rung(world, "c") == ["b"]
    assert world.permit("b", permit())


def test_asking_for_a_permit_again_changes_nothing(world: World) -> None:
    """A worker that comes back to its step has the permit still, and a waiting one keeps its one place."""
    world.accept(entry("a"))
    world.accept(entry("b"))
    assert world.permit("a", permit())
    world.advance(11)
    assert world.permit("a", permit())
    for _ in range(2):
        assert not world.permit("b", permit())
    world.advance(11)
    assert rung(world, "a") == ["b"]


def test_a_permit_is_for_one_step(world: World) -> None:
    """The permit is given back when the job comes to another step, fails, or is stuck."""
    for job, change in (("a", ADVANCED), ("b", FAILED), ("c", Change(State.STUCK, "stuck", "no way")), ("d", FAILED)):
        world.accept(entry(job))
        turn = world.turn(job)
        assert world.store.permit(turn, permit()) is None, job
        assert world.store.commit(turn, change) is not None


def test_who_waits_for_a_lock_reserves_no_permit(world: World) -> None:
    """Permits are asked for last: a job that waits for a volume keeps no other from migrating."""
    world.accept(entry("busy", locked("v")))
    world.accept(entry("waits", shared("v")))
    world.accept(entry("free", shared("u")))
    assert world.permit("free", permit())


def test_several_permits_are_given_together(world: World) -> None:
    """A job that needs two permits has both or neither, and keeps nobody from the one that it does not wait for."""
    both = permit("asap"), permit(limit=2)
    for job in ("fast", "faster", "slow"):
        world.accept(entry(job))
    assert world.store.permit(world.turn("fast"), *both) is None
    assert world.store.permit(world.turn("faster"), *both) is not None
    assert world.record("faster").why == "waits for a place at asap"
    assert world.permit("slow", permit(limit=2))
    world.advance(11)
    assert rung(world, "fast") == ["faster"]
    assert world.store.permit(world.turn("faster"), *both) is None


def test_a_changed_number_of_permits_takes_effect(world: World) -> None:
    """A setting that allows more sessions lets those in that waited under the old one, in their order."""
    for job in "abcd":
        world.accept(entry(job))
    assert world.permit("a", permit())
    assert not world.permit("b", permit())
    assert not world.permit("c", permit())
    assert not world.permit("d", permit(limit=3))
    assert [ring.job for ring in world.store.due(10)] == ["b", "c"]
    assert world.permit("b", permit(limit=3))


def test_a_claim_may_leave_places_to_others(world: World) -> None:
    """A plain snapshot that keeps to a smaller limit is refused where a copy still gets its place."""
    world.accept(entry("one", slot("snapshots", 3)))
    (answer,) = world.store.submit([entry("plain", slot("snapshots", 1, refuse=True))])
    assert isinstance(answer, NotFree)
    assert (answer.used, answer.limit) == (1, 1)
    assert world.accept(entry("two", slot("snapshots", 3, refuse=True))).state is QUEUED
    assert world.accept(entry("plain-2", slot("snapshots", 3, refuse=True))).state is QUEUED


def test_slots_once_promised_are_not_lost_while_waiting_for_a_lock(world: World) -> None:
    """Jobs accepted while the source is locked have their places; who comes after the last place is refused."""
    world.accept(entry("extend", locked("source")))
    answers = world.store.submit(
        [entry(f"copy-{count}", slot("copies", 3, refuse=True), shared("source")) for count in range(5)]
    )
    assert [isinstance(answer, NotFree) for answer in answers] == [False, False, False, True, True]
