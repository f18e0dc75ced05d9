"""Bytes on the simulated array: what hosts wrote before and during a copy is what they read after it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.by_hand import SimulatedInstallation
from vnx_jobs.model.array import Lun
from vnx_jobs.model.states import State

GB = 1 << 30
BEFORE, DURING = b"ore" * 5000, b"slag" * 3000


@pytest.fixture
def simulated(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated array with a volume `gold`, and an empty one like it."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    made.runner.copies_end = True
    for number, name in ((1, "gold"), (2, "mirror")):
        made.type(f"lun -create -type Thin -capacity 2 -sq gb -poolName pool -l {number} -name {name}")
        _write(made, number, BEFORE, 0, GB, 2 * GB - len(BEFORE))
    made.read_array()
    yield made
    made.close()


def _write(simulated: SimulatedInstallation, number: int, data: bytes, *offsets: int) -> None:
    """Write the same bytes at some places of a LUN, as a host does."""
    for offset in offsets:
        simulated.sim.write(number, offset, data)


def _lun(simulated: SimulatedInstallation, name: str) -> Lun:
    """Return a volume as the array shows it."""
    return next(lun for lun in simulated.port.luns() if lun.name == name)


def _stand_alone(simulated: SimulatedInstallation, *names: str) -> None:
    """Check that these volumes stand on the array, and no snapshot or session."""
    stands = simulated.stands()
    assert (stands["luns"], stands["snapshots"], stands["migrations"]) == (list(names), [], [])


def _with_writes_during(simulated: SimulatedInstallation, number: int, operation: str, **fields: Any) -> None:
    """Migrate, hold the session at its end, let a host write there and into the mirror, and let the session end."""
    simulated.sim.fault(f"migrate-synced:{number}")
    job = simulated.submit(operation, **fields).job
    simulated.until(lambda: "session-over" in simulated.record(job).condition)
    for one in (number, 2):
        _write(simulated, one, DURING, 100, GB - 5000, GB + 70_000)
    simulated.sim.fault("--clear")
    (record,) = simulated.run(job)
    assert record.state is State.SUCCEEDED, record.error


def test_a_migrated_volume_has_its_bytes(simulated: SimulatedInstallation) -> None:
    """A volume that hosts write to while it is migrated has all of it, and number, name and UID as before."""
    before = _lun(simulated, "gold")
    _with_writes_during(simulated, 1, "migrate-volume", name="gold", provisioning="thick")
    after = _lun(simulated, "gold")
    assert (after.number, after.uid, after.provisioning) == (1, before.uid, "thick")
    assert simulated.sim.digest(1) == simulated.sim.digest(2)
    _stand_alone(simulated, "gold", "mirror")


def test_a_volume_of_each_kind(simulated: SimulatedInstallation) -> None:
    """A volume that becomes one kind after the other keeps its bytes, its number and its UID."""
    before = _lun(simulated, "gold")
    for kind in ("deduplicated", "compressed", "thick", "thin"):
        record = simulated.do("retype-volume", name="gold", provisioning=kind)
        assert record.state is State.SUCCEEDED, record.error
        after = _lun(simulated, "gold")
        assert (after.number, after.uid, after.provisioning) == (1, before.uid, kind)
        assert simulated.sim.digest(1) == simulated.sim.digest(2)


def test_a_promoted_snap_copy_has_its_bytes(simulated: SimulatedInstallation) -> None:
    """A snap copy that hosts write to while it is promoted has all of it; its source has none of what they wrote."""
    assert simulated.do("snap-copy", name="copy", source="gold").state is State.SUCCEEDED
    source, copy = simulated.sim.digest(1), _lun(simulated, "copy")
    _with_writes_during(simulated, copy.number, "promote-volume", name="copy")
    after = _lun(simulated, "copy")
    assert (after.number, after.uid, after.primary) == (copy.number, copy.uid, None)
    assert simulated.sim.digest(copy.number) == simulated.sim.digest(2)
    assert simulated.sim.digest(1) == source
    _stand_alone(simulated, "copy", "gold", "mirror")
    assert simulated.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 0}


def test_a_larger_clone_has_zeros_behind(simulated: SimulatedInstallation) -> None:
    """A clone that is larger than its source begins with its source's bytes, and reads as zeros behind them."""
    record = simulated.do("clone", name="twin", source="gold", size_gb=3, provisioning="thick")
    assert record.state is State.SUCCEEDED, record.error
    number = record.numbers["volume"]
    assert _lun(simulated, "twin").size_gb == 3
    for offset in (0, GB - 4096, GB, 2 * GB - (1 << 20)):
        assert simulated.sim.read(number, offset, 1 << 20) == simulated.sim.read(1, offset, 1 << 20)
    for offset in (2 * GB, 2 * GB + (1 << 20), 3 * GB - (1 << 20)):
        assert simulated.sim.read(number, offset, 1 << 20) == bytes(1 << 20)
    _stand_alone(simulated, "gold", "mirror", "twin")
