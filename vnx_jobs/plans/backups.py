"""Backing volumes up, restoring, proving and removing backups."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from vnx_jobs.backups.retention import going, judged
from vnx_jobs.model.array import BLOCKS_PER_GB, THIN, Lun
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.claim import Claim, Kind, in_rank
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.hosts import HLUS
from vnx_jobs.model.keys import (
    copies_key,
    group_key,
    hlus_key,
    mapping_key,
    pin_key,
    repository_key,
    storage_group_key,
    volume_key,
)
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.specs import BackUp, Drill, PruneBackups, RestoreBackup, VerifyBackup
from vnx_jobs.model.specs.backups import MAX_PRUNED, BackupSpec

from .ground import Ground, Source
from .groups import members_of
from .hosts import group_of
from .plan import Plan

_BLOCK = 512
"""Bytes."""
_GB = BLOCKS_PER_GB * _BLOCK
_OF_SNAP_COPY: Final = "backup-of-snap-copy"


def plan_backup(spec: BackupSpec, ground: Ground) -> Plan:
    """Plan a job about backups."""
    match spec:
        case BackUp():
            return _back_up(spec, ground)
        case RestoreBackup():
            return _restore(spec, ground)
        case Drill():
            return _drill(spec, ground)
        case VerifyBackup():
            return _verify(spec, ground)
        case PruneBackups():
            return _prune(spec, ground)


def _back_up(spec: BackUp, ground: Ground) -> Plan:
    """Plan a snapshot and a mount point for each volume, which the backup host reads."""
    sources, locks = _sources(spec, ground)
    table = _table(spec, sources)
    facts = _shared_facts(spec, len(sources), ground) | {"repository": spec.repository}
    facts |= {"tool": ground.tool(spec.repository)} | ({"group": spec.group} if spec.group else {})
    claims = [*locks, *_devices(spec.host, len(sources), ground)]
    for at, source in enumerate(sources):
        facts |= _source_facts(at, source)
        claims += _source_claims(at, source, spec, ground)
    if table == _OF_SNAP_COPY:
        facts |= sources[0].facts
        claims.append(Claim(Kind.EXCLUSIVE, mapping_key(ground.array, sources[0].lun.uid)))
    return Plan(table, facts, in_rank(claims), times=_times(len(sources), one_snapshot=spec.group is not None))


def _sources(spec: BackUp, ground: Ground) -> tuple[list[Source], list[Claim]]:
    """Return what is to be backed up, and the lock that keeps a group's members together."""
    if spec.group is None:
        return [ground.source(name) for name in spec.volumes], []
    group = ground.group(spec.group)
    if not group.members:
        raise Refused(Code.NOT_SUPPORTED, f"the consistency group {group.name} has no members: add some first")
    members = members_of(group, ground)
    lock = Claim(Kind.SHARED, group_key(ground.array, group.name))
    return [Source(lun, lun, ground.array) for lun in members], [lock]


def _table(spec: BackUp, sources: list[Source]) -> str:
    copies = [source.lun.name for source in sources if source.is_snap_copy]
    if copies and len(sources) > 1:
        raise Refused(Code.NOT_SUPPORTED, f"{copies[0]} is a snap copy: back it up with a request of its own")
    return _OF_SNAP_COPY if copies else spec.table


def _shared_facts(spec: BackUp | RestoreBackup | Drill, volumes: int, ground: Ground) -> dict[str, str | int]:
    host = ground.backup_host(spec.host)
    return {"volumes": volumes, "host_on_array": host, "storage_group": group_of(host, ground).name}


def _source_facts(at: int, source: Source) -> dict[str, str | int]:
    lun = source.lun
    facts: dict[str, str | int] = {"volume": lun.name, "uid": lun.uid, "number": lun.number}
    facts |= {"primary": source.root.number, "size": lun.blocks * _BLOCK}
    return {f"{name}-{at}": value for name, value in facts.items()}


def _source_claims(at: int, source: Source, spec: BackUp, ground: Ground) -> Iterable[Claim]:
    snapshot = ground.temporary("snap" if spec.group else f"snap{at}")
    return (
        *source.locks,
        Claim(Kind.SHARED, pin_key(ground.array, source.root.uid)),
        *ground.branch(source.root, snapshot, keep=False, refuse=False),
        _alone_in(spec.repository, ground.array, source.lun.uid),
    )


