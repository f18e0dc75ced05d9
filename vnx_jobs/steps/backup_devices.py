"""Devices: what a backup host reads or writes for a job. A table's step stands once for each of the job's volumes.

The device of a backup is a mount point of the job's own, with a snapshot of the volume attached; that of a restore is a
volume. Their names and numbers were fixed when the job was planned.
"""

from typing import Final

from vnx_jobs.model.array import HostLun, Lun, StorageGroup
from vnx_jobs.model.condition import FreshList
from vnx_jobs.model.errors import ArrayError, Code
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, GiveUp, NotYet, Outcome, Present
from vnx_jobs.model.step import Step

from . import by_hand
from .lists import not_meant, outdated, shown_by, unread
from .work import JobStep, Reading, Work, nothing, nothing_left, put_away, reading

VOLUMES: Final = "volumes"
"""The fact that says how many volumes the job is about."""


def place(work: Work) -> int:
    """Return which of the job's volumes the cursor's step is for: how often the step stands before the cursor."""
    return work.job.steps[: work.job.cursor].count(work.job.step)


def places(work: Work) -> range:
    """Return the places of all volumes of the job."""
    return range(work.fact_number(VOLUMES))


def snapshot_of(work: Work, at: int) -> str:
    """Return the name of the snapshot that a volume is read from: a group's members share one."""
    return work.temporary("snap" if "group" in work.job.facts else f"snap{at}")


def device_name(work: Work, at: int) -> str:
    """Return the name of the LUN that the backup host sees."""
    return str(work.job.facts.get(f"device_name-{at}") or work.temporary(f"mount{at}"))


def device_number(work: Work, at: int) -> int:
    """Return its number: granted to this job, or, for a volume that existed before, known."""
    granted = _granted(work, at)
    return work.fact_number("number") if granted is None else granted


def _granted(work: Work, at: int) -> int | None:
    """Return the number of a device that this job makes; None for a volume that existed before."""
    return work.job.numbers.get(f"device-{at}", work.job.numbers.get("volume"))


def device_uid(work: Work, at: int) -> str:
    """Return its UID, which the host compares with the device's WWN."""
    return str(work.job.facts.get(f"device_uid-{at}") or work.fact("uid"))


def _take(work: Work) -> Outcome:
    at = place(work)
    if other := outdated(work) or _source_mistaken(work, at):
        return other
    work.array.create_snapshot(work.fact_number(f"number-{at}"), snapshot_of(work, at), writable=True)
    return Done(_instant(work))


def _instant(work: Work) -> dict[str, str | int]:
    """Return when the volume was as its backup will hold it: the array's own clock is not known."""
    return {"instant": work.job.begun} if "group" in work.job.facts else {f"instant-{place(work)}": work.job.begun}


def instant(work: Work, at: int) -> int:
    """Return when a volume's snapshot was taken: milliseconds."""
    return work.fact_number("instant" if "group" in work.job.facts else f"instant-{at}")


def _source_mistaken(work: Work, at: int) -> GiveUp | None:
    return not_meant(work, work.fact(f"volume-{at}"), work.fact(f"uid-{at}"), work.fact_number(f"number-{at}"))


def _look_for_taken(work: Work) -> Finding:
    return Absent() if work.array.snapshot(snapshot_of(work, place(work))) is None else Present(_instant(work))


def _destroy_taken(work: Work) -> Outcome:
    work.array.destroy_snapshot(snapshot_of(work, place(work)))
    return Done()


_taken_by_hand = by_hand.unless_gone(
    lambda work: by_hand.snapshot(snapshot_of(work, place(work))),
    lambda work: isinstance(_look_for_taken(work), Present),
)

take_backup_snapshot: JobStep = Step(
    name="take-backup-snapshot",
    says="Take a snapshot of the volume: what it holds now is backed up, and the volume goes on in use.",
    do=_take,
    look=_look_for_taken,
    undo=_destroy_taken,
    undo_says="Destroy the snapshot that this job took.",
    by_hand=_taken_by_hand,
    holds=("snapshots", "volume", "pin"),
)


