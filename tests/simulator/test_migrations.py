"""Migration by the clock."""

from __future__ import annotations

import pytest

from tests.simulator.arrays import INSTANTLY, NEVER, Sim
from vnx_jobs.simulator.rules.migrations import RATES_MB


def test_a_source_keeps_its_identity_and_gets_the_destinations_storage(sim: Sim) -> None:
    """Number, name, UID and bytes stay; kind and size are the destination's; the destination is gone."""
    sim.lun(1, "src", 10, "NonThin")
    uid = sim.seen()["luns"][0]["uid"]  # type: ignore[index]
    sim.write("src", 5, b"bytes")
    sim.lun(2, "dst", 12)
    sim.ok("migrate -start -source 1 -dest 2 -rate asap -o")
    assert sim.ok("migrate -list") == "No current migrations exist.\n"
    left = sim.seen()["luns"][0]  # type: ignore[index]
    assert sim.names() == {"src"}
    assert (left["number"], left["name"], left["uid"]) == (1, "src", uid)
    assert (left["thin"], left["size_blocks"]) == (True, 12 * 2**21)
    assert sim.read("src", 5, 5) == b"bytes"


def test_a_migrated_mount_point_is_a_lun_of_its_own(sim: Sim) -> None:
    """It keeps its bytes, its snapshot stays behind detached, and source and clone go separate ways."""
    sim.lun(1, "vol")
    sim.write("vol", 0, b"origin")
    sim.mount(1, 2, "clone", "s")
    sim.lun(3, "target")
    sim.ok("migrate -start -source 2 -dest 3 -rate high -o")
    sim.ok("migrate -list")
    sim.ok("snap -destroy -id s -o")
    sim.write("vol", 0, b"source")
    sim.write("clone", 3, b"ne!")
    assert (sim.read("clone", 0, 6), sim.read("vol", 0, 6)) == (b"orine!", b"source")
    assert "Primary LUN:  N/A" in sim.ok("lun -list -all -l 2")
    sim.ok("lun -destroy -l 1 -o")
    assert sim.read("clone", 0, 6) == b"orine!"


def test_the_clock_moves_a_session(sim: Sim) -> None:
    """At a speed where nothing happens it copies; when the clock has run it is gone."""
    sim.lun(1, "src")
    sim.lun(2, "dst")
    sim.speed = NEVER
    sim.ok("migrate -start -source 1 -dest 2 -rate low -o")
    listed = sim.ok("migrate -list -source 1")
    assert "Current State:  MIGRATING\nPercent Complete:  0\n" in listed
    assert "Migration Rate:  low\n" in listed
    assert sim.refused("lun -destroy -l 1 -o")[0] == 156
    assert sim.refused("lun -destroy -l 2 -o")[0] == 156
    assert sim.refused("snap -create -res 1 -name s")
    assert sim.refused("migrate -start -source 1 -dest 2 -rate low -o")
    sim.ok("migrate -cancel -source 1 -o")
    assert sim.names() == {"src", "dst"}
    assert sim.refused("migrate -cancel -source 1 -o")[0] == 23


def test_rates_are_those_measured_on_real_arrays() -> None:
    """MB a second, in the order of the rates' names."""
    assert RATES_MB == {"low": 1.4, "medium": 13.0, "high": 44.0, "asap": 85.0}


@pytest.mark.parametrize(
    ("fault", "state"),
    [("migrate-stopped-full:1", "STOPPED - Destination full"), ("migrate-faulted:src", "FAULTED")],
)
def test_a_halted_session_stays_until_it_is_cancelled(sim: Sim, fault: str, state: str) -> None:
    """It is listed in its state whatever the clock says, and both LUNs are there afterwards."""
    sim.lun(1, "src")
    sim.lun(2, "dst")
    sim.fault(fault)
    sim.ok("migrate -start -source 1 -dest 2 -rate high -o")
    assert f"Current State:  {state}\n" in sim.ok("migrate -list -source 1")
    sim.ok("migrate -cancel -source 1 -o")
    assert sim.names() == {"src", "dst"}


def test_a_synced_session_cannot_be_cancelled(sim: Sim) -> None:
    """The answer is 0x714a8021; once the fault is cleared the session ends."""
    sim.lun(1, "src")
    sim.lun(2, "dst")
    sim.fault("migrate-synced:1")
    sim.ok("migrate -start -source 1 -dest 2 -rate high -o")
    assert "Percent Complete:  100" in sim.ok("migrate -list")
    status, text = sim.refused("migrate -cancel -source 1 -o")
    assert (status, "0x714a8021" in text) == (33, True)
    sim.fault("--clear")
    sim.speed = INSTANTLY
    sim.ok("migrate -list")
    assert sim.names() == {"src"}


@pytest.mark.parametrize(
    ("setup", "source", "dest"),
    [
        (("lun -create -type NonThin -capacity 1 -sq gb -poolId 0 -l 3",), 1, 3),
        (("storagegroup -create -gname g", "storagegroup -addhlu -hlu 1 -alu 2 -gname g -o"), 1, 2),
        (("lun -create -type snap -primaryLun 1 -l 4",), 1, 2),
        (("snap -create -res 1 -name s",), 1, 2),
        (("snap -create -res 2 -name s",), 1, 2),
        (("lun -create -type snap -primaryLun 2 -l 4",), 1, 4),
        (("lun -create -type snap -primaryLun 2 -l 4",), 4, 1),
        ((), 1, 1),
        ((), 1, 99),
        ((), 99, 1),
    ],
)
def test_what_may_not_migrate_is_refused(sim: Sim, setup: tuple[str, ...], source: int, dest: int) -> None:
    """Too small, mapped, with mount points or snapshots, a mount point, itself, missing."""
    sim.lun(1, "src")
    sim.lun(2, "dst")
    for said in setup:
        sim.ok(said)
    assert sim.refused(f"migrate -start -source {source} -dest {dest} -rate high -o")


def test_on_a_busy_array_a_session_is_listed_late(sim: Sim) -> None:
    """The first session shows at once, the second not yet."""
    for number in (1, 2, 3, 4):
        sim.lun(number, f"v{number}")
    sim.speed = NEVER
    sim.ok("migrate -start -source 1 -dest 2 -rate low -o")
    sim.ok("migrate -start -source 3 -dest 4 -rate low -o")
    assert sim.ok("migrate -list").count("Source LU Name") == 1
    assert sim.refused("migrate -list -source 3")[0] == 23
    assert sim.refused("lun -destroy -l 3 -o")[0] == 156
