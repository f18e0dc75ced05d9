"""Volumes: how they are created, and how those that exist are extended and renamed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.by_hand import SimulatedInstallation
from tests.engine.test_operations import commands
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import answer_lost, refused
from vnx_jobs.model.array import BLOCKS_PER_GB, THIN
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State

GOLD_BYTES = b"ore" * 1000


@pytest.fixture
def simulated(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated VNX with a thin volume `gold`."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    made.type("lun -create -capacity 2 -sq gb -poolName pool -l 1 -name gold -type Thin")
    made.sim.write("gold", 0, GOLD_BYTES)
    made.read_array()
    yield made
    made.close()


def _refusal(installation: Installation, operation: str, **fields: Any) -> tuple[Code, str]:
    """Submit a job that must be refused without a command and without a trace."""
    before = len(installation.vnx.audit), len(installation.store.find()), installation.held()
    with pytest.raises(Refused) as caught:
        installation.submit(operation, **fields)
    assert (len(installation.vnx.audit), len(installation.store.find()), installation.held()) == before
    return caught.value.code, caught.value.message


@pytest.mark.parametrize("provisioning", ["thick", "thin", "deduplicated", "compressed"])
def test_each_kind_of_volume(installation: Installation, provisioning: str) -> None:
    """Each is what was asked for, on the array and to users, at one command; a compressed one at two."""
    commands(installation)
    fields = {"provisioning": provisioning, "tiering": "HighestAvailable", "sp": "B"}
    assert installation.do("create-volume", name="new", size_gb=3, pool="other", **fields).state is State.SUCCEEDED
    compressing = ["compress_lun"] if provisioning == "compressed" else []
    assert commands(installation) == ["create_lun", "luns", *compressing]
    lun = MemoryArray(installation.vnx).lun(500)
    assert lun is not None
    assert (lun.provisioning, lun.tiering, lun.sp, lun.size_gb, lun.pool) == (*fields.values(), 3, "other")
    shown = installation.reads.volume(ARRAY, "new")
    assert (shown.provisioning, shown.tiering, shown.sp) == tuple(fields.values())


def test_a_volume_that_the_array_will_not_compress_is_not_left(installation: Installation) -> None:
    """When the array lacks the feature the job fails with its words, and the volume is gone."""
    installation.vnx.plan("compress_lun", refused(Verdict.REFUSED, "The Compression Enabler is not installed."))
    record = installation.do("create-volume", name="new", size_gb=3, pool="pool", provisioning="compressed")
    assert (record.state, record.code) == (State.FAILED, Code.ARRAY_REFUSED)
    assert record.error == "The Compression Enabler is not installed."
    assert installation.array_shows() == {"gold": "2 GB full: ore"}
    assert installation.held() == {}


def test_nothing_is_copied_of_a_compressed_volume(installation: Installation) -> None:
    """Snapshots and copies of a compressed volume are refused for good, before the array is asked."""
    installation.do("create-volume", name="new", size_gb=3, pool="pool", provisioning="compressed")
    for operation, fields in (
        ("create-snapshot", {"name": "moment", "volume": "new"}),
        ("snap-copy", {"name": "copy", "source": "new"}),
        ("clone", {"name": "twin", "source": "new"}),
    ):
        code, text = _refusal(installation, operation, **fields)
        assert (code, text) == (Code.NOT_SUPPORTED, "new is compressed: the array takes no snapshots of it")


def test_extend_volume(installation: Installation) -> None:
    """An extended volume has its new size and its old bytes, at one command and a shared list; users see it at once."""
    commands(installation)
    assert installation.do("extend-volume", name="gold", size_gb=7).state is State.SUCCEEDED
    assert commands(installation) == ["luns", "expand_lun"]
    assert installation.array_shows() == {"gold": "7 GB full: ore"}
    assert installation.reads.volume(ARRAY, "gold").size_gb == 7
    assert installation.held() == {}


def test_what_can_never_be_extended_is_refused(installation: Installation) -> None:
    """A size that is not larger, and a snap copy, are refused with what to do, before the array is asked."""
    installation.do("snap-copy", name="copy", source="gold")
    code, text = _refusal(installation, "extend-volume", name="gold", size_gb=2)
    assert (code, text) == (Code.INVALID, "gold has 2 GB: size_gb must be more (a volume is never made smaller)")
    code, text = _refusal(installation, "extend-volume", name="copy", size_gb=5)
    assert code is Code.NOT_SUPPORTED
    assert text == "copy is a snap copy of gold and cannot be extended: make a full copy of it first"


def test_a_thick_volume_is_extended_only_without_snapshots(installation: Installation) -> None:
    """A thick volume with a snapshot is refused, naming it; once it is deleted, the volume is extended."""
    installation.do("create-volume", name="thick", size_gb=1, pool="pool")
    installation.do("create-snapshot", name="monday", volume="thick")
    code, text = _refusal(installation, "extend-volume", name="thick", size_gb=2)
    assert (code, text) == (Code.HAS_SNAPSHOTS, "thick has 1 snapshot (monday): delete it first")
    installation.do("delete-snapshot", name="monday")
    assert installation.do("extend-volume", name="thick", size_gb=2).state is State.SUCCEEDED
    assert "thick" in installation.array_shows()
    assert installation.reads.volume(ARRAY, "thick").size_gb == 2


def test_a_thin_volume_with_snap_copies_is_extended(installation: Installation) -> None:
    """A thin volume grows whatever hangs on it; its snap copy keeps the size of its moment."""
    installation.do("snap-copy", name="copy", source="gold")
    assert installation.do("extend-volume", name="gold", size_gb=3).state is State.SUCCEEDED
    shown = installation.array_shows()
    assert (shown["gold"], shown["copy"]) == ("3 GB full: ore", "2 GB snap copy of gold: ore")


def test_an_extension_waits_for_a_copy_under_way(installation: Installation) -> None:
    """While a clone of it is under way a volume is not extended, and afterwards it is; the clone has the old size."""
    installation.vnx.seconds_per_gb = 1.0
    clone = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: len(installation.vnx.world.copies) == 1)
    extension = installation.submit("extend-volume", name="gold", size_gb=3)
    assert extension.state is State.WAITING
    assert [one.state for one in installation.run(clone, extension.job)] == [State.SUCCEEDED] * 2
    assert installation.array_shows() == {"gold": "3 GB full: ore", "twin": "2 GB full: ore"}


def _replaced(installation: Installation) -> None:
    """Let an administrator replace `gold` by another volume of the same name and number."""
    array = MemoryArray(installation.vnx)
    array.destroy_lun(1)
    array.create_lun(1, "gold", 2, "pool", THIN)


@pytest.mark.parametrize(
    ("operation", "fields"), [("extend-volume", {"size_gb": 7}), ("rename-volume", {"new_name": "silver"})]
)
def test_another_volume_of_that_name_is_left_alone(
    installation: Installation, operation: str, fields: dict[str, Any]
) -> None:
    """A volume that was replaced since the last list is not touched; both identities are told."""
    uid = installation.vnx.world.volumes[1].uid
    _replaced(installation)
    record = installation.do(operation, name="gold", **fields)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert uid in record.error
    assert installation.vnx.world.volumes[1].uid in record.error
    assert installation.array_shows() == {"gold": "2 GB full: "}


def test_rename_volume(installation: Installation) -> None:
    """A renamed volume keeps number, UID and bytes, at one command and a shared list; the old name is free at once."""
    uid = installation.vnx.world.volumes[1].uid
    commands(installation)
    assert installation.do("rename-volume", name="gold", new_name="silver").state is State.SUCCEEDED
    assert commands(installation) == ["luns", "rename_lun"]
    assert installation.array_shows() == {"silver": "2 GB full: ore"}
    assert installation.reads.volume(ARRAY, "silver").uid == uid
    assert installation.held() == {}
    assert installation.do("create-volume", name="gold", size_gb=1, pool="pool").state is State.SUCCEEDED


def test_a_renamed_volume_keeps_its_snap_copies(installation: Installation) -> None:
    """After a rename a snap copy is known to hang on the new name: it is deleted, and gives its slots back."""
    installation.do("snap-copy", name="copy", source="gold")
    installation.do("rename-volume", name="gold", new_name="silver")
    assert installation.reads.volume(ARRAY, "copy").source == "silver"
    assert installation.do("create-volume", name="gold", size_gb=1, pool="pool").state is State.SUCCEEDED
    assert installation.reads.volume(ARRAY, "copy").source == "silver"
    assert installation.slots("silver") == {"copies": 1, "mounts": 1, "snapshots": 1}
    assert installation.do("delete-volume", name="copy").state is State.SUCCEEDED
    assert installation.slots("silver") == {"copies": 0, "mounts": 0, "snapshots": 0}
    assert installation.array_shows() == {"silver": "2 GB full: ore", "gold": "1 GB full: "}


@pytest.mark.parametrize(("cancelled", "state"), [(False, State.FAILED), (True, State.CANCELLED)])
@pytest.mark.parametrize(
    ("operation", "fields", "command"),
    [("extend-volume", {"size_gb": 7}, "expand_lun"), ("rename-volume", {"new_name": "silver"}, "rename_lun")],
)
def test_a_replaced_volume_is_not_taken_for_ours(  # noqa: PLR0913, PLR0917 -- a table
    installation: Installation,
    operation: str,
    fields: dict[str, Any],
    command: str,
    cancelled: bool,  # noqa: FBT001 -- a table
    state: State,
) -> None:
    """A volume that took the place of the one that was meant, while a command had no answer, is left as it is.

    It looks as if the command had been carried out: only its UID tells that it is another.
    """
    installation.vnx.plan(command, answer_lost(effect=False))
    job = installation.submit(operation, name="gold", **fields).job
    installation.until(lambda: installation.record(job).unsure)
    array = MemoryArray(installation.vnx)
    array.destroy_lun(1)
    array.create_lun(1, "silver", 7, "pool", THIN)
    if cancelled:
        installation.bell.ring(installation.store.order(job, Order.CANCEL, "ann").rings)
    assert installation.run(job)[0].state is state
    assert installation.array_shows() == {"silver": "7 GB full: "}


def test_a_snap_copy_is_renamed(installation: Installation) -> None:
    """A snap copy takes another name, stays a snap copy, and takes its hidden snapshot along when it is deleted."""
    installation.do("snap-copy", name="copy", source="gold")
    assert installation.do("rename-volume", name="copy", new_name="branch").state is State.SUCCEEDED
    assert installation.reads.volume(ARRAY, "branch").metadata == {"snapcopy": "True"}
    assert installation.do("delete-volume", name="branch").state is State.SUCCEEDED
    assert installation.array_shows() == {"gold": "2 GB full: ore"}


def test_a_name_that_is_taken_is_refused(installation: Installation) -> None:
    """A new name that a volume has, or that a job is to make, is refused; one that a stranger took fails the job."""
    installation.make("silver")
    assert _refusal(installation, "rename-volume", name="gold", new_name="silver")[0] is Code.NAME_IN_USE
    installation.submit("create-volume", name="new", size_gb=1, pool="pool")
    assert _refusal(installation, "rename-volume", name="gold", new_name="new")[0] is Code.NAME_IN_USE
    MemoryArray(installation.vnx).create_lun(77, "theirs", 1, "pool", THIN)
    record = installation.do("rename-volume", name="gold", new_name="theirs")
    assert (record.state, record.code) == (State.FAILED, Code.NAME_IN_USE)
    assert "gold" in installation.array_shows()


def test_who_names_the_new_name_waits_for_it(installation: Installation) -> None:
    """A snapshot of a volume under its new name, asked for before the rename has ended, waits and is taken."""
    rename = installation.submit("rename-volume", name="gold", new_name="silver").job
    snapshot = installation.submit("create-snapshot", name="monday", volume="silver")
    assert snapshot.state is State.WAITING
    assert [one.state for one in installation.run(rename, snapshot.job)] == [State.SUCCEEDED] * 2
    assert installation.array_shows() == {"silver": "2 GB full: ore", "snapshot monday of silver": "ore"}


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("create-volume", {"size_gb": 1, "pool": "pool"}),
        ("create-volume", {"size_gb": 1, "pool": "pool", "provisioning": "compressed"}),
        ("snap-copy", {"source": "gold"}),
        ("clone", {"source": "gold"}),
    ],
)
def test_what_a_job_makes_is_writable_until_it_is_deleted(
    installation: Installation, operation: str, fields: dict[str, Any]
) -> None:
    """A volume that a job made is marked writable, one that stood before is not known; a deleted one has no mark."""
    installation.do(operation, name="new", **fields)
    uid = installation.reads.volume(ARRAY, "new").uid
    assert installation.inventory.marks(ARRAY) == {uid: "rw"}
    assert {one.name: one.readonly for one in installation.reads.volumes(ARRAY)} == {"gold": None, "new": False}
    assert installation.do("delete-volume", name="new").state is State.SUCCEEDED
    assert installation.inventory.marks(ARRAY) == {}


@pytest.mark.parametrize("refusing", ["compress_lun", "migrate"])
def test_what_is_undone_leaves_no_mark(installation: Installation, refusing: str) -> None:
    """A job that fails after it has learnt its volume's UID leaves no mark of it."""
    installation.vnx.plan(refusing, refused(Verdict.REFUSED, "not today"))
    if refusing == "migrate":
        record = installation.do("clone", name="new", source="gold")
    else:
        record = installation.do("create-volume", name="new", size_gb=1, pool="pool", provisioning="compressed")
    assert (record.state, record.error) == (State.FAILED, "not today")
    assert installation.inventory.marks(ARRAY) == {}


