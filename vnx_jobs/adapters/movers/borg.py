"""The mover borg: a volume's repository, encrypted, of chunks of one size."""

import json
import tempfile
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from vnx_jobs.ports.mover import Copying, MoverError, Passed, Process, Source, Stored, Target

from . import processes
from .borg_program import LONG, Borg
from .borg_verdicts import trouble
from .group import Ended, Group, traces
from .judging import SOURCE, TARGET, passed
from .judging import trouble as told_trouble
from .names import base_of, checked, folder_of, short, there, volumes_in
from .passphrase import Passphrase
from .programs import READER, Traces, reading, writing

IMAGE: Final = "volume.img"
"""What the volume's bytes are called inside an archive."""
_SEAL: Final = "vnx-jobs"
"""The field of an archive's comment by which a seal is known, and the version of its form."""


@dataclass(frozen=True, slots=True)
class BorgMover:
    """Implements Mover with borg 1.2.

    borg is given the reader as a command, so that it refuses the archive when the reader fails. What it stored is later
    measured, and only then sealed: the archive's comment gets size, digest and the caller's comment. An archive without
    a seal is an incomplete one, whatever it holds.
    """

    borg: Borg
    root: Path
    """The place of all repositories."""
    chunk: int = 1 << 20
    """Bytes of a chunk."""
    reader: tuple[str, ...] = READER

    @property
    def tool(self) -> str:
        """Name and version, as borg tells them."""
        return self.borg.version()

    def prepare(self) -> None:
        """Make the repository beside its place and move it there; open it, with borg's test of itself."""
        there(self.root)
        if not self._exists():
            self._make()
        self.borg.run("info", "--json", str(self.borg.repository), BORG_SELFTEST="enabled")

    def copy_out(self, archive: str, source: Source, comment: str) -> Copying[Stored]:
        """Run borg with the reader as the command that gives the content."""
        at = self.borg.at(checked(archive))
        left = self._traces()
        words = self.borg.command(
            *("create", "--json", "--files-cache", "disabled", "--stdin-name", IMAGE),
            *("--compression", "zstd", "--chunker-params", f"fixed,{self.chunk}"),
            *("--content-from-command", at, "--"),
            *reading(source, left, reader=self.reader),
        )
        about = short(comment)
        with self.borg.passphrase.piped() as secret:
            environment = self.borg.environment(secret)
            return Group(
                words,
                left,
                lambda ended: self._stored(archive, source.size, about, ended),
                environment=environment,
                descriptors=(secret,),
            )

    def seal(self, stored: Stored) -> None:
        """Measure the archive, have borg look up its chunks, and write the seal into its comment."""
        if not self._unsealed(checked(stored.archive)):
            return
        self._check(stored)
        seal = json.dumps({_SEAL: 1, **asdict(stored)}, separators=(",", ":"))
        at = self.borg.at(stored.archive)
        self.borg.run("recreate", "--comment", seal.replace("{", "{{").replace("}", "}}"), at)

    def _unsealed(self, archive: str) -> bool:
        """Say whether an archive is there without its seal; what an interrupted sealing left beside it is removed."""
        listed = self._listed("--format", "{comment}", "--consider-checkpoints")
        found = {entry["name"]: entry for entry in listed if base_of(entry["name"]) == archive}
        if archive not in found:
            raise MoverError(f"there is no archive {archive} in {self.borg.repository}", "no-archive")
        self._delete([name for name in found if name != archive])
        return not _seal_of(found[archive])

    def copy_in(self, archive: str, target: Target) -> Copying[Passed]:
        """Run the writer, which runs borg and writes what it gives."""
        stored = self._complete(archive)
        if stored.size != target.size:
            raise MoverError(f"{archive} has {stored.size} bytes, {target.path} {target.size}", "short-read")
        return self._through_writer(stored, target, None)

    def read_all(self, archive: str, *, rate: int | None = None) -> Copying[Passed]:
        """Run the writer, which runs borg and compares the digest of what it gives."""
        return self._through_writer(self._complete(archive), None, rate)

    def verify(self, archive: str) -> None:
        """Measure the archive, and have borg look up each of its chunks in the repository's index."""
        self._check(self._complete(archive))

    def _check(self, stored: Stored) -> None:
        if (size := self._size(stored.archive)) != stored.size:
            raise MoverError(f"{stored.archive} holds {size} bytes of {stored.size}", "repository")
        self.borg.run("check", "--archives-only", self.borg.at(stored.archive), limit=LONG)

    def stored(self, archive: str) -> Stored | None:
        """Return what the seal says."""
        return next(iter(self._sealed_ones("--glob-archives", checked(archive))), None)

    def archives(self) -> tuple[Stored, ...]:
        """Return what all seals say; borg sorts by time."""
        return self._sealed_ones()

    def remove(self, archives: Collection[str]) -> None:
        """Delete them, and the checkpoints of the same names."""
        listed = self._listed("--consider-checkpoints")
        self._delete([entry["name"] for entry in listed if base_of(entry["name"]) in archives])

    def compact(self) -> None:
        """Delete the checkpoints of archives that are complete by now, and rewrite segments that are largely unused."""
        if not self._exists():
            return
        listed = self._listed("--format", "{comment}", "--consider-checkpoints")
        complete = {entry["name"] for entry in listed if _seal_of(entry)}
        self._delete([entry["name"] for entry in listed if base_of(entry["name"]) in complete - {entry["name"]}])
        self.borg.run("compact", str(self.borg.repository), limit=LONG)

    def end(self, process: Process) -> bool:
        """End the group; borg in it rolls back what it had not committed."""
        return processes.end(process)

    def break_lock(self) -> None:
        """Break the locks of repository and cache."""
        if self._exists():
            self.borg.run("break-lock", str(self.borg.repository))

    def _exists(self) -> bool:
        there(self.root)
        return (self.borg.repository / "config").exists()

    def _make(self) -> None:
        at = self.borg.repository
        try:
            at.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=f".{at.name}-", dir=at.parent) as beside:
                made = Path(beside) / "repository"
                # What borg remembers of where a repository lies must not hold the passing place: it goes with it.
                apart = replace(self.borg, repository=made, state=Path(beside))
                apart.run("init", "--encryption", "repokey-blake2", str(made))
                made.rename(at)
        except OSError as error:
            if not self._exists():  # else somebody else made it meanwhile
                raise MoverError(f"{at} cannot be made: {error.strerror}", "repository") from error

    def _traces(self) -> Traces:
        return traces(self.borg.state / "copies")

    def _stored(self, archive: str, size: int, comment: str, ended: Ended) -> Stored:
        """Judge what borg stored by what reader and borg say; what is not good is removed."""
        if ended.status:
            raise told_trouble(ended, ended.traces.read, SOURCE) or trouble(ended.status, ended.complaints)
        read, told = ended.traces.outcome(ended.traces.read), json.loads(ended.traces.said.read_text(encoding="utf-8"))
        stats = told["archive"]["stats"]
        if stats["original_size"] < size or read.get("size") != size:  # borg counts what describes the bytes too
            self.remove((archive,))
            has = stats["original_size"]
            raise MoverError(f"borg stored {has} bytes of {size}, the reader read {read.get('size')}", "short-read")
        return Stored(archive, size, read["digest"], stats["deduplicated_size"], round(read["seconds"], 3), comment)

    def _through_writer(self, stored: Stored, target: Target | None, rate: int | None) -> Copying[Passed]:
        left = self._traces()
        with self.borg.passphrase.piped() as secret:
            words = (
                *writing(target, stored.size, left, rate=rate),
                *("--digest", stored.digest, "--pass-fd", str(secret), "--"),
                *self.borg.command("extract", "--stdout", self.borg.at(stored.archive), IMAGE),
            )
            environment = self.borg.environment(secret)
            return Group(words, left, _written, environment=environment, descriptors=(secret,))

    def _complete(self, archive: str) -> Stored:
        if stored := self.stored(archive):
            return stored
        raise MoverError(f"there is no complete archive {archive} in {self.borg.repository}", "no-archive")

    def _size(self, archive: str) -> int:
        """Return how many bytes the volume's image in an archive has, as the repository shows it."""
        lines = self.borg.run("list", "--json-lines", "--format", "{path}{size}", self.borg.at(archive)).splitlines()
        items = [json.loads(line) for line in lines]
        return sum(int(item["size"]) for item in items if item["path"] == IMAGE)

    def _sealed_ones(self, *words: str) -> tuple[Stored, ...]:
        sealed = (_seal_of(entry) for entry in self._listed("--format", "{comment}", *words))
        return tuple(stored for stored in sealed if stored is not None)

    def _listed(self, *words: str) -> list[dict[str, Any]]:
        if not self._exists():
            return []
        listed: list[dict[str, Any]] = json.loads(self.borg.run("list", "--json", *words, str(self.borg.repository)))[
            "archives"
        ]
        return listed

    def _delete(self, names: list[str]) -> None:
        if names:
            self.borg.run("delete", str(self.borg.repository), *names)


