"""What jobs left that are over is removed by jobs, if name and identity prove it; whatever is in doubt stays."""

from typing import Any

import pytest

from tests.crash.fates import REFUSAL, SURVIVED
from tests.installation import ARRAY
from tests.reconcile.ground import GOLD, LEFT, LOST, SPARE, TARGET, Ground
from vnx_jobs.adapters.memory.vnx import meanwhile
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.names import new_job_id, temporary_name
from vnx_jobs.model.orders import Order
from vnx_jobs.ports import Accepted
from vnx_jobs.reconcile.finding import Finding, Kind, Remedy


def abandoned_clone(ground: Ground) -> str:
    """Let a full clone be abandoned in the middle of its copy, with all that it made; return the job."""
    installation = ground.installation
    installation.vnx.seconds_per_gb = 1000.0
    job = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: "session-over" in installation.record(job).condition)
    installation.vnx.plan("cancel_migration", REFUSAL.make(installation))
    installation.vnx.plan("sessions", REFUSAL.make(installation))
    installation.store.order(job, Order.CANCEL, "ann")
    assert installation.run(job)[0].state == "STUCK"
    assert ground.look() == ()  # a stuck job says itself what it left
    installation.store.order(job, Order.ABANDON, "ann")
    return job


def abandoned_copy(ground: Ground) -> str:
    """Let a snap copy be abandoned whose undo was refused; return the job."""
    installation = ground.installation
    job = installation.submit("snap-copy", name="wreck", source="gold").job
    installation.until(lambda: installation.record(job).step == "learn-identity")
    installation.vnx.plan("destroy_mount_point", REFUSAL.make(installation))
    installation.store.order(job, Order.CANCEL, "ann")
    assert installation.run(job)[0].state == "STUCK"
    installation.store.order(job, Order.ABANDON, "ann")
    return job


def remedies(found: tuple[Finding, ...]) -> list[tuple[str, Remedy]]:
    """Return the kinds of what is to be removed, and the remedies, in their order."""
    return [("" if one.removal is None else one.removal.kind, one.remedy) for one in found]


def later(ground: Ground) -> None:
    """Let the time pass in which a late command could land."""
    ground.installation.clock.advance(2 * ground.installation.box.landing)


def test_what_a_lost_job_left_is_removed(ground: Ground) -> None:
    """A snapshot, a target LUN and a session onto it, of a job without a record: the session first, then the rest."""
    stands = ground.installation.array_shows()
    ground.admin.create_snapshot(GOLD, LEFT, writable=True)
    ground.lun(700, TARGET)
    ground.copy_onto(SPARE, 700)
    found = ground.look()
    clean = Remedy.CLEAN
    assert remedies(found) == [("session", clean), ("lun", clean), ("snapshot", clean)]
    assert all(LOST in one.sentence and "of which there is no record" in one.sentence for one in found)
    ground.apply()
    assert ground.installation.array_shows() == stands
    assert ground.installation.vnx.world.copies == {}
    assert ground.look() == ()
    assert ground.installation.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 2}
    assert "700" not in ground.installation.held()["numbers:box"]


def test_what_a_lost_backup_left_is_removed(ground: Ground) -> None:
    """What the backup host is shown goes first, then the mount points, their snapshots, and a drill's LUN."""
    stands = ground.installation.array_shows()
    ground.admin.create_storage_group("vault")
    for number, (primary, place) in enumerate(((GOLD, 0), (SPARE, 1)), start=710):
        ground.snap_copy(number, f"vjt-{LOST}-mount{place}", f"vjt-{LOST}-snap{place}", primary)
        ground.admin.map_lun("vault", 1 + place, number)
    ground.lun(720, f"vjt-{LOST}-drill")
    found = ground.look()
    kinds = ["mapping"] * 2 + ["mount-point"] * 2 + ["lun"] + ["snapshot"] * 2
    assert remedies(found) == [(kind, Remedy.CLEAN) for kind in kinds]
    assert found[0].sentence.startswith(
        f"host LUN number 1 of storage group vault, which shows vjt-{LOST}-mount0 (710),"
    )
    ground.apply()
    assert ground.installation.array_shows() == stands | {"storage group vault": ""}
    assert ground.look() == ()
    assert ground.installation.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 2}
    assert not {key for key in ground.installation.held() if key.startswith("hlus:")}


