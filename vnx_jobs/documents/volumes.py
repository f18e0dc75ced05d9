"""Volumes as documents."""

import dataclasses
from typing import Self

from vnx_jobs.reads import Volume

from .document import Document, Instant, moment


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
    def of(cls, volume: Volume) -> Self:
        """Tell of a volume."""
        fields = {field.name: getattr(volume, field.name) for field in dataclasses.fields(volume)}
        return cls.model_validate(fields | {"metadata": dict(volume.metadata), "seen": moment(volume.seen)})


class VolumesPage(Document):
    """A part of a list of volumes."""

    volumes: tuple[VolumeDocument, ...]
    cursor: str | None
    """Where the next part begins; None after the last one."""
