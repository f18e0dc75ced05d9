"""What the simulated array costs, as ratios to a bare interpreter measured in the same run."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.figures import Figure
from vnx_jobs.simulator.cli import main as vnx_sim
from vnx_jobs.simulator.host import HostLun

TITLE: Final = "The simulated array"
ABOUT: Final = (
    "CPU is that of the command's process and of the shell that starts it, as a mean of rounds in which the "
    "things compared take turns. Bare is `python -I -S -c 'import sqlite3'`."
)
LOGIN = ("-h", "10.0.0.1", "-user", "sysadmin", "-password", "sysadmin", "-scope", "0")
BARE = (sys.executable, "-I", "-S", "-c", "import sqlite3")
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


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Measure commands on many LUNs, snapshots of content, and the disk that snapshots take."""
    luns, rounds, snapshots = (5, 1, 3) if quick else (300, 20, 255)
    return [
        *_commands_on_many_luns(folder / "many", luns, rounds),
        *_snapshots_of_content(folder / "content", rounds),
        *_disk_of_snapshots(folder / "disk", snapshots),
    ]


def _commands_on_many_luns(folder: Path, luns: int, rounds: int) -> list[Figure]:
    """Measure a mutation, and listings of one LUN and of all."""
    array = Array(folder)
    for number in range(luns):
        array.lun(number)
    bare, mutation, one, every = [], [], [], []
    for turn in range(rounds):  # in turns, so that a busy moment of the machine falls on all of them
        bare.append(cpu_ms(BARE))
        mutation.append(array.run(f"lun -modify -l 3 -newName w{turn} -o"))
        one.append(array.run("lun -list -l 3"))
        every.append(array.run("lun -list -all"))
    mean = statistics.fmean  # the kernel counts CPU in ticks: single figures are coarse, their mean is not
    return [
        Figure(f"a mutation on {luns} LUNs, over a bare interpreter", mean(mutation) / mean(bare), "x"),
        Figure("CPU of a bare interpreter with sqlite3", mean(bare), "ms"),
        Figure(f"CPU of a mutation on {luns} LUNs, over bare", mean(mutation) - mean(bare), "ms", at_most=40),
        Figure("CPU of a listing, for each further LUN", (mean(every) - mean(one)) / (luns - 1), "ms"),
    ]


def _snapshots_of_content(folder: Path, rounds: int) -> list[Figure]:
    """Measure a snapshot of a LUN with little and with much in it."""
    array = Array(folder)
    contents = (1, 200)
    for megabytes in contents:
        array.lun(megabytes)
        array.fill(megabytes, megabytes)
    taken: dict[int, list[float]] = {megabytes: [] for megabytes in contents}
    for turn in range(rounds):
        for megabytes in contents:
            taken[megabytes].append(array.run(f"snap -create -res {megabytes} -name s{megabytes}-{turn}"))
    small, large = (statistics.fmean(taken[megabytes]) for megabytes in contents)
    return [
        Figure("a snapshot of a LUN with 200 MB in it, over one with 1 MB", large / small, "x"),
        Figure("CPU of a snapshot of a LUN with 1 MB in it", small, "ms"),
    ]


def _disk_of_snapshots(folder: Path, snapshots: int) -> list[Figure]:
    """Measure the disk that snapshots of a large LUN take."""
    array = Array(folder)
    array.lun(1, gigabytes=100)
    array.fill(1, 50)
    before = array.disk_mb()
    for number in range(snapshots):
        array.run(f"snap -create -res 1 -name s{number}")
    return [
        Figure("disk of a LUN of 100 GB with 50 MB in it", before, "MB"),
        Figure(f"disk of the same with {snapshots} snapshots", array.disk_mb(), "MB"),
    ]
