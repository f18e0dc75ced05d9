"""Mappings: volumes that a storage group shows to its hosts. The step for one volume stands once for each of them."""

from dataclasses import dataclass
from typing import Final, cast

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import HostLun, StorageGroup
from vnx_jobs.model.condition import FreshList
from vnx_jobs.model.errors import Code
from vnx_jobs.model.hosts import CONNECTION, Attachment, Connection, FrontPort, to_json
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, GiveUp, GoneGroup, NotYet, Outcome, Present
from vnx_jobs.model.step import Step

from . import by_hand
from .lists import not_meant, outdated, unread
from .work import JobStep, Reading, Work, destroying, reading

MAP: Final = "map-volume"
UNMAP: Final = "unmap-volume"
_A_DAY: Final = 86_400_000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class _Volume:
    """One of the volumes that a job is about, as it was when the job was planned."""

    place: int
    name: str
    uid: str
    number: int


def _volume(work: Work, place: int) -> _Volume:
    name = work.job.spec["volumes"][place]
    return _Volume(place, name, work.fact(f"uid-{place}"), work.fact_number(f"number-{place}"))


def _volumes(work: Work) -> tuple[_Volume, ...]:
    return tuple(_volume(work, place) for place in range(len(work.job.spec["volumes"])))


def _other(work: Work, volume: _Volume) -> GiveUp | None:
    return not_meant(work, volume.name, volume.uid, volume.number)


def _this(work: Work, step: str) -> _Volume:
    """Return the volume of the cursor's step: how often the step stands before the cursor is the volume's place."""
    return _volume(work, work.job.steps[: work.job.cursor].count(step))


def listed(work: Work) -> StorageGroup | None:
    """Return the storage group as the last list showed it."""
    name = work.fact("storage_group")
    return next((one for one in work.inventory.storage_groups(work.job.array) if one.name == name), None)


def no_group(work: Work) -> GiveUp:
    """Say that the storage group is gone."""
    text = f"there is no storage group {work.fact('storage_group')} on {work.job.array} any more"
    return GiveUp(text, Code.NO_SUCH_HOST)


def _check_attachable(work: Work) -> Reading:
    if waiting := unread(work, "storage-groups", *ports_if_old(work)):
        return waiting
    group = listed(work)
    if group is None:
        return no_group(work)
    return unattachable(work, group) or Done()


def unattachable(work: Work, group: StorageGroup) -> NotYet | GiveUp | None:
    """Say why the volumes may not be attached so, or not yet, by the last lists; None if they may."""
    for volume in _volumes(work):
        if other := _other(work, volume) or _preparing(work, volume) or _protected(work, volume):
            return other
        if seen := _seen_already(group, volume):
            return seen
    return None


def ports_if_old(work: Work) -> tuple[ListKind, ...]:
    """Ask for the front-end ports, which hardly ever change, once a day."""
    read = work.inventory.readings(work.job.array).ports
    return () if read > work.job.created - _A_DAY else ("ports",)


def _preparing(work: Work, volume: _Volume) -> NotYet | None:
    sighting = work.sighting(volume.name)
    if sighting is None or sighting.lun.ready:
        return None
    return NotYet(FreshList(sighting.seen), f"the array is preparing {volume.name} ({sighting.lun.state})")


def _protected(work: Work, volume: _Volume) -> GiveUp | None:
    if work.fact(f"mode-{volume.place}") == "ro" or work.inventory.access(work.job.array, volume.uid) != "ro":
        return None
    text = f"{volume.name} was made read-only meanwhile: attach it with mode=ro, or clear its mark first"
    return GiveUp(text, Code.READ_ONLY)


def _seen_already(group: StorageGroup, volume: _Volume) -> GiveUp | None:
    hlu = next((hlu for hlu, number in group.luns if number == volume.number), None)
    if hlu is None:
        return None
    text = f"storage group {group.name} shows {volume.name} already, under host LUN number {hlu}"
    return GiveUp(text, Code.ATTACHED)


check_attachable = reading(
    "check-attachable",
    "Compare the volumes' UIDs with those that were meant, and see that they may be attached so, and are not yet.",
    _check_attachable,
    lists=("luns", "storage-groups"),
)


def _pair(work: Work) -> tuple[int, int]:
    """Return the host LUN number that was granted for the cursor's volume, and the volume's own."""
    volume = _this(work, MAP)
    return work.number(f"hlu-{volume.place}"), volume.number


def _map(work: Work) -> Outcome:
    if other := outdated(work) or _other(work, _this(work, MAP)):
        return other
    work.array.map_lun(work.fact("storage_group"), *_pair(work))
    return Done(made=(HostLun(work.fact("storage_group"), *_pair(work)),))


def _look_for_mapped(work: Work) -> Finding:
    """Know it by its number, which was granted to this job alone: if it shows the volume, this job did it."""
    group = work.array.storage_group(work.fact("storage_group"))
    if group is None:
        return Broken(f"there is no storage group {work.fact('storage_group')} any more", Code.NO_SUCH_HOST)
    hlu, number = _pair(work)
    if (hlu, number) in group.luns:
        return Present(made=(HostLun(group.name, hlu, number),))
    if other := _seen_already(group, _this(work, MAP)):
        return Broken(other.why, other.code)
    shown = dict(group.luns).get(hlu)
    if shown is not None:
        return Broken(f"host LUN number {hlu} of storage group {group.name} shows LUN {shown} by now", Code.ATTACHED)
    return Absent()


