"""LUNs: making, naming, growing, ending."""

from __future__ import annotations

import pytest

from tests.simulator.arrays import NEVER, Sim


def test_a_name_and_a_number_may_be_given_together(sim: Sim) -> None:
    """Both are the LUN's own afterwards."""
    sim.lun(20000, "vol")
    listed = sim.ok("lun -list -all -l 20000")
    assert "LOGICAL UNIT NUMBER 20000\nName:  vol\n" in listed


def test_the_array_numbers_luns_from_below_and_mount_points_from_the_top(sim: Sim) -> None:
    """The first LUN is 0, the next 1; the first mount point 63950, the next 63949."""
    for name in ("a", "b"):
        sim.ok(f"lun -create -capacity 1 -sq gb -poolId 0 -name {name}")
    for name in ("m", "n"):
        sim.ok(f"lun -create -type snap -primaryLunName a -name {name}")
    assert {lun["name"]: lun["number"] for lun in sim.seen()["luns"]} == {"a": 0, "b": 1, "m": 63950, "n": 63949}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "status", "fragment"),
    [
        ("lun -create -capacity 1 -sq gb -poolName pool_1 -name vol", 4, "0x712d8d04"),
        ("lun -create -capacity 1 -sq gb -poolName pool_1 -l 5 -name new", 20, "Physical unit already exists"),
        ("lun -create -capacity 1 -sq gb -poolName nowhere -name new", 9, "The (Storagepool) may not exist"),
        ("lun -create -capacity 0 -sq gb -poolName pool_1 -name new", 34, "minimum"),
        ("lun -create -capacity x -sq gb -poolName pool_1 -name new", 34, "not a number"),
        ("lun -modify -l 5 -newName other -o", 9, "Could not set properties:(Name)."),
        ("lun -expand -l 5 -capacity 10 -sq gb -o", 4, "0x712d8e04"),
        ("lun -expand -l 5 -capacity 999999 -sq gb -o", 8, "0x712d8e08"),
        ("lun -destroy -l 77 -o", 9, "Could not retrieve the specified (pool lun)."),
        ("lun -destroy -l 5", 65, "(y/n)"),
        ("unbind 77 -o", 30, "LUN does not exist: 77"),
        ("lun -list -all -name nobody", 9, "Could not retrieve the specified (pool lun)."),
        ("lun -attach -l 5 -snapName s", 1, "Invalid LUN type."),
        ("lun -detach -l 5 -o", 1, "it is not a snapshot mount point."),
        ("lun -frobnicate", 34, "invalid command line parameters"),
        ("lun -destroy -l 5 -nonsense -o", 34, "invalid command line parameters"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(sim: Sim, said: str, status: int, fragment: str) -> None:
    """The recorded status and text come back, and the array is as before."""
    sim.lun(5, "vol")
    sim.lun(6, "other")
    found, text = sim.refused(said)
    assert (found, fragment in text) == (status, True), text


def test_a_fresh_lun_is_preparing_and_refuses_snapshots(sim: Sim) -> None:
    """Snapshot and expansion answer 0x712d8e0e until the clock has moved on."""
    sim.speed = NEVER
    sim.lun(5, "vol")
    assert "Current Operation:  Preparing" in sim.ok("lun -list -all -l 5")
    assert "0x712d8e0e" in sim.refused("snap -create -res 5 -name s")[1]
    assert "0x712d8e0e" in sim.refused("lun -expand -l 5 -capacity 20 -sq gb -o")[1]


def test_expansion_adds_zeros(sim: Sim) -> None:
    """The old bytes stay and the new ones are zeros."""
    sim.lun(5, "vol", 1)
    sim.write("vol", 2**30 - 4, b"last")
    sim.ok("lun -expand -l 5 -capacity 2 -sq gb -o")
    assert sim.read("vol", 2**30 - 4, 12) == b"last" + bytes(8)


def test_a_pool_over_its_threshold_refuses_unless_told_to_ignore_that(sim: Sim) -> None:
    """16 TB in a pool of 20 TB is more than 70 percent of it; `-ignoreThresholds` makes it all the same."""
    made = "lun -create -type NonThin -capacity 16 -sq tb -poolName pool_1 -name big"
    assert "Threshold" in sim.refused(made)[1]
    sim.ok(f"{made} -ignoreThresholds")
    assert sim.refused("lun -create -type NonThin -capacity 16 -sq tb -poolName pool_1 -name b2 -ignoreThresholds")


def test_a_pool_that_is_full_on_demand_takes_no_lun(sim: Sim) -> None:
    """The fault `pool-full` makes creation fail, in that pool only."""
    sim.fault("pool-full:pool_1")
    assert sim.refused("lun -create -capacity 1 -sq gb -poolName pool_1 -name a")
    sim.ok("lun -create -capacity 1 -sq gb -poolName pool_2 -name a")


def test_without_the_enabler_no_thin_lun(sim: Sim) -> None:
    """The recorded refusal comes back."""
    sim.fault("no-feature:-ThinProvisioning")
    status, text = sim.refused("lun -create -type Thin -capacity 1 -sq gb -poolName pool_1 -name a")
    assert (status, "Virtual Provisioning Enabler is missing" in text) == (208, True)


def test_generations_differ_in_labels(sim: Sim, old: Sim) -> None:
    """An array of the first generation knows nothing of deduplication and counts mount points from 4062."""
    for array in (sim, old):
        array.lun(1, "a")
        array.ok("lun -create -type snap -primaryLun 1 -name m")
    assert "Deduplication State" in sim.ok("lun -list -all")
    assert "Deduplication" not in old.ok("lun -list -all") + old.ok("storagepool -list -all") + old.ok("ndu -list")
    assert "LOGICAL UNIT NUMBER 4062" in old.ok("lun -list -showOnly Snap")


def test_compression_and_deduplication_switch_once(sim: Sim) -> None:
    """A second switch the same way is refused in the array's words."""
    sim.lun(1, "a")
    sim.ok("compression -on -l 1 -o")
    assert "already turned on" in sim.refused("compression -on -l 1 -o")[1]
    assert "compressed" in sim.refused("snap -create -res 1 -name s")[1]
    sim.ok("compression -off -l 1 -o")
    sim.ok("lun -modify -l 1 -deduplication on -o")
    assert "Deduplication is already enabled" in sim.refused("lun -modify -l 1 -deduplication on -o")[1]
    sim.ok("lun -modify -l 1 -deduplication off -o")


def test_names_with_leading_dashes_and_spaces_are_taken_as_values(sim: Sim) -> None:
    """What stands behind an option is its value, whatever it looks like."""
    sim.ok("lun -create -capacity 1 -sq gb -poolId 0 -name", "-list")
    sim.ok("lun -create -capacity 1 -sq gb -poolId 0 -name", "LUN with spaces: 1")
    assert sim.names() == {"-list", "LUN with spaces: 1"}


def test_field_options_show_some_lines_only(sim: Sim) -> None:
    """A listing with `-state -userCap` has the head and those lines; `-all` overrides."""
    sim.lun(5, "vol", 1)
    assert sim.ok("lun -list -name vol -state -userCap -attachedSnapshot") == (
        "LOGICAL UNIT NUMBER 5\n"
        "Name:  vol\n"
        "User Capacity (Blocks):  2097152\n"
        "User Capacity (GBs):  1.000\n"
        "Current State:  Ready\n"
        "Is Faulted:  false\n"
        "Is Transitioning:  false\n"
        "Attached Snapshot:  N/A\n"
    )
    assert "UID:" in sim.ok("lun -list -all -name vol -state")
    assert sim.ok("storagepool -list -id 0 -prcntFullThreshold") == (
        "Pool Name:  pool_1\nPool ID:  0\nPercent Full Threshold:  70\n"
    )
