"""The contract of the array port: one suite for every implementation. End states are read through the port itself."""

import pytest

from tests.array.sites import POOL, Site, lun, make_lun, make_snap_copy, numbers, snapshot_names, verdict_of
from vnx_jobs.model.array import BLOCKS_PER_GB, THICK, Layout
from vnx_jobs.model.errors import Verdict


def test_an_empty_array_has_nothing(site: Site) -> None:
    """Lists of an array without LUNs are empty, and single reads find nothing."""
    assert site.array.luns() == ()
    assert site.array.snapshots() == ()
    assert site.array.sessions() == ()
    assert site.array.lun(7) is None
    assert site.array.snapshot("none") is None


def test_pools_are_listed(site: Site) -> None:
    """Every pool is listed with its name, number and capacities."""
    pools = {pool.name: pool for pool in site.array.pools()}
    assert set(pools) == {"gold", "silver"}
    assert pools["gold"].user_gb == 4000
    assert 0 < pools["gold"].available_gb <= 4000
    assert pools["gold"].number != pools["silver"].number


@pytest.mark.parametrize(
    "layout",
    [
        Layout(),
        Layout("thin", "StartHighThenAuto", "A"),
        Layout("deduplicated", "LowestAvailable", "B"),
        Layout("thick", "Auto", ignore_thresholds=True),
        Layout("thick", "HighestAvailable"),
        Layout("thin", "NoMovement"),
    ],
    ids=lambda layout: f"{layout.provisioning}-{layout.tiering}",
)
def test_a_lun_is_created_with_number_and_name(site: Site, layout: Layout) -> None:
    """A created LUN has the number, name, size, pool and layout that were asked for, and a UID."""
    site.array.create_lun(41, "volume one", 3, POOL, layout)
    shown = lun(site, 41)
    assert (shown.number, shown.name, shown.pool) == (41, "volume one", "gold")
    assert (shown.provisioning, shown.thin) == (layout.provisioning, layout.thin)
    assert shown.tiering == (layout.tiering or "")
    assert shown.sp in ({"A", "B"} if layout.sp is None else {layout.sp})
    assert shown.blocks == 3 * BLOCKS_PER_GB
    assert shown.size_gb == 3
    assert not shown.is_mount_point
    assert shown.attached is None
    assert shown.uid
    assert [shown.number for shown in site.array.luns()] == [41]


def test_a_new_lun_is_preparing_and_then_ready(site: Site) -> None:
    """A LUN just created is shown as not ready, refuses a snapshot for now, and is ready later."""
    site.slow_down()
    site.array.create_lun(1, "fresh", 1, POOL, THICK)
    assert not lun(site, 1).ready
    assert verdict_of(lambda: site.array.create_snapshot(1, "early", writable=True)) is Verdict.BUSY
    site.wait(lambda: lun(site, 1).ready)
    site.array.create_snapshot(1, "early", writable=True)
    assert snapshot_names(site) == {"early"}


def test_uids_differ(site: Site) -> None:
    """Two LUNs have two UIDs, also when the second took the first one's number."""
    first = make_lun(site, 1, "first").uid
    site.array.destroy_lun(1)
    assert make_lun(site, 1, "second").uid != first


def test_a_number_in_use_is_not_taken(site: Site) -> None:
    """Creating a LUN or mount point under a number in use is ALREADY, and the owner stays as it was."""
    owner = make_lun(site, 1, "owner")
    assert verdict_of(lambda: site.array.create_lun(1, "other", 1, POOL, THICK)) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.create_mount_point(1, "mount", 1)) is Verdict.ALREADY
    assert site.array.luns() == (owner,)


def test_a_name_in_use_is_not_taken(site: Site) -> None:
    """Creating a LUN or mount point under a name in use is ALREADY, and nothing is made."""
    make_lun(site, 1, "owner")
    assert verdict_of(lambda: site.array.create_lun(2, "owner", 1, POOL, THICK)) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.create_mount_point(3, "owner", 1)) is Verdict.ALREADY
    assert numbers(site) == {1}


def test_an_unknown_pool_is_refused(site: Site) -> None:
    """A LUN in a pool that does not exist is REFUSED, and nothing is made."""
    assert verdict_of(lambda: site.array.create_lun(1, "one", 1, "tin", THICK)) is Verdict.REFUSED
    assert numbers(site) == set()