def _take_of_group(work: Work) -> Outcome:
    """Snapshot the group, unless it has other members by now: for these no slot is held."""
    group, meant = work.fact("group"), {work.fact_number(f"number-{at}") for at in places(work)}
    known = work.inventory.group(work.job.array, group)
    if known is not None and set(known.members) != meant:
        return GiveUp(f"group {group} has other members than when the job was planned: submit it again", Code.IDENTITY)
    work.array.create_group_snapshot(group, snapshot_of(work, 0), work.mark, writable=True)
    return Done(_instant(work))


take_backup_group_snapshot: JobStep = Step(
    name="take-backup-group-snapshot",
    says="Take one snapshot of all members of the group: each is backed up as it is at this instant.",
    do=_take_of_group,
    look=_look_for_taken,
    undo=_destroy_taken,
    undo_says="Destroy the snapshot that this job took.",
    by_hand=_taken_by_hand,
    holds=("snapshots", "volume", "pin", "group"),
)


def _create_mount(work: Work) -> Outcome:
    at = place(work)
    primary = work.fact_number(f"primary-{at}")
    work.array.create_mount_point(device_number(work, at), device_name(work, at), primary)
    return Done()


def _mount(work: Work) -> Lun | None:
    """Return the LUN of our number if it is our mount point: nobody else may use the name."""
    lun = work.array.lun(device_number(work, place(work)))
    return lun if lun is not None and lun.name == device_name(work, place(work)) else None


def _look_for_mount(work: Work) -> Finding:
    lun = work.array.lun(device_number(work, place(work)))
    if lun is None:
        return Absent()
    if lun.name == device_name(work, place(work)) and lun.is_mount_point:
        return Present()
    return Broken(f"LUN number {lun.number} is taken by {lun.name}, which is not this job's", Code.NAME_IN_USE)


def _destroy_mount(work: Work) -> Outcome:
    """Destroy it by its number, if that is ours: by the shared list once the UID is known, else by a read."""
    at = place(work)
    name = device_name(work, at)
    if f"device_uid-{at}" in work.job.facts:
        if waiting := outdated(work):
            return waiting
        if not_meant(work, name, device_uid(work, at), device_number(work, at)):
            return Done()
    elif _mount(work) is None:
        return Done()
    work.array.destroy_mount_point(device_number(work, at))
    return Done(gone=(name,))


create_backup_mount: JobStep = Step(
    name="create-backup-mount",
    says="Create a mount point, with a name and a number of this job's, for the backup host to read.",
    do=_create_mount,
    look=_look_for_mount,
    undo=_destroy_mount,
    undo_says="Destroy the mount point, if the LUN of our number bears our name.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.mount_point(device_number(work, place(work)), device_name(work, place(work))),
        lambda work: _mount(work) is not None,
    ),
    holds=("numbers", "mounts"),
)


def _attach(work: Work) -> Outcome:
    work.array.attach_snapshot(device_number(work, place(work)), snapshot_of(work, place(work)))
    return Done()


def _look_for_attached(work: Work) -> Finding:
    lun, ours = _mount(work), snapshot_of(work, place(work))
    if lun is None:
        return Broken(f"the mount point {device_name(work, place(work))} is gone")
    if lun.attached is None:
        return Absent()
    if lun.attached == ours:
        return Present()
    return Broken(f"the mount point {lun.name} has another snapshot attached: {lun.attached}")


attach_backup_snapshot: JobStep = Step(
    name="attach-backup-snapshot",
    says="Attach the snapshot to the mount point.",
    do=_attach,
    look=_look_for_attached,
    undo=nothing,
    undo_says="Nothing: destroying the mount point detaches it.",
    by_hand=nothing_left,
    holds=(),
)


