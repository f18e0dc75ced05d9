"""Snapshots, mount points, restore: what they hold and what they refuse."""

from __future__ import annotations

import pytest

from tests.simulator.arrays import Sim

AT = 8190  # across the border of two blocks


def test_a_snapshot_keeps_what_the_lun_held(sim: Sim) -> None:
    """Bytes written after the snapshot are not in it."""
    sim.lun(1, "vol")
    sim.write("vol", AT, b"before")
    sim.mount(1, 2, "copy", "s")
    sim.write("vol", AT, b"after!")
    assert (sim.read("copy", AT, 6), sim.read("vol", AT, 6)) == (b"before", b"after!")


def test_a_mount_point_is_a_branch(sim: Sim) -> None:
    """What is written through it stays with its snapshot and never reaches the primary."""
    sim.lun(1, "vol")
    sim.write("vol", AT, b"before")
    sim.mount(1, 2, "copy", "s")
    assert "Modified:  No" in sim.ok("snap -list -id s -detail")
    sim.write("copy", AT, b"branch")
    assert "Modified:  Yes" in sim.ok("snap -list -id s -detail")
    sim.ok("lun -detach -l 2 -o")
    sim.ok("lun -attach -l 2 -snapName s")
    assert (sim.read("copy", AT, 6), sim.read("vol", AT, 6)) == (b"branch", b"before")


def test_a_copy_of_an_attached_snapshot_is_the_instant_of_the_copy(sim: Sim) -> None:
    """It holds the branch as it was, not as it becomes."""
    sim.lun(1, "vol")
    sim.mount(1, 2, "copy", "s")
    sim.write("copy", AT, b"first!")
    sim.ok("snap -copy -id s -name t")
    sim.write("copy", AT, b"second")
    sim.ok("lun -create -type snap -primaryLun 1 -l 3 -name other")
    sim.ok("lun -attach -l 3 -snapName t")
    assert sim.read("other", AT, 6) == b"first!"


def test_a_snapshot_of_a_snap_copy_counts_for_the_primary(sim: Sim) -> None:
    """Its source is the mount point, its primary the primary, its bytes the branch's."""
    sim.lun(1, "vol")
    sim.mount(1, 2, "copy", "s")
    sim.write("copy", AT, b"branch")
    sim.mount(1, 3, "unrelated", "u")
    sim.ok("snap -create -res 2 -name deeper -allowReadWrite yes")
    listed = sim.ok("snap -list -id deeper -detail")
    assert "Source LUN(s):  2\n" in listed
    assert "Primary LUN(s):  1\n" in listed
    sim.ok("lun -create -type snap -primaryLun 1 -l 4 -name deep")
    sim.ok("lun -attach -l 4 -snapName deeper")
    assert sim.read("deep", AT, 6) == b"branch"


def test_restore_puts_bytes_back_and_the_backup_keeps_the_others(sim: Sim) -> None:
    """The LUN holds the snapshot's bytes again; the backup's name holds what it held before."""
    sim.lun(1, "vol")
    sim.write("vol", AT, b"before")
    sim.ok("snap -create -res 1 -name s")
    sim.write("vol", AT, b"after!")
    sim.ok("snap -restore -id s -res 1 -bakName bak")
    sim.ok("lun -create -type snap -primaryLun 1 -l 2 -name m")
    sim.ok("lun -attach -l 2 -snapName bak")
    assert (sim.read("vol", AT, 6), sim.read("m", AT, 6)) == (b"before", b"after!")


def test_destroying_snapshots_keeps_every_other_image(sim: Sim) -> None:
    """Of ten snapshots every other one goes; the rest still hold what they froze."""
    sim.lun(1, "vol")
    for turn in range(10):
        sim.write("vol", turn * 8192, f"turn {turn}".encode())
        sim.ok(f"snap -create -res 1 -name s{turn}")
    for turn in range(0, 10, 2):
        sim.ok(f"snap -destroy -id s{turn} -o")
    sim.ok("lun -create -type snap -primaryLun 1 -l 2 -name m")
    for turn in range(1, 10, 2):
        sim.ok(f"lun -attach -l 2 -snapName s{turn}")
        held = [sim.read("m", place * 8192, 6) for place in range(10)]
        assert held == [f"turn {place}".encode() if place <= turn else bytes(6) for place in range(10)]
        sim.ok("lun -detach -l 2 -o")


def test_deleting_everything_leaves_no_file(sim: Sim) -> None:
    """Content, devices and locks of what is gone are gone."""
    sim.lun(1, "vol")
    for turn in range(5):
        sim.write("vol", turn * 100, b"x" * 50)
        sim.mount(1, 10 + turn, f"m{turn}", f"s{turn}")
        sim.write(f"m{turn}", 7, b"y")
    for turn in (3, 0, 4, 1, 2):
        sim.ok(f"lun -destroy -l {10 + turn} -o")
        sim.ok(f"snap -destroy -id s{turn} -o")
    sim.ok("lun -destroy -l 1 -o")
    left = [path.name for part in ("content", "devices", "locks") for path in (sim.folder / part).iterdir()]
    assert left == []


