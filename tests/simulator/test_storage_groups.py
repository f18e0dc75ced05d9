"""Storage groups, hosts, ports and devices."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.simulator.arrays import Sim
from vnx_jobs.simulator.cli import main as vnx_sim

PATH = "storagegroup -setpath -gname g -hbauid iqn.1993-08.org.debian:01:abc -sp a -spport 4 -spvport 0 -ip 1.2.3.4"


ADDRESS = "connection -setport -iscsi -sp a -portid 10 -vportid 0 -address 6.6.6.6 -subnetmask 255.255.255.0"


def mapped(sim: Sim) -> None:
    """Map LUN 1 to host h under number 7."""
    sim.lun(1, "vol", 1)
    sim.ok("storagegroup -create -gname g")
    sim.ok(f"{PATH} -host h -o")
    sim.ok("storagegroup -addhlu -hlu 7 -alu 1 -gname g -o")


def device(sim: Sim, capsys: pytest.CaptureFixture[str], hlu: int = 7) -> Path:
    """Return the path of what host h sees under a number."""
    capsys.readouterr()
    assert vnx_sim(["device", str(sim.folder), "h", str(hlu)]) == 0
    return Path(capsys.readouterr().out.split("\n")[0])


def test_a_group_lists_hosts_and_pairs(sim: Sim) -> None:
    """An initiator of an iSCSI port, its host, and the pair of numbers."""
    mapped(sim)
    listed = sim.ok("storagegroup -messner -list -host -iscsiAttributes -gname g")
    assert "  iqn.1993-08.org.debian:01:abc                     SP A         4\nHost name:             h\n" in listed
    assert "    7               1\n" in listed
    assert sim.seen()["storage_groups"] == [
        {"name": "g", "uid": sim.seen()["storage_groups"][0]["uid"], "luns": [{"hlu": 7, "alu": 1}], "hosts": ["h"]}  # type: ignore[index]
    ]


@pytest.mark.parametrize(
    ("said", "status", "fragment"),
    [
        ("storagegroup -create -gname g", 66, "Storage Group name already in use"),
        ("storagegroup -addhlu -hlu 8 -alu 1 -gname g -o", 66, "already been added"),
        ("storagegroup -addhlu -hlu 7 -alu 2 -gname g -o", 66, "Requested Host LUN Number already in use"),
        ("storagegroup -addhlu -hlu 8 -alu 99 -gname g -o", 66, "not a bound ALU number"),
        ("storagegroup -removehlu -hlu 8 -gname g -o", 66, "LUN 8 : No such Host LUN in this Storage Group"),
        ("storagegroup -removehlu -hlu 8 -gname none -o", 83, "does not match any storage groups"),
        ("storagegroup -connecthost -host nobody -gname g -o", 66, "not known by storage system"),
        ("storagegroup -disconnecthost -host h -gname other -o", 116, "not currently connected"),
        ("storagegroup -destroy -gname g -o", 66, "hosts connected"),
        (f"{PATH} -host another -o", 66, "Initiator record already exists"),
        ("storagegroup -setpath -gname g -hbauid iqn.x -sp a -spport 9 -host h -o", 66, "port is uninitialized"),
        ("lun -destroy -l 1 -o", 156, "contained in a Storage Group"),
        ("connection -delport -sp a -portid 10 -vportid 7 -o", 1, "virtual port not found"),
        (
            f"{ADDRESS} -gateway 5.5.5.1 -o",
            1,
            "gateway is not on the subnet",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(sim: Sim, said: str, status: int, fragment: str) -> None:
    """The array's status and text come back, and the array is as before."""
    mapped(sim)
    sim.lun(2, "second")
    sim.ok("storagegroup -create -gname other")
    found, text = sim.refused(said)
    assert (found, fragment in text) == (status, True), text


def test_a_device_holds_the_luns_bytes(sim: Sim, capsys: pytest.CaptureFixture[str]) -> None:
    """What was written to the LUN is in the file, what is written to the file is in the LUN, and sizes agree."""
    mapped(sim)
    sim.write("vol", 8190, b"abcdef")
    path = device(sim, capsys)
    with path.open("r+b") as file:
        assert os.fstat(file.fileno()).st_size == 2**30
        file.seek(8190)
        assert file.read(6) == b"abcdef"
        file.seek(2**30 - 3)
        file.write(b"end")
    assert sim.read("vol", 2**30 - 3, 3) == b"end"
    sim.write("vol", 0, b"host")
    with path.open("rb") as file:
        assert file.read(4) == b"host"


