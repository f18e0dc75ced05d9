"""Backups, restores and drills: what is stored, what is left on the array, and what becomes of what goes wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.backup_host import HOST, REPOSITORY, digest_of
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.hosts.brick_properties import way
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import meanwhile, refused
from vnx_jobs.model.array import THIN
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.hosts import Connection
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.model.transfer import Direction, Ending, Failed, Transfer

WWNS = "20:00:00:00:C9:12:34:56:10:00:00:00:C9:12:34:56"
IQN = "iqn.1993-08.org.debian:01:abc"


@pytest.fixture
def site(installation: Installation) -> Installation:
    """Make a storage group for the backup host, and a second volume."""
    MemoryArray(installation.vnx).create_storage_group(HOST)
    installation.make("iron", content="rust")
    return installation


def back_up(site: Installation, **fields: Any) -> Record:
    """Back up the volume `gold`, or what else is said."""
    asked = {"volumes": "gold", "repository": REPOSITORY, "host": HOST} | fields
    return site.do("backup", **{name: value for name, value in asked.items() if value is not None})


def uid(site: Installation, name: str) -> str:
    """Return the UID of a volume."""
    return next(one.uid for one in site.vnx.world.volumes.values() if one.name == name)


def entries(site: Installation, name: str = "gold") -> tuple[Backup, ...]:
    """Return what the catalogue has of a volume, newest first."""
    return site.catalogue.of(ARRAY, uid(site, name))


def backed_up(site: Installation, **fields: Any) -> str:
    """Make a backup of `gold`; return its archive's name."""
    assert back_up(site, **fields).state is State.SUCCEEDED
    return entries(site)[0].archive


def first(do: Callable[[], None], site: Installation) -> Callable[[Transfer], Ending | None]:
    """Have something happen just before the backup host does what it is asked."""

    def happens(transfer: Transfer) -> Ending:
        do()
        return site.backup_host.do(transfer)

    return happens


def test_a_backup_holds_the_instant_of_its_snapshot(site: Installation) -> None:
    """What hosts write while it is copied is not in it; the catalogue has it; the array stands as it did before."""
    before = site.array_shows() | {"gold": "2 GB full: slag"}
    held = site.held()
    site.backup_host.planned.append(first(lambda: site.vnx.write(1, "slag"), site))
    record = back_up(site)
    assert record.state is State.SUCCEEDED, record.error
    (entry,) = entries(site)
    assert site.backup_host.archives == {entry.archive: "ore"}
    assert (entry.digest, entry.size, entry.added) == (digest_of("ore"), 2 << 30, 3)
    assert (entry.job, entry.repository, entry.tool) == (record.id, REPOSITORY, "files")
    assert (entry.verified, entry.proved, entry.group) == (None, None, "")
    assert site.array_shows() == before
    assert site.held() == held
    assert site.transfers.standing(record.id, 0) is None


def test_a_backup_costs_nine_commands(site: Installation) -> None:
    """Three make what is read, two show and hide it, two put it away, and two look what became of it."""
    site.read_array()
    before = len(site.vnx.audit)
    back_up(site)
    sent = [one.verb for one in site.vnx.audit[before:] if one.verb not in {"luns", "storage_groups"}]
    assert sent == [
        *("create_snapshot", "create_mount_point", "attach_snapshot", "map_lun"),
        *("snapshot", "storage_group", "unmap_lun", "destroy_mount_point", "destroy_snapshot"),
    ]


