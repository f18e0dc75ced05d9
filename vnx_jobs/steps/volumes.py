"""Volumes that exist: what is changed of one, by its number, after its UID was compared with the one that was meant."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import BLOCKS_PER_GB, Lun
from vnx_jobs.model.errors import Code
from vnx_jobs.model.keys import EVERY_KIND
from vnx_jobs.model.outcome import (
    Absent,
    Anew,
    Broken,
    Done,
    Finding,
    GiveUp,
    NotYet,
    Outcome,
    Present,
    TooLate,
    Underway,
)
from vnx_jobs.model.step import Step

from . import by_hand
from .identity import meant_name, still_meant
from .lists import unread, writers
from .work import JobStep, Reading, Work, nothing, nothing_left, reading


def _meant(work: Work) -> Lun | None:
    """Read the LUN of the number that was meant; None if it is gone, or another by now."""
    lun = work.array.lun(work.fact_number("number"))
    return lun if lun is not None and lun.uid == work.fact("uid") else None


def _gone(work: Work) -> Broken:
    return Broken(f"volume {meant_name(work)} was replaced or removed meanwhile", Code.IDENTITY)


def _changed(work: Work, **changes: Any) -> tuple[Lun, ...]:  # noqa: ANN401 -- fields of a LUN
    """Return the volume as it is known, with what this step has changed."""
    sighting = work.sighting(meant_name(work))
    return () if sighting is None else (replace(sighting.lun, **changes),)


def _compress(work: Work) -> Outcome:
    work.array.compress_lun(work.fact_number("number"))
    return Done(made=_changed(work, compressed=True, thin=True))


def _look_for_compressed(work: Work) -> Finding:
    lun = _meant(work)
    if lun is None:
        return _gone(work)
    return Present(made=(lun,)) if lun.compressed else Absent()


compress_volume: JobStep = Step(
    name="compress-volume",
    says="Turn the new volume's compression on.",
    do=_compress,
    look=_look_for_compressed,
    undo=nothing,
    undo_says="Nothing: the volume is destroyed whole.",
    by_hand=nothing_left,
    holds=(),
)


def _extend(work: Work) -> Outcome:
    if (other := still_meant(work)) is not None:
        return other
    size_gb = work.fact_number("size_gb")
    work.array.expand_lun(work.fact_number("number"), size_gb)
    return Done(made=_changed(work, blocks=size_gb * BLOCKS_PER_GB))


def _look_for_extended(work: Work) -> Finding:
    lun = _meant(work)
    if lun is None:
        return _gone(work)
    return Present(made=(lun,)) if lun.blocks >= work.fact_number("size_gb") * BLOCKS_PER_GB else Absent()


def _too_late_if_extended(work: Work) -> Outcome:
    match _look_for_extended(work):
        case Present():
            return TooLate("it is larger already, and the array makes no volume smaller")
        case Underway(condition, why):
            return NotYet(condition, why)
        case Absent() | Broken() | Anew():
            return Done()


extend_volume: JobStep = Step(
    name="extend-volume",
    says="Make the LUN larger; what is added reads as zeros, and hosts see it when they look again.",
    do=_extend,
    look=_look_for_extended,
    undo=_too_late_if_extended,
    undo_says="Nothing: no LUN is made smaller, and the job goes forward.",
    by_hand=nothing_left,
    holds=EVERY_KIND,
)


def _rename(work: Work) -> Outcome:
    if (other := still_meant(work)) is not None:
        return other
    name = work.fact("new_name")
    work.array.rename_lun(work.fact_number("number"), name)
    return Done(made=(*_changed(work, name=name), *_hung_on(work, name)), gone=(meant_name(work),))


def _hung_on(work: Work, name: str) -> tuple[Lun, ...]:
    """Return the mount points of the volume, which name it by its name: lists will show them so from now on."""
    names = {meant_name(work), work.fact("new_name")} - {name}
    known = (one.lun for one in work.inventory.volumes(work.job.array))
    return tuple(replace(lun, primary=name) for lun in known if lun.primary in names)


def _look_for_renamed(work: Work) -> Finding:
    lun = _meant(work)
    if lun is None:
        return _gone(work)
    if lun.name == work.fact("new_name"):
        return Present(made=(lun, *_hung_on(work, lun.name)), gone=(meant_name(work),))
    if lun.name == meant_name(work):
        return Absent()
    return Broken(f"somebody else has called volume {meant_name(work)} {lun.name} meanwhile", Code.IDENTITY)


def _rename_back(work: Work) -> Outcome:
    lun = _meant(work)
    if lun is None or lun.name != work.fact("new_name"):
        return Done()
    name = meant_name(work)
    work.array.rename_lun(lun.number, name)
    return Done(made=(replace(lun, name=name), *_hung_on(work, name)), gone=(lun.name,))


rename_volume: JobStep = Step(
    name="rename-volume",
    says="Give the LUN its new name; number, UID and what hosts see stay.",
    do=_rename,
    look=_look_for_renamed,
    undo=_rename_back,
    undo_says="Give the LUN its old name back, if the LUN of that number and UID bears the new one.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.new_name(work.fact_number("number"), work.fact("new_name"), meant_name(work)),
        lambda work: isinstance(_look_for_renamed(work), Present),
    ),
    holds=("volume", "name"),
)


def _check_writers(work: Work) -> Reading:
    """Let no host write to what is to be read-only; whoever attaches waits until this job has ended."""
    if other := unread(work, "storage-groups") or still_meant(work):
        return other
    groups = writers(work, work.fact("uid"), work.fact_number("number"))
    if work.fact("access") != "ro" or not groups:
        return Done()
    text = f"hosts of storage group {', '.join(groups)} may write to {meant_name(work)}: detach it there first"
    return GiveUp(text, Code.IN_USE)


check_writers = reading(
    "check-writers",
    "Compare the volume's UID with the one that was meant; no host may write to one that is to be read-only.",
    _check_writers,
    lists=("luns", "storage-groups"),
)


def _mark(work: Work) -> Outcome:
    mode: AccessMode = "ro" if work.fact("access") == "ro" else "rw"
    return Done(access={work.fact("uid"): mode})


def _marking(name: str, says: str, do: Callable[[Work], Outcome]) -> JobStep:
    """Make a step that changes what is kept of a volume, in the moment in which the step ends: until then nothing."""
    return Step(
        name=name,
        says=says,
        do=do,
        look=lambda _: Absent(),
        undo=nothing,
        undo_says="Nothing: marks change in the moment in which the job succeeds.",
        by_hand=nothing_left,
        holds=(),
        writes=False,
    )


mark_access = _marking(
    "mark-access",
    "Mark the volume as read-only, or as writable, for whatever host attaches it from now on.",
    _mark,
)

forget_marks = _marking(
    "forget-marks",
    "Forget what is kept of the volume beside what the array shows.",
    lambda work: Done(access=work.unmarked),
)
