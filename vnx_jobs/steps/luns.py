"""Ordinary LUNs: the volume asked for, the destination of a copy, and their end."""

from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, Outcome, Present
from vnx_jobs.model.step import Step

from .identity import still_meant
from .work import JobStep, Work, too_late_if_gone


def _finding(work: Work, number: int, name: str) -> Finding:
    lun = work.array.lun(number)
    if lun is None:
        return Absent()
    if lun.name == name and not lun.is_mount_point:
        return Present()
    return Broken(f"LUN number {number} is taken by {lun.name}, which is not this job's", "name-in-use")


def _create(work: Work, number: int, name: str) -> Outcome:
    thin = bool(work.fact_number("thin"))
    work.array.create_lun(number, name, work.fact_number("size_gb"), work.fact("pool"), thin=thin)
    return Done()


def _destroy_if_ours(work: Work, number: int, name: str) -> Outcome:
    if isinstance(_finding(work, number, name), Present):
        work.array.destroy_lun(number)
    return Done()


create_volume: JobStep = Step(
    name="create-volume",
    says="Create the LUN with the name asked for and a number of our own.",
    do=lambda work: _create(work, work.number("volume"), work.job.name),
    look=lambda work: _finding(work, work.number("volume"), work.job.name),
    undo=lambda work: _destroy_if_ours(work, work.number("volume"), work.job.name),
    undo_says="Destroy the LUN, if the LUN of our number bears our name.",
)

create_target: JobStep = Step(
    name="create-target",
    says="Create the LUN that the copy is written onto.",
    do=lambda work: _create(work, work.number("target"), work.temporary("target")),
    look=lambda work: _finding(work, work.number("target"), work.temporary("target")),
    undo=lambda work: _destroy_if_ours(work, work.number("target"), work.temporary("target")),
    undo_says="Destroy the target LUN, if the LUN of our number bears our name.",
)


def _destroy(work: Work) -> Outcome:
    if (other := still_meant(work)) is not None:
        return other
    work.array.destroy_lun(work.fact_number("number"))
    return Done(gone=(work.job.name,))


def _look_for_gone(work: Work) -> Finding:
    lun = work.array.lun(work.fact_number("number"))
    return Present(gone=(work.job.name,)) if lun is None or lun.uid != work.fact("uid") else Absent()


destroy_volume: JobStep = Step(
    name="destroy-volume",
    says="Destroy the LUN; the array refuses while it has snapshots or is mapped to a host.",
    do=_destroy,
    look=_look_for_gone,
    undo=too_late_if_gone(_look_for_gone),
    undo_says="Nothing: what is destroyed stays destroyed, and the job goes forward.",
    removes=True,
)
