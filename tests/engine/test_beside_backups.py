"""What goes on beside a backup, and what waits for it: copies of its source, attachments of a snap copy."""

import pytest

from tests.backup_host import HOST, REPOSITORY
from tests.installation import Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import meanwhile
from vnx_jobs.model.states import State

COPIES = f"waits for backup host {HOST}"
"""The reason of a backup whose copy would take hours."""


@pytest.fixture
def site(installation: Installation) -> Installation:
    """Make storage groups for the backup host and another one, and a snap copy of `gold` that holds something else."""
    for host in (HOST, "host"):
        MemoryArray(installation.vnx).create_storage_group(host)
    assert installation.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    installation.vnx.write(500, "alloy")
    installation.read_array()
    return installation


def back_up(site: Installation, volume: str) -> str:
    """Ask for a backup; return its job."""
    return site.submit("backup", volumes=volume, repository=REPOSITORY, host=HOST).job


@pytest.mark.parametrize("volume", ["gold", "copy"])
def test_a_source_is_copied_while_its_backup_is(site: Installation, volume: str) -> None:
    """Snapshots, snap copies and clones of what is being copied out begin and end beside the copy."""
    site.backup_host.asleep = True
    backup = back_up(site, volume)
    site.until(lambda: site.record(backup).why == COPIES)
    beside = [
        site.submit("create-snapshot", name="image", volume=volume).job,
        site.submit("snap-copy", name="branch", source=volume).job,
        site.submit("clone", name="twin", source=volume).job,
    ]
    assert {one.state for one in site.run(*beside)} == {State.SUCCEEDED}
    assert site.record(backup).why == COPIES
    site.backup_host.asleep = False
    assert site.run(backup)[0].state is State.SUCCEEDED
    assert list(site.backup_host.archives.values()) == [{"gold": "ore", "copy": "alloy"}[volume]]


def test_an_attachment_waits_for_the_snapshot_of_a_backup_and_not_for_its_copy(site: Installation) -> None:
    """Until the snap copy's snapshot is seen to be good its attachment waits and says so; then it goes at once."""
    site.backup_host.asleep = True
    backup = back_up(site, "copy")
    attach = site.submit("attach-volume", volumes="copy", host="host", mode="rw")
    assert (attach.state, attach.why) == (State.WAITING, "waits for its turn at attachments of copy")
    told = site.reads.waits_for(site.record(attach.job))
    assert told.startswith("waits for attachments of copy, held by backup")
    site.turns()
    assert site.array_shows().keys() >= {"copy"}
    assert site.vnx.world.storage_groups["host"].luns == ()
    assert site.run(attach.job)[0].state is State.SUCCEEDED
    assert site.record(backup).why == COPIES
    site.vnx.write(500, "slag")
    site.backup_host.asleep = False
    assert site.run(backup)[0].state is State.SUCCEEDED
    assert list(site.backup_host.archives.values()) == ["alloy"]


def test_a_backup_waits_for_attachment_and_detachment_before_it(site: Installation) -> None:
    """Asked for together, the snap copy is attached, detached, and backed up when no host sees it any more."""
    jobs = [
        site.submit("attach-volume", volumes="copy", host="host", mode="rw").job,
        back_up(site, "copy"),
        site.submit("detach-volume", volumes="copy", host="host").job,
    ]
    assert site.record(jobs[1]).why == "waits for its turn at attachments of copy"
    assert {one.state for one in site.run(*jobs)} == {State.SUCCEEDED}
    assert list(site.backup_host.archives.values()) == ["alloy"]


def test_a_backup_holds_nothing_while_others_show_the_snap_copy(site: Installation) -> None:
    """Shown by an administrator since the last list, it is waited for without the lock that a detachment needs."""
    MemoryArray(site.vnx).map_lun("host", 77, 500)
    backup = back_up(site, "copy")
    site.until(lambda: "shown to no host: storage group host shows it" in site.record(backup).why)
    assert [key for key, holders in site.held().items() if backup in holders] == []
    assert site.do("detach-volume", volumes="copy", host="host").state is State.SUCCEEDED
    assert site.run(backup)[0].state is State.SUCCEEDED


def test_a_backup_that_hosts_must_leave_alone_first_says_so_at_once(site: Installation) -> None:
    """Where the last list shows the snap copy to a host, the answer to the request says which storage group."""
    assert site.do("attach-volume", volumes="copy", host="host", mode="rw").state is State.SUCCEEDED
    accepted = site.submit("backup", volumes="copy", repository=REPOSITORY, host=HOST)
    assert accepted.state is State.WAITING
    assert accepted.why == "waits until copy is shown to no host: storage group host shows it"


def test_a_failed_backup_lets_the_attachment_go(site: Installation) -> None:
    """A backup that fails before its snapshot is good takes back what it made, and the attachment follows."""
    array = MemoryArray(site.vnx)
    site.vnx.plan("create_snapshot", meanwhile(lambda: array.map_lun(HOST, 77, 500)))
    backup = back_up(site, "copy")
    attach = site.submit("attach-volume", volumes="copy", host="host", mode="rw").job
    records = site.run(backup, attach)
    assert [one.state for one in records] == [State.FAILED, State.SUCCEEDED]
    assert records[0].error.startswith(f"copy was shown to hosts by storage group {HOST} while its snapshot was taken")
    assert site.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 1}