def test_the_backup_host_is_told_by_which_ports(site: Installation) -> None:
    """Those on which the array has the host registered, and no others: as os-brick wants them to find the device."""
    array = MemoryArray(site.vnx)
    port, portal = array.fibre_ports()[0], array.iscsi_portals()[1]
    array.set_path(HOST, HOST, WWNS, port)
    array.set_path(HOST, HOST, IQN, portal)
    site.read_array()
    seen: list[Connection] = []

    def note(transfer: Transfer) -> Ending:
        assert transfer.connection is not None
        seen.append(transfer.connection)
        return site.backup_host.do(transfer)

    site.backup_host.planned.append(note)
    archive = backed_up(site)
    site.backup_host.planned.append(note)
    assert site.do("drill", backup=archive, pool="other", host=HOST).state is State.SUCCEEDED
    for told in seen:
        by_fibre, by_iscsi = way(told, multipath=False), way(replace(told, fibre=()), multipath=False)
        assert by_fibre.targets == (port.target.replace(":", "").lower(),)
        assert by_iscsi.targets == (portal.uid,)
    assert [one.mode for one in seen] == ["ro", "rw"]


def own_commands(site: Installation, operation: str, **fields: Any) -> list[str]:
    """Return the commands of a job that succeeds, but for lists that many share."""
    site.read_array()
    before = len(site.vnx.audit)
    record = site.do(operation, host=HOST, **fields)
    assert record.state is State.SUCCEEDED, record.error
    return [one.verb for one in site.vnx.audit[before:] if one.verb not in {"luns", "storage_groups"}]


def test_what_restores_and_drills_cost(site: Installation) -> None:
    """To show a volume and hide it are three, one of which looks; a new volume is one more, to delete it two."""
    archive = backed_up(site)
    shown = ["map_lun", "storage_group", "unmap_lun"]
    new = own_commands(site, "restore-backup", backup=archive, name="again", pool="other")
    assert new == ["create_lun", *shown]
    assert own_commands(site, "restore-backup", backup=archive, name="iron", overwrite=True) == shown
    assert own_commands(site, "drill", backup=archive, pool="other") == ["create_lun", *shown, "lun", "destroy_lun"]
    assert own_commands(site, "verify-backup", backup=archive) == []


def test_several_volumes_are_backed_up_by_one_job(site: Installation) -> None:
    """Each has an archive and an entry of its own, and nothing of the job is left."""
    before = site.array_shows()
    record = back_up(site, volumes="gold, iron")
    assert record.state is State.SUCCEEDED, record.error
    (gold,), (iron,) = entries(site), entries(site, "iron")
    assert site.backup_host.archives == {gold.archive: "ore", iron.archive: "rust"}
    assert (record.name, iron.digest) == ("gold, iron", digest_of("rust"))
    assert site.array_shows() == before


def test_a_group_is_backed_up_at_one_instant(site: Installation) -> None:
    """One snapshot holds all members; both entries say the same instant, and of which group they are."""
    assert site.do("create-group", name="pair", members="gold,iron").state is State.SUCCEEDED
    before, sent = site.array_shows(), len(site.vnx.audit)
    record = back_up(site, volumes=None, group="pair")
    assert record.state is State.SUCCEEDED, record.error
    (gold,), (iron,) = entries(site), entries(site, "iron")
    assert (gold.instant, gold.group) == (iron.instant, "pair")
    assert site.backup_host.archives == {gold.archive: "ore", iron.archive: "rust"}
    verbs = [one.verb for one in site.vnx.audit[sent:] if one.change]
    assert (verbs.count("create_group_snapshot"), verbs.count("destroy_snapshot")) == (1, 1)
    assert site.array_shows() == before


def test_a_snap_copy_is_backed_up_while_no_host_sees_it(site: Installation) -> None:
    """While a host sees it the job waits; when it is detached it goes on by itself, and holds what the copy holds."""
    assert site.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    site.vnx.write(500, "alloy")
    assert site.do("attach-volume", volumes="copy", host=HOST, mode="rw").state is State.SUCCEEDED
    job = site.submit("backup", volumes="copy", repository=REPOSITORY, host=HOST).job
    site.until(lambda: "shown to no host" in site.record(job).why)
    assert site.backup_host.archives == {}
    assert site.do("detach-volume", volumes="copy", host=HOST).state is State.SUCCEEDED
    (record,) = site.run(job)
    assert record.state is State.SUCCEEDED, record.error
    assert list(site.backup_host.archives.values()) == ["alloy"]


