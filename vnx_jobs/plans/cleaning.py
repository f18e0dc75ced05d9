"""Cleaning up: what is removed is proved by its name, or by what it holds, to be what a job left."""

from vnx_jobs.model.array import Lun
from vnx_jobs.model.claim import Claim, Kind, in_rank
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.keys import (
    copies_key,
    hlus_key,
    mapping_key,
    mounts_key,
    name_key,
    numbers_key,
    pin_key,
    snapshot_key,
    snapshots_key,
    storage_group_key,
    volume_key,
)
from vnx_jobs.model.names import job_of, marked_by
from vnx_jobs.model.specs import CleanUp

from .ground import Ground
from .plan import Plan


def clean_up(spec: CleanUp, ground: Ground) -> Plan:
    """Plan the end of one object. Raises Refused(not-left-over) for what bears no sign of a job of ours."""
    match spec.kind:
        case "snapshot":
            return _snapshot(spec, ground)
        case "mount-point":
            return _mount_point(spec, ground)
        case "lun":
            return _lun(spec, ground)
        case "session":
            return _session(spec, ground)
        case "mapping":
            return _mapping(spec, ground)


def reconcile() -> Plan:
    """Plan a comparison: it holds nothing, since it changes nothing but claims that nobody has."""
    return Plan("reconcile")


def _snapshot(spec: CleanUp, ground: Ground) -> Plan:
    snapshot = ground.any_snapshot(spec.name)
    primary = ground.primary(snapshot)
    left_by = job_of(snapshot.name, ground.installation) or marked_by(snapshot.description, ground.installation)
    facts = {"source": primary.name, "created": snapshot.created} | _left_by(left_by, spec, ground)
    known = ground.view.primaries
    uids = sorted({primary.uid} | {known[one].uid for _, one in snapshot.images if one in known})
    locks = [Claim(Kind.SHARED, volume_key(ground.array, uid)) for uid in uids]
    claims = in_rank([*locks, Claim(Kind.EXCLUSIVE, snapshot_key(ground.array, snapshot.name))])
    keys = (snapshots_key, mounts_key, copies_key)
    drops = tuple((key(ground.array, uid), snapshot.name) for uid in uids for key in keys)
    return Plan("clean-up", facts | {"source_number": snapshot.source}, claims, drops=drops)


def _mount_point(spec: CleanUp, ground: Ground) -> Plan:
    lun = _of_our_numbers(spec, ground)
    if lun.primary is None:
        raise _not_left(spec, ground, "it is no mount point")
    primary = ground.volume(lun.primary)
    left_by = job_of(lun.attached or "", ground.installation) or job_of(lun.name, ground.installation)
    attached = {"attached": lun.attached} if lun.attached else {}
    claims = in_rank([*_locks(lun, ground), Claim(Kind.SHARED, volume_key(ground.array, primary.uid))])
    member = lun.attached or f"lun:{lun.number}"
    drops = (
        (numbers_key(ground.array), str(lun.number)),
        (mounts_key(ground.array, primary.uid), member),
        (copies_key(ground.array, primary.uid), member),
    )
    return Plan("clean-up-mount-point", _facts(lun) | attached | _left_by(left_by, spec, ground), claims, drops=drops)


def _lun(spec: CleanUp, ground: Ground) -> Plan:
    lun = _of_our_numbers(spec, ground)
    if lun.is_mount_point:
        raise _not_left(spec, ground, "it is a mount point")
    claims = [
        *_locks(lun, ground),
        Claim(Kind.EXCLUSIVE, pin_key(ground.array, lun.uid)),
        Claim(Kind.EXCLUSIVE, copies_key(ground.array, lun.uid), refuse=True),
        Claim(Kind.EXCLUSIVE, snapshots_key(ground.array, lun.uid), refuse=True),
    ]
    facts = _facts(lun) | _left_by(job_of(lun.name, ground.installation), spec, ground)
    return Plan("clean-up-lun", facts, in_rank(claims), drops=((numbers_key(ground.array), str(lun.number)),))


def _session(spec: CleanUp, ground: Ground) -> Plan:
    target, source = _of_our_numbers(spec, ground), ground.volume(spec.source or "")
    facts = _facts(target) | {"source_number": source.number, "source_uid": source.uid}
    locks = [Claim(Kind.EXCLUSIVE, volume_key(ground.array, lun.uid)) for lun in (target, source)]
    left_by = _left_by(job_of(target.name, ground.installation), spec, ground)
    return Plan("clean-up-session", facts | left_by, in_rank(locks))


def _mapping(spec: CleanUp, ground: Ground) -> Plan:
    lun, name = _of_our_numbers(spec, ground), spec.storage_group or ""
    group = ground.view.storage_groups.get(name)
    hlu = None if group is None else next((hlu for hlu, number in group.luns if number == lun.number), None)
    if hlu is None:
        raise Refused(Code.NOT_ATTACHED, f"storage group {name} does not show {lun.name}")
    left_by = _left_by(job_of(lun.name, ground.installation), spec, ground)
    claims = [
        Claim(Kind.SHARED, volume_key(ground.array, lun.uid)),
        Claim(Kind.EXCLUSIVE, mapping_key(ground.array, lun.uid)),
        Claim(Kind.SHARED, storage_group_key(ground.array, name)),
    ]
    facts = _facts(lun) | left_by | ({"attached": lun.attached} if lun.attached else {})
    drops = ((hlus_key(ground.array, name), str(hlu)),)
    return Plan("clean-up-mapping", facts | {"storage_group": name, "hlu": hlu}, in_rank(claims), drops=drops)


def _of_our_numbers(spec: CleanUp, ground: Ground) -> Lun:
    lun = ground.volume(spec.name)
    if lun.number not in ground.settings.number_range:
        raise _not_left(spec, ground, f"its number {lun.number} is not of the range kept for vnx-jobs")
    return lun


def _facts(lun: Lun) -> dict[str, str | int]:
    return {"uid": lun.uid, "number": lun.number}


def _locks(lun: Lun, ground: Ground) -> tuple[Claim, Claim]:
    return (
        Claim(Kind.EXCLUSIVE, volume_key(ground.array, lun.uid)),
        Claim(Kind.EXCLUSIVE, name_key(ground.array, lun.name)),
    )


def _left_by(job: str | None, spec: CleanUp, ground: Ground) -> dict[str, str | int]:
    if job is None:
        raise _not_left(spec, ground, "nothing about it names a job of this installation")
    return {"left_by": job}


def _not_left(spec: CleanUp, ground: Ground, why: str) -> Refused:
    return Refused(Code.NOT_LEFT_OVER, f"{spec.kind} {spec.name} on {ground.array} was not left by a job: {why}")