def test_a_consistency_group_is_frozen_as_one(sim: Sim) -> None:
    """One snapshot holds both members and names the group."""
    sim.lun(1, "a")
    sim.lun(2, "b")
    sim.ok("snap -group -create -name g -res 1,2")
    sim.write("a", 0, b"A1")
    sim.write("b", 0, b"B1")
    sim.ok("snap -create -res g -resType CG -name s")
    sim.write("a", 0, b"A2")
    sim.write("b", 0, b"B2")
    listed = sim.ok("snap -list -id s -detail")
    assert "Source LUN(s):  1, 2\n" in listed
    assert "Source CG:  g\n" in listed
    for number, primary in ((3, 1), (4, 2)):
        sim.ok(f"lun -create -type snap -primaryLun {primary} -l {number}")
        sim.ok(f"lun -attach -l {number} -snapName s")
    assert (sim.read(3, 0, 2), sim.read(4, 0, 2)) == (b"A1", b"B1")


@pytest.mark.parametrize(
    ("said", "status", "fragment"),
    [
        ("snap -create -res 1 -name s", 5, "0x716d8005"),
        ("snap -create -res 99 -name new", 18, "The specified resource does not exist."),
        ("snap -copy -id none -name new", 5, "The specified snapshot does not exist."),
        ("snap -modify -id none -name new", 9, "The (Snapshot) may not exist"),
        ("snap -list -id none -detail", 9, "The (Snapshot) may not exist"),
        ("snap -destroy -id s -o", 3, "0x716d8003"),
        ("lun -attach -l 2 -snapName other", 85, "0x716d8055"),
        ("lun -attach -l 5 -snapName s", 8, "0x716d8008"),
        ("lun -attach -l 3 -snapName s", 85, "0x716d8055"),
        ("lun -attach -l 3 -snapName none", 5, "The specified snapshot does not exist."),
        ("lun -detach -l 3 -o", 162, "Snapshot mount point is not currently attached."),
        ("lun -destroy -l 1 -o", 26, "0x716d801a"),
        ("lun -destroy -l 7 -o", 1, "it still has snapshots"),
        ("lun -destroy -l 4 -o", 37, "0x716d8025"),
        ("snap -restore -id s -res 4", 8, "0x716d8008"),
        ("snap -restore -id s -res 1 -bakName other", 5, "0x716d8005"),
        ("snap -group -create -name g", 33, "0x716d8021"),
        ("snap -group -addmember -id g -res 2", 1, "mount point cannot be a member"),
        ("snap -group -addmember -id g -res 4", 69, "0x716d8045"),
        ("snap -group -addmember -id g -res 99", 1, "LUN does not exist"),
        ("snap -group -create -name new -res 6,99", 1, "LUN does not exist"),
        ("snap -group -addmember -id g -res 6,2", 1, "mount point cannot be a member"),
        ("snap -group -replmember -id h -res 6,99", 1, "LUN does not exist"),
        ("lun -modify -l 6 -newName fresh -deduplication off -o", 1, "Deduplication cannot be disabled"),
        ("snap -group -addmember -id none -res 1", 13, "Cannot find the consistency group"),
        ("snap -create -res 3 -name new", 1, "no snapshot attached"),
        ("snap -create -res 1 -name new -keepFor 1d -allowAutoDelete yes", 34, "-keepFor"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(sim: Sim, said: str, status: int, fragment: str) -> None:
    """The array's status and text come back, and the array is as before."""
    sim.lun(1, "vol")
    sim.mount(1, 2, "copy", "s")
    sim.ok("snap -create -res 1 -name other")
    sim.ok("lun -create -type snap -primaryLun 1 -l 3 -name empty")
    sim.lun(4, "second")
    sim.ok("snap -create -res 4 -name of4")
    sim.lun(6, "third")
    sim.lun(7, "fourth")
    sim.ok("snap -create -res 7 -name of7")
    sim.ok("lun -create -type snap -primaryLun 6 -l 5 -name elsewhere")
    sim.ok("snap -group -create -name g")
    sim.ok("snap -group -create -name h -res 4")
    found, text = sim.refused(said)
    assert (found, fragment in text) == (status, True), text


@pytest.mark.slow
def test_a_primary_has_at_most_256_snapshots_and_255_mount_points(sim: Sim) -> None:
    """Snapshot 257 and mount point 256 are refused, whichever branch they are of; after a deletion one more fits."""
    sim.lun(1, "vol")
    for number in range(255):
        sim.ok(f"snap -create -res 1 -name s{number}")
        sim.ok(f"lun -create -type snap -primaryLun 1 -l {1000 + number}")
    sim.ok("lun -attach -l 1000 -snapName s0")
    sim.ok("snap -create -res 1000 -name branch")
    assert sim.refused("snap -create -res 1 -name more")
    assert sim.refused("snap -create -res 1000 -name more")
    assert sim.refused("snap -copy -id s3 -name more")
    assert sim.refused("lun -create -type snap -primaryLun 1")
    sim.ok("snap -destroy -id s9 -o")
    sim.ok("snap -create -res 1 -name more")
    sim.ok("lun -destroy -l 1100 -o")
    sim.ok("lun -create -type snap -primaryLun 1")


def test_an_expired_snapshot_is_gone(sim: Sim) -> None:
    """`-keepFor` ends by the clock; an attached snapshot waits."""
    sim.lun(1, "vol")
    sim.ok("snap -create -res 1 -name s -keepFor 24h")
    assert sim.ok("snap -list -detail") == ""


def test_a_destroyed_mount_point_leaves_its_snapshot(sim: Sim) -> None:
    """The snapshot is detached and can be destroyed on its own."""
    sim.lun(1, "vol")
    sim.mount(1, 2, "copy", "s")
    sim.ok("lun -destroy -l 2 -o")
    assert "Attached LUN(s):\n" in sim.ok("snap -list -id s -detail")
    sim.ok("snap -destroy -id s -o")
    sim.ok("lun -destroy -l 1 -o")
    assert sim.names() == set()