@pytest.mark.parametrize("at", [0, 1], ids=["copied", "verified"])
def test_a_backup_that_fails_leaves_nothing(site: Installation, at: int) -> None:
    """The job fails with the host's reason; neither array, catalogue nor repository has anything of it."""
    before = site.array_shows()
    host = site.backup_host
    host.planned += [host.do] * at + [lambda _: Failed("the device gave 12 bytes of 2147483648", "copy-failed")]
    record = back_up(site)
    assert (record.state, record.code) == (State.FAILED, "copy-failed")
    assert record.error == "gold: the device gave 12 bytes of 2147483648"
    assert (site.array_shows(), entries(site), host.archives) == (before, (), {})
    assert site.transfers.standing(record.id, 0) is None


def test_a_snapshot_that_somebody_wrote_to_is_no_backup(site: Installation) -> None:
    """The array lets any host write to what is read: then what was copied is of no one instant, and is removed."""
    before = site.array_shows()
    site.backup_host.planned.append(first(lambda: site.vnx.write(500, "graffiti"), site))
    record = back_up(site)
    assert (record.state, record.code) == (State.FAILED, Code.MODIFIED)
    assert (site.array_shows(), entries(site), site.backup_host.archives) == (before, (), {})


def test_a_copier_that_dies_is_followed_by_another(site: Installation) -> None:
    """When nobody has heard of it for its lease, the copy is begun anew, and the backup is made once."""
    site.backup_host.planned.append(lambda _: None)
    record = back_up(site)
    assert record.state is State.SUCCEEDED, record.error
    assert site.backup_host.done == [Direction.OUT, Direction.OUT, Direction.SEAL]
    assert len(entries(site)) == len(site.backup_host.archives) == 1


def stores_and_dies(site: Installation) -> Callable[[Transfer], Ending | None]:
    """Have a copier store the archive, and die before it says so."""

    def happens(transfer: Transfer) -> None:
        site.backup_host.do(transfer)

    return happens


def test_what_copiers_stored_that_all_died_is_removed(site: Installation) -> None:
    """Nobody knows what a dead copier left: the backup that fails by it has it removed, whatever it is."""
    before = site.array_shows()
    site.backup_host.planned += [stores_and_dies(site)] * 5
    record = back_up(site)
    assert (record.state, record.code) == (State.FAILED, "copier-died")
    assert (site.array_shows(), entries(site), site.backup_host.archives) == (before, (), {})
    assert site.backup_host.done[5:] == [Direction.DISCARD]


def test_a_backup_cancelled_behind_a_dead_copier_leaves_no_archive(site: Installation) -> None:
    """Cancelled while nobody knows yet that its copier is dead, the job has removed what that stored."""

    def cancel(transfer: Transfer) -> None:
        site.backup_host.do(transfer)
        site.bell.ring(site.store.order(transfer.job, Order.CANCEL, "ann").rings)

    site.backup_host.planned.append(cancel)
    record = back_up(site)
    assert (record.state, entries(site), site.backup_host.archives) == (State.CANCELLED, (), {})


def test_an_archive_that_cannot_be_removed_sticks_the_job_until_it_can(site: Installation) -> None:
    """A backup that is not good and stays in the repository is named; resumed, the host is asked anew."""
    before = site.array_shows()
    host = site.backup_host
    host.planned += [host.do, lambda _: Failed("damaged", "x"), lambda _: Failed("no such folder", "x")]
    record = back_up(site)
    assert record.state is State.STUCK
    assert record.why == "undoing copy-out: a backup that is not good could not be removed: no such folder"
    site.bell.ring(site.store.order(record.id, Order.RESUME, "ann").rings)
    (record,) = site.run(record.id)
    assert (record.state, site.array_shows(), host.archives) == (State.FAILED, before, {})


