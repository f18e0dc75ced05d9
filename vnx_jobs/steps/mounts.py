"""Snapshot mount points that a job makes: the LUN through which an attached snapshot is read and written."""

from vnx_jobs.model.array import Lun
from vnx_jobs.model.errors import ArrayError, Code
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, Outcome, Present
from vnx_jobs.model.step import Step

from . import by_hand
from .snapshots import hidden
from .work import JobStep, Work, nothing, nothing_left


def _create(work: Work) -> Outcome:
    work.array.create_mount_point(work.number("volume"), work.job.name, work.fact_number("primary_number"))
    return Done()


def _look(work: Work) -> Finding:
    lun = work.array.lun(work.number("volume"))
    if lun is None:
        return Absent()
    if lun.name == work.job.name and lun.is_mount_point:
        return Present()
    return Broken(f"LUN number {lun.number} is taken by {lun.name}, which is not this job's", Code.NAME_IN_USE)


def _ours(work: Work) -> Lun | None:
    """Return the LUN of our number if it bears our name: a mount point, or a copy that came to its end after all."""
    lun = work.array.lun(work.number("volume"))
    return lun if lun is not None and lun.name == work.job.name else None


def _destroy_if_ours(work: Work) -> Outcome:
    match _ours(work):
        case Lun(number, is_mount_point=True):
            work.array.destroy_mount_point(number)
        case Lun(number):
            work.array.destroy_lun(number)
        case None:
            return Done(access=work.unmarked)
    return Done(gone=(work.job.name,), access=work.unmarked)


def _by_hand(work: Work) -> tuple[str, ...]:
    number, name = work.number("volume"), work.job.name
    try:
        lun = _ours(work)
    except ArrayError:
        return (by_hand.mount_point(number, name),)
    if lun is None:
        return ()
    return (by_hand.mount_point(number, name) if lun.is_mount_point else by_hand.lun(number, name),)


create_mount_point: JobStep = Step(
    name="create-mount-point",
    says="Create a mount point on the primary LUN, with the volume's final name and a number of our own.",
    do=_create,
    look=_look,
    undo=_destroy_if_ours,
    undo_says="Destroy the mount point, if the LUN of our number bears our name.",
    by_hand=_by_hand,
    holds=("name", "numbers", "mounts", "copies"),
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
    by_hand=nothing_left,
    holds=(),
)