def test_a_lun_larger_than_its_pool_is_refused(site: Site) -> None:
    """A thick LUN that does not fit its pool is REFUSED, and nothing is made."""
    assert verdict_of(lambda: site.array.create_lun(1, "one", 5000, POOL, THICK)) is Verdict.REFUSED
    assert numbers(site) == set()


@pytest.mark.parametrize("writable", [True, False])
def test_a_snapshot_is_taken(site: Site, *, writable: bool) -> None:
    """A snapshot shows source, primary and description, is as writable as asked, and safe from the array's deleting."""
    make_lun(site, 1, "one")
    description = "made by job 7" if writable else ""
    site.array.create_snapshot(1, "moment", writable=writable, description=description)
    shown = site.array.snapshot("moment")
    assert shown is not None
    assert (shown.source, shown.primary, shown.attached) == (1, 1, None)
    assert (shown.writable, shown.modified, shown.auto_delete) == (writable, False, False)
    assert (shown.description, bool(shown.created)) == (description, True)
    assert site.array.snapshots() == (shown,)


def test_a_snapshot_name_in_use_is_not_taken(site: Site) -> None:
    """Creating or copying a snapshot under a name in use is ALREADY, and the owner stays as it was."""
    make_lun(site, 1, "one")
    make_lun(site, 2, "two")
    site.array.create_snapshot(1, "owner", writable=True)
    owner = site.array.snapshot("owner")
    assert verdict_of(lambda: site.array.create_snapshot(2, "owner", writable=True)) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.copy_snapshot("owner", "owner")) is Verdict.ALREADY
    assert site.array.snapshot("owner") == owner


def test_a_snapshot_of_nothing_is_refused(site: Site) -> None:
    """A snapshot of a LUN that does not exist is REFUSED."""
    assert verdict_of(lambda: site.array.create_snapshot(1, "moment", writable=True)) is Verdict.REFUSED
    assert snapshot_names(site) == set()


def test_a_mount_point_stands_for_its_primary(site: Site) -> None:
    """A mount point has its own number, name and UID, its primary's size and pool, and shows nothing yet."""
    primary = make_lun(site, 1, "one", 2)
    site.array.create_mount_point(9, "window", 1)
    shown = lun(site, 9)
    assert (shown.number, shown.name, shown.pool, shown.blocks) == (9, "window", POOL, primary.blocks)
    assert (shown.primary, shown.attached, shown.is_mount_point) == ("one", None, True)
    assert shown.uid != primary.uid
    assert numbers(site) == {1, 9}


def test_a_mount_point_on_nothing_is_refused(site: Site) -> None:
    """A mount point on a LUN that does not exist is REFUSED."""
    assert verdict_of(lambda: site.array.create_mount_point(9, "window", 1)) is Verdict.REFUSED
    assert numbers(site) == set()


def test_an_attached_snapshot_is_seen_from_both_sides(site: Site) -> None:
    """After attaching, the mount point names the snapshot and the snapshot the mount point."""
    make_lun(site, 1, "one")
    assert make_snap_copy(site, 9, 1).attached == "of-9"
    snapshot = site.array.snapshot("of-9")
    assert snapshot is not None
    assert snapshot.attached == 9


def test_a_snapshot_keeps_the_moment(site: Site) -> None:
    """A snap copy shows what its source held when it was taken; neither sees what is written to the other later."""
    make_lun(site, 1, "one")
    site.write(1, "then")
    then = site.content(1)
    make_snap_copy(site, 9, 1)
    site.write(1, "now!")
    assert site.content(9) == then
    now = site.content(1)
    site.write(9, "mine")
    assert site.content(1) == now
    assert site.content(9) not in {then, now}


def test_a_snapshot_is_attached_once(site: Site) -> None:
    """Attaching a snapshot that is attached is ALREADY, to the same mount point or another."""
    make_lun(site, 1, "one")
    make_snap_copy(site, 9, 1)
    site.array.create_mount_point(8, "second", 1)
    assert verdict_of(lambda: site.array.attach_snapshot(9, "of-9")) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.attach_snapshot(8, "of-9")) is Verdict.ALREADY
    assert lun(site, 8).attached is None


def test_a_snapshot_is_attached_only_where_it_belongs(site: Site) -> None:
    """Attaching to another primary's mount point, to a LUN, to nothing, or attaching nothing, is REFUSED."""
    make_lun(site, 1, "one")
    make_lun(site, 2, "two")
    site.array.create_snapshot(1, "moment", writable=True)
    site.array.create_mount_point(9, "of two", 2)
    for number, name in ((9, "moment"), (2, "moment"), (7, "moment"), (9, "nothing")):
        assert verdict_of(lambda n=number, s=name: site.array.attach_snapshot(n, s)) is Verdict.REFUSED  # type: ignore[misc]
    moment = site.array.snapshot("moment")
    assert moment is not None
    assert moment.attached is None