def test_what_others_put_under_the_number_is_not_hidden(site: Installation) -> None:
    """Another administrator has replaced what the backup host sees under a job's number: it stays, and the job ends."""
    array = MemoryArray(site.vnx)

    def replace() -> None:
        ((hlu, _),) = site.vnx.world.storage_groups[HOST].luns
        array.unmap_lun(HOST, hlu)
        array.map_lun(HOST, hlu, 2)

    site.backup_host.planned += [site.backup_host.do, first(replace, site)]
    record = back_up(site)
    assert record.state is State.SUCCEEDED, record.error
    assert [number for _, number in site.vnx.world.storage_groups[HOST].luns] == [2]


def test_a_snap_copy_that_is_attached_while_its_snapshot_is_taken_is_no_backup(site: Installation) -> None:
    """Attached between the look and the snapshot, what that holds is not known: the job fails and leaves nothing."""
    assert site.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    array = MemoryArray(site.vnx)
    site.vnx.plan("create_snapshot", meanwhile(lambda: array.map_lun(HOST, 77, 500)))
    record = back_up(site, volumes="copy")
    assert (record.state, record.code) == (State.FAILED, Code.IN_USE)
    assert record.error.startswith("copy was shown to hosts by storage group vault while its snapshot was taken")
    assert (site.backup_host.done, site.slots("gold")["snapshots"]) == ([], 1)


def test_a_source_whose_number_another_volume_bears_is_not_backed_up(site: Installation) -> None:
    """Deleted and made anew by others behind our back, under its name and number, it is another volume."""
    array = MemoryArray(site.vnx)

    def recycle() -> None:
        array.destroy_snapshot(site.vnx.world.images[next(iter(site.vnx.world.images))].name)
        array.destroy_lun(2)
        array.create_lun(2, "iron", 2, "pool", THIN)

    site.vnx.plan("create_mount_point", meanwhile(recycle))
    record = back_up(site, volumes="iron")
    assert (record.state, site.backup_host.archives) == (State.FAILED, {})


def test_a_source_that_was_replaced_before_the_snapshot_is_refused(site: Installation) -> None:
    """What a list shows under the name is not what was meant: no snapshot is taken of it."""
    site.bell.carry = lambda _: []
    job = site.submit("backup", volumes="iron", repository=REPOSITORY, host=HOST).job
    array = MemoryArray(site.vnx)
    array.destroy_lun(2)
    array.create_lun(2, "iron", 2, "pool", THIN)
    site.read_array()
    site.bell.carry = list
    (record,) = site.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert "create_snapshot" not in [one.verb for one in site.vnx.audit]


def test_a_snap_copy_is_overwritten_and_a_protected_volume_is_not(site: Installation) -> None:
    """A snap copy that no host sees takes a backup of its size; a volume that is marked read-only is refused."""
    archive = backed_up(site)
    assert site.do("snap-copy", name="copy", source="iron").state is State.SUCCEEDED
    record = site.do("restore-backup", backup=archive, name="copy", overwrite="true", host=HOST)
    assert record.state is State.SUCCEEDED, record.error
    assert site.array_shows()["copy"] == "2 GB snap copy of iron: ore"
    assert site.do("set-readonly", name="gold", readonly="true").state is State.SUCCEEDED
    onto = {"backup": archive, "name": "gold", "overwrite": "true", "host": HOST}
    assert refusal(site, "restore-backup", **onto)[0] == Code.READ_ONLY


def test_a_volume_that_somebody_shows_meanwhile_is_not_overwritten(site: Installation) -> None:
    """Mapped by hand after the request was accepted, it is found by the list read under the claims, and left alone."""
    archive = backed_up(site)
    array = MemoryArray(site.vnx)
    job = site.submit("restore-backup", backup=archive, name="iron", overwrite="true", host=HOST).job
    array.create_storage_group("esx")
    array.map_lun("esx", 5, 2)
    (record,) = site.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.IN_USE)
    assert site.array_shows()["iron"] == "2 GB full: rust"


