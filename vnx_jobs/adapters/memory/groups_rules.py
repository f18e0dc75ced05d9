"""The rules of the in-memory array for consistency groups; and how another administrator maps LUNs to hosts."""

from dataclasses import replace
from types import MappingProxyType

from vnx_jobs.model.array import Group, StorageGroup
from vnx_jobs.model.errors import Verdict

from .vnx_rules import add_image, refuse
from .vnx_world import Image, World, in_sessions, stamp


def create(world: World, group: Group) -> World:
    """Make a consistency group of some LUNs."""
    if group.name in world.groups:
        refuse(Verdict.ALREADY, "The specified consistency group name is already in use.", "0x716d8021")
    return add(_with(world, replace(group, members=())), group.name, group.members)


def destroy(world: World, name: str) -> World:
    """Destroy a consistency group; its LUNs and snapshots stay."""
    if name not in world.groups:
        refuse(Verdict.ALREADY, "Cannot find the consistency group.")
    groups = {other: group for other, group in world.groups.items() if other != name}
    return replace(world, groups=MappingProxyType(groups))


def add(world: World, name: str, members: tuple[int, ...]) -> World:
    """Add LUNs to a group, all or none."""
    group = _named(world, name)
    for number in members:
        volume = world.volumes.get(number)
        if volume is None:
            refuse(Verdict.REFUSED, "Cannot add members to the consistency group. LUN does not exist.")
        if volume.primary is not None or volume.compressed:
            refuse(Verdict.REFUSED, "Cannot add members to the consistency group. The LUN cannot be a member.")
        if any(number in other.members for other in world.groups.values()):
            refuse(Verdict.REFUSED, "The LUN is a member of a consistency group.", "0x716d8045")
    return _with(world, replace(group, members=tuple(sorted({*group.members, *members}))))


def remove(world: World, name: str, members: tuple[int, ...]) -> World:
    """Take LUNs out of a group, all or none."""
    group = _named(world, name)
    if not set(members) <= set(group.members):
        refuse(Verdict.REFUSED, "Cannot remove members from the consistency group. The LUN is not a member.")
    return _with(world, replace(group, members=tuple(one for one in group.members if one not in members)))


def create_snapshot(world: World, now: float, asked: Image) -> World:
    """Snapshot all members of a group at one moment, under the name, mark and conditions asked for."""
    members = _named(world, asked.group or "").members
    if not members:
        refuse(Verdict.REFUSED, "Cannot create the snapshot. The consistency group has no members.")
    if in_sessions(world) & set(members):
        refuse(Verdict.REFUSED, "Cannot create the snapshot. The LUN is being migrated.")
    first, *others = ((number, world.volumes[number].content) for number in members)
    beside = tuple((number, number, shown) for number, shown in others)
    number, content = first
    taken = replace(asked, source=number, primary=number, created=stamp(now), content=content, beside=beside)
    return add_image(world, taken)


def map_lun(world: World, group: str, host_number: int, number: int) -> World:
    """Let a storage group's hosts see a LUN."""
    known = world.storage_groups.get(group, StorageGroup(group))
    shown = replace(known, luns=(*known.luns, (host_number, number)))
    return replace(world, storage_groups=MappingProxyType({**world.storage_groups, group: shown}))


def _named(world: World, name: str) -> Group:
    group = world.groups.get(name)
    if group is None:
        refuse(Verdict.REFUSED, "Cannot find the consistency group.")
    return group


def _with(world: World, group: Group) -> World:
    return replace(world, groups=MappingProxyType({**world.groups, group.name: group}))