def test_set_readonly(installation: Installation) -> None:
    """A volume is read-only or writable as the last job said, by its UID; it costs shared lists and no command."""
    commands(installation)
    for readonly in (True, False, True):
        assert installation.do("set-readonly", name="gold", readonly=readonly).state is State.SUCCEEDED
        assert installation.reads.volume(ARRAY, "gold").readonly is readonly
        assert commands(installation) == ["luns", "storage_groups"]
    installation.do("rename-volume", name="gold", new_name="silver")
    assert installation.reads.volume(ARRAY, "silver").readonly is True
    _replaced(installation)
    installation.read_array()
    assert installation.reads.volume(ARRAY, "gold").readonly is None


def test_a_volume_that_a_host_may_write_to_is_not_made_read_only(installation: Installation) -> None:
    """While a job's writable attachment stands the mark is refused with where; not when it is gone, or read-only."""
    array = MemoryArray(installation.vnx)
    array.create_storage_group("esx")
    installation.read_array()
    uid = installation.vnx.world.volumes[1].uid
    for mode, others, state in (
        ("rw", False, State.FAILED),
        ("rw", True, State.SUCCEEDED),
        ("ro", False, State.SUCCEEDED),
    ):
        assert installation.do("attach-volume", volumes="gold", host="esx", mode=mode).state is State.SUCCEEDED
        if others:  # an administrator takes the mapping away
            ((hlu, _),) = installation.vnx.world.storage_groups["esx"].luns
            array.unmap_lun("esx", hlu)
        record = installation.do("set-readonly", name="gold", readonly=True)
        assert record.state is state
        assert installation.inventory.access(ARRAY, uid) == ("ro" if state is State.SUCCEEDED else None)
        if state is State.FAILED:
            assert record.code == Code.IN_USE
            assert record.error == "hosts of storage group esx may write to gold: detach it there first"
        if not others:
            assert installation.do("detach-volume", volumes="gold", host="esx").state is State.SUCCEEDED
        installation.do("unmanage-volume", name="gold")