def test_a_volume_that_somebody_shows_while_the_array_is_busy_is_not_overwritten(site: Installation) -> None:
    """Mapped by hand after it was looked at, and before the backup host sees it, the volume is left alone too."""
    archive = backed_up(site)
    array, before = MemoryArray(site.vnx), len(site.vnx.audit)
    array.create_storage_group("esx")
    site.vnx.plan("map_lun", refused(Verdict.BUSY, "for now"))
    job = site.submit("restore-backup", backup=archive, name="iron", overwrite="true", host=HOST).job
    site.until(lambda: any(one.verb == "map_lun" for one in site.vnx.audit[before:]))
    array.map_lun("esx", 5, 2)
    site.read_array()
    (record,) = site.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.IN_USE)
    assert site.array_shows()["iron"] == "2 GB full: rust"


def test_copiers_that_all_die_fail_the_backup(site: Installation) -> None:
    """After five deaths the job gives up, says so, and leaves nothing on the array."""
    before = site.array_shows()
    site.backup_host.planned += [lambda _: None] * 5
    record = back_up(site)
    assert (record.state, record.code) == (State.FAILED, "copier-died")
    assert (site.array_shows(), entries(site)) == (before, ())


def test_a_backup_waits_for_its_host_and_can_be_cancelled(site: Installation) -> None:
    """While the host does nothing the job says what it waits for; cancelled, it puts everything away."""
    before = site.array_shows()
    site.backup_host.asleep = True
    job = site.submit("backup", volumes="gold", repository=REPOSITORY, host=HOST).job
    site.until(lambda: site.record(job).why == f"waits for backup host {HOST}")
    site.bell.ring(site.store.order(job, Order.CANCEL, "ann").rings)
    (record,) = site.run(job)
    assert (record.state, record.error) == (State.CANCELLED, "cancelled by ann")
    assert (site.array_shows(), entries(site)) == (before, ())
    assert site.transfers.waiting(HOST, 10) == ()


def test_a_backup_cancelled_late_is_taken_back(site: Installation) -> None:
    """Cancelled when it is copied and not yet entered, its archive is removed again."""
    before = site.array_shows()

    def cancel() -> None:
        site.store.order(job, Order.CANCEL, "ann")

    site.backup_host.planned += [site.backup_host.do, first(cancel, site)]
    job = site.submit("backup", volumes="gold", repository=REPOSITORY, host=HOST).job
    (record,) = site.run(job)
    assert record.state is State.CANCELLED
    assert (site.array_shows(), entries(site), site.backup_host.archives) == (before, (), {})


def test_a_backup_is_restored_to_a_new_volume(site: Installation) -> None:
    """The new volume holds what the backup does, and no host sees it; numbers and names are as of any new volume."""
    archive = backed_up(site)
    site.vnx.write(1, "slag")
    before = site.array_shows()
    record = site.do("restore-backup", backup=archive, name="again", pool="other", host=HOST)
    assert record.state is State.SUCCEEDED, record.error
    assert site.array_shows() == before | {"again": "2 GB full: ore"}
    assert site.inventory.access(ARRAY, uid(site, "again")) == "rw"
    assert site.do("delete-volume", name="again").state is State.SUCCEEDED


def test_a_restore_that_fails_leaves_no_volume(site: Installation) -> None:
    """A volume that was made for what could not be written is destroyed again."""
    archive, before = backed_up(site), site.array_shows()
    site.backup_host.planned.append(lambda _: Failed("the archive is damaged", "copy-failed"))
    record = site.do("restore-backup", backup=archive, name="again", pool="other", host=HOST)
    assert (record.state, record.error) == (State.FAILED, "gold: the archive is damaged")
    assert site.array_shows() == before


def test_a_backup_is_restored_onto_its_volume(site: Installation) -> None:
    """Said that what it holds may be lost, a volume that no host sees holds afterwards what the backup does."""
    archive = backed_up(site)
    site.vnx.write(1, "slag")
    before = site.array_shows()
    record = site.do("restore-backup", backup=archive, name="gold", overwrite="true", host=HOST)
    assert record.state is State.SUCCEEDED, record.error
    assert site.array_shows() == before | {"gold": "2 GB full: ore"}


