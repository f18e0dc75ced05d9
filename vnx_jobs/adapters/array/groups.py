"""The port onto a real VNX: consistency groups, and what storage groups show."""

from dataclasses import replace
from typing import Final

from vnx_jobs.model.array import Group, StorageGroup

from . import groups_listings as listings
from .speaker import Speaker
from .verdicts import Listing

_GROUP: Final = Listing("Name:", "Cannot find the consistency group")
_GROUPS: Final = replace(_GROUP, may_be_empty=True)
_STORAGE_GROUPS: Final = Listing(
    "Storage Group Name:", "The group name or UID does not match any storage groups for this array", may_be_empty=True
)


class GroupSpeaker(Speaker):
    """Keeps the contracts of `vnx_jobs.ports.groups.GroupArray`."""

    __slots__ = ()

    def groups(self) -> tuple[Group, ...]:
        """List every consistency group."""
        return self._list(self.commands.groups(), _GROUPS, listings.groups)

    def group(self, name: str) -> Group | None:
        """Read one consistency group; an answer about another one is none."""
        return self._one(self.commands.group(name), _GROUP, listings.groups, lambda group: group.name == name)

    def storage_groups(self) -> tuple[StorageGroup, ...]:
        """List every storage group."""
        return self._list(self.commands.storage_groups(), _STORAGE_GROUPS, listings.storage_groups)

    def create_group(self, name: str, members: tuple[int, ...], description: str) -> None:
        """Make a consistency group."""
        self.runner.change(self.commands.create_group(name, members, description))

    def destroy_group(self, name: str) -> None:
        """Destroy a consistency group."""
        self.runner.change(self.commands.destroy_group(name))

    def add_to_group(self, name: str, members: tuple[int, ...]) -> None:
        """Add members to a consistency group."""
        self.runner.change(self.commands.add_to_group(name, members))

    def remove_from_group(self, name: str, members: tuple[int, ...]) -> None:
        """Take members out of a consistency group."""
        self.runner.change(self.commands.remove_from_group(name, members))

    def create_group_snapshot(self, group: str, name: str, description: str, *, writable: bool = False) -> None:
        """Snapshot a consistency group."""
        self.runner.change(self.commands.create_group_snapshot(group, name, description, writable=writable))