def test_a_cancelled_mark_is_not_set(installation: Installation) -> None:
    """A job that is cancelled before it has ended changes no mark."""
    installation.do("set-readonly", name="gold", readonly=True)
    job = installation.submit("set-readonly", name="gold", readonly=False).job
    installation.turns()
    installation.bell.ring(installation.store.order(job, Order.CANCEL, "ann").rings)
    assert installation.run(job)[0].state is State.CANCELLED
    assert installation.reads.volume(ARRAY, "gold").readonly is True


@pytest.mark.parametrize("which", [{"existing": "gold"}, {"number": 1}, {"number": "1"}])
def test_manage_volume(installation: Installation, which: dict[str, Any]) -> None:
    """A LUN is adopted by name or number, under a new name, and marked; unmanaging forgets the mark, the LUN stays."""
    commands(installation)
    record = installation.do("manage-volume", name="db", readonly=True, **which)
    assert (record.state, record.operation) == (State.SUCCEEDED, "manage-and-rename-volume")
    assert commands(installation) == ["luns", "storage_groups", "rename_lun"]
    assert installation.reads.volume(ARRAY, "db").readonly is True
    assert installation.do("unmanage-volume", name="db").state is State.SUCCEEDED
    assert commands(installation) == ["luns"]
    assert installation.array_shows() == {"db": "2 GB full: ore"}
    assert installation.inventory.marks(ARRAY) == {}
    assert installation.held() == {}


