"""What others changed is told though the watch has read the lists since, until it is settled or a job moves it."""

from collections.abc import Callable

import pytest

from tests.installation import ARRAY
from tests.reconcile.ground import GOLD, SPARE, Ground
from tests.reconcile.test_changes_by_others import CHANGES
from vnx_jobs.reconcile.finding import Kind, Remedy


def hours(ground: Ground, count: int = 3) -> None:
    """Let the watch refresh everything, hour after hour."""
    for _ in range(count):
        ground.installation.clock.advance(3600)
        ground.installation.read_array()


@pytest.mark.parametrize(("change", "kind", "subject", "says"), CHANGES)
def test_a_change_that_the_watch_has_seen_is_told(
    ground: Ground, change: Callable[[Ground], None], kind: Kind, subject: str, says: str
) -> None:
    """After three refreshes it is the same one finding as before them, and gone once it is applied."""
    change(ground)
    hours(ground)
    (found,) = ground.look()
    assert (found.kind, found.subject, found.remedy) == (kind, subject, Remedy.ADOPT)
    assert says in found.sentence
    assert ground.look() == (found,)
    ground.apply()
    assert ground.look() == ()
    hours(ground, 1)
    assert ground.look() == ()


def test_another_pool_is_told(ground: Ground) -> None:
    """A volume that others moved to another pool is told with both."""
    ground.change(SPARE, pool="other")
    hours(ground)
    (found,) = ground.look()
    assert found.kind is Kind.VOLUME_MOVED
    assert "is thin in other, and was thin in pool" in found.sentence


def test_a_change_that_was_taken_back_is_none(ground: Ground) -> None:
    """A snapshot that came and went, and a volume that has its old size again, leave nothing to tell."""
    ground.admin.create_snapshot(GOLD, "tuesday", writable=False)
    ground.grow(SPARE, 5)
    hours(ground)
    assert len(ground.look()) == 2
    ground.admin.destroy_snapshot("tuesday")
    ground.grow(SPARE, 2)
    hours(ground)
    assert ground.look() == ()
    assert ground.installation.inventory.altered(ARRAY) == ()


def test_a_job_on_a_changed_volume_does_not_hide_the_change(ground: Ground) -> None:
    """A snapshot that a job took of a volume which others had extended leaves the extension to be told."""
    ground.grow(SPARE, 5)
    hours(ground)
    assert ground.installation.do("create-snapshot", name="later", volume="spare").state == "SUCCEEDED"
    ground.apply()
    hours(ground, 1)
    assert [(one.kind, one.subject) for one in ground.look()] == [(Kind.VOLUME_RESIZED, "spare")]


def test_what_a_job_did_to_a_changed_volume_is_known(ground: Ground) -> None:
    """A volume that others renamed, and a job then deleted, is the job's business."""
    ground.change(SPARE, name="tin")
    hours(ground)
    assert [one.kind for one in ground.look()] == [Kind.VOLUME_RENAMED]
    assert ground.installation.do("delete-volume", name="tin").state == "SUCCEEDED"
    hours(ground)
    assert ground.look() == ()


def test_the_first_list_of_an_array_is_what_is_known(ground: Ground) -> None:
    """With the inventory gone, the next lists are compared with nothing, and the ones after them with these."""
    server = ground.installation.server
    for key in server.client.scan_iter(match=f"{server.prefix}inv:*"):
        server.client.delete(key)
    ground.grow(SPARE, 5)
    hours(ground)
    assert ground.look() == ()
    ground.grow(SPARE, 6)
    hours(ground)
    assert [one.kind for one in ground.look()] == [Kind.VOLUME_RESIZED]


def test_groups_that_others_changed_or_made_anew(ground: Ground) -> None:
    """A group with other members, and another one of the same name, are told after the lists were read again."""
    ground.installation.make("third")
    ground.apply()
    assert ground.installation.do("create-group", name="set", members="gold").state == "SUCCEEDED"
    hours(ground)
    assert ground.look() == ()
    ground.admin.add_to_group("set", (SPARE,))
    hours(ground)
    (found,) = ground.look()
    assert (found.kind, found.subject) == (Kind.GROUP_CHANGED, "set")
    assert "2 members (gold, spare), and had 1" in found.sentence
    ground.admin.destroy_group("set")
    ground.admin.create_group("set", (3,), "theirs")
    hours(ground)
    (found,) = ground.look()
    assert (found.kind, found.subject) == (Kind.GROUP_REPLACED, "set")
    ground.apply()
    assert ground.look() == ()