@pytest.mark.slow
def test_a_snapshot_absorbs_what_was_written_to_a_device(sim: Sim, capsys: pytest.CaptureFixture[str]) -> None:
    """Each snapshot holds the file's bytes of its instant, zeros included, and a restore rewrites the file in place."""
    mapped(sim)
    sim.write("vol", 100, b"old")
    path = device(sim, capsys)
    with path.open("r+b", buffering=0) as file:
        sim.ok("snap -create -res 1 -name s0")
        os.pwrite(file.fileno(), b"new", 100)
        sim.ok("snap -create -res 1 -name s1")
        os.pwrite(file.fileno(), bytes(3), 100)
        sim.ok("snap -create -res 1 -name s2")
        sim.ok("lun -create -type snap -primaryLun 1 -l 2 -name m")
        held = []
        for name in ("s0", "s1", "s2"):
            sim.ok(f"lun -attach -l 2 -snapName {name}")
            held.append(sim.read("m", 100, 3))
            sim.ok("lun -detach -l 2 -o")
        assert held == [b"old", b"new", bytes(3)]
        sim.ok("snap -restore -id s1 -res 1")
        assert os.pread(file.fileno(), 3, 100) == b"new"


@pytest.mark.slow
def test_what_a_host_discards_is_zeros_in_the_next_snapshot(sim: Sim, capsys: pytest.CaptureFixture[str]) -> None:
    """Holes that a host makes in its device are changes like any other; the snapshot before keeps the bytes."""
    mapped(sim)
    sim.write("vol", 100, b"old")
    path = device(sim, capsys)
    sim.ok("snap -create -res 1 -name before")
    os.truncate(path, 0)
    os.truncate(path, 2**30)
    sim.ok("snap -create -res 1 -name after")
    sim.ok("lun -create -type snap -primaryLun 1 -l 2 -name m")
    held = []
    for name in ("before", "after"):
        sim.ok(f"lun -attach -l 2 -snapName {name}")
        held.append(sim.read("m", 100, 3))
        sim.ok("lun -detach -l 2 -o")
    assert held == [b"old", bytes(3)]


def test_reading_a_backups_device_does_not_modify_its_snapshot(sim: Sim, capsys: pytest.CaptureFixture[str]) -> None:
    """Modified stays No while a mount point is mapped and read, and becomes Yes with the first byte written."""
    mapped(sim)
    sim.write("vol", 0, b"data")
    sim.mount(1, 2, "window", "s")
    sim.ok("storagegroup -addhlu -hlu 8 -alu 2 -gname g -o")
    path = device(sim, capsys, 8)
    with path.open("rb") as file:
        assert file.read(4) == b"data"
    assert "Modified:  No" in sim.ok("snap -list -id s -detail")
    with path.open("r+b") as file:
        file.write(b"DATA")
    assert "Modified:  Yes" in sim.ok("snap -list -id s -detail")


def test_an_unmapped_lun_has_no_device_and_all_its_bytes(sim: Sim, capsys: pytest.CaptureFixture[str]) -> None:
    """Taking the number away removes the file after its bytes were absorbed."""
    mapped(sim)
    path = device(sim, capsys)
    with path.open("r+b") as file:
        file.write(b"kept")
    sim.ok("storagegroup -removehlu -hlu 7 -gname g -o")
    assert not path.exists()
    assert sim.read("vol", 0, 4) == b"kept"
    assert vnx_sim(["device", str(sim.folder), "h", "7"]) == 2


def test_a_host_is_in_one_group(sim: Sim) -> None:
    """Connecting it elsewhere takes it out of the first; removing its last initiator forgets it."""
    mapped(sim)
    sim.ok("storagegroup -create -gname other")
    sim.ok("storagegroup -connecthost -host h -gname other -o")
    assert {group["name"]: group["hosts"] for group in sim.seen()["storage_groups"]} == {"g": [], "other": ["h"]}  # type: ignore[attr-defined]
    sim.ok("port -removeHBA -hbauid iqn.1993-08.org.debian:01:abc -o")
    assert sim.refused("storagegroup -connecthost -host h -gname g -o")


def test_an_iscsi_port_gets_an_address_and_answers_pings_on_its_subnet(sim: Sim) -> None:
    """Set, list, ping, delete."""
    sim.ok(
        "connection -setport -iscsi -sp b -portid 9 -vportid 1 -vlanid 3 "
        "-address 7.7.7.7 -subnetmask 255.255.255.0 -gateway 7.7.7.1 -o"
    )
    assert "IP Address:  7.7.7.7\n" in sim.ok("connection -getport -all -sp b -portid 9 -vportid 1")
    assert "TTL=" in sim.ok("connection -pingnode -sp b -portid 9 -vportid 1 -address 7.7.7.9 -count 1")
    assert "timed out" in sim.refused("connection -pingnode -sp b -portid 9 -vportid 1 -address 8.8.8.8 -count 1")[1]
    sim.ok("connection -delport -sp b -portid 9 -vportid 1 -o")
    assert sim.refused("connection -getport -all -sp b -portid 9 -vportid 1")