def _learn(work: Work) -> Reading:
    """Learn each device's UID; the sources are compared once more, so that no other volume is backed up for them."""
    if waiting := unread(work):
        return waiting
    found: dict[str, str | int] = {}
    for at in places(work):
        sighting = work.sighting(device_name(work, at))
        if sighting is None or sighting.lun.number != device_number(work, at):
            return GiveUp(f"{device_name(work, at)} was made and is not on the array any more", Code.IDENTITY)
        if f"uid-{at}" in work.job.facts and (other := _source_mistaken(work, at)) is not None:
            return other
        if not sighting.lun.ready:
            why = f"the array is preparing {device_name(work, at)} ({sighting.lun.state})"
            return NotYet(FreshList(sighting.seen), why)
        found[f"device_uid-{at}"] = sighting.lun.uid
    return Done(found)


learn_devices = reading(
    "learn-devices",
    "Read the UIDs of what the backup host will see from the shared LUN list, and wait until the array calls it ready.",
    _learn,
)


def _group(work: Work) -> str:
    return work.fact("storage_group")


def _device(work: Work) -> tuple[str, str, int]:
    """Return name, UID and number of the device at the cursor."""
    at = place(work)
    return device_name(work, at), device_uid(work, at), device_number(work, at)


def _pair(work: Work) -> tuple[int, int]:
    """Return the host LUN number that was granted for the device, and the device's own number."""
    at = place(work)
    return work.number(f"hlu-{at}"), device_number(work, at)


def _show(work: Work) -> Outcome:
    """Show it by its number, which must be the one of the UID that was learnt: it may be a user's volume."""
    if other := outdated(work) or not_meant(work, *_device(work)) or _shown_to_others(work):
        return other
    work.array.map_lun(_group(work), *_pair(work))
    return Done(made=(HostLun(_group(work), *_pair(work)),))


def _shown_to_others(work: Work) -> Outcome | None:
    """Say whose hosts see a user's volume that is about to be written: they may since it was looked at."""
    if _granted(work, place(work)) is not None:
        return None
    name, _, number = _device(work)
    if waiting := outdated(work, "storage-groups"):
        return waiting
    if groups := sorted(shown_by(work, number).keys() - {_group(work)}):
        return GiveUp(f"{name} is shown to hosts by storage group {', '.join(groups)}: detach it first", Code.IN_USE)
    return None


def _look_for_shown(work: Work) -> Finding:
    """Know it by its number, which was granted to this job alone: if it shows the device, this job did it."""
    group = work.array.storage_group(_group(work))
    if group is None:
        return Broken(f"there is no storage group {_group(work)} any more", Code.NO_SUCH_HOST)
    hlu, number = _pair(work)
    shown = dict(group.luns).get(hlu)
    if shown == number:
        return Present(made=(HostLun(group.name, hlu, number),))
    return Absent() if shown is None else _taken(group, hlu, shown)


def _taken(group: StorageGroup, hlu: int, shown: int) -> Broken:
    return Broken(f"host LUN number {hlu} of storage group {group.name} shows LUN {shown} by now", Code.ATTACHED)


def _hide(work: Work) -> Outcome:
    """Give the number free if it shows the device: whatever else somebody has put there by now is not ours."""
    hlu, number = _pair(work)
    group = work.array.storage_group(_group(work))
    if group is None or dict(group.luns).get(hlu) != number:
        return Done()
    work.array.unmap_lun(_group(work), hlu)
    return Done(made=(HostLun(_group(work), hlu, None),))


def _is_shown(work: Work) -> bool:
    try:
        return isinstance(_look_for_shown(work), Present)
    except ArrayError:
        return True


show_to_host: JobStep = Step(
    name="show-to-host",
    says="Show the device to the backup host, under a host LUN number that was granted for it.",
    do=_show,
    look=_look_for_shown,
    undo=_hide,
    undo_says="Show it no longer, if our number shows this device.",
    by_hand=by_hand.unless_gone(lambda work: by_hand.mapping(_group(work), *_pair(work)), _is_shown),
    holds=("volume", "mapping", "hlus", "storage-group"),
)

hide_from_host: Final = put_away(show_to_host, reads=1)