def test_what_others_show_to_hosts(ground: Ground) -> None:
    """A volume that others show to a host, or hide, is told; what jobs attach and detach is not."""
    ground.admin.create_storage_group("esx")
    hours(ground, 1)
    assert ground.look() == ()
    assert ground.installation.do("attach-volume", volumes="gold", host="esx", mode="rw").state == "SUCCEEDED"
    hours(ground, 1)
    assert ground.look() == ()
    ground.admin.map_lun("esx", 9, SPARE)
    hours(ground)
    (found,) = ground.look()
    assert (found.kind, found.subject) == (Kind.MAPPING_APPEARED, "spare")
    assert "storage group esx shows spare under 9" in found.sentence
    ground.apply()
    assert ground.look() == ()
    assert ground.installation.do("detach-volume", volumes="gold", host="esx").state == "SUCCEEDED"
    ground.admin.unmap_lun("esx", 9)
    hours(ground)
    (found,) = ground.look()
    assert (found.kind, found.subject) == (Kind.MAPPING_VANISHED, "spare")
    ground.apply()
    assert ground.look() == ()


def test_marks_of_volumes_that_vanished_are_forgotten(ground: Ground) -> None:
    """The mark of a volume that others destroyed goes with its finding; one that was left behind is told by itself."""
    inventory, uid = ground.installation.inventory, ground.installation.vnx.world.volumes[SPARE].uid
    assert ground.installation.do("set-readonly", name="spare", readonly=True).state == "SUCCEEDED"
    ground.installation.server.client.hset(f"{ground.installation.server.prefix}access:{ARRAY}", "60:lost", "ro")
    ground.admin.destroy_lun(SPARE)
    hours(ground)
    found = ground.look()
    assert [(one.kind, one.subject) for one in found] == [
        (Kind.VOLUME_VANISHED, "spare"),
        (Kind.MARK_UNUSED, "60:lost"),
    ]
    assert "its mark that it is read-only goes with it" in found[0].sentence
    assert inventory.access(ARRAY, uid) == "ro"
    ground.apply()
    assert ground.look() == ()
    assert {"60:lost", uid}.isdisjoint(inventory.marks(ARRAY))


def test_claims_of_what_vanished_long_ago_are_found_whenever_one_looks(ground: Ground) -> None:
    """Places at a volume, and host LUN numbers of a group, that no list shows are told and given back, no job's."""
    installation = ground.installation
    client, prefix = installation.server.client, installation.server.prefix
    job = installation.submit("snap-copy", name="later", source="gold").job
    hidden = f"vjt-{job}-snap"
    client.zadd(f"{prefix}h:copies:{ARRAY}:60:lost", {"nobody": 1, hidden: 2})
    client.zadd(f"{prefix}h:snapshots:{ARRAY}:60:lost", {"nobody": 1, "young": 10**9})
    client.zadd(f"{prefix}h:hlus:{ARRAY}:gone", {"7": 1})
    hours(ground)
    found = ground.look()
    assert sorted((one.kind, one.subject) for one in found) == [
        (Kind.NUMBER_UNUSED, "gone"),
        (Kind.SLOT_UNUSED, "60:lost"),
        (Kind.SLOT_UNUSED, "60:lost"),
    ]
    assert (
        "host LUN number 7 of storage group gone is held" in found[0].sentence + found[1].sentence + found[2].sentence
    )
    ground.apply()
    assert ground.look() == ()
    held = {key: members for key, members in installation.held().items() if "lost" in key or "gone" in key}
    assert held == {f"copies:{ARRAY}:60:lost": ["hidden"], f"snapshots:{ARRAY}:60:lost": ["young"]}
    assert installation.run(job)[0].state == "SUCCEEDED"


@pytest.mark.parametrize(("operation", "left"), [("delete-volume", "snapshot"), ("delete-snapshot", "volume")])
def test_a_volume_and_a_snapshot_of_one_name(ground: Ground, operation: str, left: str) -> None:
    """Deleting one of them leaves the other known, and makes no finding of it."""
    installation = ground.installation
    assert installation.do("create-volume", name="twin", size_gb=1, pool="pool").state == "SUCCEEDED"
    assert installation.do("create-snapshot", name="twin", volume="gold").state == "SUCCEEDED"
    assert installation.do(operation, name="twin").state == "SUCCEEDED"
    inventory = installation.inventory
    known = {"volume": inventory.volume(ARRAY, "twin"), "snapshot": inventory.snapshot(ARRAY, "twin")}
    assert [kind for kind, one in known.items() if one is not None] == [left]
    hours(ground)
    assert ground.look() == ()


def test_lists_after_changes_were_lost_are_compared_with_nothing(ground: Ground) -> None:
    """What jobs had done may be forgotten then: nothing is noted until a list of after that has been read."""
    installation = ground.installation
    client, frozen = installation.server.client, f"{installation.server.prefix}frozen"
    client.hset(frozen, ARRAY, round(installation.clock.monotonic() * 1000) + 60_000)
    ground.grow(SPARE, 5)
    installation.read_array()
    client.hdel(frozen, ARRAY)
    ground.grow(SPARE, 6)
    hours(ground, 1)
    assert ground.look() == ()
    ground.grow(SPARE, 7)
    hours(ground, 1)
    (found,) = ground.look()
    assert "has 7 GB, and had 6" in found.sentence
