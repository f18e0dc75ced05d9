"""The in-memory twin of the array port for consistency groups, and for what storage groups show."""

from vnx_jobs.model.array import Group, StorageGroup

from . import groups_rules as rules
from .commands import MemoryCommands
from .vnx_world import Image


class MemoryGroups(MemoryCommands):
    """Keeps the contracts of `vnx_jobs.ports.groups.GroupArray`."""

    def groups(self) -> tuple[Group, ...]:
        """List every consistency group."""
        return self._read("groups", (), lambda world, _: tuple(world.groups.values()))

    def group(self, name: str) -> Group | None:
        """Read one consistency group."""
        return self._read("group", (name,), lambda world, _: world.groups.get(name))

    def storage_groups(self) -> tuple[StorageGroup, ...]:
        """List every storage group."""
        return self._read("storage_groups", (), lambda world, _: tuple(world.storage_groups.values()))

    def create_group(self, name: str, members: tuple[int, ...], description: str) -> None:
        """Make a consistency group."""
        group = Group(name, tuple(sorted(members)), description)
        self._change("create_group", (name, *members), lambda world, _: rules.create(world, group))

    def destroy_group(self, name: str) -> None:
        """Destroy a consistency group."""
        self._change("destroy_group", (name,), lambda world, _: rules.destroy(world, name))

    def add_to_group(self, name: str, members: tuple[int, ...]) -> None:
        """Add members to a consistency group."""
        self._change("add_to_group", (name, *members), lambda world, _: rules.add(world, name, members))

    def remove_from_group(self, name: str, members: tuple[int, ...]) -> None:
        """Take members out of a consistency group."""
        self._change("remove_from_group", (name, *members), lambda world, _: rules.remove(world, name, members))

    def create_group_snapshot(self, group: str, name: str, description: str, *, writable: bool = False) -> None:
        """Snapshot a consistency group."""
        asked = Image(name, 0, 0, "", "", writable, auto_delete=False, description=description, group=group)
        self._change(
            "create_group_snapshot", (group, name), lambda world, now: rules.create_snapshot(world, now, asked)
        )
