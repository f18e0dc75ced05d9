"""Wrong words: one clear line and a status, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulator.arrays import LOGIN, Sim
from vnx_jobs.simulator.cli import main as vnx_sim
from vnx_jobs.simulator.naviseccli import main as naviseccli


@pytest.mark.parametrize(
    "options",
    [
        ("--pool", "a:10", "--pool", "a:20"),
        ("--pool", "a:99999999999999"),
        ("--pool", "a:²"),
        ("--pool", "a"),
        ("--spa", "10.0.0.9", "--spb", "10.0.0.9"),
        ("--latency", "10-5"),
        ("--enablers", "Bogus"),
        ("--name", ""),
        ("--serial", "two\nlines"),
    ],
)
def test_an_array_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    """Status 2, one line, and no folder half made."""
    assert vnx_sim(["init", str(tmp_path / "array"), *options]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert not (tmp_path / "array").exists()


@pytest.mark.parametrize(
    "options",
    [("--latency", "nan"), ("--latency", "x"), ("--latency=-5",), ("--sessions", "-3"), ("--migrations", "-1")],
)
def test_a_number_that_is_none_is_a_usage_error(tmp_path: Path, options: tuple[str, ...]) -> None:
    """The parser itself refuses it, with status 2."""
    with pytest.raises(SystemExit, match="2"):
        vnx_sim(["init", str(tmp_path / "array"), *options])


@pytest.mark.parametrize(
    "said",
    [
        "fault {0} bogus",
        "fault {0} hang",
        "fault {0} hang:abc",
        "fault {0} silent-failure:x",
        "fault {0} silent-failure:256",
        "fault {0} migrate-faulted:1:200",
        "fault {0} sp-down:c",
        "fault {0} port-uninitialized:zz",
        "fault {0} no-feature",
        "fault {0} busy:1",
        "fault {0} --clear bogus",
        "fault {0}",
        "show /nowhere",
        "log {0}/array.db",
        "write {0} none --data x",
        "write {0} v --file /nowhere",
        "write {0} v --file /tmp",
        "write {0} v --data x --offset 99999999999",
        "read {0} none",
        "read {0} 99999999999999999999999",
        "read {0} ²",
        "read {0} v --out /nowhere/x",
        "digest {0} none",
        "device {0} host 5",
        "init /proc/array",
    ],
)
def test_what_cannot_be_done_is_one_line(sim: Sim, capsys: pytest.CaptureFixture[str], said: str) -> None:
    """Status 2 and a line that begins with the program's name; no fault is in force after it."""
    sim.lun(1, "v")
    capsys.readouterr()
    assert vnx_sim([word.format(sim.folder) for word in said.split()]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("vnx-sim: ")
    assert told.err.count("\n") == 1
    assert sim.run("getagent").status == 0


@pytest.mark.parametrize("option", ["--times=0", "--times=-1", "--for=-1", "--for=nan", "--skip=-1"])
def test_a_fault_lasts_a_time_that_can_be(sim: Sim, option: str) -> None:
    """Nothing, or less than nothing, is no number of times and no time."""
    with pytest.raises(SystemExit, match="2"):
        vnx_sim(["fault", str(sim.folder), "busy", option])


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("lun -list -l ²", 34),
        ("lun -list -l --5", 34),
        (f"lun -list -l {'9' * 5000}", 34),
        ("unbind ² -o", 30),
        (f"unbind {'9' * 5000} -o", 30),
        ("snap -create -res ² -name s", 18),
        (f"snap -create -res {'9' * 30} -name s", 18),
        ("snap -create -res 1 -name s -keepFor 99999999999999y", 34),
        ("snap -create -res 1 -name s -keepFor ²h", 34),
        ("storagegroup -destroy -gname ~management -o", 66),
    ],
)
def test_the_array_takes_wrong_words_calmly(sim: Sim, said: str, status: int) -> None:
    """A refusal with a status; nothing has changed."""
    sim.lun(1, "v")
    assert sim.refused(said)[0] == status


@pytest.mark.parametrize("said", ["lun -list -name", "snap -create -res 1 -name", "storagegroup -create -gname"])
def test_an_empty_name_is_a_missing_one(sim: Sim, said: str) -> None:
    """An option that names something does not take the empty word."""
    sim.lun(1, "v")
    assert sim.refused(said, "")[0] == 34


@pytest.mark.parametrize("speed", ["abc", "nan", "0", "-1"])
def test_a_speed_that_is_none(sim: Sim, monkeypatch: pytest.MonkeyPatch, speed: str) -> None:
    """The program says so, instead of running the array's time by it."""
    monkeypatch.setenv("VNX_SIM_STATE", str(sim.folder))
    monkeypatch.setenv("VNX_SIM_SPEED", speed)
    assert naviseccli([*LOGIN, "getagent"]) == 34


@pytest.mark.real
def test_a_reader_that_went_away_is_no_error(sim: Sim) -> None:
    """`vnx-sim log | head`: the program ends without a word when nobody reads."""
    for _ in range(3):
        sim.ok("getagent")
    reading, writing = os.pipe()
    os.close(reading)
    program = [sys.executable, "-c", "import sys; from vnx_jobs.simulator.cli import main; sys.exit(main())"]
    with os.fdopen(writing) as nobody:
        ran = subprocess.run(
            [*program, "log", str(sim.folder)], stdout=nobody, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ran.stderr == ""
