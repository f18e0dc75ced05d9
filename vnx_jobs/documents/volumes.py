"""Volumes as documents."""

import dataclasses
from typing import TYPE_CHECKING, Self

from .document import Document, Instant, moment

if TYPE_CHECKING:  # the parts: see __init__
    from vnx_jobs.reads import Source, Volume


class VolumeDocument(Document):
    """A volume, as the array or the job that made it last showed it."""

    array: str
    name: str
    number: int
    uid: str
    size_gb: float
    pool: str
    provisioning: str
    tiering: str
    sp: str
    metadata: dict[str, str]
    """`snapcopy` is `True` exactly when the volume's LUN is a mount point."""
    readonly: bool | None
    """Whether hosts may only read it; None: nothing is known."""
    source: str | None
    """The primary LUN of a snap copy."""
    snapshot: str | None
    """The snapshot attached to a snap copy."""
    state: str
    seen: Instant
    """When it was last shown."""

    @classmethod
    def of(cls, volume: "Volume") -> Self:
        """Tell of a volume."""
        fields = {field.name: getattr(volume, field.name) for field in dataclasses.fields(volume)}
        return cls.model_validate(fields | {"metadata": dict(volume.metadata), "seen": moment(volume.seen)})


class SlotsDocument(Document):
    """The places of one kind that a source has."""

    used: int
    limit: int
    waiting: int
    holders: tuple[str, ...]
    """Some of the snapshots that hold one, or jobs."""


class SourceDocument(Document):
    """A volume that snap copies and snapshots are made of, and who holds its places."""

    array: str
    name: str
    uid: str
    snap_copies: tuple[str, ...]
    """Volumes that are snap copies of it."""
    copies: SlotsDocument
    mounts: SlotsDocument
    snapshots: SlotsDocument

    @classmethod
    def of(cls, source: "Source") -> Self:
        """Tell of a source."""
        return cls.model_validate(dataclasses.asdict(source))


class SourcesPage(Document):
    """A part of a list of sources."""

    sources: tuple[SourceDocument, ...]
    cursor: str | None
    """Where the next part begins; None after the last one."""


class VolumesPage(Document):
    """A part of a list of volumes."""

    volumes: tuple[VolumeDocument, ...]
    cursor: str | None
    """Where the next part begins; None after the last one."""
