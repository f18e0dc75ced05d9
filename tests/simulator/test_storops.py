"""storops, unmodified, drives the simulator as it drives a real array: processes, parsers, verdicts and all."""

from __future__ import annotations

import gc
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.arrays import Sim, make
from tests.simulator.vendor import VNXSystem, rows, storops_errors

# storops names threads in a deprecated way and leaves pipes to the garbage collector.
pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def own_rubbish() -> Iterator[None]:
    """Collect what storops leaves open (the pipes of every program it starts) here, not in some later test.

    A program that had not quite ended when storops let go of it is kept with its pipes by `subprocess` itself, until
    whoever starts the next one.
    """
    yield
    gc.collect()
    while subprocess._active:  # type: ignore[attr-defined]
        subprocess._cleanup()  # type: ignore[attr-defined]
        time.sleep(0.01)


@pytest.fixture
def vnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give storops' own system object over a fresh array."""
    sim = make(tmp_path / "array", "--serial", "SIM1")
    monkeypatch.setenv("VNX_SIM_SPEED", "1000")
    program = str(sim.folder / "bin" / "naviseccli")
    return VNXSystem("10.0.0.1", "sysadmin", "sysadmin", heartbeat_interval=0, naviseccli=program)


def until(true: Callable[[], bool]) -> None:
    """Wait for something that must come; the test's own time limit ends it otherwise."""
    while not true():
        time.sleep(0.05)


def test_a_snap_copy_and_its_promotion(vnx: Any) -> None:
    """LUN, snapshot, mount point, attach, migrate: storops sees a LUN of its own in the end."""
    pool = vnx.get_pool(name="pool_1")
    source, target = pool.create_lun("source", 1), pool.create_lun("target", 1)
    until(lambda: bool(target.update().operation == "None"))
    snap = source.create_snap("s", allow_rw=True)
    copy = source.create_mount_point(name="copy")
    copy.attach_snap(snap)
    assert copy.update().attached_snapshot.name == "s"
    assert copy.is_snap_mount_point
    copy.migrate(target)
    until(lambda: not target.update().existed)
    assert not copy.update().is_snap_mount_point
    with pytest.raises(storops_errors.VNXSnapNameInUseError):
        source.create_snap("s")
    snap.delete()
    assert not snap.update().existed


def test_storage_groups_and_consistency_groups(vnx: Any) -> None:
    """Storops maps a LUN, finds it mapped, groups it and takes all of it back."""
    lun = vnx.get_pool(name="pool_1").create_lun("lun", 1)
    group = vnx.create_sg("group")
    group.attach_alu(lun, hlu=7)
    assert group.update().get_hlu(lun) == 7
    with pytest.raises(storops_errors.VNXLunInStorageGroupError):
        lun.delete()
    group.detach_alu(lun)
    together = vnx.create_cg("together")
    together.add_member(lun)
    assert together.update().has_member(lun)
    together.delete()
    lun.delete()
    assert not lun.update().existed


def test_the_array_introduces_itself(vnx: Any) -> None:
    """Model, serial, addresses, features and free disks are read as from a real array."""
    assert (vnx.serial, vnx.model) == ("SIM1", "VNX7600")
    assert (vnx.spa_ip, vnx.spb_ip, vnx.control_station_ip) == ("10.0.0.1", "10.0.0.2", "10.0.0.3")
    assert vnx.is_snap_enabled()
    assert vnx.is_thin_enabled()
    assert len(vnx.get_pool_feature().available_disks) > 0
    assert vnx.get_sp_port()[0].port_id == 0


@pytest.mark.parametrize(
    ("parser", "said"),
    [
        ("VNXLun", "lun -list -all"),
        ("VNXSnap", "snap -list -detail"),
        ("VNXConsistencyGroup", "snap -group -list -detail"),
        ("VNXMigrationSession", "migrate -list"),
        ("VNXStorageGroup", "storagegroup -messner -list -host -iscsiAttributes -gname g"),
        ("VNXPool", "storagepool -list -all"),
        ("VNXPoolTier", "storagepool -list -all -id 1"),
        ("VNXPoolFeature", "storagepool -feature -info"),
        ("VNXSPPort", "port -list -sp -all"),
        ("VNXConnectionPort", "connection -getport -all"),
        ("VNXSystem", "getagent"),
        ("VNXStorageProcessor", "getsp"),
        ("VNXNdu", "ndu -list"),
        ("VNXDomainNode", "domain -list"),
        ("VNXBlockUser", "security -list -type"),
        ("VNXArrayName", "arrayname"),
        ("VNXDisk", "getdisk"),
        ("VNXNetworkAdmin", "networkadmin -get -sp a -all"),
    ],
)
def test_every_listing_is_parsed(sim: Sim, parser: str, said: str) -> None:
    """Storops finds at least one object with a name, a number or a value in each listing."""
    for number in (1, 2):
        sim.lun(number, f"v{number}")
    sim.ok("snap -create -res 1 -name s")
    sim.ok("snap -group -create -name g -res 1")
    sim.ok("storagegroup -create -gname g")
    sim.ok("storagegroup -addhlu -hlu 1 -alu 1 -gname g -o")
    for number in (3, 4):
        sim.lun(number, f"v{number}")
    sim.speed = 1e-9
    sim.ok("migrate -start -source 3 -dest 4 -rate low -o")
    found = rows(parser, sim.ok(said))
    assert found
    assert any(value is not None for value in found[0].values())
