"""Changing a volume in its place: its size, its name, and what is kept of it."""

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import BLOCKS_PER_GB, Lun
from vnx_jobs.model.claim import Claim, Kind, in_rank
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.keys import pin_key, snapshots_key, volume_key
from vnx_jobs.model.names import use_of
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.specs import ExtendVolume, ManageVolume, RenameVolume, SetReadonly, UnmanageVolume

from .ground import Ground
from .plan import Plan


def extend_volume(spec: ExtendVolume, ground: Ground) -> Plan:
    """Plan a larger volume. The array makes no thick one larger that has snapshots."""
    lun = _finished(spec.name, ground)
    if lun.is_mount_point:
        text = f"{lun.name} is a snap copy of {lun.primary} and cannot be extended: make a full copy of it first"
        raise Refused(Code.NOT_SUPPORTED, text)
    if spec.size_gb * BLOCKS_PER_GB <= lun.blocks:
        text = (
            f"{lun.name} has {lun.blocks / BLOCKS_PER_GB:g} GB: size_gb must be more (a volume is never made smaller)"
        )
        raise Refused(Code.INVALID, text)
    claims = [_alone(lun, ground)]
    if not lun.thin:
        claims += [
            Claim(Kind.EXCLUSIVE, pin_key(ground.array, lun.uid)),
            Claim(Kind.EXCLUSIVE, snapshots_key(ground.array, lun.uid), refuse=True),
        ]
    return Plan("extend-volume", {**_facts(lun), "size_gb": spec.size_gb}, in_rank(claims))


def rename_volume(spec: RenameVolume, ground: Ground) -> Plan:
    """Plan another name for a volume."""
    lun = _finished(spec.name, ground)
    ground.need_free("volume", spec.new_name)
    claims = in_rank(_renaming(lun, spec.new_name, ground))
    return Plan("rename-volume", {**_facts(lun), "new_name": spec.new_name}, claims)


def set_readonly(spec: SetReadonly, ground: Ground) -> Plan:
    """Plan another access mark for a volume."""
    lun = _finished(spec.name, ground)
    return Plan("set-readonly", {**_facts(lun), "access": _mode(readonly=spec.readonly)}, (_alone(lun, ground),))


def manage_volume(spec: ManageVolume, ground: Ground) -> Plan:
    """Plan the adoption of a LUN; it is renamed if it is to have another name."""
    lun = _finished(spec.lun, ground)
    if use_of(lun.name):
        raise Refused(Code.NOT_SUPPORTED, f"{lun.name} is a temporary object of a job: it cannot be adopted")
    facts = {**_facts(lun), "access": _mode(readonly=spec.readonly)}
    if lun.name == spec.name:
        return Plan("manage-volume", facts, (_alone(lun, ground),))
    ground.need_free("volume", spec.name)
    claims = in_rank(_renaming(lun, spec.name, ground))
    return Plan("manage-and-rename-volume", {**facts, "old_name": lun.name, "new_name": spec.name}, claims)


def unmanage_volume(spec: UnmanageVolume, ground: Ground) -> Plan:
    """Plan to forget what is kept of a volume."""
    lun = _finished(spec.name, ground)
    return Plan("unmanage-volume", _facts(lun), (_alone(lun, ground),))


def _mode(*, readonly: bool) -> AccessMode:
    return "ro" if readonly else "rw"


def _renaming(lun: Lun, name: str, ground: Ground) -> list[Claim]:
    """Claim a volume and both names; a snap copy's primary too, which may not change its name meanwhile."""
    claims = [_alone(lun, ground), ground.new_name(lun.name), ground.new_name(name)]
    if lun.primary is not None:
        claims.append(Claim(Kind.SHARED, volume_key(ground.array, ground.volume(lun.primary).uid)))
    return claims


def _finished(name: str, ground: Ground) -> Lun:
    """Return a volume that no job is still making. Raises UnresolvedError."""
    lun = ground.volume(name)
    if lun.is_mount_point:
        ground.need_finished(lun)
    return lun


def _alone(lun: Lun, ground: Ground) -> Claim:
    return Claim(Kind.EXCLUSIVE, volume_key(ground.array, lun.uid))


def _facts(lun: Lun) -> Facts:
    attached = {"attached": lun.attached} if lun.attached else {}
    return {"uid": lun.uid, "number": lun.number, **attached}
