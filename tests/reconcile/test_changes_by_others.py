"""What other administrators change is found, said in a sentence, and known afterwards; it is never touched."""

from collections.abc import Callable

import pytest

from tests.reconcile.ground import GOLD, SPARE, Ground
from vnx_jobs.reconcile.finding import Kind, Remedy


def replaced(ground: Ground) -> None:
    """Destroy a volume and make another one of its name."""
    ground.admin.destroy_lun(SPARE)
    ground.lun(77, "spare")


def retaken(ground: Ground) -> None:
    """Destroy a snapshot and take another one of its name."""
    ground.admin.destroy_snapshot("monday")
    ground.installation.clock.advance(60)
    ground.admin.create_snapshot(GOLD, "monday", writable=False)


def swapped(ground: Ground) -> None:
    """Let a foreign mount point hold another snapshot."""
    ground.change(90, attached="other")


CHANGES = [
    pytest.param(lambda ground: ground.lun(77, "new"), Kind.VOLUME_APPEARED, "new", "new (LUN 77) is new", id="volume"),
    pytest.param(
        lambda ground: ground.snap_copy(91, "theirs", "their-image"),
        Kind.VOLUME_APPEARED,
        "theirs",
        "snap copy theirs of gold (LUN 91) is new",
        id="snap-copy",
    ),
    pytest.param(
        lambda ground: ground.admin.destroy_lun(SPARE),
        Kind.VOLUME_VANISHED,
        "spare",
        "volume spare (LUN 2) is on the array no more",
        id="vanished",
    ),
    pytest.param(replaced, Kind.VOLUME_REPLACED, "spare", "the one known by that name had", id="replaced"),
    pytest.param(
        lambda ground: ground.change(SPARE, name="tin"), Kind.VOLUME_RENAMED, "tin", "called tin by now", id="renamed"
    ),
    pytest.param(
        lambda ground: ground.grow(SPARE, 5), Kind.VOLUME_RESIZED, "spare", "has 5 GB, and had 2", id="resized"
    ),
    pytest.param(
        lambda ground: ground.admin.create_snapshot(GOLD, "tuesday", writable=False),
        Kind.SNAPSHOT_APPEARED,
        "tuesday",
        "snapshot tuesday of gold is new",
        id="snapshot",
    ),
    pytest.param(
        lambda ground: ground.admin.destroy_snapshot("monday"),
        Kind.SNAPSHOT_VANISHED,
        "monday",
        "snapshot monday of gold is on the array no more",
        id="snapshot-vanished",
    ),
    pytest.param(retaken, Kind.SNAPSHOT_REPLACED, "monday", "is not the one that was known", id="snapshot-replaced"),
]


@pytest.mark.parametrize(("change", "kind", "subject", "says"), CHANGES)
def test_a_change_is_found_and_adopted(
    ground: Ground, change: Callable[[Ground], None], kind: Kind, subject: str, says: str
) -> None:
    """One change is one finding; looking changes nothing; once it is applied nothing is found, and nothing was sent."""
    assert ground.look() == ()
    change(ground)
    stands = ground.installation.array_shows()
    (found,) = ground.look()
    assert (found.kind, found.subject, found.remedy, found.removal) == (kind, subject, Remedy.ADOPT, None)
    assert says in found.sentence
    assert ground.look() == (found,)
    assert ground.apply().jobs == {}
    assert ground.look() == ()
    assert ground.installation.array_shows() == stands


def test_a_foreign_snap_copy_takes_its_places(ground: Ground) -> None:
    """After a snap copy of others was adopted, its source has a place less of each kind, and back when it is gone."""
    before = ground.installation.slots("gold")
    ground.snap_copy(91, "theirs", "their-image")
    ground.apply()
    assert ground.installation.slots("gold") == {kind: used + 1 for kind, used in before.items()}
    ground.admin.destroy_mount_point(91)
    ground.admin.destroy_snapshot("their-image")
    (found,) = ground.look()
    assert (found.kind, found.subject) == (Kind.VOLUME_VANISHED, "theirs")
    ground.apply()
    assert ground.installation.slots("gold") == before


def test_another_snapshot_in_a_foreign_mount_point(ground: Ground) -> None:
    """A foreign mount point that holds another snapshot than before is told with both names."""
    ground.snap_copy(90, "theirs", "one")
    ground.admin.create_snapshot(GOLD, "other", writable=True)
    ground.apply()
    swapped(ground)
    (found,) = ground.look()
    assert (found.kind, found.remedy) == (Kind.ATTACHMENT_CHANGED, Remedy.ADOPT)
    assert "holds other, and held one" in found.sentence
    ground.apply()
    assert ground.look() == ()


def test_a_strangers_lun_with_a_number_of_ours(ground: Ground) -> None:
    """It is left as it is; while it stands no job is given its number."""
    ground.lun(503, "stranger")
    (found,) = ground.look()
    assert (found.kind, found.remedy) == (Kind.NUMBER_TAKEN, Remedy.LEAVE)
    ground.apply()
    made = [ground.installation.do("create-volume", name=f"v{n}", size_gb=1, pool="pool") for n in range(4)]
    assert [record.state for record in made] == ["SUCCEEDED"] * 4
    assert 503 not in {record.numbers["volume"] for record in made}


def test_a_foreign_session_is_left(ground: Ground) -> None:
    """A migration that no job has started is its owner's, and told as long as it is listed."""
    ground.lun(77, "theirs")
    ground.apply()
    ground.copy_onto(SPARE, 77)
    for _ in range(2):
        (found,) = ground.look()
        assert (found.kind, found.subject, found.remedy) == (Kind.SESSION, "spare", Remedy.LEAVE)
        ground.apply()
    assert set(ground.installation.vnx.world.copies) == {SPARE}


