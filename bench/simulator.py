"""What the simulated array costs, as ratios to a bare interpreter measured in the same run.

`python bench/simulator.py OUT.json` measures, writes its figures to OUT.json and prints them as a table.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from vnx_jobs.simulator.cli import main as vnx_sim
from vnx_jobs.simulator.host import HostLun

LOGIN = ("-h", "10.0.0.1", "-user", "sysadmin", "-password", "sysadmin", "-scope", "0")
BARE = (sys.executable, "-I", "-S", "-c", "import sqlite3")
LUNS = 300
ROUNDS = 20
MEGABYTE = 1 << 20


def cpu_ms(command: tuple[str, ...]) -> float:
    """Run a program that must succeed; return the CPU time it took, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "VNX_SIM_SPEED": "1000000"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


class Array:
    """An array to be measured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with contextlib.redirect_stdout(io.StringIO()):
            vnx_sim(["init", str(folder), "--pool", "pool_1:204800"])

    def command(self, said: str) -> tuple[str, ...]:
        """Return the command line of a command."""
        return (str(self.folder / "bin" / "naviseccli"), *LOGIN, *said.split())

    def run(self, said: str) -> float:
        """Run a command; return its CPU time in milliseconds."""
        return cpu_ms(self.command(said))

    def lun(self, number: int, gigabytes: int = 10) -> None:
        """Make a thin LUN."""
        self.run(f"lun -create -type Thin -capacity {gigabytes} -sq gb -poolId 0 -l {number} -name v{number}")

    def fill(self, number: int, megabytes: int) -> None:
        """Write random bytes to a LUN."""
        with HostLun(self.folder, number) as lun:
            for place in range(megabytes):
                lun.write(place * MEGABYTE, os.urandom(MEGABYTE))

    def disk_mb(self) -> float:
        """Return what the array's folder takes on the disk, in megabytes."""
        return sum(path.stat().st_blocks for path in self.folder.rglob("*")) * 512 / MEGABYTE


def commands_on_many_luns(folder: Path) -> dict[str, float]:
    """Measure a mutation, and listings of one LUN and of all, on an array of many LUNs."""
    array = Array(folder)
    for number in range(LUNS):
        array.lun(number)
    bare, mutation, one, every = [], [], [], []
    for turn in range(ROUNDS):  # in turns, so that a busy moment of the machine falls on all of them
        bare.append(cpu_ms(BARE))
        mutation.append(array.run(f"lun -modify -l 7 -newName w{turn} -o"))
        one.append(array.run("lun -list -l 7"))
        every.append(array.run("lun -list -all"))
    mean = statistics.fmean  # the kernel counts CPU in ticks: single figures are coarse, their mean is not
    return {
        "bare interpreter with sqlite3, CPU ms": mean(bare),
        f"mutation on {LUNS} LUNs, CPU ms over bare": mean(mutation) - mean(bare),
        f"mutation on {LUNS} LUNs, ratio to bare": mean(mutation) / mean(bare),
        "listing, CPU ms more for each further LUN": (mean(every) - mean(one)) / (LUNS - 1),
    }


def snapshots_of_content(folder: Path) -> dict[str, float]:
    """Measure a snapshot of a LUN with little and with much in it."""
    array = Array(folder)
    contents = (1, 200)
    for megabytes in contents:
        array.lun(megabytes)
        array.fill(megabytes, megabytes)
    taken: dict[int, list[float]] = {megabytes: [] for megabytes in contents}
    for turn in range(ROUNDS):
        for megabytes in contents:
            taken[megabytes].append(array.run(f"snap -create -res {megabytes} -name s{megabytes}-{turn}"))
    small, large = (statistics.fmean(taken[megabytes]) for megabytes in contents)
    return {
        "snapshot of a LUN with 1 MB in it, CPU ms": small,
        "snapshot of a LUN with 200 MB in it, CPU ms": large,
        "the second over the first": large / small,
    }


def disk_of_snapshots(folder: Path) -> dict[str, float]:
    """Measure the disk that 255 snapshots of a large LUN take."""
    array = Array(folder)
    array.lun(1, gigabytes=100)
    array.fill(1, 50)
    before = array.disk_mb()
    for number in range(255):
        array.run(f"snap -create -res 1 -name s{number}")
    return {
        "100 GB LUN with 50 MB in it, MB on disk": before,
        "the same with 255 snapshots, MB on disk": array.disk_mb(),
    }


def main() -> int:
    """Measure everything, write it down and show it."""
    figures: dict[str, float] = {"cores": float(os.cpu_count() or 0)}
    with tempfile.TemporaryDirectory() as folder:
        for measure in (commands_on_many_luns, snapshots_of_content, disk_of_snapshots):
            figures |= measure(Path(folder) / measure.__name__)
    rounded = {name: round(value, 3) for name, value in figures.items()}
    Path(sys.argv[1]).write_text(f"{json.dumps(rounded, indent=1)}\n", encoding="utf-8")
    for name, value in rounded.items():
        sys.stdout.write(f"{name:<50} {value:>9g}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
