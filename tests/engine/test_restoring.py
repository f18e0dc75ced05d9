"""Restoring a volume to a snapshot: what it holds afterwards, what is kept, and what is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.fates import LATEST
from tests.engine.by_hand import SimulatedInstallation
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import answer_lost, meanwhile, refused
from vnx_jobs.model.array import THIN
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.hosts import Attachment
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.orders import Orders


@pytest.fixture
def monday(installation: Installation) -> Installation:
    """Make an installation whose volume `gold` was written to since its snapshot `monday`."""
    assert installation.do("create-snapshot", name="monday", volume="gold").state is State.SUCCEEDED
    installation.vnx.write(1, "slag")
    installation.read_array()
    return installation


@pytest.fixture
def simulated(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated VNX with a volume `gold` that holds the word `ore`."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    made.type("lun -create -capacity 2 -sq gb -poolName pool -l 1 -name gold -type Thin")
    made.sim.write("gold", 0, b"ore")
    made.read_array()
    yield made
    made.close()


def _refusal(installation: Installation, **fields: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        installation.submit("restore-snapshot", **fields)
    return caught.value


def _restored(backup: str) -> dict[str, str]:
    return {
        "gold": "2 GB full: ore",
        "snapshot monday of gold": "ore",
        f"snapshot {backup} of gold": "slag",
    }


def test_a_restored_volume(monday: Installation) -> None:
    """The volume holds what the snapshot holds, the backup what the volume held; one command and three shared lists."""
    before = len(monday.vnx.audit)
    record = monday.do("restore-snapshot", name="monday", volume="gold")
    assert record.state is State.SUCCEEDED
    assert [one.verb for one in monday.vnx.audit[before:]] == [
        "luns",
        "snapshots",
        "storage_groups",
        "restore_snapshot",
    ]
    assert monday.array_shows() == _restored("before")
    assert record.facts["backup"] == f"before-{record.id}"
    assert monday.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 2}
    monday.read_array()
    assert monday.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 2}


def test_the_backup_is_a_snapshot_like_others(monday: Installation) -> None:
    """A backup bears the name that was asked for and the job's id; a volume is restored to it, and it is deleted."""
    record = monday.do("restore-snapshot", name="monday", volume="gold", backup="before patch")
    backup = str(record.facts["backup"])
    assert backup == f"before patch-{record.id}"
    assert monday.do("restore-snapshot", name=backup, volume="gold").state is State.SUCCEEDED
    assert monday.do("delete-snapshot", name=backup).state is State.SUCCEEDED
    assert monday.array_shows() == {
        "gold": "2 GB full: slag",
        "snapshot monday of gold": "ore",
        "snapshot before of gold": "ore",
    }


def test_snap_copies_keep_what_they_hold(monday: Installation) -> None:
    """A volume that has snap copies is restored, and they are as before."""
    assert monday.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    assert monday.do("restore-snapshot", name="monday", volume="gold").state is State.SUCCEEDED
    assert monday.array_shows() == _restored("before") | {
        "copy": "2 GB snap copy of gold: slag",
        "snapshot hidden of gold": "slag",
    }


def test_what_is_no_snapshot_of_the_volume_is_refused(monday: Installation) -> None:
    """Another volume's snapshot, and a snap copy to be restored, are refused at once, and nothing is sent."""
    monday.make("iron", content="rust")
    monday.do("snap-copy", name="copy", source="gold")
    before = len(monday.vnx.audit)
    refusal = _refusal(monday, name="monday", volume="iron")
    assert (refusal.code, "no snapshot of iron" in refusal.message) == (Code.INVALID, True)
    refusal = _refusal(monday, name="monday", volume="copy")
    assert (refusal.code, "snap copy of gold" in refusal.message) == (Code.NOT_SUPPORTED, True)
    assert _refusal(monday, name="monday", volume="gold", backup="b" * 38).code == Code.INVALID
    assert len(monday.vnx.audit) == before


def test_the_backup_needs_a_slot(monday: Installation) -> None:
    """With 256 snapshots there is no room for the backup: refused, and nothing is sent."""
    array = MemoryArray(monday.vnx)
    for number in range(255):
        array.create_snapshot(1, f"theirs-{number}", writable=False)
    monday.read_array()
    before = len(monday.vnx.audit)
    assert _refusal(monday, name="monday", volume="gold").code == Code.SLOTS_LIMIT
    assert len(monday.vnx.audit) == before


def test_a_volume_that_a_host_writes_to_is_not_restored(monday: Installation) -> None:
    """Attached for writing by a job of ours: the job fails and sends nothing; for reading, it is restored."""
    uid, array = monday.vnx.world.volumes[1].uid, MemoryArray(monday.vnx)
    array.create_storage_group("web")
    array.map_lun("web", 3, 1)
    monday.inventory.keep_attachment(ARRAY, uid, Attachment("web", 3, "rw"))
    record = monday.do("restore-snapshot", name="monday", volume="gold")
    assert (record.state, record.code, "web" in record.error) == (State.FAILED, Code.IN_USE, True)
    assert all(one.verb != "restore_snapshot" for one in monday.vnx.audit)
    monday.inventory.keep_attachment(ARRAY, uid, Attachment("web", 3, "ro"))
    assert monday.do("restore-snapshot", name="monday", volume="gold").state is State.SUCCEEDED


def _another_volume(installation: Installation) -> None:
    array = MemoryArray(installation.vnx)
    array.destroy_snapshot("monday")
    array.destroy_lun(1)
    array.create_lun(1, "gold", 2, "pool", THIN)
    array.create_snapshot(1, "monday", writable=False)