def _alone_in(repository: str, array: str, uid: str) -> Claim:
    """Claim a volume's repository, which one job uses at a time."""
    return Claim(Kind.EXCLUSIVE, repository_key(array, uid, repository))


def _devices(host: str, volumes: int, ground: Ground) -> list[Claim]:
    """Claim numbers for what the backup host will see; they are given back with the job's end."""
    numbers = replace(ground.numbers(_roles("device", volumes)), keep=False)
    return [numbers, *shown_to(host, volumes, ground)]


def shown_to(host: str, volumes: int, ground: Ground) -> list[Claim]:
    """Claim host LUN numbers of the backup host's storage group, and that the group stays."""
    group = group_of(ground.backup_host(host), ground).name
    return [
        Claim(Kind.NUMBER, hlus_key(ground.array, group), _roles("hlu", volumes), HLUS),
        Claim(Kind.SHARED, storage_group_key(ground.array, group)),
    ]


def _roles(what: str, volumes: int) -> str:
    return ",".join(f"{what}-{at}" for at in range(volumes))


def _times(volumes: int, *, one_snapshot: bool) -> dict[str, int]:
    """Return how often each step stands: once a volume, but for a group's one snapshot."""
    each = ["create-backup-mount", "attach-backup-snapshot", "show-to-host"]
    each += ["put-away-show-to-host", "put-away-create-backup-mount"]
    if not one_snapshot:
        each += ["take-backup-snapshot", "check-untouched", "put-away-take-backup-snapshot"]
    return dict.fromkeys(each, volumes)


def _restore(spec: RestoreBackup, ground: Ground) -> Plan:
    """Plan a volume, or a file, that becomes what a backup holds."""
    backup = ground.backup(spec.backup)
    if spec.to_file:
        facts = {"volumes": 1, "file": spec.name, **_backup_facts(_of_array(spec.backup, ground))}
        ground.backup_host(spec.host)
        return Plan("restore-backup-to-file", facts, (_alone_in(backup.repository, backup.array, backup.uid),))
    facts = {**_shared_facts(spec, 1, ground), **_backup_facts(backup), "device_name-0": spec.name}
    claims = [_alone_in(backup.repository, backup.array, backup.uid), *shown_to(spec.host, 1, ground)]
    if spec.overwrite:
        lun = _target(spec, backup, ground)
        facts |= {"uid": lun.uid, "number": lun.number}
        facts |= {"attached": lun.attached} if lun.attached else {}
        return Plan("restore-backup-onto", facts, in_rank([*claims, *_overwriting(lun, ground)]))
    ground.need_free("volume", spec.name)
    ground.need_pool(spec.pool or "")
    facts |= {"size_gb": _size_gb(backup), "pool": spec.pool or "", "fresh": 1, **spec.layout.facts}
    claims += [ground.numbers("volume"), ground.new_name(spec.name)]
    return Plan("restore-backup", facts, in_rank(claims))


def _backup_facts(backup: Backup) -> Facts:
    facts: Facts = {"label-0": backup.label.to_json(), "repository": backup.repository, "tool": backup.tool}
    return {**facts, "size-0": backup.size}


def _target(spec: RestoreBackup, backup: Backup, ground: Ground) -> Lun:
    """Return the volume that is to be overwritten. Raises Refused."""
    lun = ground.volume(spec.name)
    if lun.primary is not None:
        ground.need_finished(lun)
        if lun.attached is None:
            raise Refused(Code.NOT_SUPPORTED, f"{lun.name} has no snapshot attached: nothing can be written to it")
    ground.need_unmapped(lun)
    if ground.view.access.get(lun.uid) == "ro":
        raise Refused(Code.READ_ONLY, f"{lun.name} is read-only: clear its mark first (set-readonly readonly=false)")
    if lun.blocks * _BLOCK != backup.size:
        text = f"{lun.name} has {lun.blocks * _BLOCK} bytes, the backup {backup.size}: name a volume of that size"
        raise Refused(Code.INVALID, text)
    return lun


