"""A backup's copy beside what borg alone takes for the same bytes: time, and what the repository grows by."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from bench.figures import Figure
from vnx_jobs.adapters.movers.borg import BorgRepositories
from vnx_jobs.adapters.movers.passphrase import Passphrase
from vnx_jobs.ports.mover import Source, Stored

TITLE: Final = "A backup beside the tool alone"
ABOUT: Final = (
    "A sparse volume of 2 GiB with 600 MiB in use, copied into a new repository and, after 1 % of what is in use was "
    "changed, once more; by the mover (our reader, WWN and size checks, digest) and by `borg create "
    "--content-from-command` with `dd` as the reader, in turns. Compared is the copy as the step copy-out does it; the "
    "step after it, which measures the archive, looks up its parts and seals it, stands beside. Times are medians of "
    "three runs; every run has a new repository, which is not counted."
)
_MIB: Final = 1 << 20
_SECRET: Final = "measured"  # noqa: S105 -- of a repository that lives for a minute
_CHUNKS: Final = ("--compression", "zstd", "--chunker-params", f"fixed,{_MIB}", "--files-cache", "disabled")


@dataclass(frozen=True, slots=True)
class Run:
    """What two copies of a volume took, the second after a change."""

    first: float
    """Seconds."""
    second: float
    added: int
    """Bytes that the second one added to the repository's files."""
    sealing: float = 0.0
    """Seconds that it took to complete the second archive."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A sparse volume of random bytes."""

    path: Path
    mib: int
    used: int
    """MiB that are in use, evenly spread."""

    def write(self) -> None:
        """Make it anew."""
        draw = Random(1)  # noqa: S311 -- bytes that do not compress
        with self.path.open("wb") as file:
            file.truncate(self.mib * _MIB)
            for piece in range(self.used):
                file.seek(self._at(piece))
                file.write(draw.randbytes(_MIB))

    def change(self) -> None:
        """Change one percent of what is in use."""
        draw = Random(2)  # noqa: S311 -- as above
        with self.path.open("r+b") as file:
            for piece in range(0, self.used, 100):
                file.seek(self._at(piece))
                file.write(draw.randbytes(_MIB))
            file.flush()
            os.fsync(file.fileno())

    def warm(self) -> None:
        """Bring it into memory, so that nobody's copy pays for the disk."""
        with self.path.open("rb") as file:
            while file.read(_MIB):
                pass

    def _at(self, piece: int) -> int:
        return piece * self.mib // self.used * _MIB


def by_mover(volume: Volume, folder: Path) -> Run:
    """Copy twice by the mover."""
    passphrase = folder / "passphrase"
    (folder / "place").mkdir()
    passphrase.write_text(f"{_SECRET}\n")
    mover = BorgRepositories(folder / "place", Passphrase(passphrase), folder / "state").of("array", "60:06")
    mover.prepare()
    source = Source(volume.path, volume.mib * _MIB)

    stored: list[Stored] = []

    def copy(name: str) -> None:
        copying = mover.copy_out(name, source, "measured")
        copying.go()
        stored.append(copying.result())

    return _twice(volume, folder / "place", copy, lambda: mover.seal(stored[-1]))


def by_borg_alone(volume: Volume, folder: Path) -> Run:
    """Copy twice by borg, with a plain reader."""
    environment = {"PATH": os.environ["PATH"], "BORG_BASE_DIR": str(folder / "state"), "BORG_PASSPHRASE": _SECRET}
    repository, borg = folder / "repository", shutil.which("borg") or "borg"
    plain_reader = ("dd", f"if={volume.path}", "bs=1M", "status=none")

    def call(*words: str) -> None:
        subprocess.run((borg, *words), env=environment, check=True, capture_output=True)

    call("init", "--encryption", "repokey-blake2", str(repository))
    call("info", str(repository))  # as the mover opens it too before the clock runs

    def copy(name: str) -> None:
        call("create", *_CHUNKS, "--content-from-command", f"{repository}::{name}", "--", *plain_reader)

    return _twice(volume, repository, copy)


def _nothing() -> None:
    """Complete what is complete."""


def _twice(volume: Volume, repository: Path, copy: Callable[[str], None], seal: Callable[[], None] = _nothing) -> Run:
    volume.write()
    first = _seconds(volume, lambda: copy("first"))
    seal()
    volume.change()
    before = _bytes_in(repository)
    second = _seconds(volume, lambda: copy("second"))
    sealing = _seconds(volume, seal)
    return Run(first, second, _bytes_in(repository) - before, sealing)


def _seconds(volume: Volume, work: Callable[[], None]) -> float:
    volume.warm()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Copy by both, in turns, and compare the medians."""
    volume = Volume(folder / "volume", *((8, 4) if quick else (2048, 600)))
    ours: list[Run] = []
    alone: list[Run] = []
    for turn in range(1 if quick else 3):
        for runs, by in ((ours, by_mover), (alone, by_borg_alone)):
            place = folder / f"{by.__name__}-{turn}"
            place.mkdir()
            runs.append(by(volume, place))
            shutil.rmtree(place)
    first, first_alone = median(run.first for run in ours), median(run.first for run in alone)
    second, second_alone = median(run.second for run in ours), median(run.second for run in alone)
    added, added_alone = median(run.added for run in ours), median(run.added for run in alone)
    return [
        Figure("first copy: time by the mover, by time of borg alone", first / first_alone, "x", at_most=1.15),
        Figure(
            "copy after a change: time by the mover, by time of borg alone", second / second_alone, "x", at_most=1.15
        ),
        Figure("first copy: by the mover", first, "s"),
        Figure("copy after a change: by the mover", second, "s"),
        Figure("copy after a change: measuring and sealing, after it", median(run.sealing for run in ours), "s"),
        Figure(
            "copy after a change: bytes added by the mover, by 1.05 times those of borg alone and 1 MiB",
            added / (1.05 * added_alone + _MIB),
            "x",
            at_most=1,
        ),
        Figure("copy after a change: added by the mover", added / _MIB, "MiB"),
        Figure("copy after a change: added by borg alone", added_alone / _MIB, "MiB"),
    ]
