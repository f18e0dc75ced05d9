"""Creating and deleting volumes."""

from vnx_jobs.model.array import Lun
from vnx_jobs.model.claim import Claim, Kind, in_rank
from vnx_jobs.model.keys import copies_key, mounts_key, name_key, numbers_key, pin_key, snapshots_key, volume_key
from vnx_jobs.model.names import job_of
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.specs import CreateVolume, DeleteVolume

from .ground import Ground
from .plan import Plan


def create_volume(spec: CreateVolume, ground: Ground) -> Plan:
    """Plan an empty volume."""
    ground.need_free("volume", spec.name)
    ground.need_pool(spec.pool)
    return Plan(
        spec.table,
        {"size_gb": spec.size_gb, "pool": spec.pool, **spec.layout.facts},
        in_rank([ground.numbers("volume"), ground.new_name(spec.name)]),
    )


def delete_volume(spec: DeleteVolume, ground: Ground) -> Plan:
    """Plan the end of a volume: how depends on what it is by now."""
    lun = ground.volume(spec.name)
    if lun.is_mount_point:
        ground.need_finished(lun)
    ground.need_in_no_group(lun)
    ground.need_unmapped(lun)
    if lun.primary is not None:
        return _delete_mount_point(lun, ground.volume(lun.primary), ground)
    claims = [
        *_locks(lun, ground),
        Claim(Kind.EXCLUSIVE, pin_key(ground.array, lun.uid)),
        Claim(Kind.EXCLUSIVE, copies_key(ground.array, lun.uid), refuse=True),
        Claim(Kind.EXCLUSIVE, snapshots_key(ground.array, lun.uid), refuse=True),
    ]
    return Plan("delete-volume", _facts(lun), in_rank(claims), drops=(_number(lun, ground),))


def _facts(lun: Lun) -> Facts:
    return {"uid": lun.uid, "number": lun.number}


def _locks(lun: Lun, ground: Ground) -> list[Claim]:
    return [
        Claim(Kind.EXCLUSIVE, volume_key(ground.array, lun.uid)),
        Claim(Kind.EXCLUSIVE, name_key(ground.array, lun.name)),
    ]


def _number(lun: Lun, ground: Ground) -> tuple[str, str]:
    return numbers_key(ground.array), str(lun.number)


def _delete_mount_point(lun: Lun, primary: Lun, ground: Ground) -> Plan:
    claims = in_rank([*_locks(lun, ground), Claim(Kind.SHARED, volume_key(ground.array, primary.uid))])
    member = lun.attached or f"lun:{lun.number}"
    gone = (
        _number(lun, ground),
        (mounts_key(ground.array, primary.uid), member),
        (copies_key(ground.array, primary.uid), member),
    )
    if lun.attached is None or job_of(lun.attached, ground.installation) is None:
        attached = {"attached": lun.attached} if lun.attached else {}
        return Plan("delete-mount-point", {**_facts(lun), **attached}, claims, drops=gone)
    facts = {**_facts(lun), "hidden_snapshot": lun.attached}
    return Plan("delete-snap-copy", facts, claims, drops=(*gone, (snapshots_key(ground.array, primary.uid), member)))
