"""Many processes at once, and processes that die: the program itself, as clients start it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.arrays import LOGIN, Sim, make
from vnx_jobs.simulator import audit
from vnx_jobs.simulator.host import HostLun
from vnx_jobs.simulator.store import connect

pytestmark = pytest.mark.real


def program(sim: Sim, said: str, **environment: str) -> subprocess.Popen[str]:
    """Start the array's own `naviseccli`."""
    return subprocess.Popen(
        [str(sim.folder / "bin" / "naviseccli"), *LOGIN, *said.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "VNX_SIM_SPEED": "1000000", **environment},
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for the end of a program."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def until(true: Callable[[], bool]) -> None:
    """Wait for something that must come; the test's own time limit ends it otherwise."""
    while not true():
        time.sleep(0.01)


def test_sixteen_processes_lose_nothing(tmp_path: Path) -> None:
    """96 snapshots asked for by 16 processes at once are all there, once each, and stderr is empty."""
    sim = make(tmp_path / "array")
    sim.lun(1, "vol")

    def one(number: int) -> tuple[int, str, str]:
        return finish(program(sim, f"snap -create -res 1 -name s{number}"))

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(one, range(96))) == {(0, "", "")}
    assert sim.ok("snap -list -detail").count("Name:  s") == 96


def test_the_limit_holds_against_a_crowd(tmp_path: Path) -> None:
    """Of 40 mount points for the last 15 places exactly 15 are made."""
    sim = make(tmp_path / "array")
    sim.lun(1, "vol")
    for number in range(240):
        sim.ok(f"lun -create -type snap -primaryLun 1 -l {1000 + number}")
    with ThreadPoolExecutor(16) as pool:
        ended = list(pool.map(lambda _: finish(program(sim, "lun -create -type snap -primaryLun 1"))[0], range(40)))
    assert ended.count(0) == 15


def test_a_killed_command_leaves_all_or_nothing(tmp_path: Path) -> None:
    """Snap copies killed at random moments: each object is whole or absent, and the array goes on working."""
    sim, dice = make(tmp_path / "array"), random.Random(5)
    sim.lun(1, "vol")
    sim.write("vol", 0, b"bytes")
    for number in range(40):
        process = program(sim, f"snap -create -res 1 -name s{number}")
        time.sleep(dice.uniform(0.0, 0.12))
        process.kill()
        process.communicate()
    made = [row for row in sim.seen()["snapshots"] if row["primary"] == 1]  # type: ignore[attr-defined]
    done = [row for row in log(sim) if row["effect"] == "changed" and row["argv"][0] == "snap"]
    assert len(made) == len(done)
    for row in made:
        sim.ok(f"lun -create -type snap -primaryLun 1 -l 900 -name m{row['name']}")
        sim.ok(f"lun -attach -l 900 -snapName {row['name']}")
        assert sim.read(900, 0, 5) == b"bytes"
        sim.ok("lun -destroy -l 900 -o")
        sim.ok(f"snap -destroy -id {row['name']} -o")
    sim.ok("lun -destroy -l 1 -o")
    assert list((sim.folder / "content").iterdir()) == []


def log(sim: Sim) -> list[dict[str, Any]]:
    """Return the array's log."""
    with contextlib.closing(connect(str(sim.folder))) as db:
        return [entry for _, entry in audit.entries(db)]


WRITER = """
import sys
from vnx_jobs.simulator.host import HostLun
with HostLun(sys.argv[1], 1) as lun:
    for number in range(1, 1 << 20):
        lun.write((number - 1) * 8 + 4, number.to_bytes(8, "big"))
"""


def test_every_image_is_a_prefix_of_the_writes(tmp_path: Path) -> None:
    """While writers number their writes, snapshots hold 1..n and nothing behind n, for growing n."""
    sim = make(tmp_path / "array")
    sim.lun(1, "vol")
    with subprocess.Popen([sys.executable, "-c", WRITER, str(sim.folder)]) as writer:
        try:
            until(lambda: sim.read(1, 4, 8) != bytes(8))
            for number in range(12):
                assert finish(program(sim, f"snap -create -res 1 -name s{number}")) == (0, "", "")
        finally:
            writer.kill()
    sim.ok("lun -create -type snap -primaryLun 1 -l 2 -name m")
    counts = [prefix(sim, f"s{number}") for number in range(12)]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0] > 0


