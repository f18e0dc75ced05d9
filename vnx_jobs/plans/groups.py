"""Making, changing and deleting consistency groups, and snapshots of them."""

from collections.abc import Iterable

from vnx_jobs.model.array import Group, Lun
from vnx_jobs.model.claim import MAX_SNAPSHOTS, Claim, Kind, in_rank
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.keys import group_key, snapshot_key, snapshots_key, volume_key
from vnx_jobs.model.specs.fields import MAX_MEMBERS
from vnx_jobs.model.specs.groups import (
    AddToGroup,
    CreateGroup,
    CreateGroupSnapshot,
    DeleteGroup,
    DeleteGroupSnapshot,
    GroupSpec,
    RemoveFromGroup,
)

from .ground import Ground
from .plan import Plan, Unresolved, UnresolvedError


def plan_group(spec: GroupSpec, ground: Ground) -> Plan:
    """Plan a job on a consistency group. Raises UnresolvedError, Refused."""
    match spec:
        case CreateGroup():
            return _create(spec, ground)
        case AddToGroup():
            return _add(spec, ground)
        case RemoveFromGroup():
            return _remove(spec, ground)
        case DeleteGroup():
            return _delete(spec, ground)
        case CreateGroupSnapshot():
            return _create_snapshot(spec, ground)
        case DeleteGroupSnapshot():
            return _delete_snapshot(spec, ground)


def _create(spec: CreateGroup, ground: Ground) -> Plan:
    ground.need_free("group", spec.name)
    members = [_new_member(name, ground) for name in spec.members]
    return Plan("create-group", _facts(members), _claims(spec.name, members, ground))


def _add(spec: AddToGroup, ground: Ground) -> Plan:
    group = ground.group(spec.name)
    members = [_new_member(name, ground) for name in spec.members]
    if len(group.members) + len(members) > MAX_MEMBERS:
        text = f"{group.name} has {len(group.members)} members, {len(members)} more are asked for"
        raise Refused(Code.NOT_SUPPORTED, f"{text}: a consistency group takes at most {MAX_MEMBERS}")
    return Plan("add-to-group", _facts(members) | _identity(group), _claims(spec.name, members, ground))


def _remove(spec: RemoveFromGroup, ground: Ground) -> Plan:
    group = ground.group(spec.name)
    members = [ground.volume(name) for name in spec.members]
    outside = [lun.name for lun in members if lun.number not in group.members]
    if outside:
        raise Refused(Code.NOT_IN_GROUP, f"{', '.join(outside)}: not in the consistency group {group.name}")
    return Plan("remove-from-group", _facts(members) | _identity(group), _claims(spec.name, members, ground))


def _delete(spec: DeleteGroup, ground: Ground) -> Plan:
    group = ground.group(spec.name)
    return Plan("delete-group", _identity(group), in_rank([_alone(group.name, ground)]))


def _create_snapshot(spec: CreateGroupSnapshot, ground: Ground) -> Plan:
    ground.need_free("snapshot", spec.name)
    group = ground.group(spec.group)
    if not group.members:
        raise Refused(Code.NOT_SUPPORTED, f"the consistency group {group.name} has no members: add some first")
    members = members_of(group, ground)
    slots = [snapshots_key(ground.array, lun.uid) for lun in members]
    claims = [
        *(Claim(Kind.SLOT, key, spec.name, MAX_SNAPSHOTS, refuse=True, keep=True) for key in slots),
        *_shared(members, ground),
        Claim(Kind.SHARED, group_key(ground.array, group.name)),
        Claim(Kind.EXCLUSIVE, snapshot_key(ground.array, spec.name)),
    ]
    facts = {"members": _numbers(members), "source": f"a member of {group.name}"}
    return Plan("create-group-snapshot", facts, in_rank(claims))


def _delete_snapshot(spec: DeleteGroupSnapshot, ground: Ground) -> Plan:
    snapshot = ground.any_snapshot(spec.name)
    if not snapshot.of_group:
        raise Refused(Code.NOT_SUPPORTED, f"{spec.name} is the snapshot of one volume: use delete-snapshot")
    members = [ground.view.primaries[number] for _, number in snapshot.images if number in ground.view.primaries]
    claims = [*_shared(members, ground), Claim(Kind.EXCLUSIVE, snapshot_key(ground.array, spec.name))]
    return Plan(
        "delete-group-snapshot",
        {"source_number": snapshot.source, "created": snapshot.created},
        in_rank(claims),
        drops=tuple((snapshots_key(ground.array, lun.uid), spec.name) for lun in members),
    )


def _new_member(name: str, ground: Ground) -> Lun:
    """Return a volume that can be put into a group."""
    lun = ground.volume(name)
    if lun.is_mount_point:
        ground.need_finished(lun)
        text = f"{name} is a snap copy of {lun.primary}: the array takes none into a consistency group"
        raise Refused(Code.SNAP_COPY_IN_GROUP, f"{text}; promote it first, or name {lun.primary}")
    if lun.compressed:
        raise Refused(Code.NOT_SUPPORTED, f"{name} is compressed: the array takes none into a consistency group")
    ground.need_in_no_group(lun)
    return lun


def members_of(group: Group, ground: Ground) -> list[Lun]:
    """Return the members of a group. Raises UnresolvedError for one that no list of LUNs showed yet."""
    known = ground.view.primaries
    unknown = [number for number in group.members if number not in known]
    if unknown:
        raise UnresolvedError(Unresolved("volume", f"of group {group.name} (LUN number {unknown[0]})", None))
    return [known[number] for number in group.members]


def _facts(members: Iterable[Lun]) -> dict[str, str | int]:
    """Return what a job must know of volumes: they are sent by number, and known by name and UID."""
    chosen = tuple(members)
    return {
        "members": _numbers(chosen),
        "names": ",".join(lun.name for lun in chosen),
        "uids": ",".join(lun.uid for lun in chosen),
    }


def _identity(group: Group) -> dict[str, str | int]:
    """Return what a group is known by: its members, and what was written on it when it was made."""
    return {"group_members": ",".join(str(number) for number in group.members), "description": group.description}


def _numbers(members: Iterable[Lun]) -> str:
    return ",".join(str(lun.number) for lun in members)


def _alone(group: str, ground: Ground) -> Claim:
    return Claim(Kind.EXCLUSIVE, group_key(ground.array, group))


def _shared(members: Iterable[Lun], ground: Ground) -> list[Claim]:
    return [Claim(Kind.SHARED, volume_key(ground.array, lun.uid)) for lun in members]


def _claims(group: str, members: Iterable[Lun], ground: Ground) -> tuple[Claim, ...]:
    return in_rank([_alone(group, ground), *_shared(members, ground)])
