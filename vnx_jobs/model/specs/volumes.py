"""Specs of volumes."""

from typing import Final, Literal, TypeAlias

from vnx_jobs.model.array import Layout, Provisioning, StorageProcessor, Tiering
from vnx_jobs.model.things import thing

from .fields import Flag, JobSpec, Name, SizeGB


class CreateVolume(JobSpec):
    """Create an empty volume in a pool."""

    operation: Literal["create-volume"] = "create-volume"
    name: Name
    size_gb: SizeGB
    pool: Name
    provisioning: Provisioning = "thick"
    """Deduplicated and compressed volumes are thin underneath; both need the array's enabler."""
    tiering: Tiering | None = None
    """As the array chooses if not given; needs the array's enabler."""
    sp: StorageProcessor | None = None
    """The SP that is to own it; as the array chooses if not given."""
    ignore_thresholds: Flag = False
    """Create it even beyond the pool's own threshold."""

    @property
    def makes(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.name),)

    @property
    def into(self) -> str:
        """The pool."""
        return self.pool

    @property
    def layout(self) -> Layout:
        """How it is to lie in its pool."""
        return Layout(self.provisioning, self.tiering, self.sp, self.ignore_thresholds)


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
