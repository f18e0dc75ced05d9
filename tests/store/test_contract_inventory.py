"""The inventory's contract: lists replace what is older, and repair slots and numbers that the array contradicts."""

from dataclasses import replace
from typing import Any

import pytest

from tests.store.world import (
    ADVANCED,
    BOX,
    NUMBERS,
    SUCCEEDED,
    World,
    entry,
    held_back,
    locked,
    numbers,
    slot,
)
from vnx_jobs.model.array import Group, HostLun, Initiator, Lun, Pool, Session, Snapshot, StorageGroup
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.keys import copies_key, mounts_key, snapshots_key
from vnx_jobs.model.outcome import GoneGroup, Made
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Change, Lists, NotFree, Readings

UID = "60:GOLD"
GOLD = Lun(1, "gold", UID, 4096, "pool", thin=True)
COPIES, MOUNTS, SNAPSHOTS = (key(BOX, UID) for key in (copies_key, mounts_key, snapshots_key))
JOB = "01M81VBVG5YVN7W6DZZEH1WV74"
HIDDEN = f"vjt-{JOB}-snap"


def mount_point(number: int, name: str, attached: str | None) -> Lun:
    """Return a mount point of the gold volume."""
    return Lun(number, name, f"60:{name}", 4096, "pool", thin=True, primary="gold", attached=attached)


def image(name: str) -> Snapshot:
    """Return a snapshot of the gold volume."""
    return Snapshot(name, 1, 1, "01/01/26 00:00:00")


def begin(world: World) -> Lists:
    """Begin to read lists now; what happens later is not on them."""
    ticket, begun = world.inventory.ticket()
    world.advance(1)
    return Lists(begun, ticket)


def store(world: World, begun: Lists, *luns: Lun, **more: Any) -> None:
    """Take in lists that were begun before."""
    lists = Lists(begun.begun, begun.ticket, luns=(GOLD, *luns), **more)
    world.inventory.store(BOX, lists, NUMBERS)


def holders(world: World, key: str) -> set[str]:
    """Return who holds the places of a set, as a claim that needs it empty is told."""
    (answer,) = world.store.submit([entry(world.new_id(), Claim(Kind.EXCLUSIVE, key, refuse=True))])
    if isinstance(answer, NotFree):
        return set(answer.holders)
    assert isinstance(answer, Accepted)
    world.fail(answer.job)
    return set()


def free_numbers(world: World) -> list[int]:
    """Return the LUN numbers that are free, in the order in which they would be given."""
    answers = world.store.submit([entry(world.new_id(), numbers(refuse=True)) for _ in NUMBERS])
    jobs = [answer.job for answer in answers if isinstance(answer, Accepted)]
    found = [world.record(job).numbers["volume"] for job in jobs]
    for job in jobs:
        world.fail(job)
    return found


def test_lists_are_read_back(world: World) -> None:
    """What was listed is known, by name and in order; each kind says how old it is."""
    copy, pool = mount_point(500, "copy", HIDDEN), Pool("pool", 0, 100.0, 40.5)
    session = Session(1, 2, "MIGRATING", 7, 90)
    begun = begin(world)
    groups = (Group("wide", (1, 3), "mark"), Group("empty", ()))
    hosts = (StorageGroup("srv", ((0, 1), (7, 500)), (Initiator("iqn.a", "srv", "A", 4, "10.0.0.9"),)),)
    lists = {"snapshots": (image("b"), image("a")), "sessions": (session,), "pools": (pool,)}
    store(world, begun, copy, **lists, groups=groups, storage_groups=hosts)
    assert [one.lun for one in world.inventory.volumes(BOX)] == [copy, GOLD]
    assert world.inventory.snapshots(BOX) == (image("a"), image("b"))
    assert world.inventory.snapshot(BOX, "b") == image("b")
    assert world.inventory.session(BOX, 1) == session
    assert world.inventory.pools(BOX) == (pool,)
    assert world.inventory.groups(BOX) == (groups[1], groups[0])
    assert world.inventory.group(BOX, "wide") == groups[0]
    assert world.inventory.storage_groups(BOX) == hosts
    sighting = world.inventory.volume(BOX, "copy")
    assert sighting is not None
    assert (sighting.lun, sighting.seen) == (copy, begun.begun)
    assert world.inventory.readings(BOX) == Readings(*[begun.begun] * 6)


