"""Ordinary LUNs that a job makes: the volume asked for, and the destination of a copy."""

from collections.abc import Callable
from dataclasses import replace

from vnx_jobs.model.array import Layout
from vnx_jobs.model.errors import Code
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, Outcome, Present
from vnx_jobs.model.step import Step

from . import by_hand
from .work import JobStep, Work, nothing, nothing_left


def _look(work: Work, number: int, name: str) -> Finding:
    lun = work.array.lun(number)
    if lun is None:
        return Absent()
    if lun.name == name and not lun.is_mount_point:
        return Present()
    return Broken(f"LUN number {number} is taken by {lun.name}, which is not this job's", Code.NAME_IN_USE)


def _is_ours(work: Work, number: int, name: str) -> bool:
    return isinstance(_look(work, number, name), Present)


def _create(work: Work, number: int, name: str) -> Outcome:
    work.array.create_lun(number, name, work.fact_number("size_gb"), work.fact("pool"), Layout.of(work.job.facts))
    return Done()


def _destroy_if_ours(work: Work, number: int, name: str) -> Outcome:
    if not _is_ours(work, number, name):
        return Done()
    work.array.destroy_lun(number)
    return Done(gone=(name,))


def _destroy_volume(work: Work) -> Outcome:
    outcome = _destroy_if_ours(work, *_volume(work))
    return replace(outcome, access=work.unmarked) if isinstance(outcome, Done) else outcome


def _volume(work: Work) -> tuple[int, str]:
    return work.number("volume"), work.job.name


def _target(work: Work) -> tuple[int, str]:
    return work.number("target"), work.temporary("target")


def create_device(name: str, says: str, which: Callable[[Work], tuple[int, str]]) -> JobStep:
    """Make a step that creates a LUN for a backup host to write: `which` returns its number and its name."""
    return Step(
        name=name,
        says=says,
        do=lambda work: _create(work, *which(work)),
        look=lambda work: _look(work, *which(work)),
        undo=lambda work: _destroy_if_ours(work, *which(work)),
        undo_says="Destroy that LUN, if the LUN of our number bears our name.",
        by_hand=by_hand.unless_gone(lambda work: by_hand.lun(*which(work)), lambda work: _is_ours(work, *which(work))),
        holds=("numbers",),
    )


create_volume: JobStep = Step(
    name="create-volume",
    says="Create the LUN with the name asked for and a number of our own.",
    do=lambda work: _create(work, *_volume(work)),
    look=lambda work: _look(work, *_volume(work)),
    undo=_destroy_volume,
    undo_says="Destroy the LUN, if the LUN of our number bears our name.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.lun(*_volume(work)),
        lambda work: _is_ours(work, *_volume(work)),
    ),
    holds=("name", "numbers"),
)

create_target: JobStep = Step(
    name="create-target",
    says="Create the LUN that the copy is written onto.",
    do=lambda work: _create(work, *_target(work)),
    look=lambda work: _look(work, *_target(work)),
    undo=lambda work: _destroy_if_ours(work, *_target(work)),
    undo_says="Destroy the target LUN, if the LUN of our number bears our name.",
    by_hand=by_hand.unless_gone(
        lambda work: by_hand.lun(*_target(work)),
        lambda work: _is_ours(work, *_target(work)),
    ),
    holds=("numbers",),
)


def _scratch(work: Work) -> tuple[int, str]:
    return work.number("device-0"), work.temporary("drill")


create_scratch = create_device(
    "create-scratch",
    "Create a LUN for this alone, with a name and a number of this job's.",
    _scratch,
)


def _compress_target(work: Work) -> Outcome:
    work.array.compress_lun(work.number("target"))
    return Done()


def _look_for_compressed_target(work: Work) -> Finding:
    number, name = _target(work)
    lun = work.array.lun(number)
    if lun is None or lun.name != name:
        return Broken(f"the target LUN {number} is gone")
    return Present() if lun.compressed else Absent()


compress_target: JobStep = Step(
    name="compress-target",
    says="Turn the target's compression on: the volume has it when it lies there.",
    do=_compress_target,
    look=_look_for_compressed_target,
    undo=nothing,
    undo_says="Nothing: the target is destroyed whole.",
    by_hand=nothing_left,
    holds=(),
)