def prefix(sim: Sim, snapshot: str) -> int:
    """Return how many numbered writes an image holds, having checked that it holds nothing else."""
    sim.ok(f"lun -attach -l 2 -snapName {snapshot}")
    with HostLun(sim.folder, 2) as lun:
        held = lun.read(0, 9 << 20)
    sim.ok("lun -detach -l 2 -o")
    written = [int.from_bytes(held[place : place + 8], "big") for place in range(4, len(held) - 8, 8)]
    count = written.index(0)
    assert written[:count] == list(range(1, count + 1))
    assert not any(written[count:])
    return count


def test_a_held_command_lands_though_its_client_is_dead(tmp_path: Path) -> None:
    """The client is killed at once; the LUN appears all the same, and the log says that it landed."""
    sim = make(tmp_path / "array")
    sim.fault("hold:0.5", "--times", "1")
    process = program(sim, "lun -create -capacity 1 -sq gb -poolId 0 -name late")
    until(lambda: any(row["fault"] == "hold" for row in log(sim)))
    process.send_signal(signal.SIGKILL)
    finish(process)
    assert sim.names() == set()
    until(lambda: sim.names() == {"late"})
    assert log(sim)[-1]["fault"] == "landed"


def test_a_hung_client_that_is_killed_has_done_nothing(tmp_path: Path) -> None:
    """Its log entry stays open and the array is unchanged."""
    sim = make(tmp_path / "array")
    sim.fault("hang:60")
    process = program(sim, "lun -create -capacity 1 -sq gb -poolId 0 -name never")
    until(lambda: len(log(sim)) == 1)
    process.kill()
    finish(process)
    assert (log(sim)[0]["status"], sim.names()) == (None, set())


def test_a_full_array_refuses_or_lets_wait(tmp_path: Path) -> None:
    """With one session taken by a hanging command, the next is refused, or served when the first is dead."""
    for how in ("refuse", "wait"):
        sim = make(tmp_path / how, "--sessions", "1", "--sessions-full", how)
        sim.fault("hang:60", "--times", "1")
        first = program(sim, "getagent")
        until(lambda sim=sim: len(log(sim)) == 1)  # type: ignore[misc]
        second = program(sim, "getagent")
        if how == "refuse":
            status, text, _ = finish(second)
            assert (status, "Service Unavailable" in text) == (255, True)
            first.kill()
        else:
            first.kill()
            assert finish(second)[0] == 0
        finish(first)


def test_two_arrays_side_by_side_are_two(tmp_path: Path) -> None:
    """Each program is bound to its own folder, whatever the environment says."""
    one, two = make(tmp_path / "one"), make(tmp_path / "two with spaces")
    for sim, name in ((one, "a"), (two, "b")):
        made = f"lun -create -capacity 1 -sq gb -poolId 0 -name {name}"
        assert finish(program(sim, made, VNX_SIM_STATE=str(one.folder)))[0] == 0
    assert (one.names(), two.names()) == ({"a"}, {"b"})


def test_a_command_loads_no_heavy_module(tmp_path: Path) -> None:
    """Nothing on a command's way imports what would cost more than the command."""
    sim = make(tmp_path / "array")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from vnx_jobs.simulator.naviseccli import main; "
        "main(sys.argv[2:]); "
        "heavy = {'re', 'typing', 'dataclasses', 'enum', 'json', 'contextlib', 'pathlib', 'random'}; "
        "sys.stderr.write(' '.join(sorted(heavy & set(sys.modules))))"
    )
    root = Path(__file__).resolve().parents[2]
    for said in (
        "lun -list -all",
        "snap -list -detail",
        "storagegroup -list",
        "storagepool -list -all",
        "migrate -list",
    ):
        ran = subprocess.run(
            [sys.executable, "-I", "-S", "-c", script, str(root), *LOGIN, *said.split()],
            capture_output=True,
            text=True,
            check=True,
            env={"VNX_SIM_STATE": str(sim.folder)},
        )
        assert ran.stderr == ""
