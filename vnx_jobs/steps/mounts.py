"""Snapshot mount points: the LUN through which an attached snapshot is read and written. A snap copy is one."""

from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, Outcome, Present
from vnx_jobs.model.step import Step

from .identity import still_meant
from .snapshots import hidden
from .work import JobStep, Work, nothing, too_late_if_gone


def _create(work: Work) -> Outcome:
    work.array.create_mount_point(work.number("volume"), work.job.name, work.fact_number("primary_number"))
    return Done()


def _look(work: Work) -> Finding:
    lun = work.array.lun(work.number("volume"))
    if lun is None:
        return Absent()
    if lun.name == work.job.name and lun.is_mount_point:
        return Present()
    return Broken(f"LUN number {lun.number} is taken by {lun.name}, which is not this job's", "name-in-use")


def _destroy_if_ours(work: Work) -> Outcome:
    lun = work.array.lun(work.number("volume"))
    if lun is None or lun.name != work.job.name:
        return Done()
    if lun.is_mount_point:
        work.array.destroy_mount_point(lun.number)
    else:
        work.array.destroy_lun(lun.number)  # a copy that came to its end after all: name and number say it is ours
    return Done()


create_mount_point: JobStep = Step(
    name="create-mount-point",
    says="Create a mount point on the primary LUN, with the volume's final name and a number of our own.",
    do=_create,
    look=_look,
    undo=_destroy_if_ours,
    undo_says="Destroy the mount point, if the LUN of our number bears our name.",
)


def _attach(work: Work) -> Outcome:
    work.array.attach_snapshot(work.number("volume"), hidden(work))
    return Done()


def _look_for_attached(work: Work) -> Finding:
    lun = work.array.lun(work.number("volume"))
    if lun is None:
        return Broken(f"the mount point {work.job.name} is gone")
    if lun.attached is None:
        return Absent()
    if lun.attached == hidden(work):
        return Present()
    return Broken(f"the mount point {lun.name} has another snapshot attached: {lun.attached}")


attach_snapshot: JobStep = Step(
    name="attach-snapshot",
    says="Attach the snapshot to the mount point: the copy can be read and written.",
    do=_attach,
    look=_look_for_attached,
    undo=nothing,
    undo_says="Nothing: destroying the mount point detaches it.",
)


def _destroy(work: Work) -> Outcome:
    if (other := still_meant(work)) is not None:
        return other
    work.array.destroy_mount_point(work.fact_number("number"))
    return Done(gone=(work.job.name,))


def _look_for_gone(work: Work) -> Finding:
    lun = work.array.lun(work.fact_number("number"))
    return Present(gone=(work.job.name,)) if lun is None or lun.uid != work.fact("uid") else Absent()


destroy_mount_point: JobStep = Step(
    name="destroy-mount-point",
    says="Destroy the mount point; from here on the snap copy is gone for hosts.",
    do=_destroy,
    look=_look_for_gone,
    undo=too_late_if_gone(_look_for_gone),
    undo_says="Nothing: what is destroyed stays destroyed, and the job goes forward.",
    removes=True,
)
