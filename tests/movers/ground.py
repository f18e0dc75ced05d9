"""A place for a mover's repositories, and volumes of a few MiB to back up."""

import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from vnx_jobs.adapters.movers.borg import BorgRepositories
from vnx_jobs.adapters.movers.files import FilesRepositories
from vnx_jobs.adapters.movers.passphrase import Passphrase
from vnx_jobs.adapters.movers.processes import members
from vnx_jobs.ports.mover import Copying, Mover, MoverError, Repositories, Source, Stored

Result = TypeVar("Result")
KINDS = ("borg", "files")
ARRAY, UID = "array-1", "60:06:01:60:12:34:3D:00:9A:0B:0C:0D:0E:0F:10:11"
NAME = "array-1-a volume-20261122T120000Z-01JD8Q0000000000000000000A"
SECRET = "correct horse"  # noqa: S105 -- a test's own
MIB = 1 << 20
LIMIT = 20.0
"""Seconds after which what is waited for counts as not coming."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The places of one test."""

    kind: str
    folder: Path

    @property
    def root(self) -> Path:
        """Where the repositories are."""
        return made(self.folder / "repositories")

    @property
    def repository(self) -> Path:
        """The folder of the volume's repository."""
        return self.root / ARRAY / UID.replace(":", "")

    def repositories(self, **options: Any) -> Repositories:
        """Return them as the settings would give them."""
        state = made(self.folder / "state")
        if self.kind == "files":
            return FilesRepositories(self.root, state, **options)
        passphrase = self.folder / "passphrase"
        if not passphrase.exists():
            passphrase.write_text(f"{SECRET}\n")
        return BorgRepositories(self.root, Passphrase(passphrase), state, **options)

    def mover(self, **options: Any) -> Mover:
        """Return the volume's mover."""
        return self.repositories(**options).of(ARRAY, UID)

    def image(self, seed: int = 1) -> Source:
        """Make a volume: data, holes, zeros that were written, and an end that fills no piece."""
        path = self.folder / f"volume-{seed}"
        draw = random.Random(seed)
        with path.open("wb") as file:
            file.write(draw.randbytes(MIB + 512))
            file.write(bytes(MIB))
            file.seek(4 * MIB)
            file.write(draw.randbytes(1024))
            file.truncate(6 * MIB + 1536)
        return Source(path, path.stat().st_size)

    def store(self, name: str = NAME, seed: int = 1, comment: str = "") -> Stored:
        """Store a volume as an archive."""
        stored = done(self.mover().copy_out(name, self.image(seed), comment))
        self.mover().seal(stored)
        return stored

    def pipe(self) -> Source:
        """Make what gives bytes only as a test writes them: a device that may stall."""
        path = self.folder / "pipe"
        if not path.exists():
            os.mkfifo(path)
        return Source(path, 4 * MIB)

    def program(self, name: str, text: str) -> tuple[str, ...]:
        """Write a Python program that stands for a reader."""
        path = self.folder / name
        path.write_text(text)
        return (sys.executable, str(path))


def made(folder: Path) -> Path:
    """Return a folder that is there."""
    folder.mkdir(exist_ok=True)
    return folder


def done(copying: Copying[Result]) -> Result:
    """Let a copy go, and return what came of it."""
    copying.go()
    return copying.result()


def fault_of(work: Callable[[], object]) -> str:
    """Return the kind of trouble that a piece of work ends with, after seeing that it is told in one line."""
    with pytest.raises(MoverError) as caught:
        work()
    assert str(caught.value), "an error says what went wrong"
    assert "\n" not in str(caught.value)
    return caught.value.fault


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    limit = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < limit, "what was waited for did not come"
        time.sleep(0.01)


def gone(group: int) -> bool:
    """Say whether no process of a group lives."""
    return not members(group)


@contextmanager
def fed(source: Source, data: bytes) -> Iterator[int]:
    """Give a pipe's reader some bytes, once it reads, and keep the pipe open."""
    descriptors: list[int] = []

    def read() -> bool:
        try:
            descriptors.append(os.open(source.path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    until(read)
    writing = descriptors[0]
    try:
        os.set_blocking(writing, True)
        for at in range(0, len(data), 1 << 16):
            os.write(writing, data[at : at + (1 << 16)])
        yield writing
    finally:
        os.close(writing)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Have programs that are started meanwhile find the disk full beyond that size of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
