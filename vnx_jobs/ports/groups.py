"""The array's port for consistency groups and storage groups."""

from typing import Protocol

from vnx_jobs.model.array import Group, StorageGroup


class GroupArray(Protocol):
    """What an array shows of groups of LUNs, and is told of consistency groups."""

    def groups(self) -> tuple[Group, ...]:
        """List every consistency group."""
        ...

    def group(self, name: str) -> Group | None:
        """Read one consistency group, or None if the array says there is none."""
        ...

    def storage_groups(self) -> tuple[StorageGroup, ...]:
        """List every storage group with its LUNs and its hosts' initiators."""
        ...

    def create_group(self, name: str, members: tuple[int, ...], description: str) -> None:
        """Make a consistency group of the LUNs of these numbers. ALREADY: the name is in use.

        REFUSED: a member does not exist, is a mount point, or is in another group.
        """
        ...

    def destroy_group(self, name: str) -> None:
        """Destroy a consistency group; its LUNs and snapshots stay. ALREADY: there is no such group."""
        ...

    def add_to_group(self, name: str, members: tuple[int, ...]) -> None:
        """Add LUNs to a consistency group, all or none. REFUSED: one is in a group already, this one included."""
        ...

    def remove_from_group(self, name: str, members: tuple[int, ...]) -> None:
        """Take LUNs out of a consistency group, all or none. REFUSED: one is not in it."""
        ...

    def create_group_snapshot(self, group: str, name: str, description: str, *, writable: bool = False) -> None:
        """Snapshot all members of a consistency group at one moment; never deleted by the array itself.

        Only a writable one can be attached to mount points.
        ALREADY: the name is in use. REFUSED: the group does not exist, or is empty.
        """
        ...