def test_nothing_is_known_of_an_array_never_read(world: World) -> None:
    """Before the first list there is nothing, and it says so."""
    assert world.inventory.readings(BOX) == Readings()
    assert world.inventory.volume(BOX, "gold") is None
    assert world.inventory.snapshot(BOX, "s") is None
    assert world.inventory.session(BOX, 1) is None
    assert (world.inventory.volumes(BOX), world.inventory.snapshots(BOX), world.inventory.pools(BOX)) == ((), (), ())


def test_a_view_shows_whole_lists_of_groups_when_asked(world: World) -> None:
    """Asked for groups, a view knows their members, which one a LUN is in, and who sees it; else it says so."""
    iron = Lun(3, "iron", "60:IRON", 4096, "pool", thin=True)
    wide, other = Group("wide", (1, 3)), Group("other", (9,))
    hosts = (StorageGroup("b", ((0, 1),)), StorageGroup("a", ((5, 1), (6, 3))), StorageGroup("~physical", ((2, 2),)))
    store(world, begin(world), iron, groups=(wide, other), storage_groups=hosts)
    view = world.inventory.view(BOX, ["wide"], ("groups", "storage-groups"))
    assert view.group("wide") == wide
    assert view.primaries == {1: GOLD, 3: iron}
    assert (view.group_of(3), view.group_of(9), view.group_of(2)) == (wide, other, None)
    assert (view.mapped(1), view.mapped(2)) == (("a", "b"), ())
    with pytest.raises(KeyError):
        world.inventory.view(BOX, ["wide"]).group_of(3)


def test_a_groups_snapshot_is_known_as_one_and_takes_a_place_of_each_member(world: World) -> None:
    """The snapshot of a group stands once, with all its LUNs, and counts on every one of them."""
    iron = Lun(3, "iron", "60:IRON", 4096, "pool", thin=True)
    frozen = replace(image("frozen"), group="wide", beside=((3, 3),))
    store(world, begin(world), iron, snapshots=(frozen, image("alone")))
    assert world.inventory.snapshot(BOX, "frozen") == frozen
    assert world.inventory.view(BOX, ["frozen"]).primaries == {1: GOLD, 3: iron}
    assert holders(world, SNAPSHOTS) == {"frozen", "alone"}
    assert holders(world, snapshots_key(BOX, "60:IRON")) == {"frozen"}


def test_a_group_that_a_job_changed_is_known_at_once(world: World) -> None:
    """What a step shows of groups stands against older lists; a volume of the same name is another thing."""
    wide, hosts = Group("wide", (1,)), StorageGroup("srv", ((0, 1),))
    store(world, begin(world), Lun(4, "wide", "60:W", 1, "pool", thin=False), groups=(wide,), storage_groups=(hosts,))
    begun = begin(world)
    world.accept(entry("J"))
    shown = (Group("new", (4,)), StorageGroup("srv", ()))
    world.commit("J", Change(State.SUCCEEDED, "ended", cursor=2, made=shown, gone=(GoneGroup("wide"),)))
    store(world, begun, Lun(4, "wide", "60:W", 1, "pool", thin=False), groups=(wide,), storage_groups=(hosts,))
    assert world.inventory.groups(BOX) == (Group("new", (4,)),)
    assert world.inventory.storage_groups(BOX) == (StorageGroup("srv", ()),)
    assert world.inventory.volume(BOX, "wide") is not None
    world.accept(entry("K"))
    world.commit("K", Change(State.SUCCEEDED, "ended", cursor=2, gone=(GoneGroup("srv", "storage-groups"), "new")))
    assert world.inventory.storage_groups(BOX) == ()
    assert world.inventory.groups(BOX) == (Group("new", (4,)),)