def _unmap_if_ours(work: Work) -> Outcome:
    if not isinstance(_look_for_mapped(work), Present):
        return Done()
    hlu, _ = _pair(work)
    work.array.unmap_lun(work.fact("storage_group"), hlu)
    return Done(made=(HostLun(work.fact("storage_group"), hlu, None),))


map_volume: JobStep = Step(
    name=MAP,
    says="Show the volume to the storage group's hosts, under a host LUN number that was granted for it.",
    do=_map,
    look=_look_for_mapped,
    undo=_unmap_if_ours,
    undo_says="Show it no longer, if our number shows this volume.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.mapping(work.fact("storage_group"), *_pair(work)),
        lambda work: isinstance(_look_for_mapped(work), Present),
    ),
    holds=("volume", "mapping", "hlus", "storage-group"),
)


def _tell(work: Work) -> Reading:
    """Note each attachment before its connection is told to anybody: what is not noted, nobody may rely on."""
    array, group = work.job.array, work.fact("storage_group")
    fibre, iscsi = targets(work, work.job.spec["host"])
    told = []
    for volume in _volumes(work):
        hlu = work.number(f"hlu-{volume.place}")
        mode = cast("AccessMode", work.fact(f"mode-{volume.place}"))
        work.inventory.keep_attachment(array, volume.uid, Attachment(group, hlu, mode))
        told.append(Connection(array, work.job.spec["host"], volume.name, volume.uid, hlu, mode, fibre, iscsi))
    return Done({CONNECTION: to_json(told)})


def targets(work: Work, host: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the array's ports on which the host is registered: Fibre Channel, and iSCSI portals."""
    group = listed(work)
    paths = () if group is None else group.initiators
    own = [path for path in paths if path.host == host] or list(paths)
    places = {(path.sp, path.port, path.uid.startswith(("iqn.", "eui."))) for path in own}
    ports = [port for port in work.inventory.ports(work.job.array) if (port.sp, port.number, port.is_iscsi) in places]
    return _named(ports, is_iscsi=False), _named(ports, is_iscsi=True)


def _named(ports: list[FrontPort], *, is_iscsi: bool) -> tuple[str, ...]:
    return tuple(sorted(port.target for port in ports if port.is_iscsi is is_iscsi))


tell_connections = reading(
    "tell-connections",
    "Note the attachments, and tell what the host must know to open each volume.",
    _tell,
)


def _check_attached(work: Work) -> Reading:
    if waiting := unread(work, "storage-groups"):
        return waiting
    group = listed(work)
    if group is None:
        return no_group(work)
    found = {}
    for volume in _volumes(work):
        if other := _other(work, volume):
            return other
        hlu = next((hlu for hlu, number in group.luns if number == volume.number), None)
        if hlu is None:
            return GiveUp(f"storage group {group.name} does not show {volume.name}", Code.NOT_ATTACHED)
        planned = work.job.facts.get(f"hlu-{volume.place}", hlu)
        if hlu != planned:
            text = f"{volume.name} is shown under host LUN number {hlu} by now, and no longer under {planned}"
            return GiveUp(text, Code.IDENTITY)
        found[f"hlu-{volume.place}"] = hlu
    return Done(found)


check_attached = reading(
    "check-attached",
    "Compare the volumes' UIDs with those that were meant, and find the numbers under which the host sees them.",
    _check_attached,
    lists=("luns", "storage-groups"),
)


def _unmap(work: Work) -> Outcome:
    """Give the number free, unless it shows another volume by now, as the last list says."""
    volume = _this(work, UNMAP)
    if other := outdated(work, "storage-groups") or _other(work, volume):
        return other
    group, hlu = listed(work), work.fact_number(f"hlu-{volume.place}")
    shown = None if group is None else dict(group.luns).get(hlu)
    if shown not in {None, volume.number}:
        return GiveUp(f"host LUN number {hlu} shows LUN {shown} by now, not {volume.name}", Code.IDENTITY)
    work.array.unmap_lun(work.fact("storage_group"), hlu)
    return Done(made=(HostLun(work.fact("storage_group"), hlu, None),))


def _look_for_unmapped(work: Work) -> Finding:
    volume = _this(work, UNMAP)
    group = work.array.storage_group(work.fact("storage_group"))
    if group is None:
        return Present(gone=(GoneGroup(work.fact("storage_group"), "storage-groups"),))
    hlu = work.fact_number(f"hlu-{volume.place}")
    shown = dict(group.luns).get(hlu)
    return Absent() if shown == volume.number else Present(made=(HostLun(group.name, hlu, shown),))


unmap_volume = destroying(
    UNMAP,
    "Show the volume no longer; from here on the host does not reach it.",
    _unmap,
    _look_for_unmapped,
    "Nothing: the host has lost the volume, and the job goes forward.",
)


def _forget(work: Work) -> Reading:
    for volume in _volumes(work):
        work.inventory.forget_attachment(work.job.array, volume.uid, work.fact("storage_group"))
    return Done()


forget_attachments = reading(
    "forget-attachments",
    "Forget that the volumes were attached there.",
    _forget,
)