def _written(ended: Ended) -> Passed:
    if come := passed(ended):
        return come
    raise told_trouble(ended, ended.traces.written, TARGET) or trouble(ended.status, ended.complaints)


def _seal_of(entry: dict[str, Any]) -> Stored | None:
    """Return what an archive's comment says of it, if it was written for an archive of this name."""
    try:
        told = json.loads(entry["comment"])
        if told.pop(_SEAL) != 1 or told["archive"] != entry["name"]:
            return None
        return Stored(**told)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # somebody else's comment, or none: no archive of ours that is complete


@dataclass(frozen=True, slots=True)
class BorgRepositories:
    """Implements Repositories with borg."""

    path: Path
    passphrase: Passphrase
    state: Path
    """Folder for borg's caches and the traces of copies under way; it may be lost."""
    program: str = "borg"
    chunk: int = 1 << 20
    lock_wait: int = 60
    reader: tuple[str, ...] = READER

    def of(self, array: str, uid: str) -> BorgMover:
        """Return the mover of a volume's repository."""
        folder = folder_of(self.path, array, uid)
        borg = Borg(folder, self.passphrase, self.state, self.program, self.lock_wait)
        return BorgMover(borg, self.path, self.chunk, self.reader)

    def volumes(self) -> tuple[tuple[str, str], ...]:
        """Return whose repositories lie here."""
        return volumes_in(self.path, "config")
