"""Specs of consistency groups and their snapshots."""

from typing import Final, Literal, TypeAlias

from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.things import thing

from .fields import JobSpec, Name, SnapshotName, VolumeNames


class _WithGroups(JobSpec):
    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The consistency groups."""
        return ("groups",)


class _Membership(_WithGroups):
    name: Name
    """The group."""
    members: VolumeNames
    """Volumes, as a list or divided by commas: all of them or none."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The group and the volumes."""
        return (thing("group", self.name), *(thing("volume", name) for name in self.members))


class CreateGroup(_Membership):
    """Make a consistency group of some volumes."""

    operation: Literal["create-group"] = "create-group"

    @property
    def makes(self) -> tuple[str, ...]:
        """The group."""
        return (thing("group", self.name),)

    @property
    def needs(self) -> tuple[str, ...]:
        """The volumes."""
        return tuple(thing("volume", name) for name in self.members)


class AddToGroup(_Membership):
    """Add volumes to a consistency group."""

    operation: Literal["add-to-group"] = "add-to-group"


class RemoveFromGroup(_Membership):
    """Take volumes out of a consistency group; they stay as they are."""

    operation: Literal["remove-from-group"] = "remove-from-group"


class DeleteGroup(_WithGroups):
    """Delete a consistency group; its volumes and its snapshots stay."""

    operation: Literal["delete-group"] = "delete-group"
    name: Name

    @property
    def needs(self) -> tuple[str, ...]:
        """The group."""
        return (thing("group", self.name),)


class CreateGroupSnapshot(_WithGroups):
    """Take a snapshot of all members of a consistency group at one moment."""

    operation: Literal["create-group-snapshot"] = "create-group-snapshot"
    name: SnapshotName
    group: Name

    @property
    def makes(self) -> tuple[str, ...]:
        """The snapshot."""
        return (thing("snapshot", self.name),)

    @property
    def needs(self) -> tuple[str, ...]:
        """The group."""
        return (thing("group", self.group),)


class DeleteGroupSnapshot(JobSpec):
    """Delete the snapshot of a consistency group, of all its members at once."""

    operation: Literal["delete-group-snapshot"] = "delete-group-snapshot"
    name: SnapshotName

    @property
    def needs(self) -> tuple[str, ...]:
        """The snapshot."""
        return (thing("snapshot", self.name),)


GroupSpec: TypeAlias = (
    CreateGroup | AddToGroup | RemoveFromGroup | DeleteGroup | CreateGroupSnapshot | DeleteGroupSnapshot
)
SPECS: Final = (CreateGroup, AddToGroup, RemoveFromGroup, DeleteGroup, CreateGroupSnapshot, DeleteGroupSnapshot)