def test_two_jobs_change_one_storage_group_at_once(world: World) -> None:
    """Each commits one pair, and none loses its neighbour's; what the list showed of the group besides stays."""
    paths = (Initiator("iqn.a", "srv", "A", 4, None),)
    hosts = (StorageGroup("srv", ((1, 7), (2, 8)), paths), StorageGroup("two words", ((2, 7),)))
    store(world, begin(world), storage_groups=hosts)
    for job, shown in (("J", HostLun("srv", 3, 9)), ("K", HostLun("srv", 2, None)), ("L", HostLun("srv", 1, 4))):
        world.accept(entry(job))
        world.commit(job, Change(State.SUCCEEDED, "ended", cursor=2, made=(shown,)))
    world.accept(entry("M"))
    more = (HostLun("two words", 5, 9), HostLun("unheard-of", 1, 9))
    world.commit("M", Change(State.SUCCEEDED, "ended", cursor=2, made=more))
    known = (StorageGroup("srv", ((1, 4), (3, 9)), paths), StorageGroup("two words", ((2, 7), (5, 9))))
    assert world.inventory.storage_groups(BOX) == known
    view = world.inventory.view(BOX, ["gold"], ["storage-groups"])
    assert (view.mapped(9), view.mapped(8), view.mapped(7)) == (("srv", "two words"), (), ("two words",))


def test_a_list_of_storage_groups_is_mended_by_younger_changes_alone(world: World) -> None:
    """A list holds for all that no job changed since it was begun; one that is begun later holds for everything."""
    store(world, begin(world), storage_groups=(StorageGroup("srv", ((1, 7), (2, 8))),))
    begun = begin(world)
    world.accept(entry("J"))
    shown = (HostLun("srv", 3, 9), HostLun("srv", 2, None))
    world.commit("J", Change(State.SUCCEEDED, "ended", cursor=2, made=shown))
    store(world, begun, storage_groups=(StorageGroup("srv", ((1, 5), (2, 8), (4, 6))),))
    assert world.inventory.storage_groups(BOX) == (StorageGroup("srv", ((1, 5), (3, 9), (4, 6))),)
    later = (StorageGroup("srv", ((2, 8), (3, 4))),)
    store(world, begin(world), storage_groups=later)
    assert world.inventory.storage_groups(BOX) == later


def test_a_storage_group_shown_whole_holds_over_what_was_changed_before(world: World) -> None:
    """What a job read of a whole group is younger than the pairs that were changed before it; later ones hold again."""
    store(world, begin(world), storage_groups=(StorageGroup("srv", ((1, 7),)),))
    steps: tuple[Made, ...] = (HostLun("srv", 3, 9), StorageGroup("srv", ((4, 2),)), HostLun("srv", 5, 8))
    for job, shown in zip("JKL", steps, strict=True):
        world.advance(1)
        world.accept(entry(job))
        world.commit(job, Change(State.SUCCEEDED, "ended", cursor=2, made=(shown,)))
    assert world.inventory.storage_groups(BOX) == (StorageGroup("srv", ((4, 2), (5, 8))),)


def test_a_list_replaces_its_own_kind_only(world: World) -> None:
    """A complete list drops what it does not show; kinds that were not read stay as they are."""
    store(world, begin(world), mount_point(500, "copy", "s"), snapshots=(image("s"),))
    first = world.inventory.readings(BOX)
    store(world, begin(world))
    assert [one.lun.name for one in world.inventory.volumes(BOX)] == ["gold"]
    assert world.inventory.snapshots(BOX) == (image("s"),)
    second = world.inventory.readings(BOX)
    assert (second.luns > first.luns, second.snapshots) == (True, first.snapshots)


def test_what_a_job_made_survives_an_older_list(world: World) -> None:
    """A list that was begun before a job's commit neither drops nor overwrites what the job made."""
    begun = begin(world)
    made = Lun(500, "new", "60:new", 2048, "pool", thin=False)
    world.accept(entry("J"))
    world.commit("J", Change(State.SUCCEEDED, "ended", cursor=2, made=(made,)))
    store(world, begun, Lun(500, "new", "", 2048, "pool", thin=False, ready=False))
    sighting = world.inventory.volume(BOX, "new")
    assert sighting is not None
    assert sighting.lun == made
    store(world, begin(world))
    assert world.inventory.volume(BOX, "new") is None


def test_what_a_job_deleted_is_not_brought_back_by_an_older_list(world: World) -> None:
    """A list that was begun before a deletion still shows the object; it stays gone."""
    copy = mount_point(500, "copy", None)
    store(world, begin(world), copy)
    begun = begin(world)
    world.accept(entry("J"))
    world.commit("J", Change(State.SUCCEEDED, "ended", cursor=2, gone=("copy",)))
    store(world, begun, copy)
    assert world.inventory.volume(BOX, "copy") is None
    store(world, begin(world), copy)
    assert world.inventory.volume(BOX, "copy") is not None


