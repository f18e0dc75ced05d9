"""The contract of the array port, continued: consistency groups, their snapshots, and what storage groups show."""

from functools import partial

import pytest

from tests.array.sites import MemorySite, SimulatedSite, Site, make_lun, make_snap_copy, verdict_of
from vnx_jobs.adapters.memory.groups_rules import map_lun
from vnx_jobs.model.array import Group, StorageGroup
from vnx_jobs.model.errors import Verdict


def show_to_hosts(site: Site, group: str, hlu: int, number: int) -> None:
    """Let a storage group show a LUN, as another administrator would."""
    if isinstance(site, MemorySite):
        site.vnx.apply(lambda world, _: map_lun(world, group, hlu, number))
    if isinstance(site, SimulatedSite):
        words = ["-hlu", str(hlu), "-alu", str(number), "-gname", group, "-o"]
        site.array.runner.change(["storagegroup", "-create", "-gname", group])
        site.array.runner.change(["storagegroup", "-addhlu", *words])


def of_users(site: Site) -> tuple[StorageGroup, ...]:
    """Return the storage groups but for the array's own."""
    return tuple(group for group in site.array.storage_groups() if not group.name.startswith("~"))


def test_an_array_without_groups_lists_none(site: Site) -> None:
    """Lists of groups are empty at first, and a group that is not there is not found."""
    assert site.array.groups() == ()
    assert site.array.group("wide") is None
    assert of_users(site) == ()


def test_a_group_is_made_of_luns(site: Site) -> None:
    """A new group has its name, its members and its description, and is listed."""
    make_lun(site, 1, "one")
    make_lun(site, 3, "three")
    site.array.create_group("wide", (3, 1), "a mark")
    assert site.array.group("wide") == Group("wide", (1, 3), "a mark")
    site.array.create_group("42", (), "a number")
    assert set(site.array.groups()) == {Group("wide", (1, 3), "a mark"), Group("42", (), "a number")}


def test_members_come_and_go(site: Site) -> None:
    """LUNs are added to a group and taken out of it."""
    for number in (1, 2, 3):
        make_lun(site, number, f"volume {number}")
    site.array.create_group("wide", (1,), "")
    site.array.add_to_group("wide", (2, 3))
    assert site.array.group("wide") == Group("wide", (1, 2, 3))
    site.array.remove_from_group("wide", (1, 3))
    assert site.array.group("wide") == Group("wide", (2,))


def test_what_cannot_be_a_member_is_refused(site: Site) -> None:
    """A LUN that is not there, one of another group, one that is in already, and a mount point: none is added."""
    for number in (1, 2):
        make_lun(site, number, f"volume {number}")
    make_snap_copy(site, 9, 1)
    site.array.create_group("wide", (1,), "")
    site.array.create_group("other", (2,), "")
    for unfit in (7, 2, 1, 9):
        assert verdict_of(partial(site.array.add_to_group, "wide", (unfit,))) is Verdict.REFUSED
    assert verdict_of(lambda: site.array.create_group("third", (1,), "")) is Verdict.REFUSED
    assert {group.name: group.members for group in site.array.groups()} == {"wide": (1,), "other": (2,)}


def test_what_is_no_member_cannot_be_taken_out(site: Site) -> None:
    """Of LUNs of which one is not in the group none is taken out."""
    for number in (1, 2):
        make_lun(site, number, f"volume {number}")
    site.array.create_group("wide", (1,), "")
    assert verdict_of(lambda: site.array.remove_from_group("wide", (1, 2))) is Verdict.REFUSED
    assert site.array.group("wide") == Group("wide", (1,))


def test_the_name_of_a_group_is_given_once(site: Site) -> None:
    """A second group of the same name is refused as there already."""
    make_lun(site, 1, "one")
    site.array.create_group("wide", (1,), "first")
    assert verdict_of(lambda: site.array.create_group("wide", (), "second")) is Verdict.ALREADY
    assert site.array.group("wide") == Group("wide", (1,), "first")


def test_a_group_is_destroyed_and_its_luns_stay(site: Site) -> None:
    """A destroyed group is gone; destroying it again is told as gone already; to change it is refused."""
    make_lun(site, 1, "one")
    site.array.create_group("wide", (1,), "")
    site.array.destroy_group("wide")
    assert site.array.group("wide") is None
    assert [lun.number for lun in site.array.luns()] == [1]
    assert verdict_of(lambda: site.array.destroy_group("wide")) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.add_to_group("wide", (1,))) is Verdict.REFUSED


def test_a_member_cannot_be_destroyed(site: Site) -> None:
    """The array refuses to destroy a LUN that is in a group."""
    make_lun(site, 1, "one")
    site.array.create_group("wide", (1,), "")
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.REFUSED
    site.array.destroy_group("wide")
    site.array.destroy_lun(1)
    assert site.array.luns() == ()


def test_a_group_is_snapshotted_at_one_moment(site: Site) -> None:
    """The snapshot of a group is one, read-only, kept, of all its members, and names its group."""
    for number in (1, 3):
        make_lun(site, number, f"volume {number}")
    site.array.create_group("42", (1, 3), "")
    site.array.create_group_snapshot("42", "frozen", "a mark")
    shown = site.array.snapshot("frozen")
    assert shown is not None
    assert site.array.snapshots() == (shown,)
    assert (shown.images, shown.group, shown.description) == (((1, 1), (3, 3)), "42", "a mark")
    assert (shown.writable, shown.auto_delete, shown.attached) == (False, False, None)
    assert verdict_of(lambda: site.array.create_group_snapshot("42", "frozen", "")) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.REFUSED
    site.array.destroy_snapshot("frozen")
    assert site.array.snapshots() == ()


@pytest.mark.parametrize("group", ["empty", "missing"])
def test_nothing_can_be_frozen_of_no_luns(site: Site, group: str) -> None:
    """A group without members, or one that is not there, is not snapshotted."""
    site.array.create_group("empty", (), "")
    assert verdict_of(lambda: site.array.create_group_snapshot(group, "frozen", "")) is Verdict.REFUSED
    assert site.array.snapshots() == ()


def test_each_member_of_a_groups_snapshot_is_shown_by_its_own_mount_point(site: Site) -> None:
    """A writable snapshot of a group is attached to a mount point of each member, and shows what that held."""
    for number in (1, 3):
        make_lun(site, number, f"volume {number}")
        site.write(number, f"then {number}")
    then = {number: site.content(number) for number in (1, 3)}
    site.array.create_group("wide", (1, 3), "")
    site.array.create_group_snapshot("wide", "frozen", "")
    site.array.allow_writes("frozen")
    for number in (1, 3):
        site.write(number, "now")
        site.array.create_mount_point(90 + number, f"view of {number}", number)
        site.array.attach_snapshot(90 + number, "frozen")
    assert {number: site.content(90 + number) for number in (1, 3)} == then


def test_a_storage_group_shows_its_luns(site: Site) -> None:
    """A storage group is listed with the numbers that its hosts know its LUNs by; a LUN shown is not destroyed."""
    make_lun(site, 1, "one")
    show_to_hosts(site, "servers", 7, 1)
    (shown,) = of_users(site)
    assert (shown.name, shown.luns, shown.initiators) == ("servers", ((7, 1),), ())
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.REFUSED