def test_a_restore_onto_a_volume_goes_forward_or_sticks(site: Installation) -> None:
    """Half written there is no way back: it is stuck with the reason, and resumed it ends."""
    archive = backed_up(site)
    site.vnx.write(1, "slag")
    site.backup_host.planned.append(lambda _: Failed("the repository is gone", "copy-failed"))
    record = site.do("restore-backup", backup=archive, name="gold", overwrite="true", host=HOST)
    assert (record.state, record.error) == (State.STUCK, "gold: the repository is gone")
    site.bell.ring(site.store.order(record.id, Order.RESUME, "ann").rings)
    (record,) = site.run(record.id)
    assert record.state is State.SUCCEEDED, record.error
    assert site.array_shows()["gold"] == "2 GB full: ore"


def refusal(site: Installation, operation: str, **fields: Any) -> tuple[Code, str]:
    """Return how a request is refused."""
    with pytest.raises(Refused) as refused:
        site.submit(operation, **fields)
    return refused.value.code, refused.value.message


def test_what_hosts_use_is_not_overwritten(site: Installation) -> None:
    """A volume that a host sees, one with snap copies, and one of another size are refused, each with its reason."""
    archive = backed_up(site)
    onto = {"backup": archive, "overwrite": "true", "host": HOST}
    site.make("large", size_gb=3)
    size = f"large has {3 << 30} bytes, the backup {2 << 30}: name a volume of that size"
    assert refusal(site, "restore-backup", name="large", **onto) == (Code.INVALID, size)
    assert site.do("attach-volume", volumes="iron", host=HOST, mode="rw").state is State.SUCCEEDED
    shown = f"iron is shown to hosts by storage group {HOST}: detach it first (detach-volume)"
    assert refusal(site, "restore-backup", name="iron", **onto) == (Code.IN_USE, shown)
    assert site.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    assert refusal(site, "restore-backup", name="gold", **onto)[0] == Code.HAS_COPIES
    assert refusal(site, "restore-backup", name="gold", backup=archive, host=HOST) == (
        Code.INVALID,
        "restore-backup: give a pool for a new volume, overwrite=true for one that exists, or to_file=true",
    )


def test_a_drill_proves_a_backup(site: Installation) -> None:
    """It is written onto a volume made for that, which is gone afterwards; the catalogue says when it was proved."""
    archive, before = backed_up(site), site.array_shows()
    record = site.do("drill", backup=archive, pool="other", host=HOST)
    assert record.state is State.SUCCEEDED, record.error
    (entry,) = entries(site)
    assert entry.proved is not None
    assert entry.proved > entry.instant
    assert site.array_shows() == before
    assert {one.verb for one in site.vnx.audit if one.change} >= {"create_lun", "destroy_lun"}


def test_a_drill_that_reads_something_else_fails(site: Installation) -> None:
    """The backup is not proved, the reason is told, and the volume made for it is gone."""
    archive, before = backed_up(site), site.array_shows()
    site.backup_host.planned.append(lambda _: Failed("the volume reads sha256:ab, the backup has sha256:cd", "x"))
    record = site.do("drill", backup=archive, pool="other", host=HOST)
    assert (record.state, entries(site)[0].proved) == (State.FAILED, None)
    assert site.array_shows() == before


def test_a_backup_is_verified(site: Installation) -> None:
    """Found sound, the catalogue says when; damaged, the job fails and the catalogue says nothing of it."""
    archive = backed_up(site)
    assert site.do("verify-backup", backup=archive, host=HOST).state is State.SUCCEEDED
    verified = entries(site)[0].verified
    assert verified is not None
    site.backup_host.archives.clear()
    record = site.do("verify-backup", backup=archive, host=HOST)
    assert (record.state, record.error) == (State.FAILED, "gold: there is no such archive")
    assert entries(site)[0].verified == verified