def test_a_list_begun_earlier_comes_too_late(world: World) -> None:
    """Of two lists the one begun later counts, in whatever order they arrive."""
    older, newer = begin(world), begin(world)
    store(world, newer)
    store(world, older, mount_point(500, "copy", None))
    assert [one.lun.name for one in world.inventory.volumes(BOX)] == ["gold"]
    assert world.inventory.readings(BOX).luns == newer.begun


def test_foreign_objects_take_places(world: World) -> None:
    """Mount points and snapshots that others made count against the array's limits, each in its sets."""
    store(
        world,
        begin(world),
        mount_point(90, "theirs", "snap-1"),
        mount_point(91, "empty", None),
        snapshots=(image("snap-1"), image("snap-2")),
    )
    assert holders(world, COPIES) == {"snap-1"}
    assert holders(world, MOUNTS) == {"snap-1", "lun:91"}
    assert holders(world, SNAPSHOTS) == {"snap-1", "snap-2"}


def test_vanished_objects_give_their_places_back(world: World) -> None:
    """What others deleted is free again for the next list, and who waited for it is granted."""
    store(world, begin(world), mount_point(90, "theirs", "s"), snapshots=(image("s"),))
    world.accept(entry("J", slot(COPIES, 1)))
    assert world.state("J") is State.WAITING
    store(world, begin(world), snapshots=())
    assert world.state("J") is State.QUEUED
    assert holders(world, MOUNTS) == holders(world, SNAPSHOTS) == set()


def test_a_vanished_source_gives_all_its_places_back(world: World) -> None:
    """The sets of a source that others deleted with all that hung on it are empty."""
    store(world, begin(world), mount_point(90, "theirs", "s"), snapshots=(image("s"),))
    ticket, begun = world.inventory.ticket()
    world.advance(1)
    world.inventory.store(BOX, Lists(begun + 1, ticket, luns=(), snapshots=()), NUMBERS)
    assert holders(world, COPIES) == holders(world, MOUNTS) == holders(world, SNAPSHOTS) == set()


def test_claims_younger_than_the_list_are_left_alone(world: World) -> None:
    """A job that began after the list, and has even ended since, keeps what the list could not show."""
    begun = begin(world)
    world.accept(entry(JOB, slot(COPIES, 9, HIDDEN, keep=True), numbers()))
    store(world, begun)
    world.succeed(JOB)
    store(world, begun)
    assert holders(world, COPIES) == {HIDDEN}
    assert free_numbers(world) == [501, 502, 503]


def test_what_ended_while_the_list_was_read_is_left_alone(world: World) -> None:
    """A job granted before the list and ended after it made its objects in between: the list cannot judge them."""
    world.accept(entry(JOB, slot(COPIES, 9, HIDDEN, keep=True), numbers()))
    begun = begin(world)
    world.succeed(JOB)
    store(world, begun)
    assert holders(world, COPIES) == {HIDDEN}
    assert free_numbers(world) == [501, 502, 503]


def test_members_of_unfinished_jobs_are_left_alone(world: World) -> None:
    """Whatever lists show meanwhile, a job keeps its places and numbers until it ends, stuck ones too."""
    world.accept(entry(JOB, slot(COPIES, 9, HIDDEN, keep=True), numbers()))
    world.commit(JOB, ADVANCED)
    store(world, begin(world))
    world.commit(JOB, Change(State.STUCK, "stuck", "x"))
    store(world, begin(world))
    assert holders(world, COPIES) == {HIDDEN}
    assert world.record(JOB).numbers == {"volume": 500}
    assert free_numbers(world) == [501, 502, 503]


def test_the_place_of_a_users_snapshot_is_left_alone_while_its_job_lives(world: World) -> None:
    """A snapshot with a name of its own belongs to the job that is to make it, until that ends."""
    world.accept(entry("J", slot(SNAPSHOTS, 9, "nightly", keep=True), makes=("snapshot:nightly",)))
    store(world, begin(world), snapshots=())
    assert holders(world, SNAPSHOTS) == {"nightly"}


def test_a_mount_point_in_the_making_is_not_counted_twice(world: World) -> None:
    """A job's mount point that has no snapshot yet is known by the job's number: it has its place already."""
    world.accept(entry(JOB, slot(MOUNTS, 9, HIDDEN, keep=True), numbers()))
    store(world, begin(world), mount_point(500, "copy", None))
    assert holders(world, MOUNTS) == {HIDDEN}
    store(world, begin(world), mount_point(500, "copy", HIDDEN))
    world.succeed(JOB)
    assert holders(world, MOUNTS) == {HIDDEN}