def _another_snapshot(installation: Installation) -> None:
    array = MemoryArray(installation.vnx)
    array.destroy_snapshot("monday")
    installation.clock.advance(2)
    array.create_snapshot(1, "monday", writable=False)


@pytest.mark.parametrize("happens", [_another_volume, _another_snapshot])
def test_another_object_of_the_same_name_is_left_alone(monday: Installation, happens: Any) -> None:
    """What was replaced since the last list stops the job before anything is sent, with both identities."""
    happens(monday)
    record = monday.do("restore-snapshot", name="monday", volume="gold")
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert "was meant" in record.error or "has UID" in record.error
    assert all(one.verb != "restore_snapshot" for one in monday.vnx.audit)


def test_a_job_that_rested_checks_again(monday: Installation) -> None:
    """A restore that is taken up long after its check looks at newer lists first."""
    job = monday.submit("restore-snapshot", name="monday", volume="gold").job
    monday.vnx.plan("snapshots", meanwhile(lambda: monday.store.order(job, Order.PAUSE, "ann")))
    monday.until(lambda: monday.record(job).state is State.PAUSED)
    _another_volume(monday)
    monday.clock.advance(3e9)
    monday.bell.ring(monday.store.order(job, Order.RESUME, "ann").rings)
    assert monday.run(job)[0].code == Code.IDENTITY
    assert all(one.verb != "restore_snapshot" for one in monday.vnx.audit)


def test_others_wait_for_a_restore_and_it_for_them(monday: Installation) -> None:
    """A snapshot and a copy of the volume wait until it is restored; a restore waits for a copy under way."""
    monday.vnx.plan("restore_snapshot", refused())
    first = monday.submit("restore-snapshot", name="monday", volume="gold").job
    rivals: list[tuple[str, dict[str, Any]]] = [
        ("create-snapshot", {"name": "tuesday", "volume": "gold"}),
        ("clone", {"name": "twin", "source": "gold"}),
        ("restore-snapshot", {"name": "monday", "volume": "gold"}),
        ("delete-snapshot", {"name": "monday"}),
    ]
    for operation, fields in rivals:
        accepted = monday.submit(operation, **fields)
        assert accepted.state is State.WAITING, operation
    jobs = [record.id for record in monday.store.find()]
    states = {record.id: record.state for record in monday.run(*jobs)}
    assert states.pop(first) is State.FAILED
    assert set(states.values()) == {State.SUCCEEDED}


def test_a_lost_answer_is_known_by_the_backup(monday: Installation) -> None:
    """A cancel comes too late for a restore whose answer was lost: the job finds its backup, and succeeds."""
    monday.vnx.plan("restore_snapshot", answer_lost(effect=True))
    job = monday.submit("restore-snapshot", name="monday", volume="gold").job
    monday.until(lambda: monday.record(job).unsure)
    Orders(monday.store, monday.bell, monday.submission).give(job, Order.CANCEL, "ann")
    assert monday.run(job)[0].state is State.SUCCEEDED
    assert monday.array_shows() == _restored("before")


def test_a_volume_that_others_show_to_a_host_is_neither_restored_nor_marked(monday: Installation) -> None:
    """A mapping that no job made lets its hosts write: the job says which group, and the volume stays as it is."""
    array = MemoryArray(monday.vnx)
    array.create_storage_group("theirs")
    array.map_lun("theirs", 9, 1)
    restored = monday.do("restore-snapshot", name="monday", volume="gold")
    marked = monday.do("set-readonly", name="gold", readonly=True)
    assert (restored.code, marked.code) == (Code.IN_USE, Code.IN_USE)
    assert "gold is shown for writing to theirs" in restored.error
    assert monday.vnx.read(1) == "slag"


def test_a_restore_that_the_array_put_off_looks_again_at_who_writes(monday: Installation) -> None:
    """Shown to a host while the array was busy, the volume stays as it is, though it was looked at before."""
    array = MemoryArray(monday.vnx)
    array.create_storage_group("theirs")
    monday.vnx.plan("restore_snapshot", refused(Verdict.BUSY, "for now"))
    job = monday.submit("restore-snapshot", name="monday", volume="gold").job
    monday.until(lambda: any(one.verb == "restore_snapshot" for one in monday.vnx.audit))
    array.map_lun("theirs", 9, 1)
    monday.read_array()
    assert monday.run(job)[0].code == Code.IN_USE
    assert monday.vnx.read(1) == "slag"


def test_what_hosts_write_after_a_restore_stays(monday: Installation) -> None:
    """A restore that was sent again, and lands a second time long after, is refused: its backup stands."""
    monday.vnx.plan("restore_snapshot", answer_lost(effect=True, after=300 * LATEST))
    record = monday.do("restore-snapshot", name="monday", volume="gold")
    assert record.state is State.SUCCEEDED
    monday.vnx.write(1, "ingot")
    monday.clock.advance(600 * LATEST)
    assert monday.array_shows() == _restored("before") | {"gold": "2 GB full: ingot"}


def test_bytes_of_a_restored_volume(simulated: SimulatedInstallation) -> None:
    """On a simulated VNX the volume has the snapshot's bytes again, and its backup those that it had before."""
    assert simulated.do("create-snapshot", name="monday", volume="gold").state is State.SUCCEEDED
    simulated.sim.write("gold", 0, b"bad")
    record = simulated.do("restore-snapshot", name="monday", volume="gold")
    assert record.state is State.SUCCEEDED, record.error
    assert simulated.sim.read("gold", 0, 3) == b"ore"
    assert simulated.do("snap-copy", name="undo", snapshot=record.facts["backup"]).state is State.SUCCEEDED
    assert simulated.sim.read("undo", 0, 3) == b"bad"
    assert simulated.inventory.readings(ARRAY).snapshots > 0