def test_what_a_backup_under_way_shows_is_left(ground: Ground) -> None:
    """Nothing is said of what a backup is at: its mount point, its snapshot, and what the backup host sees."""
    installation = ground.installation
    ground.admin.create_storage_group("vault")
    installation.read_array()
    installation.backup_host.asleep = True
    job = installation.submit("backup", volumes="gold", repository="nightly", host="vault").job
    installation.until(lambda: "backup host" in installation.record(job).why)
    assert [one for one in ground.look() if one.removal is not None] == []


def test_what_an_abandoned_clone_left_is_removed(ground: Ground) -> None:
    """Session, target, mount point and snapshot go, in that order; the source and all else stays."""
    stands = ground.installation.array_shows()
    job = abandoned_clone(ground)
    young = ground.look()
    assert {one.remedy for one in young} == {Remedy.LEAVE}
    assert all("could still land" in one.does for one in young)
    later(ground)
    found = ground.look()
    kinds = ["session", "lun", "mount-point", "snapshot"]
    assert remedies(found) == [(kind, Remedy.CLEAN) for kind in kinds]
    assert all(f"job {job}, which is ABANDONED" in one.sentence for one in found)
    ground.apply()
    assert ground.installation.array_shows() == stands
    assert ground.look() == ()


def test_a_copy_of_a_groups_snapshot_that_a_lost_job_left_is_removed(ground: Ground) -> None:
    """It goes by its job's name, and gives back its slot of each member; the group's own snapshot stays."""
    ground.admin.create_group("set", (GOLD, SPARE), "")
    ground.admin.create_group_snapshot("set", "frozen", "")
    stands = ground.installation.array_shows()
    ground.admin.copy_snapshot("frozen", LEFT)
    ground.installation.read_array()
    assert [ground.installation.slots(name)["snapshots"] for name in ("gold", "spare")] == [4, 2]
    (left,) = (one.sentence for one in ground.look() if one.remedy is Remedy.CLEAN)
    assert left.startswith(f"snapshot {LEFT} of gold was left by job {LOST}")
    ground.apply()
    assert ground.installation.array_shows() == stands
    assert [ground.installation.slots(name)["snapshots"] for name in ("gold", "spare")] == [3, 1]


def test_what_an_abandoned_snap_copy_left_is_removed(ground: Ground) -> None:
    """The mount point with the user's name goes, proved by its number and the snapshot in it, and then the snapshot."""
    stands = ground.installation.array_shows()
    abandoned_copy(ground)
    later(ground)
    assert remedies(ground.look()) == [("mount-point", Remedy.CLEAN), ("snapshot", Remedy.CLEAN)]
    ground.apply()
    assert ground.installation.array_shows() == stands
    assert ground.look() == ()


def test_a_mount_point_that_another_number_was_given_is_left(ground: Ground) -> None:
    """A mount point with the abandoned job's snapshot in it, but a number that the job never had, is a stranger's."""
    abandoned_copy(ground)
    hidden = ground.hidden("wreck")
    ground.admin.destroy_mount_point(ground.number_of("wreck"))
    ground.admin.create_mount_point(650, "rescue", GOLD)
    ground.admin.attach_snapshot(650, hidden)
    later(ground)
    assert [(one.kind, one.subject) for one in ground.look()] == [(Kind.NUMBER_TAKEN, "rescue")]
    ground.apply()
    assert ground.installation.vnx.read(650) == "ore"


def test_a_users_snapshot_that_landed_late_is_removed_by_its_mark(ground: Ground) -> None:
    """A snapshot with the name asked for and the mark of a job that failed is that job's."""
    installation = ground.installation
    installation.vnx.plan("create_snapshot", REFUSAL.make(installation))
    record = installation.do("create-snapshot", name="tuesday", volume="gold")
    assert record.state == "FAILED"
    later(ground)
    ground.admin.create_snapshot(GOLD, "tuesday", writable=False, description=f"vjt-{record.id}")
    ground.admin.create_snapshot(GOLD, "wednesday", writable=False, description=f"vjt-{record.id}")
    ground.apply()
    assert {"tuesday", "wednesday"} & installation.vnx.world.images.keys() == {"wednesday"}


