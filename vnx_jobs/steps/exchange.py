"""Exchange: a LUN that a backup host has filled takes the place of a snap copy.

The two are told apart by number and UID throughout. The mount point is destroyed only when the new LUN was read back
and compared, and the snapshot behind it only when the new LUN bears the name.
"""

from dataclasses import replace

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.condition import FreshList
from vnx_jobs.model.errors import Code
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, GiveUp, NotYet, Outcome, Present
from vnx_jobs.model.step import Step

from . import by_hand
from .backup_devices import device_name, device_number, device_uid
from .lists import not_meant, outdated, shown_by, unread
from .luns import create_device
from .transfers import copying_across
from .work import JobStep, Reading, Work, destroying, nothing, reading

_OLD, _NEW = 0, 1
"""The places of the devices: the mount point is read, the LUN that replaces it is written."""
_BLOCK = 512
"""Bytes."""

create_replacement: JobStep = create_device(
    "create-replacement",
    "Create the LUN that takes the volume's place.",
    lambda work: (device_number(work, _NEW), device_name(work, _NEW)),
)


def _learn(work: Work) -> Reading:
    """Learn the new LUN's UID, which the host compares with the device's WWN before it writes a byte."""
    if waiting := unread(work):
        return waiting
    name = device_name(work, _NEW)
    sighting = work.sighting(name)
    if sighting is None or sighting.lun.number != device_number(work, _NEW):
        return GiveUp(f"{name} was made and is not on the array any more", Code.IDENTITY)
    if not sighting.lun.ready:
        return NotYet(FreshList(sighting.seen), f"the array is preparing {name} ({sighting.lun.state})")
    if sighting.lun.blocks * _BLOCK != work.fact_number("size-0"):
        return GiveUp(
            f"{name} has {sighting.lun.blocks} blocks, and {work.job.name} another number", Code.NOT_SUPPORTED
        )
    return Done({f"device_uid-{_NEW}": sighting.lun.uid, f"instant-{_OLD}": work.job.begun})


learn_replacement = reading(
    "learn-replacement",
    "Read the new LUN's UID from the shared LUN list, and wait until the array calls it ready.",
    _learn,
)

copy_across: JobStep = copying_across(
    "copy-across",
    "Have the backup host copy the snap copy onto the new LUN, and read that back to compare.",
)


def _stayed(work: Work) -> Reading:
    """See by fresh lists that nobody was shown the snap copy meanwhile, who might have written to it."""
    if waiting := unread(work, "storage-groups"):
        return waiting
    number = device_number(work, _OLD)
    if other := not_meant(work, work.job.name, device_uid(work, _OLD), number):
        return other
    if groups := sorted(shown_by(work, number).keys() - {work.fact("storage_group")}):
        text = f"{work.job.name} was shown to hosts by storage group {', '.join(groups)} while it was copied"
        return GiveUp(f"{text}: detach it and submit again", Code.IN_USE)
    return Done()


check_stayed_unshown = reading(
    "check-stayed-unshown",
    "See that the snap copy is shown to no other host, by lists begun after it was copied.",
    _stayed,
    ("luns", "storage-groups"),
)


def _destroy(work: Work) -> Outcome:
    number, uid = device_number(work, _OLD), device_uid(work, _OLD)
    if other := outdated(work) or not_meant(work, work.job.name, uid, number):
        return other
    work.array.destroy_mount_point(number)
    return _gone(work)


def _gone(work: Work) -> Done:
    return Done(gone=(work.job.name,), access={device_uid(work, _OLD): None})


def _look_for_gone(work: Work) -> Finding:
    lun = work.array.lun(device_number(work, _OLD))
    if lun is not None and lun.uid == device_uid(work, _OLD):
        return Absent()
    gone = _gone(work)
    return Present(gone=gone.gone, access=gone.access)


destroy_replaced = replace(
    destroying(
        "destroy-replaced",
        "Destroy the mount point: all its bytes are on the new LUN, and its snapshot stays until that bears the name.",
        _destroy,
        _look_for_gone,
    ),
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.mount_point(device_number(work, _OLD), work.job.name),
        lambda work: isinstance(_look_for_gone(work), Absent),
    ),
)


def _take_name(work: Work) -> Outcome:
    number, uid, name = device_number(work, _NEW), device_uid(work, _NEW), device_name(work, _NEW)
    if other := outdated(work) or not_meant(work, name, uid, number):
        return other
    work.array.rename_lun(number, work.job.name)
    known = work.sighting(name)
    made = () if known is None else (replace(known.lun, name=work.job.name),)
    return Done(made=made, gone=(name,), access=_mark(work))


def _look_for_named(work: Work) -> Finding:
    """See which name the LUN of that number and UID bears."""
    lun, name = work.array.lun(device_number(work, _NEW)), device_name(work, _NEW)
    if lun is None or lun.uid != device_uid(work, _NEW):
        return Broken(f"LUN number {device_number(work, _NEW)} is another one by now", Code.IDENTITY)
    if lun.name == work.job.name:
        return Present(made=(lun,), gone=(name,), access=_mark(work))
    if lun.name == name:
        return Absent()
    return Broken(f"somebody else has called {name} {lun.name} meanwhile", Code.IDENTITY)


def _mark(work: Work) -> dict[str, AccessMode | None]:
    """Hand the access mark over to the LUN that takes the name, in the moment in which it does."""
    if "access" not in work.job.facts:
        return {}
    return {device_uid(work, _NEW): "ro" if work.fact("access") == "ro" else "rw"}


take_name: JobStep = Step(
    name="take-name",
    says="Give the new LUN the volume's name: from here on it is the volume, with another UID and number.",
    do=_take_name,
    look=_look_for_named,
    undo=nothing,
    undo_says="Nothing: the mount point is gone, and the job goes forward.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.name_to_take(device_number(work, _NEW), device_name(work, _NEW), work.job.name),
        lambda work: isinstance(_look_for_named(work), Absent),
    ),
    holds=("volume", "name", "numbers"),
)
