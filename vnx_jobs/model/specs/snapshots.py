"""Specs of snapshots."""

from typing import Final, Literal, TypeAlias

from vnx_jobs.model.things import thing

from .fields import JobSpec, Name, SnapshotName


class CreateSnapshot(JobSpec):
    """Take a snapshot of a volume."""

    operation: Literal["create-snapshot"] = "create-snapshot"
    name: SnapshotName
    volume: Name

    @property
    def makes(self) -> tuple[str, ...]:
        """The snapshot."""
        return (thing("snapshot", self.name),)

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.volume),)


class DeleteSnapshot(JobSpec):
    """Delete a snapshot; refused by the array while it is attached to a mount point."""

    operation: Literal["delete-snapshot"] = "delete-snapshot"
    name: SnapshotName

    @property
    def needs(self) -> tuple[str, ...]:
        """The snapshot."""
        return (thing("snapshot", self.name),)


SnapshotSpec: TypeAlias = CreateSnapshot | DeleteSnapshot
SPECS: Final = (CreateSnapshot, DeleteSnapshot)
