"""Snap copies as sources: copies, clones and snapshots of them hang on the same primary LUN."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.by_hand import SimulatedInstallation
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.states import ENDED, State

REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("snap-copy", {"name": "new", "source": "copy"}),
    ("clone", {"name": "new", "source": "copy", "snapcopy": "true"}),
    ("clone", {"name": "new", "source": "copy"}),
    ("create-snapshot", {"name": "new", "volume": "copy"}),
]


@pytest.fixture
def branched(installation: Installation) -> Installation:
    """Make an installation with a snap copy `copy` of `gold` that was written to since, as was `gold`."""
    assert installation.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    installation.vnx.write(_number(installation, "copy"), "gilt")
    installation.vnx.write(1, "slag")
    return installation


@pytest.fixture
def simulated(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated VNX with a snap copy of `gold`, both of which were written to since."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    made.type("lun -create -capacity 2 -sq gb -poolName pool -l 1 -name gold -type Thin")
    made.read_array()
    assert made.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    made.sim.write("copy", 0, b"gilt")
    made.sim.write("gold", 0, b"slag")
    yield made
    made.close()


def _number(installation: Installation, name: str) -> int:
    return next(one.number for one in installation.vnx.world.volumes.values() if one.name == name)


def _shown_to(installation: Installation, *numbers: int) -> None:
    """Let a host see some volumes, and no others, as another administrator would."""
    array = MemoryArray(installation.vnx)
    for hlu, _ in installation.vnx.world.storage_groups["web"].luns:
        array.unmap_lun("web", hlu)
    for hlu, number in enumerate(numbers, 1):
        array.map_lun("web", hlu, number)


def test_a_snap_copy_of_a_snap_copy(branched: Installation) -> None:
    """It shows what its source holds by now, hangs on the primary, and costs three commands and two shared lists."""
    before = len(branched.vnx.audit)
    record = branched.do("snap-copy", name="second", source="copy")
    assert (record.state, record.operation) == (State.SUCCEEDED, "snap-copy-of-snap-copy")
    verbs = [one.verb for one in branched.vnx.audit[before:]]
    changes = ["create_snapshot", "create_mount_point", "attach_snapshot"]
    assert verbs == ["luns", "storage_groups", *changes, "luns"]
    assert branched.array_shows() == {
        "gold": "2 GB full: slag",
        "copy": "2 GB snap copy of gold: gilt",
        "snapshot hidden of gold": "gilt",
        "second": "2 GB snap copy of gold: gilt",
        "snapshot hidden of gold (2)": "gilt",
    }
    assert branched.slots("gold") == {"copies": 2, "mounts": 2, "snapshots": 2}
    branched.read_array()
    assert branched.slots("gold") == {"copies": 2, "mounts": 2, "snapshots": 2}


def test_a_clone_of_a_snap_copy(branched: Installation) -> None:
    """It stands alone with what its source holds, as large and in the same pool as the primary; no slot is kept."""
    record = branched.do("clone", name="twin", source="copy")
    assert (record.state, record.operation) == (State.SUCCEEDED, "clone-of-snap-copy")
    assert branched.array_shows() == {
        "gold": "2 GB full: slag",
        "copy": "2 GB snap copy of gold: gilt",
        "snapshot hidden of gold": "gilt",
        "twin": "2 GB full: gilt",
    }
    assert branched.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 1}


def test_a_snapshot_of_a_snap_copy(branched: Installation) -> None:
    """It holds what the snap copy holds; copies of it are made, and it is deleted, as any snapshot."""
    record = branched.do("create-snapshot", name="monday", volume="copy")
    assert (record.state, record.operation) == (State.SUCCEEDED, "create-snapshot-of-snap-copy")
    assert branched.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 2}
    branched.vnx.write(_number(branched, "copy"), "rust")
    assert branched.do("snap-copy", name="third", snapshot="monday").state is State.SUCCEEDED
    assert branched.array_shows()["third"] == "2 GB snap copy of gold: gilt"
    branched.read_array()
    assert branched.do("delete-snapshot", name="monday").state is State.SUCCEEDED
    assert branched.slots("gold") == {"copies": 2, "mounts": 2, "snapshots": 2}


def test_the_source_of_a_branch_may_go(branched: Installation) -> None:
    """A snap copy that was copied is deleted, with its hidden snapshot; the copy shows what it showed."""
    branched.do("snap-copy", name="second", source="copy")
    assert branched.do("delete-volume", name="copy").state is State.SUCCEEDED
    assert branched.array_shows() == {
        "gold": "2 GB full: slag",
        "second": "2 GB snap copy of gold: gilt",
        "snapshot hidden of gold": "gilt",
    }
    assert branched.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 1}


@pytest.mark.parametrize(("operation", "fields"), REQUESTS)
def test_a_snap_copy_that_hosts_see_is_waited_for(
    branched: Installation, operation: str, fields: dict[str, Any]
) -> None:
    """While a storage group shows the snap copy the job waits, says why, and sends nothing; then it goes on."""
    array = MemoryArray(branched.vnx)
    branched.make("iron")
    array.create_storage_group("web")
    _shown_to(branched, _number(branched, "iron"), _number(branched, "copy"))
    before = len(branched.vnx.audit)
    job = branched.submit(operation, **fields).job
    branched.until(lambda: "shown to no host" in branched.record(job).why)
    assert "web" in branched.record(job).why
    assert not any(one.change for one in branched.vnx.audit[before:])
    _shown_to(branched, _number(branched, "iron"))
    assert branched.run(job)[0].state is State.SUCCEEDED


@pytest.mark.parametrize(("operation", "fields"), REQUESTS)
def test_a_snap_copy_that_hosts_see_since_it_was_looked_at(
    branched: Installation, operation: str, fields: dict[str, Any]
) -> None:
    """Shown to a host while the array was busy, the snap copy is waited for once more, and no snapshot is taken."""
    array = MemoryArray(branched.vnx)
    branched.make("iron")
    array.create_storage_group("web")
    before = len(branched.vnx.audit)
    branched.vnx.plan("create_snapshot", refused(Verdict.BUSY, "for now"))
    job = branched.submit(operation, **fields).job
    branched.until(lambda: any(one.verb == "create_snapshot" for one in branched.vnx.audit[before:]))
    _shown_to(branched, _number(branched, "iron"), _number(branched, "copy"))
    branched.read_array()
    branched.until(lambda: "shown to no host" in branched.record(job).why)
    assert [one.verb for one in branched.vnx.audit[before:]].count("create_snapshot") == 1
    _shown_to(branched, _number(branched, "iron"))
    assert branched.run(job)[0].state is State.SUCCEEDED


def test_an_attachment_waits_for_the_snapshot_and_no_longer(branched: Installation) -> None:
    """A snap copy is not shown to hosts before its clone has its snapshot; then it is, while the clone is copied."""
    MemoryArray(branched.vnx).create_storage_group("web")
    branched.read_array()
    branched.vnx.plan("create_snapshot", refused(Verdict.BUSY, "for now"))
    clone = branched.submit("clone", name="twin", source="copy").job
    branched.until(lambda: any(one.verb == "create_snapshot" for one in branched.vnx.audit))
    attachment = branched.submit("attach-volume", volumes=["copy"], host="web")
    assert (attachment.state, attachment.why) == (State.WAITING, "waits for its turn at attachments of copy")
    branched.until(lambda: branched.ended(attachment.job))
    verbs = [one.verb for one in branched.vnx.audit if one.change]
    assert verbs.index("map_lun") > len(verbs) - 1 - verbs[::-1].index("create_snapshot")
    assert branched.record(attachment.job).state is State.SUCCEEDED
    assert branched.record(clone).state not in ENDED
    assert branched.run(clone)[0].state is State.SUCCEEDED


def test_the_primarys_slots_are_counted(branched: Installation) -> None:
    """With 255 mount points on the primary a snap copy of its snap copy is refused, naming the primary."""
    array = MemoryArray(branched.vnx)
    for number in range(254):
        array.create_mount_point(1000 + number, f"theirs-{number}", 1)
    branched.read_array()
    with pytest.raises(Refused) as caught:
        branched.submit("snap-copy", name="new", source="copy")
    assert (caught.value.code, "gold has 255 of 255" in caught.value.message) == (Code.SLOTS_LIMIT, True)


@pytest.mark.parametrize(("operation", "fields"), REQUESTS)
def test_another_volume_of_that_name_is_not_copied(
    branched: Installation, operation: str, fields: dict[str, Any]
) -> None:
    """A snap copy that was replaced by another volume since the last list stops the job, and nothing is sent."""
    array = MemoryArray(branched.vnx)
    array.destroy_mount_point(_number(branched, "copy"))
    array.create_mount_point(77, "copy", 1)
    before = len(branched.vnx.audit)
    record = branched.do(operation, **fields)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert not any(one.change for one in branched.vnx.audit[before:])


def test_a_bare_mount_point_is_no_source(branched: Installation) -> None:
    """A mount point without a snapshot shows nothing that could be copied: refused."""
    MemoryArray(branched.vnx).create_mount_point(77, "bare", 1)
    branched.read_array()
    with pytest.raises(Refused) as caught:
        branched.submit("clone", name="new", source="bare")
    assert caught.value.code == Code.NOT_SUPPORTED


def test_at_most_ten_levels(branched: Installation) -> None:
    """A snap copy of a snap copy of a snap copy, and so on: the eleventh level is not made."""
    for level in range(2, 11):
        source = "copy" if level == 2 else f"level-{level - 1}"
        assert branched.do("snap-copy", name=f"level-{level}", source=source).state is State.SUCCEEDED
    branched.read_array()
    record = branched.do("snap-copy", name="level-11", source="level-10")
    assert (record.state, record.code) == (State.FAILED, Code.DEPTH_LIMIT)
    assert branched.slots("gold") == {"copies": 10, "mounts": 10, "snapshots": 10}


def test_a_deletion_of_the_source_waits(branched: Installation) -> None:
    """Deleting a snap copy, and its primary, waits for, or is refused beside, a clone of the snap copy under way."""
    job = branched.submit("clone", name="twin", source="copy").job
    deletion = branched.submit("delete-volume", name="copy")
    assert deletion.state is State.WAITING
    with pytest.raises(Refused) as caught:
        branched.submit("delete-volume", name="gold")
    assert caught.value.code == Code.HAS_COPIES
    assert {one.state for one in branched.run(job, deletion.job)} == {State.SUCCEEDED}
    assert branched.array_shows() == {"gold": "2 GB full: slag", "twin": "2 GB full: gilt"}


@pytest.mark.parametrize(("operation", "fields"), REQUESTS[:3])
def test_bytes_of_a_copied_snap_copy(simulated: SimulatedInstallation, operation: str, fields: dict[str, Any]) -> None:
    """On a simulated VNX a copy of a snap copy has its bytes, not the primary's; each goes its own way afterwards."""
    simulated.runner.copies_end = True
    assert simulated.do(operation, **fields).state is State.SUCCEEDED
    assert (simulated.sim.read("new", 0, 4), simulated.sim.read("gold", 0, 4)) == (b"gilt", b"slag")
    simulated.sim.write("new", 0, b"rust")
    assert simulated.sim.read("copy", 0, 4) == b"gilt"
    assert simulated.inventory.readings(ARRAY).storage_groups > 0
