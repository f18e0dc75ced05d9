"""Backups as documents."""

from dataclasses import asdict
from typing import Self

from vnx_jobs.model.backup import Backup

from .document import Document, Instant, instant, moment


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


class BackupsPage(Document):
    """A part of a list of backups."""

    backups: tuple[BackupDocument, ...]
    cursor: str | None
    """Where the next part begins; None after the last one."""
