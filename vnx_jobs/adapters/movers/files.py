"""The mover files: an image of the volume for each archive, and beside it what is known of it. Nothing is encrypted."""

import errno
import fcntl
import json
import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeVar

from vnx_jobs.ports.mover import Copying, MoverError, Passed, Process, Source, Stored, Target

from . import processes
from .group import Ended, Group, traces
from .judging import IMAGE, SOURCE, STORE, TARGET, Faults, passed, trouble
from .names import checked, folder_of, short, there, volumes_in
from .programs import READER, Traces, reading, writing

_LOCK: Final = "lock"
_GLANCE: Final = 0.05
_BLOCK: Final = 512
"""Bytes of a block as stat counts them."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FilesMover:
    """Implements Mover with files: `ARCHIVE.img` holds the bytes, `ARCHIVE.json` comes last and makes it complete.

    The lock is the kernel's, on a file that all processes of a copy hold open: it is free when the last of them ends.
    """

    folder: Path
    root: Path
    """The place of all repositories."""
    state: Path
    """Folder for the traces of copies under way; it may be lost."""
    lock_wait: float = 60
    reader: tuple[str, ...] = READER

    @property
    def tool(self) -> str:
        """Name and version of the form."""
        return "files 1"

    def prepare(self) -> None:
        """Make the folder and its lock file."""
        there(self.root)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / _LOCK).touch(mode=0o600)
        except OSError as error:
            raise MoverError(f"{self.folder} cannot be made: {error.strerror}", "repository") from error

    def copy_out(self, archive: str, source: Source, comment: str) -> Copying[Stored]:
        """Run the writer, which makes the image from what the reader gives."""
        image, about = self._image(archive), short(comment)
        if image.exists():
            raise MoverError(f"there is an archive {archive} in {self.folder} already", "repository")
        left = traces(self.state / "copies")
        words = (
            *writing(Target(image, source.size, make=True), source.size, left, told=False),
            "--",
            *reading(source, left, reader=self.reader),
        )

        def judge(ended: Ended) -> Stored:
            digest = _passed(ended, SOURCE, STORE).digest
            seconds = ended.traces.outcome(ended.traces.read).get("seconds", 0.0)
            return Stored(archive, source.size, digest, self._takes(image), round(seconds, 3), about)

        return self._group(words, left, judge)

    def seal(self, stored: Stored) -> None:
        """Measure the image, and write beside it what is known of it."""
        if self.stored(stored.archive) is not None:
            return
        image = self._image(stored.archive)
        if not image.exists():
            raise MoverError(f"there is no archive {stored.archive} in {self.folder}", "no-archive")
        self._check(stored)
        self._write_seal(stored)

    def copy_in(self, archive: str, target: Target) -> Copying[Passed]:
        """Run the writer with a reader of the image."""
        stored = self._complete(archive)
        if stored.size != target.size:
            raise MoverError(f"{archive} has {stored.size} bytes, {target.path} {target.size}", "short-read")
        return self._read_back(stored, target, None)

    def read_all(self, archive: str, *, rate: int | None = None) -> Copying[Passed]:
        """Run the writer, to nowhere, with a reader of the image."""
        return self._read_back(self._complete(archive), None, rate)

    def verify(self, archive: str) -> None:
        """Compare the image's size with what is known of it."""
        self._check(self._complete(archive))

    def _check(self, stored: Stored) -> None:
        image = self._image(stored.archive)
        has = image.stat().st_size if image.exists() else 0
        if has != stored.size:
            raise MoverError(f"{image} holds {has} bytes of {stored.size}", "repository")

    def stored(self, archive: str) -> Stored | None:
        """Return what lies beside the image."""
        there(self.root)
        try:
            return Stored(**json.loads(self._seal_file(archive).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise MoverError(f"{self._seal_file(archive)} cannot be read: {error}", "repository") from error

    def archives(self) -> tuple[Stored, ...]:
        """Return what lies beside the images, in the order in which it was written."""
        there(self.root)
        files = sorted(self.folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        found = (self.stored(file.stem) for file in files)
        return tuple(stored for stored in found if stored is not None)

    def remove(self, archives: Collection[str]) -> None:
        """Remove what makes them complete first, then the images."""
        if not self.folder.is_dir():
            return
        with self._locked():
            for archive in archives:
                image = self._image(archive)
                for file in (self._seal_file(archive), image, image.with_name(f"{image.name}.part")):
                    file.unlink(missing_ok=True)

    def compact(self) -> None:
        """Do nothing: what was removed takes no space."""

    def end(self, process: Process) -> bool:
        """End the group."""
        return processes.end(process)

    def break_lock(self) -> None:
        """Do nothing: the kernel's lock ends with its holder."""

    def _image(self, archive: str) -> Path:
        return self.folder / f"{checked(archive)}.img"

    def _seal_file(self, archive: str) -> Path:
        return self.folder / f"{checked(archive)}.json"

    def _takes(self, image: Path) -> int:
        try:
            return image.stat().st_blocks * _BLOCK
        except OSError as error:
            raise MoverError(f"{image} cannot be measured: {error.strerror}", "repository") from error

    def _write_seal(self, stored: Stored) -> None:
        """Write beside the image what is known of it, which makes the archive complete."""
        file = self._seal_file(stored.archive)
        beside = file.with_name(f"{file.name}.part")
        try:
            with self._locked():
                with beside.open("w", encoding="utf-8") as opened:
                    json.dump(asdict(stored), opened)
                    opened.flush()
                    os.fsync(opened.fileno())
                beside.rename(file)
                _flush(self.folder)
        except OSError as error:
            full = error.errno == errno.ENOSPC
            text = f"{file} cannot be written: {error.strerror}"
            raise MoverError(text, "space" if full else "repository") from error

    def _complete(self, archive: str) -> Stored:
        if stored := self.stored(archive):
            return stored
        raise MoverError(f"there is no complete archive {archive} in {self.folder}", "no-archive")

    def _read_back(self, stored: Stored, target: Target | None, rate: int | None) -> Copying[Passed]:
        left = traces(self.state / "copies")
        image = Source(self._image(stored.archive), stored.size)
        words = (
            *writing(target, stored.size, left, rate=rate),
            *("--digest", stored.digest, "--"),
            *reading(image, left, told=False),
        )
        return self._group(words, left, lambda ended: _passed(ended, IMAGE, TARGET))

    def _group(self, words: tuple[str, ...], left: Traces, judge: Callable[[Ended], Result]) -> Group[Result]:
        with self._locked() as lock:
            return Group(words, left, judge, environment={"PATH": os.defpath, "LANG": "C.UTF-8"}, descriptors=(lock,))

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Hold the lock, or wait for it; whoever gets the descriptor too holds it on. Raises MoverError(locked)."""
        try:
            descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise MoverError(f"{self.folder} is no repository: {error.strerror}", "repository") from error
        try:
            limit = time.monotonic() + self.lock_wait
            while not _taken(descriptor):
                if time.monotonic() > limit:
                    raise MoverError(f"{self.folder} was in use for {self.lock_wait:g} seconds", "locked")
                time.sleep(_GLANCE)
            yield descriptor
        finally:
            os.close(descriptor)  # not unlocked: the lock is the open file's, and ends with its last descriptor


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _passed(ended: Ended, reader: Faults, writer: Faults) -> Passed:
    if come := passed(ended):
        return come
    told = trouble(ended, ended.traces.read, reader) or trouble(ended, ended.traces.written, writer)
    raise told or MoverError(f"the copy was ended: status {ended.status}", "ended")


@dataclass(frozen=True, slots=True)
class FilesRepositories:
    """Implements Repositories with files."""

    path: Path
    state: Path
    """Folder for the traces of copies under way; it may be lost."""
    lock_wait: float = 60
    reader: tuple[str, ...] = READER

    def of(self, array: str, uid: str) -> FilesMover:
        """Return the mover of a volume's repository."""
        return FilesMover(folder_of(self.path, array, uid), self.path, self.state, self.lock_wait, self.reader)

    def volumes(self) -> tuple[tuple[str, str], ...]:
        """Return whose repositories lie here."""
        return volumes_in(self.path, _LOCK)
