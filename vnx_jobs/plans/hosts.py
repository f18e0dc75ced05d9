"""Attaching volumes to a host, and detaching them."""

from vnx_jobs.model.array import Lun, StorageGroup
from vnx_jobs.model.claim import Claim, Kind, in_rank
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.hosts import HLUS
from vnx_jobs.model.keys import hlus_key, mapping_key, volume_key
from vnx_jobs.model.specs import AttachVolume, DetachVolume

from .ground import Ground
from .plan import Plan, Unresolved, UnresolvedError


def attach_volume(spec: AttachVolume, ground: Ground) -> Plan:
    """Plan the mapping of volumes into a host's storage group, each under a number of its own."""
    luns = _luns(spec, ground)
    group = group_of(spec.host, ground)
    facts = _facts(luns, group) | _modes(spec, luns, ground)
    roles = ",".join(f"hlu-{place}" for place in range(len(luns)))
    numbers = Claim(Kind.NUMBER, hlus_key(ground.array, group.name), roles, HLUS, refuse=True, keep=True)
    return Plan("attach-volume", facts, in_rank([numbers, *_locks(luns, ground)]), times={"map-volume": len(luns)})


def detach_volume(spec: DetachVolume, ground: Ground) -> Plan:
    """Plan the end of mappings; where the last list shows one, its number is given back with the job's success."""
    luns = _luns(spec, ground)
    group = group_of(spec.host, ground)
    shown = {number: hlu for hlu, number in group.luns}
    known = {f"hlu-{place}": shown[lun.number] for place, lun in enumerate(luns) if lun.number in shown}
    drops = tuple((hlus_key(ground.array, group.name), str(hlu)) for hlu in known.values())
    facts = _facts(luns, group) | known
    return Plan("detach-volume", facts, in_rank(_locks(luns, ground)), drops, times={"unmap-volume": len(luns)})


def _luns(spec: AttachVolume | DetachVolume, ground: Ground) -> list[Lun]:
    luns = [ground.volume(name) for name in spec.volumes]
    for lun in luns:
        if lun.is_mount_point:
            ground.need_finished(lun)
    return luns


def group_of(host: str, ground: Ground) -> StorageGroup:
    """Return the storage group of a host: named in the settings, else where it is connected, else of its own name."""
    groups = ground.view.storage_groups
    connected = (one.name for one in groups.values() if any(path.host == host for path in one.initiators))
    name = ground.settings.storage_groups.get(host) or next(connected, host)
    if name not in groups:
        raise UnresolvedError(Unresolved("storage-group", name, None))
    return groups[name]


def _facts(luns: list[Lun], group: StorageGroup) -> dict[str, str | int]:
    facts: dict[str, str | int] = {"storage_group": group.name}
    for place, lun in enumerate(luns):
        facts |= {f"uid-{place}": lun.uid, f"number-{place}": lun.number}
    return facts


def _modes(spec: AttachVolume, luns: list[Lun], ground: Ground) -> dict[str, str | int]:
    """Return how each volume is to be opened. Raises Refused(read-only), and Refused(invalid) if nobody knows."""
    modes: dict[str, str | int] = {}
    for place, lun in enumerate(luns):
        mark = ground.view.access.get(lun.uid)
        if mark == "ro" and spec.mode == "rw":
            raise Refused(Code.READ_ONLY, f"{lun.name} is read-only: attach it with mode=ro, or clear its mark first")
        mode = spec.mode or mark
        if mode is None:
            text = f"nothing is known of whether {lun.name} may be written to: state mode=ro or mode=rw"
            raise Refused(Code.INVALID, text)
        modes[f"mode-{place}"] = mode
    return modes


def _locks(luns: list[Lun], ground: Ground) -> list[Claim]:
    return [
        claim
        for lun in luns
        for claim in (
            Claim(Kind.SHARED, volume_key(ground.array, lun.uid)),
            Claim(Kind.EXCLUSIVE, mapping_key(ground.array, lun.uid)),
        )
    ]