def test_what_an_unfinished_job_takes_back_is_not_added(world: World) -> None:
    """An object of a live job that holds no place for it is the job's own business."""
    world.accept(entry(JOB))
    store(world, begin(world), mount_point(90, "temporary", HIDDEN), snapshots=(image(HIDDEN),))
    assert holders(world, COPIES) == holders(world, SNAPSHOTS) == set()


def test_a_place_given_back_is_not_restored_by_an_older_list(world: World) -> None:
    """A deletion after the list was begun counts, although the list still shows the object; a younger list decides."""
    world.accept(entry(JOB, slot(COPIES, 9, HIDDEN, keep=True)))
    world.succeed(JOB)
    copy = mount_point(500, "copy", HIDDEN)
    begun = begin(world)
    world.accept(entry("delete", drops=((COPIES, HIDDEN),)))
    world.succeed("delete")
    store(world, begun, copy)
    assert holders(world, COPIES) == set()
    store(world, begin(world), copy)
    assert holders(world, COPIES) == {HIDDEN}


def test_a_place_of_an_undone_job_is_not_restored_by_an_older_list(world: World) -> None:
    """A failure takes its objects back before it ends; a list that was begun before still shows them."""
    world.accept(entry(JOB, slot(COPIES, 9, HIDDEN, keep=True), slot(MOUNTS, 9, HIDDEN), numbers()))
    begun = begin(world)
    world.fail(JOB)
    store(world, begun, mount_point(500, "copy", HIDDEN))
    assert holders(world, COPIES) == holders(world, MOUNTS) == set()
    assert free_numbers(world) == [501, 502, 503, 500]


def test_numbers_in_use_are_not_given_out(world: World) -> None:
    """Numbers of the private range that others took are passed over; once gone they come back at the end."""
    store(world, begin(world), Lun(500, "theirs", "60:t", 1, "pool", thin=False), mount_point(502, "m", None))
    assert free_numbers(world) == [501, 503]
    store(world, begin(world))
    assert free_numbers(world) == [501, 503, 500, 502]


def test_numbers_of_vanished_volumes_come_back(world: World) -> None:
    """A volume that somebody else deleted gives its number back, and who waited for one is granted."""
    world.accept(entry("J", numbers("volume")))
    world.succeed("J")
    volume = Lun(500, "new", "60:n", 1, "pool", thin=False)
    store(world, begin(world), volume)
    world.accept(entry("K", numbers("a,b,c,d")))
    assert world.state("K") is State.WAITING
    store(world, begin(world))
    assert world.record("K").numbers == {"a": 501, "b": 502, "c": 503, "d": 500}


def test_repair_wakes_whoever_waits(world: World) -> None:
    """Who was granted by a repair is rung by the sweep."""
    store(world, begin(world), mount_point(90, "theirs", "s"))
    world.accept(entry("J", slot(COPIES, 1)))
    store(world, begin(world))
    world.advance(3)
    assert [ring.job for ring in world.store.due(10)] == ["J"]


def test_an_exclusive_holder_is_not_repaired_away(world: World) -> None:
    """Who holds a whole set, because it must be empty, keeps it, whatever the list shows."""
    world.accept(entry("delete", locked(COPIES)))
    store(world, begin(world))
    assert world.accept(entry("copy", slot(COPIES, 9))).state is State.WAITING


def test_jobs_not_planned_yet_hold_nothing_to_repair(world: World) -> None:
    """A record without claims does not protect what bears its name by chance."""
    world.accept(held_back("J"))
    store(world, begin(world), mount_point(90, "theirs", "J"))
    assert holders(world, COPIES) == {"J"}


def test_kept_places_follow_the_array(world: World) -> None:
    """Slots that a success left with its object are judged by lists like any others, once those are younger."""
    world.accept(entry(JOB, slot(COPIES, 9, HIDDEN, keep=True)))
    world.commit(JOB, SUCCEEDED)
    store(world, begin(world), mount_point(500, "copy", HIDDEN))
    assert holders(world, COPIES) == {HIDDEN}
    store(world, begin(world))
    assert holders(world, COPIES) == set()