def test_a_snap_copy_that_others_removed_leaves_its_snapshot(ground: Ground) -> None:
    """The copy is forgotten, and the hidden snapshot, which was its alone, is removed."""
    hidden = ground.hidden("copy")
    ground.admin.destroy_mount_point(ground.number_of("copy"))
    later(ground)
    found = ground.look()
    assert [(one.kind, one.subject) for one in found] == [
        (Kind.VOLUME_VANISHED, "copy"),
        (Kind.LEFTOVER, hidden),
    ]
    ground.apply()
    assert hidden not in ground.installation.vnx.world.images
    assert ground.look() == ()
    assert ground.installation.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 1}


def test_a_snapshot_that_others_detached_is_not_destroyed(ground: Ground) -> None:
    """The content of a snap copy whose snapshot was detached stays: a person attaches it again."""
    hidden, number = ground.hidden("copy"), ground.number_of("copy")
    ground.change(number, attached=None)
    later(ground)
    found = ground.look()
    assert [(one.kind, one.remedy) for one in found] == [
        (Kind.EMPTY_MOUNT_POINT, Remedy.LEAVE),
        (Kind.LEFTOVER, Remedy.LEAVE),
    ]
    assert "has lost its snapshot, which may be this one" in found[1].sentence
    ground.apply()
    ground.admin.attach_snapshot(number, hidden)
    ground.apply()
    assert ground.look() == ()
    assert ground.installation.vnx.read(number) == "ore"


def test_names_of_others_prove_nothing(ground: Ground) -> None:
    """Objects of another installation, of other uses, or with a number that is not ours are not removed."""
    ground.admin.create_snapshot(GOLD, f"vjb-{LOST}-snap", writable=True)
    ground.admin.create_snapshot(GOLD, f"vjt-{LOST}-backup", writable=True)
    ground.lun(77, TARGET)
    ground.lun(701, f"vjt-{LOST}-keep")
    stands = ground.installation.array_shows()
    assert {one.remedy for one in ground.look()} == {Remedy.ADOPT, Remedy.LEAVE}
    ground.apply()
    assert {one.subject for one in ground.look()} == {f"vjt-{LOST}-backup", f"vjt-{LOST}-keep", TARGET}
    assert ground.installation.array_shows() == stands


def test_what_was_made_a_moment_ago_is_left_alone(ground: Ground) -> None:
    """An object of a job without a record is not removed before a command of that job could no longer land."""
    name = temporary_name("t", new_job_id(ground.installation.clock.monotonic()), "snap")
    ground.admin.create_snapshot(GOLD, name, writable=True)
    assert remedies(ground.look()) == [("", Remedy.LEAVE)]
    ground.apply()
    assert name in ground.installation.vnx.world.images
    later(ground)
    assert remedies(ground.look()) == [("snapshot", Remedy.CLEAN)]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "monday"}, "nothing about it names a job of this installation"),
        ({"name": "spare", "kind": "lun"}, "its number 2 is not of the range kept for vnx-jobs"),
        ({"name": "full", "kind": "lun"}, "nothing about it names a job of this installation"),
        ({"name": "copy", "kind": "lun"}, "it is a mount point"),
        ({"name": "full", "kind": "mount-point"}, "it is no mount point"),
        ({"name": "full", "kind": "session", "source": "gold"}, "nothing about it names a job"),
    ],
)
def test_what_nothing_proves_to_be_ours_is_refused(ground: Ground, fields: dict[str, Any], why: str) -> None:
    """Whoever asks for it: what bears no sign of a job is not cleaned up."""
    ground.installation.do("create-volume", name="full", size_gb=1, pool="pool")
    if fields["name"] == "monday":
        ground.admin.create_snapshot(GOLD, "tuesday", writable=False)
        ground.installation.read_array()
        fields = {"name": "tuesday"}
    with pytest.raises(Refused, match=why) as refused:
        ground.installation.submit("clean-up", **fields)
    assert refused.value.code == Code.NOT_LEFT_OVER


def test_what_a_job_made_for_good_is_not_cleaned_up(ground: Ground) -> None:
    """A snap copy whose job succeeded, and a snapshot with such a job's mark, are no leftovers: the job finds out."""
    stands = ground.installation.array_shows()
    for fields in ({"name": "copy", "kind": "mount-point"}, {"name": "monday"}, {"name": ground.hidden("copy")}):
        record = ground.installation.do("clean-up", **fields)
        assert (record.state, record.code) == ("FAILED", Code.NOT_LEFT_OVER), record.error
    assert ground.installation.array_shows() == stands


