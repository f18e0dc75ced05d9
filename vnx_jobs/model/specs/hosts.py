"""Specs of attachments: volumes that hosts see."""

from typing import Final, Literal, TypeAlias

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.things import thing

from .fields import JobSpec, Name, VolumeNames


class _OnHost(JobSpec):
    volumes: VolumeNames
    """One or several, as a list or divided by commas: all of them or none."""
    host: Name
    """The host, by its name on the array."""

    @property
    def name(self) -> str:
        """The volumes, for people."""
        return ", ".join(self.volumes)

    @property
    def needs(self) -> tuple[str, ...]:
        """The volumes."""
        return tuple(thing("volume", name) for name in self.volumes)

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The storage groups, by which it is known what the host sees."""
        return ("storage-groups",)


class AttachVolume(_OnHost):
    """Let a host see volumes."""

    operation: Literal["attach-volume"] = "attach-volume"
    mode: AccessMode | None = None
    """`ro` or `rw`; what the volume is marked as if not given. A read-only volume is never attached `rw`."""


class DetachVolume(_OnHost):
    """Let a host see volumes no longer; close them on the host before."""

    operation: Literal["detach-volume"] = "detach-volume"


HostSpec: TypeAlias = AttachVolume | DetachVolume
SPECS: Final = (AttachVolume, DetachVolume)
