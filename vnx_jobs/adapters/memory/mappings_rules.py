"""The rules of the in-memory array for storage groups: what their hosts see, and the initiators of these hosts."""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from vnx_jobs.model.array import Initiator, StorageGroup
from vnx_jobs.model.errors import Verdict

from .vnx_rules import refuse
from .vnx_world import World

_LUNS_OF_A_GROUP: Final = 256
UNCONNECTED: Final = "~management"
"""The array's own group, in which it lists the hosts that see no other."""


def map_lun(world: World, name: str, hlu: int, lun: int) -> World:
    """Show a LUN under a number that is free in the group."""
    group = _named(world, name)
    if lun not in world.volumes:
        refuse(Verdict.REFUSED, "The ALU number specified by user is not a bound ALU number")
    if lun in group.maps:
        refuse(Verdict.ALREADY, "Requested LUN has already been added to this Storage Group")
    if hlu in {used for used, _ in group.luns}:
        refuse(Verdict.ALREADY, "Requested Host LUN Number already in use")
    if any(copying.destination == lun for copying in world.copies.values()):
        refuse(Verdict.REFUSED, "The LUN is the destination of a migration")
    if len(group.luns) >= _LUNS_OF_A_GROUP:
        refuse(Verdict.REFUSED, "The Storage Group has the maximum number of LUNs")
    return _with(world, replace(group, luns=tuple(sorted((*group.luns, (hlu, lun))))))


def unmap_lun(world: World, name: str, hlu: int) -> World:
    """Show what is under a number no longer."""
    group = _named(world, name)
    if hlu not in {used for used, _ in group.luns}:
        refuse(Verdict.ALREADY, f"LUN {hlu} : No such Host LUN in this Storage Group")
    return _with(world, replace(group, luns=tuple(pair for pair in group.luns if pair[0] != hlu)))


def create(world: World, name: str) -> World:
    """Make an empty group."""
    if name in world.storage_groups:
        refuse(Verdict.ALREADY, "Storage Group name already in use")
    return _with(world, StorageGroup(name))


def destroy(world: World, name: str) -> World:
    """Destroy a group that no host is connected to."""
    group = world.storage_groups.get(name)
    if group is None:
        refuse(Verdict.ALREADY, "The group name or UID does not match any storage groups for this array")
    if group.initiators:
        refuse(Verdict.REFUSED, "Storage Group has hosts connected to it")
    left = {other: one for other, one in world.storage_groups.items() if other != name}
    return replace(world, storage_groups=MappingProxyType(left))


def connect_host(world: World, name: str, host: str) -> World:
    """Move a host, with all its initiators, into a group."""
    group = _named(world, name)
    moved = [one for other in world.storage_groups.values() for one in other.initiators if one.host == host]
    if not moved:
        refuse(Verdict.REFUSED, "Host specified is not known by storage system")
    return _with(_without(world, moved), replace(group, initiators=_others(group, moved) + tuple(moved)))


def disconnect_host(world: World, name: str, host: str) -> World:
    """Move a host, with all its initiators, out of a group: the array lists those that see none in one of its own."""
    group = _named(world, name)
    moved = [one for one in group.initiators if one.host == host]
    if not moved:
        refuse(Verdict.ALREADY, f"The specified host is not currently connected to the storage group {name}")
    rest = world.storage_groups.get(UNCONNECTED, StorageGroup(UNCONNECTED))
    return _with(_without(world, moved), replace(rest, initiators=(*rest.initiators, *moved)))


def set_path(world: World, name: str, path: Initiator) -> World:
    """Register an initiator, and move its host into the group."""
    group = _named(world, name)
    known = [one for other in world.storage_groups.values() for one in other.initiators]
    same = [one for one in known if (one.uid, one.sp, one.port) == (path.uid, path.sp, path.port)]
    if any(one.host != path.host for one in same):
        refuse(Verdict.ALREADY, f"SP {path.sp}: Initiator record already exists.")
    entered = world if same else _with(world, replace(group, initiators=(*group.initiators, path)))
    return connect_host(entered, name, path.host)


def remove_initiator(world: World, initiator: str) -> World:
    """Forget an initiator on all its ports."""
    known = [one for group in world.storage_groups.values() for one in group.initiators if one.uid == initiator]
    return _without(world, known)


def _named(world: World, name: str) -> StorageGroup:
    group = world.storage_groups.get(name)
    if group is None:
        refuse(Verdict.REFUSED, "The group name or UID does not match any storage groups for this array")
    return group


def _others(group: StorageGroup, gone: Iterable[Initiator]) -> tuple[Initiator, ...]:
    return tuple(one for one in group.initiators if one not in set(gone))


def _without(world: World, gone: Iterable[Initiator]) -> World:
    left = {name: replace(one, initiators=_others(one, gone)) for name, one in world.storage_groups.items()}
    return replace(world, storage_groups=MappingProxyType(left))


def _with(world: World, group: StorageGroup) -> World:
    return replace(world, storage_groups=MappingProxyType({**world.storage_groups, group.name: group}))