def test_a_volume_is_managed_under_its_own_name(installation: Installation) -> None:
    """A LUN that keeps its name costs two shared lists; it is writable if nobody says otherwise."""
    commands(installation)
    for which in ({"existing": "gold"}, {"number": 1}):
        record = installation.do("manage-volume", name="gold", **which)
        assert (record.state, record.operation) == (State.SUCCEEDED, "manage-volume")
        assert commands(installation) == ["luns", "storage_groups"]
        assert installation.reads.volume(ARRAY, "gold").readonly is False


def test_a_lun_that_is_not_known_is_looked_for(installation: Installation) -> None:
    """A LUN made since the last list is found by number in a fresh one; one that is not there fails the job."""
    MemoryArray(installation.vnx).create_lun(77, "theirs", 1, "pool", THIN)
    assert installation.do("manage-volume", name="ours", number=77).state is State.SUCCEEDED
    assert "ours" in installation.array_shows()
    record = installation.do("manage-volume", name="nobody", number=78)
    assert (record.state, record.code) == (State.FAILED, Code.NO_SUCH_VOLUME)
    assert record.error == "there is no volume #78 on box"


def test_what_cannot_be_managed_is_refused(installation: Installation) -> None:
    """A name that is taken and a temporary object of a job are refused, with the reason."""
    installation.make("silver")
    assert _refusal(installation, "manage-volume", name="silver", existing="gold")[0] is Code.NAME_IN_USE
    installation.vnx.seconds_per_gb = 1000.0
    job = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: len(installation.vnx.world.copies) == 1)
    target = installation.record(job).numbers["target"]
    code, text = _refusal(installation, "manage-volume", name="mine", number=target)
    assert (code, text) == (
        Code.NOT_SUPPORTED,
        f"vjt-{job}-target is a temporary object of a job: it cannot be adopted",
    )