def test_places_and_numbers_that_are_held_for_nothing(ground: Ground) -> None:
    """Claims that no object stands behind are told one by one, and given back."""
    server, uid = ground.installation.server, ground.installation.vnx.world.volumes[GOLD].uid
    server.client.zadd(f"{server.prefix}h:snapshots:box:{uid}", {"nobody": 1})
    server.client.zadd(f"{server.prefix}h:numbers:box", {"600": 1})
    server.client.zrem(f"{server.prefix}n:numbers:box", "600")
    server.client.zrem(f"{server.prefix}h:snapshots:box:{uid}", "monday")
    found = ground.look()
    assert {(one.kind, one.remedy) for one in found} == {
        (Kind.SLOT_UNUSED, Remedy.REPAIR),
        (Kind.SLOT_MISSING, Remedy.REPAIR),
        (Kind.NUMBER_UNUSED, Remedy.REPAIR),
    }
    sentences = " ".join(one.sentence for one in found)
    assert "a place of a snapshot at gold is held for nobody, which the array does not show" in sentences
    assert "LUN number 600 is held, and the array has no such LUN" in sentences
    ground.apply()
    assert ground.look() == ()
    assert ground.installation.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 2}


def test_groups_that_others_change(ground: Ground) -> None:
    """A consistency group that others make, give another member and delete is told each time, and then known."""
    changes: tuple[tuple[Callable[[], None], Kind, str], ...] = (
        (lambda: ground.admin.create_group("set", (GOLD,), ""), Kind.GROUP_APPEARED, "group set is new"),
        (
            lambda: ground.admin.add_to_group("set", (SPARE,)),
            Kind.GROUP_CHANGED,
            "(gold, spare), and had 1",
        ),
        (lambda: ground.admin.destroy_group("set"), Kind.GROUP_VANISHED, "group set is on the array no more"),
    )
    for change, kind, says in changes:
        change()
        (found,) = ground.look()
        assert (found.kind, found.subject, found.remedy) == (kind, "set", Remedy.ADOPT)
        assert says in found.sentence
        ground.apply()
        assert ground.look() == ()


def test_an_array_that_was_never_read(ground: Ground) -> None:
    """Without an earlier list nothing counts as new: there is nothing to compare with."""
    server = ground.installation.server
    for key in server.client.scan_iter(match=f"{server.prefix}inv:*"):
        server.client.delete(key)
    assert ground.look() == ()


@pytest.mark.parametrize("operation", ["snap-copy", "clone"])
def test_the_business_of_a_job_is_no_finding(ground: Ground, operation: str) -> None:
    """At whatever command of a job the array is read, nothing is found: before, under way, and when it has ended."""
    seen: list[tuple[str, int]] = []
    job = ground.installation.submit(operation, name="twin", source="gold").job
    while not ground.installation.ended(job):
        seen += [(one.sentence, 1) for one in ground.look()]
        ground.installation.turns()
        seen += [(one.sentence, 2) for one in ground.look()]
        ground.installation.clock.advance(0.01)
        ground.installation.beat()
    assert ground.installation.record(job).state == "SUCCEEDED"
    assert seen == []
    assert ground.look() == ()


def attached(ground: Ground) -> None:
    """Let a host see two volumes by one job."""
    ground.admin.create_storage_group("esx")
    ground.installation.read_array()
    record = ground.installation.do("attach-volume", volumes="spare,copy", host="esx", mode="rw")
    assert record.state == "SUCCEEDED", record.error
    ground.installation.read_array()


def on_record(ground: Ground) -> list[str]:
    """Return the names of the volumes whose attachments are on record."""
    names = {one.uid: one.name for one in ground.installation.vnx.world.volumes.values()}
    return sorted(names.get(uid, uid) for uid in ground.installation.inventory.attached("box"))


@pytest.mark.parametrize("how", ["unmapped", "with its group"])
def test_an_attachment_that_others_took_away_is_forgotten(ground: Ground, how: str) -> None:
    """Its record goes with the next reconciling, its volume may be marked read-only; the other one's stays."""
    attached(ground)
    assert ground.look() == ()
    if how == "unmapped":
        ground.admin.unmap_lun("esx", 1)
    else:
        ground.admin.destroy_storage_group("esx")
        ground.admin.create_storage_group("esx")
        ground.admin.map_lun("esx", 2, ground.number_of("copy"))
    (found,) = ground.look()
    assert (found.kind, found.subject, found.remedy) == (Kind.MAPPING_VANISHED, "spare", Remedy.ADOPT)
    assert "storage group esx shows spare no more" in found.sentence
    assert on_record(ground) == ["copy", "spare"]
    ground.apply()
    assert ground.look() == ()
    assert on_record(ground) == ["copy"]


def test_an_attachment_that_a_job_is_about_is_not_spoken_of(ground: Ground) -> None:
    """While a detachment is under way, and until lists are younger than it, its volume is its own business."""
    attached(ground)
    ground.admin.unmap_lun("esx", 1)
    ground.installation.submit("detach-volume", volumes="spare", host="esx")
    assert ground.look() == ()


def test_an_attachment_made_anew_since_is_kept(ground: Ground) -> None:
    """What was found lost, and was attached again before anything was done about it, stays on record."""
    attached(ground)
    ground.admin.unmap_lun("esx", 1)
    ground.installation.clock.advance(0.001)
    found = ground.reconciler.look("box")
    again = ground.installation.do("attach-volume", volumes="spare", host="esx", mode="ro")
    assert again.state == "SUCCEEDED", again.error
    ground.reconciler.apply(found, "test")
    assert on_record(ground) == ["copy", "spare"]
