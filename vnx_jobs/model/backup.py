"""What the catalogue knows of a backup, how its archive is named, and what the archive says of itself."""

import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Final, Self

from .digest import ALGORITHM
from .names import array_problem, is_job_id, name_problem

MAX_ARCHIVE_NAME: Final = 200
"""Characters of an archive's name: names of array, volume, instant and job need 173 at most."""
_FORMAT: Final = 1
"""The format of a label."""
_DIGEST = re.compile(rf"{ALGORITHM}:[0-9a-f]{{64}}")


class LabelError(ValueError):
    """An archive's comment is no label of ours; one line says why."""


@dataclass(frozen=True, slots=True)
class Label:
    """What an archive says of itself, in its comment: the catalogue is rebuilt from it. Raises ValueError.

    What can be told only when the copy is over, its digest, may be missing until then.
    """

    array: str
    volume: str
    uid: str
    group: str
    """The consistency group whose snapshot was read; empty if the volume had a snapshot of its own."""
    job: str
    instant: int
    """When the snapshot was taken: milliseconds since 1970."""
    size: int
    """Bytes of the volume."""
    digest: str = ""
    """Of all bytes, as `vnx_jobs.model.digest` makes it; empty while it is not known."""

    def __post_init__(self) -> None:
        """Refuse what no backup of ours can have."""
        if problem := self._problem():
            raise ValueError(problem)

    def _problem(self) -> str | None:
        if problem := array_problem(self.array):
            return f"the array's name {problem}"
        if problem := name_problem(self.volume):
            return f"the volume's name {problem}"
        if not self.uid or not is_job_id(self.job):
            return "a backup has the UID of its volume and the id of its job"
        if self.instant <= 0 or self.size <= 0:
            return "a backup has an instant and a size"
        if self.digest and not _DIGEST.fullmatch(self.digest):
            return f"a digest is {ALGORITHM}: and 64 hexadecimal digits"
        return None

    @property
    def archive(self) -> str:
        """The name of the job's archive of this volume: never given twice, and known before the copy begins."""
        taken = datetime.fromtimestamp(self.instant // 1000, UTC)
        return f"{self.array}-{self.volume}-{taken:%Y%m%dT%H%M%SZ}-{self.job}"

    def with_digest(self, digest: str) -> Self:
        """Return the label of the finished copy."""
        return replace(self, digest=digest)

    def to_json(self) -> str:
        """Write the archive's comment: one line of JSON."""
        return json.dumps({"vnx-jobs": _FORMAT, **asdict(self)})

    @classmethod
    def from_json(cls, comment: str) -> Self:
        """Read an archive's comment. Raises LabelError for one that we did not write, or write no more."""
        try:
            said = {"vnx-jobs": None} | json.loads(comment)
            texts = {key: str(said[key]) for key in ("array", "volume", "uid", "group", "job", "digest")}
            label = cls(**texts, instant=int(said["instant"]), size=int(said["size"]))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise LabelError(f"the comment is no label of vnx-jobs: {error}") from error
        if said["vnx-jobs"] != _FORMAT:
            raise LabelError(f"the comment is a label of format {said['vnx-jobs']}, which is not known here")
        return label


@dataclass(frozen=True, slots=True)
class Backup:
    """An entry of the catalogue: a complete archive of one volume. Raises ValueError for what no backup can have."""

    archive: str
    """Its name in the repository, unique in the installation."""
    array: str
    volume: str
    """The volume's name when it was backed up; what the volume is, its UID says."""
    uid: str
    group: str
    """The consistency group whose snapshot was read; empty if the volume had a snapshot of its own."""
    job: str
    instant: int
    """When the snapshot was taken: milliseconds since 1970."""
    size: int
    """Bytes of the volume."""
    added: int
    """Bytes that the repository grew by."""
    seconds: float
    """How long the copy took; 0 if nobody knows any more."""
    digest: str
    """Of all bytes, as `vnx_jobs.model.digest` makes it."""
    tool: str
    """The mover's tool."""
    repository: str
    """The repository's name in the settings."""
    verified: int | None = None
    """When the archive was last found sound: milliseconds; None for never."""
    proved: int | None = None
    """When it was last restored bit for bit: milliseconds; None for never."""
    pinned: bool = False
    """Whether somebody said that it is to stay."""

    def __post_init__(self) -> None:
        """Refuse what no backup can have."""
        if not self.label.digest:
            raise ValueError("a complete backup has a digest")
        if not self.archive or len(self.archive) > MAX_ARCHIVE_NAME or "/" in self.archive:
            raise ValueError(f"an archive's name has up to {MAX_ARCHIVE_NAME} characters, and no slash")
        if self.added < 0 or self.seconds < 0:
            raise ValueError("what a copy added, and how long it took, are not below 0")

    @property
    def label(self) -> Label:
        """What the archive says of itself."""
        return Label(self.array, self.volume, self.uid, self.group, self.job, self.instant, self.size, self.digest)

    @classmethod
    def of(cls, label: Label, *, added: int, seconds: float, tool: str, repository: str) -> Self:
        """Return the entry of an archive with this label, by the name that the label gives it."""
        return cls(
            archive=label.archive,
            **asdict(label),
            added=added,
            seconds=seconds,
            tool=tool,
            repository=repository,
        )

    def marked(self, *, verified: int | None = None, proved: int | None = None) -> Self:
        """Return the entry with later marks; an earlier one than it has changes nothing."""
        return replace(self, verified=_later(self.verified, verified), proved=_later(self.proved, proved))

    def to_json(self) -> str:
        """Write the entry without its marks, which change."""
        said = asdict(self)
        for mark in ("verified", "proved", "pinned"):
            del said[mark]
        return json.dumps(said)

    @classmethod
    def from_json(
        cls, text: str, *, verified: int | None = None, proved: int | None = None, pinned: bool = False
    ) -> Self:
        """Read an entry back, and give it its marks."""
        return cls(**json.loads(text), verified=verified, proved=proved, pinned=pinned)


def _later(before: int | None, now: int | None) -> int | None:
    return max((at for at in (before, now) if at is not None), default=None)