def test_volumes_of_a_simulated_array(simulated: SimulatedInstallation) -> None:
    """On the simulated array each kind is created, a volume keeps its bytes when it is extended and renamed."""
    for kind in ("thick", "thin", "deduplicated", "compressed"):
        fields = {"provisioning": kind, "tiering": "StartHighThenAuto", "sp": "B", "ignore_thresholds": "true"}
        record = simulated.do("create-volume", name=f"a-{kind}", size_gb=1, pool="pool", **fields)
        assert record.state is State.SUCCEEDED, record.error
    kinds = {lun.name: (lun.provisioning, lun.sp) for lun in simulated.port.luns() if lun.name != "gold"}
    assert kinds == {f"a-{kind}": (kind, "B") for kind in ("thick", "thin", "deduplicated", "compressed")}
    assert simulated.do("extend-volume", name="gold", size_gb=3).state is State.SUCCEEDED
    assert simulated.do("rename-volume", name="gold", new_name="silver").state is State.SUCCEEDED
    lun = simulated.port.lun(1)
    assert lun is not None
    assert (lun.name, lun.blocks) == ("silver", 3 * BLOCKS_PER_GB)
    assert simulated.sim.read("silver", 0, len(GOLD_BYTES)) == GOLD_BYTES
    assert simulated.sim.read("silver", 2 << 30, 4096) == bytes(4096)