def test_a_job_under_way_keeps_what_it_made(ground: Ground) -> None:
    """The snapshot of a clone that is copying is not cleaned up, though its name is asked for."""
    installation = ground.installation
    installation.vnx.seconds_per_gb = 0.5
    job = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: "session-over" in installation.record(job).condition)
    installation.read_array()
    for fields in ({"kind": "lun", "name": f"vjt-{job}-target"}, {"kind": "snapshot", "name": f"vjt-{job}-snap"}):
        record = installation.do("clean-up", **fields)
        assert (record.state, record.code) == ("FAILED", Code.NOT_LEFT_OVER), record.error
    assert installation.run(job)[0].state == "SUCCEEDED"


def test_what_a_job_takes_back_while_the_array_is_read(ground: Ground) -> None:
    """A job that is undone between two lists has destroyed by then what the first of them shows: that is no finding."""
    installation = ground.installation
    installation.vnx.plan("create_mount_point", SURVIVED["busy"].make(installation))
    job = installation.submit("snap-copy", name="late", source="gold").job
    installation.until(lambda: installation.record(job).state == "WAITING")

    def undo() -> None:
        installation.store.order(job, Order.CANCEL, "ann")
        assert installation.run(job)[0].state == "CANCELLED"

    installation.vnx.plan("snapshots", meanwhile(undo))
    assert ground.look() == ()
    assert installation.vnx.spared == ()


def test_another_session_of_the_same_source_goes_on(ground: Ground) -> None:
    """When the source is copied onto another LUN by the time, that session is not cancelled."""
    installation = ground.installation
    ground.lun(700, TARGET)
    ground.lun(77, "theirs")
    ground.copy_onto(SPARE, 700)
    ground.installation.clock.advance(1)
    installation.read_array()

    def swap() -> None:
        ground.admin.cancel_migration(SPARE)
        ground.copy_onto(SPARE, 77)

    job = installation.submit("clean-up", kind="session", name=TARGET, source="spare").job
    installation.vnx.plan("luns", meanwhile(swap))
    assert installation.run(job)[0].state == "SUCCEEDED"
    assert [one.destination for one in installation.vnx.world.copies.values()] == [77]


def test_a_session_of_another_volume_is_not_cancelled(ground: Ground) -> None:
    """When the LUN that was copied is another one by the time, the job stops with both UIDs, and the session stays."""
    ground.lun(700, TARGET)
    ground.copy_onto(SPARE, 700)
    ground.installation.read_array()
    job = ground.installation.submit("clean-up", kind="session", name=TARGET, source="spare").job
    ground.change(SPARE, uid="60:another")
    (record,) = ground.installation.run(job)
    assert (record.state, record.code) == ("FAILED", Code.IDENTITY)
    assert "has UID 60:another; the one that was meant has 60:06" in record.error
    assert set(ground.installation.vnx.world.copies) == {SPARE}


def test_a_snapshot_that_is_attached_by_the_time_stays(ground: Ground) -> None:
    """Between the reading and the clean-up somebody attached the snapshot: the job finds out and leaves it."""
    ground.admin.create_snapshot(GOLD, LEFT, writable=True)
    found = ground.reconciler.look(ARRAY)
    ground.admin.create_mount_point(77, "theirs", GOLD)
    ground.admin.attach_snapshot(77, LEFT)
    (answer,) = ground.reconciler.apply(found, "test").jobs.values()
    assert isinstance(answer, Accepted)
    (record,) = ground.installation.run(answer.job)
    assert (record.state, record.code) == ("FAILED", Code.NOT_LEFT_OVER)
    assert LEFT in ground.installation.vnx.world.images


def test_an_array_that_cannot_be_read_is_refused(ground: Ground) -> None:
    """When a list is not read nothing is compared and nothing is stored."""
    ground.admin.create_snapshot(GOLD, LEFT, writable=True)
    ground.installation.vnx.plan("snapshots", REFUSAL.make(ground.installation))
    with pytest.raises(Refused, match=f"{ARRAY} cannot be read: no such thing is done here"):
        ground.look()
    assert len(ground.look()) == 1
