"""Attaching volumes to a host, and detaching them."""

from vnx_jobs.model.array import Lun, StorageGroup
from vnx_jobs.model.claim import Claim, Kind, in_rank
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.hosts import HLUS, MAX_PATHS, UNCONNECTED, FrontPort, is_iscsi_name
from vnx_jobs.model.keys import hlus_key, mapping_key, storage_group_key, volume_key
from vnx_jobs.model.specs import AttachVolume, DetachVolume
from vnx_jobs.model.things import thing

from .ground import Ground
from .plan import Plan, Unresolved, UnresolvedError


def attach_volume(spec: AttachVolume, ground: Ground) -> Plan:
    """Plan the mapping of volumes into a host's storage group, each under a number of its own.

    Initiators that the array does not know are registered first, and a storage group that is missing is made; the
    group is held alone then. Raises UnresolvedError for a group, or front-end ports, that are not known.
    """
    luns = [_volume(name, ground) for name in spec.volumes]
    name = _group_name(spec.host, ground)
    new = _new_initiators(spec, ground)
    table = _table(spec.host, ground, name) if spec.initiators else "attach-volume"
    if table == "attach-volume" and new:
        table = "register-and-attach"
    if table == "attach-volume":
        group_of(spec.host, ground)
    facts = _facts(luns, name) | _modes(spec, luns, ground)
    paths = [f"{uid} {port.name}" for uid in new for port in _ports_for(uid, spec, ground)]
    facts |= {f"path-{place}": path for place, path in enumerate(paths)}
    roles = ",".join(f"hlu-{place}" for place in range(len(luns)))
    numbers = Claim(Kind.NUMBER, hlus_key(ground.array, name), roles, HLUS, refuse=True, keep=True)
    claims = [numbers, *_locks(luns, name, ground, alone=table != "attach-volume")]
    makes = int(name not in ground.view.storage_groups)
    times = {"make-storage-group": makes, "register-initiator": len(paths), "map-volume": len(luns)}
    return Plan(table, facts, in_rank(claims), times=times)


def detach_volume(spec: DetachVolume, ground: Ground) -> Plan:
    """Plan the end of mappings; where the last list shows one, its number is given back with the job's success."""
    luns = [_volume(name, ground) for name in spec.volumes]
    group = group_of(spec.host, ground)
    shown = {number: hlu for hlu, number in group.luns}
    known = {f"hlu-{place}": shown[lun.number] for place, lun in enumerate(luns) if lun.number in shown}
    drops = tuple((hlus_key(ground.array, group.name), str(hlu)) for hlu in known.values())
    facts = _facts(luns, group.name) | known
    claims = in_rank(_locks(luns, group.name, ground, alone=False))
    ends = tuple(thing("detached", lun.name) for lun in luns)
    return Plan("detach-volume", facts, claims, drops, makes=ends, times={"unmap-volume": len(luns)})


def _volume(name: str, ground: Ground) -> Lun:
    lun = ground.volume(name)
    if lun.is_mount_point:
        ground.need_finished(lun)
    return lun


def _group_name(host: str, ground: Ground) -> str:
    """Return the storage group of a host: named in the settings, else where it is connected, else of its own name."""
    return ground.settings.storage_groups.get(host) or _connected(host, ground) or host


def _connected(host: str, ground: Ground) -> str | None:
    """Return the storage group that a host sees, by the last list; None if it sees none."""
    groups = (one for one in ground.view.storage_groups.values() if not one.name.startswith(UNCONNECTED))
    return next((one.name for one in groups if any(path.host == host for path in one.initiators)), None)


def group_of(host: str, ground: Ground) -> StorageGroup:
    """Return the storage group of a host. Raises UnresolvedError."""
    name = _group_name(host, ground)
    group = ground.view.storage_groups.get(name)
    if group is None:
        raise UnresolvedError(Unresolved("storage-group", name, None))
    return group


def _table(host: str, ground: Ground, group: str) -> str:
    """Return the table for a host whose initiators are given. Raises Refused if it sees another group."""
    connected = _connected(host, ground)
    if connected == group:
        return "attach-volume"
    if connected is not None:
        text = f"{host} sees the storage group {connected}, and would lose what that shows: attach without initiators"
        raise Refused(Code.NOT_SUPPORTED, text)
    known = any(path.host == host for one in ground.view.storage_groups.values() for path in one.initiators)
    return "connect-and-attach" if known else "register-and-attach"


def _new_initiators(spec: AttachVolume, ground: Ground) -> list[str]:
    """Return the initiators that the array does not know yet. Raises Refused for one that is another host's."""
    known = {path.uid: path.host for one in ground.view.storage_groups.values() for path in one.initiators}
    for uid in spec.initiators:
        if known.get(uid, spec.host) != spec.host:
            text = f"initiator {uid} is registered as one of host {known[uid]}, not of {spec.host}"
            raise Refused(Code.NAME_IN_USE, text)
    return [uid for uid in spec.initiators if uid not in known]


def _ports_for(uid: str, spec: AttachVolume, ground: Ground) -> list[FrontPort]:
    """Return the front-end ports to register an initiator on: those that are named, else the first ones of each SP."""
    ports = sorted(ground.view.ports, key=lambda port: (port.sp, port.number, port.vport))
    kind = [port for port in ports if port.is_iscsi is is_iscsi_name(uid)]
    if spec.ports:
        kind = [port for port in kind if {port.place, f"{port.sp}-{port.number}"} & {*spec.ports}]
    first = {(port.sp, port.number): port for port in reversed(kind)}  # of each port one address, the first
    each = [[port for place, port in sorted(first.items()) if place[0] == sp] for sp in ("A", "B")]
    found = [port for of_one in each for port in (of_one if spec.ports else of_one[:MAX_PATHS])]
    if not found:
        what = "iSCSI" if is_iscsi_name(uid) else "Fibre Channel"
        raise UnresolvedError(Unresolved("port", f"for {what}" + "".join(f" {one}" for one in spec.ports), None))
    return found


def _facts(luns: list[Lun], group: str) -> dict[str, str | int]:
    facts: dict[str, str | int] = {"storage_group": group}
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


def _locks(luns: list[Lun], group: str, ground: Ground, *, alone: bool) -> list[Claim]:
    volumes = [Claim(Kind.SHARED, volume_key(ground.array, lun.uid)) for lun in luns]
    mappings = [Claim(Kind.EXCLUSIVE, mapping_key(ground.array, lun.uid)) for lun in luns]
    how = Kind.EXCLUSIVE if alone else Kind.SHARED
    return [*volumes, *mappings, Claim(how, storage_group_key(ground.array, group))]
