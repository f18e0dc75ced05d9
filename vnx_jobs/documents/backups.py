"""Backups as documents."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Self

from vnx_jobs.model.backup import Backup

from .document import Document, Instant, instant, moment

if TYPE_CHECKING:  # the parts: see __init__
    from vnx_jobs.backups.rebuilding import Rebuilt
    from vnx_jobs.backups.retention import Verdict
    from vnx_jobs.ports import BackedUp


class BackupDocument(Document):
    """An entry of the catalogue: a complete archive of one volume."""

    archive: str
    array: str
    volume: str
    """The volume's name when it was backed up."""
    uid: str
    group: str
    """The consistency group whose snapshot was read; empty if the volume had a snapshot of its own."""
    job: str
    instant: Instant
    """When the snapshot was taken."""
    size: int
    """Bytes of the volume."""
    added: int
    """Bytes that the repository grew by."""
    seconds: float
    """How long the copy took; 0 if nobody knows any more."""
    digest: str
    tool: str
    repository: str
    verified: Instant | None
    """When the archive was last found sound."""
    proved: Instant | None
    """When it was last restored bit for bit."""
    pinned: bool

    @classmethod
    def of(cls, backup: Backup) -> Self:
        """Tell of a backup."""
        times = {name: instant(getattr(backup, name)) for name in ("verified", "proved")}
        return cls.model_validate(asdict(backup) | times | {"instant": moment(backup.instant)})


class JudgedDocument(BackupDocument):
    """A backup, and what becomes of it by a policy."""

    stays: bool
    why: str

    @classmethod
    def judged(cls, verdict: "Verdict") -> Self:
        """Tell of a verdict."""
        return cls(**dict(BackupDocument.of(verdict.backup)), stays=verdict.stays, why=verdict.why)


class BackedUpDocument(Document):
    """A volume of which the catalogue has backups."""

    array: str
    uid: str
    volume: str
    first: Instant
    """When its oldest known backup was made."""
    proved: Instant | None
    """When one was last restored bit for bit."""

    @classmethod
    def of(cls, one: "BackedUp") -> Self:
        """Tell of a volume."""
        times = {"first": moment(one.first), "proved": instant(one.proved)}
        return cls.model_validate(asdict(one) | times)


class UnreadDocument(Document):
    """What a repository holds and could not be read."""

    what: str
    why: str


class RebuiltDocument(Document):
    """What repositories hold, compared with the catalogue."""

    entered: tuple[str, ...]
    known: int
    lost: tuple[str, ...]
    """Archives that the catalogue knows, and no repository holds."""
    unread: tuple[UnreadDocument, ...]

    @classmethod
    def of(cls, done: "Rebuilt") -> Self:
        """Tell of a comparison."""
        return cls(
            entered=tuple(one.archive for one in done.entered),
            known=done.known,
            lost=tuple(one.archive for one in done.lost),
            unread=tuple(UnreadDocument.model_validate(asdict(one)) for one in done.unread),
        )


class BackupsPage(Document):
    """A part of a list of backups."""

    backups: tuple[BackupDocument, ...]
    cursor: str | None
    """Where the next part begins; None after the last one."""


class BackedUpPage(Document):
    """A part of a list of volumes that have backups."""

    volumes: tuple[BackedUpDocument, ...]
    cursor: str | None
    """Where the next part begins; None after the last one."""


class JudgedPage(Document):
    """A part of a list of backups, with what becomes of each by a policy."""

    backups: tuple[JudgedDocument, ...]
    cursor: str | None
    """Where the next part begins; None after the last one."""