def _overwriting(lun: Lun, ground: Ground) -> list[Claim]:
    return [
        Claim(Kind.EXCLUSIVE, volume_key(ground.array, lun.uid)),
        Claim(Kind.EXCLUSIVE, mapping_key(ground.array, lun.uid)),
        Claim(Kind.EXCLUSIVE, copies_key(ground.array, lun.uid), refuse=True),
    ]


def _size_gb(backup: Backup) -> int:
    if backup.size % _GB:
        text = f"the backup has {backup.size} bytes, which is no whole number of GB: restore onto a volume of that size"
        raise Refused(Code.NOT_SUPPORTED, text)
    return backup.size // _GB


def _drill(spec: Drill, ground: Ground) -> Plan:
    """Plan a volume that is made to be compared with a backup, and deleted."""
    backup = ground.backup(spec.backup)
    ground.need_pool(spec.pool)
    facts = {**_shared_facts(spec, 1, ground), **_backup_facts(backup)}
    facts |= {"size_gb": _size_gb(backup), "pool": spec.pool, "fresh": 1, "compare": 1}
    facts |= THIN.facts
    facts["device_name-0"] = ground.temporary("drill")
    claims = [_alone_in(backup.repository, backup.array, backup.uid), *_devices(spec.host, 1, ground)]
    return Plan("drill", facts, in_rank(claims))


def _verify(spec: VerifyBackup, ground: Ground) -> Plan:
    """Plan the check of an archive."""
    backup = _of_array(spec.backup, ground)
    ground.backup_host(spec.host)
    claims = [_alone_in(backup.repository, backup.array, backup.uid)]
    return Plan("verify-backup", {"volumes": 1, **_backup_facts(backup)}, in_rank(claims))


def _prune(spec: PruneBackups, ground: Ground) -> Plan:
    """Plan the end of backups of one volume."""
    ground.backup_host(spec.host)
    backups = [_of_array(archive, ground) for archive in spec.backups] or _not_kept(spec, ground)
    if not backups:
        return _prune_nothing(spec, ground)
    first = backups[0]
    if any((one.uid, one.repository) != (first.uid, first.repository) for one in backups):
        raise Refused(Code.INVALID, "backups of several volumes, or in several repositories, need a request each")
    if pinned := [one.archive for one in backups if one.pinned]:
        raise Refused(Code.PINNED, f"{pinned[0]} is pinned: unpin it first")
    going = json.dumps([one.archive for one in backups])
    facts: Facts = {"volumes": 1, "uid-0": first.uid, "going": going, **_backup_facts(first)}
    return Plan("prune-backups", facts, (_alone_in(first.repository, first.array, first.uid),))


def _prune_nothing(spec: PruneBackups, ground: Ground) -> Plan:
    """Plan a job that removes nothing, and so succeeds: a schedule's, most days."""
    found = f"nothing to remove: the policy keeps all of {spec.volume}"
    facts: Facts = {"volumes": 0, "uid-0": _newest(spec, ground).uid, "going": "[]", "found": found}
    return Plan("prune-backups", facts, (), times={"discard-backups": 0})


def _newest(spec: PruneBackups, ground: Ground) -> Backup:
    """Return a volume's newest backup, by which it is known. Raises Refused(no-such-backup)."""
    every = [one for one in ground.view.backups.values() if one is not None and one.volume == spec.volume]
    if not every:
        raise Refused(Code.NO_SUCH_BACKUP, f"there is no backup of {spec.volume} on {ground.array}")
    return max(every, key=lambda one: one.instant)


def _not_kept(spec: PruneBackups, ground: Ground) -> list[Backup]:
    """Return what the policy does not keep of a volume's backups in one repository, oldest first."""
    newest = _newest(spec, ground)
    known = [one for one in ground.view.backups.values() if one is not None and one.uid == newest.uid]
    gone = [one for one in going(judged(known, spec.policy)) if one.repository == newest.repository]
    return gone[:MAX_PRUNED]


def _of_array(archive: str, ground: Ground) -> Backup:
    backup = ground.backup(archive)
    if backup.array != ground.array:
        raise Refused(Code.INVALID, f"{archive} is a backup of a volume of {backup.array}: say array={backup.array}")
    return backup
