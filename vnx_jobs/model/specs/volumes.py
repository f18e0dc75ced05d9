"""Specs of volumes."""

from typing import Final, Literal, TypeAlias

from vnx_jobs.model.things import thing

from .fields import JobSpec, Name, Provisioning, SizeGB


class CreateVolume(JobSpec):
    """Create an empty volume in a pool."""

    operation: Literal["create-volume"] = "create-volume"
    name: Name
    size_gb: SizeGB
    pool: Name
    provisioning: Provisioning = "thick"

    @property
    def makes(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.name),)

    @property
    def into(self) -> str:
        """The pool."""
        return self.pool


class DeleteVolume(JobSpec):
    """Delete a volume; a snap copy takes its hidden snapshot with it."""

    operation: Literal["delete-volume"] = "delete-volume"
    name: Name

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.name),)


VolumeSpec: TypeAlias = CreateVolume | DeleteVolume
SPECS: Final = (CreateVolume, DeleteVolume)