def test_a_copied_snapshot_is_made_writable(site: Site) -> None:
    """A copy has its source's primary, is read-only, and becomes writable and undeletable by one idempotent command."""
    make_lun(site, 1, "one")
    site.array.create_snapshot(1, "moment", writable=True)
    site.array.copy_snapshot("moment", "copy")
    copy = site.array.snapshot("copy")
    assert copy is not None
    assert (copy.source, copy.primary, copy.writable) == (1, 1, False)
    for _ in range(2):
        site.array.allow_writes("copy")
        copy = site.array.snapshot("copy")
        assert copy is not None
        assert (copy.writable, copy.auto_delete) == (True, False)


def test_a_missing_snapshot_cannot_be_copied_or_changed(site: Site) -> None:
    """Copying or changing a snapshot that does not exist is REFUSED."""
    assert verdict_of(lambda: site.array.copy_snapshot("nothing", "copy")) is Verdict.REFUSED
    assert verdict_of(lambda: site.array.allow_writes("nothing")) is Verdict.REFUSED
    assert snapshot_names(site) == set()


def test_a_snapshot_is_destroyed_only_when_it_is_free(site: Site) -> None:
    """An attached snapshot cannot be destroyed; a free one can; a missing one is ALREADY."""
    make_lun(site, 1, "one")
    make_snap_copy(site, 9, 1)
    assert verdict_of(lambda: site.array.destroy_snapshot("of-9")) is Verdict.REFUSED
    assert snapshot_names(site) == {"of-9"}
    site.array.destroy_mount_point(9)
    site.array.destroy_snapshot("of-9")
    assert snapshot_names(site) == set()
    assert verdict_of(lambda: site.array.destroy_snapshot("of-9")) is Verdict.ALREADY


def test_a_lun_is_destroyed_only_when_nothing_hangs_on_it(site: Site) -> None:
    """A LUN with mount points or snapshots cannot be destroyed; a free one can; a missing one is ALREADY."""
    make_lun(site, 1, "one")
    make_snap_copy(site, 9, 1)
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.REFUSED
    site.array.destroy_mount_point(9)
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.REFUSED
    assert numbers(site) == {1}
    site.array.destroy_snapshot("of-9")
    site.array.destroy_lun(1)
    assert numbers(site) == set()
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.ALREADY


def test_a_lun_with_an_empty_mount_point_is_not_destroyed(site: Site) -> None:
    """A mount point that shows nothing yet still keeps its primary from being destroyed."""
    make_lun(site, 1, "one")
    site.array.create_mount_point(9, "window", 1)
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.REFUSED
    assert numbers(site) == {1, 9}


def test_a_mount_point_shows_one_snapshot(site: Site) -> None:
    """Attaching a second snapshot to a mount point is ALREADY, and the first one stays."""
    make_lun(site, 1, "one")
    make_snap_copy(site, 9, 1)
    site.array.create_snapshot(1, "second", writable=True)
    assert verdict_of(lambda: site.array.attach_snapshot(9, "second")) is Verdict.ALREADY
    assert lun(site, 9).attached == "of-9"


def test_a_mount_point_is_destroyed_without_its_snapshot(site: Site) -> None:
    """Destroying a mount point detaches its snapshot, which stays; a missing mount point is ALREADY."""
    make_lun(site, 1, "one")
    make_snap_copy(site, 9, 1)
    site.array.destroy_mount_point(9)
    assert numbers(site) == {1}
    left = site.array.snapshot("of-9")
    assert left is not None
    assert left.attached is None
    assert verdict_of(lambda: site.array.destroy_mount_point(9)) is Verdict.ALREADY


def test_past_its_deadline_a_turn_sends_nothing(site: Site) -> None:
    """Past the deadline every command is NO_SLOT and has no effect; before it, commands run as ever."""
    late, in_time = site.bound(-1), site.bound(100_000)
    assert verdict_of(late.luns) is Verdict.NO_SLOT
    assert verdict_of(lambda: late.create_lun(1, "one", 1, POOL, THICK)) is Verdict.NO_SLOT
    assert in_time.luns() == ()
    in_time.create_lun(1, "one", 1, POOL, THICK)
    assert numbers(site) == {1}
