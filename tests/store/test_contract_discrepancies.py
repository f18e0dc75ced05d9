"""What lists contradict is told without being repaired; a job's fate, and the jobs of late, are told too."""

from tests.store.world import BOX, NUMBERS, World, entry, held_back, numbers, slot
from vnx_jobs.model.array import Lun, Snapshot
from vnx_jobs.model.keys import copies_key, mounts_key, numbers_key, snapshots_key
from vnx_jobs.model.slots import Discrepancy
from vnx_jobs.model.states import State
from vnx_jobs.ports import Lists

UID = "60:GOLD"
GOLD = Lun(1, "gold", UID, 4096, "pool", thin=True)
COPY = Lun(500, "copy", "60:copy", 4096, "pool", thin=True, primary="gold", attached="theirs")
IMAGE = Snapshot("theirs", 1, 1, "01/01/26 00:00:00")
COPIES, MOUNTS, SNAPSHOTS = (key(BOX, UID) for key in (copies_key, mounts_key, snapshots_key))
JOB = "01M81VBVG5YVN7W6DZZEH1WV74"
HIDDEN = f"vjt-{JOB}-snap"


def listed(world: World, *luns: Lun, snapshots: tuple[Snapshot, ...] = ()) -> Lists:
    """Return lists that are begun now."""
    ticket, begun = world.inventory.ticket()
    world.advance(1)
    return Lists(begun, ticket, luns=(GOLD, *luns), snapshots=snapshots)


def found(world: World, lists: Lists) -> set[tuple[str, str, bool]]:
    """Return what lists contradict."""
    told = world.inventory.discrepancies(BOX, lists, NUMBERS)
    assert all(isinstance(one, Discrepancy) for one in told)
    return {(one.key, one.member, one.held) for one in told}


def test_lists_that_were_taken_in_contradict_nothing(world: World) -> None:
    """What the last lists showed is held, so the same lists again differ in nothing."""
    world.inventory.store(BOX, listed(world, COPY, snapshots=(IMAGE,)), NUMBERS)
    assert found(world, listed(world, COPY, snapshots=(IMAGE,))) == set()


def test_what_others_made_is_told_as_often_as_one_asks(world: World) -> None:
    """A foreign snap copy in the private range lacks its three places and its number; telling that repairs nothing."""
    world.inventory.store(BOX, listed(world), NUMBERS)
    expected = {
        (COPIES, "theirs", False),
        (MOUNTS, "theirs", False),
        (SNAPSHOTS, "theirs", False),
        (numbers_key(BOX), "500", False),
    }
    for _ in range(2):
        assert found(world, listed(world, COPY, snapshots=(IMAGE,))) == expected


def test_what_is_held_for_nothing_is_told(world: World) -> None:
    """Places and numbers of a volume that others removed are still held until lists are taken in."""
    world.inventory.store(BOX, listed(world, COPY, snapshots=(IMAGE,)), NUMBERS)
    expected = {
        (COPIES, "theirs", True),
        (MOUNTS, "theirs", True),
        (SNAPSHOTS, "theirs", True),
        (numbers_key(BOX), "500", True),
    }
    assert found(world, listed(world)) == expected
    world.inventory.store(BOX, listed(world), NUMBERS)
    assert found(world, listed(world)) == set()


def test_the_places_of_a_source_that_vanished_are_told(world: World) -> None:
    """Of a primary that is on the array no more every place is held for nothing."""
    world.inventory.store(BOX, listed(world, COPY, snapshots=(IMAGE,)), NUMBERS)
    ticket, begun = world.inventory.ticket()
    world.advance(1)
    told = found(world, Lists(begun, ticket, luns=(), snapshots=()))
    assert {(COPIES, "theirs", True), (MOUNTS, "theirs", True), (SNAPSHOTS, "theirs", True)} < told


def test_the_business_of_a_job_under_way_is_not_told(world: World) -> None:
    """Places, numbers and objects of a job that has not ended are its own business."""
    world.inventory.store(BOX, listed(world), NUMBERS)
    world.accept(entry(JOB, slot(COPIES, 9, HIDDEN, keep=True), numbers()))
    made = Lun(500, "new", "60:new", 4096, "pool", thin=True, primary="gold", attached=HIDDEN)
    assert found(world, listed(world)) == set()
    assert found(world, listed(world, made)) == set()


def test_lists_that_are_older_than_a_claim_say_nothing_of_it(world: World) -> None:
    """A job that began and ended after the lists were begun made what they could not show."""
    world.inventory.store(BOX, listed(world), NUMBERS)
    lists = listed(world)
    world.accept(entry(JOB, slot(COPIES, 9, HIDDEN, keep=True), numbers()))
    world.succeed(JOB)
    assert found(world, lists) == set()


def test_without_a_list_of_luns_nothing_is_judged(world: World) -> None:
    """Snapshots alone say nothing: whose they are stands in the list of LUNs."""
    ticket, begun = world.inventory.ticket()
    assert world.inventory.discrepancies(BOX, Lists(begun, ticket, snapshots=(IMAGE,)), NUMBERS) == ()


def test_the_fate_of_a_job(world: World) -> None:
    """A job's state is told while there is a record of it; of any other job nothing is known."""
    world.accept(entry("J"))
    assert world.inventory.fate("J") is State.QUEUED
    world.fail("J")
    assert world.inventory.fate("J") is State.FAILED
    assert world.inventory.fate(JOB) is None


def test_the_jobs_of_late(world: World) -> None:
    """Jobs that have not ended, and those that ended at a time or after it; those of other arrays are left out."""
    for job in ("early", "late"):
        world.accept(entry(job))
    world.succeed("early")
    world.advance(1)
    since = world.now()
    world.fail("late")
    world.accept(entry("live"))
    world.accept(held_back("waiting"))
    world.accept(entry("other", array="another"))
    assert sorted(one.id for one in world.store.recent(BOX, since)) == ["late", "live", "waiting"]
    assert len(world.store.recent(BOX, since - 1000)) == 4