def test_backups_are_pruned_but_for_the_last_proved_and_the_pinned(site: Installation) -> None:
    """What goes leaves repository and catalogue; a pinned one is refused, the last that was proved stays."""
    old, new, newest = backed_up(site), backed_up(site), backed_up(site)
    record = site.do("prune-backups", backups=[newest], host=HOST)
    assert (record.state, record.code) == (State.FAILED, Code.NEWEST)
    assert site.do("drill", backup=old, pool="other", host=HOST).state is State.SUCCEEDED
    record = site.do("prune-backups", backups=[old], host=HOST)
    assert (record.state, record.code) == (State.FAILED, Code.LAST_PROVED)
    assert site.do("drill", backup=new, pool="other", host=HOST).state is State.SUCCEEDED
    site.catalogue.pin(new, on=True)
    assert refusal(site, "prune-backups", backups=[new], host=HOST)[0] == Code.PINNED
    record = site.do("prune-backups", backups=[old], host=HOST)
    assert record.state is State.SUCCEEDED, record.error
    assert [one.archive for one in entries(site)] == [newest, new]
    assert set(site.backup_host.archives) == {new, newest}


def test_what_a_policy_does_not_keep_is_pruned(site: Installation) -> None:
    """The newest so many stay, with the last that was proved; asked once more, as by a schedule, it removes nothing."""
    proved, old, new, newest = (backed_up(site) for _ in range(4))
    assert site.do("drill", backup=proved, pool="other", host=HOST).state is State.SUCCEEDED
    record = site.do("prune-backups", volume="gold", last="2", host=HOST)
    assert record.state is State.SUCCEEDED, record.error
    assert [one.archive for one in entries(site)] == [newest, new, proved]
    assert old not in site.backup_host.archives
    before, done = entries(site), len(site.backup_host.done)
    record = site.do("prune-backups", volume="gold", last="2", host=HOST)
    assert record.state is State.SUCCEEDED, record.error
    assert record.facts["found"] == "nothing to remove: the policy keeps all of gold"
    assert (entries(site), len(site.backup_host.done)) == (before, done)
    assert refusal(site, "prune-backups", volume="iron", last="2", host=HOST)[0] == Code.NO_SUCH_BACKUP


def test_backups_of_one_volume_wait_for_each_other(site: Installation) -> None:
    """A repository has one user at a time: the second backup begins when the first has ended, and both are made."""
    site.backup_host.asleep = True
    one, two = (site.submit("backup", volumes="gold", repository=REPOSITORY, host=HOST).job for _ in "ab")
    site.until(lambda: site.record(one).why == f"waits for backup host {HOST}")
    assert site.record(two).claims
    assert site.record(two).cursor == 0
    site.backup_host.asleep = False
    assert {record.state for record in site.run(one, two)} == {State.SUCCEEDED}
    assert len(entries(site)) == 2


def test_names_that_nobody_knows_are_refused(site: Installation) -> None:
    """An unknown repository, backup host or backup is refused in one line that says which there are."""
    request = {"volumes": "gold", "repository": REPOSITORY, "host": HOST}
    assert refusal(site, "backup", **request | {"repository": "weekly"}) == (
        Code.UNKNOWN_REPOSITORY,
        "there is no repository 'weekly' (repositories: nightly)",
    )
    assert refusal(site, "backup", **request | {"host": "cellar"}) == (
        Code.UNKNOWN_HOST,
        "no backup host 'cellar' reaches box (backup hosts: vault)",
    )
    assert refusal(site, "drill", backup="gone", pool="other", host=HOST) == (
        Code.NO_SUCH_BACKUP,
        "the catalogue has no backup gone: see `vnx-jobs backups list`",
    )
    assert refusal(site, "backup", repository=REPOSITORY, host=HOST)[1].endswith("name either volumes or a group")
