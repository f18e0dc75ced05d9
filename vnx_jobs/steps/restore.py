"""Restore: a volume's content becomes that of a snapshot again; what it held before is kept in a backup snapshot."""

from vnx_jobs.model.array import Snapshot
from vnx_jobs.model.errors import Code
from vnx_jobs.model.keys import EVERY_KIND
from vnx_jobs.model.outcome import Absent, Broken, Done, Finding, GiveUp, Outcome, Present, TooLate
from vnx_jobs.model.step import Step

from .lists import not_meant, outdated, unread, writers
from .work import JobStep, Reading, Work, nothing_left, reading


def _mistaken(work: Work) -> GiveUp | None:
    """Say why volume or snapshot is not the one that was meant, by the last lists; None if both are."""
    name, number = work.fact("source"), work.fact_number("number")
    if other := not_meant(work, name, work.fact("uid"), number):
        return other
    snapshot, created = work.inventory.snapshot(work.job.array, work.job.name), work.fact("created")
    if snapshot is None:
        return GiveUp(f"there is no snapshot {work.job.name} on {work.job.array} any more", Code.NO_SUCH_SNAPSHOT)
    hangs_on = {primary for _, primary in snapshot.images}
    if number not in hangs_on or created not in {"", snapshot.created}:
        text = f"snapshot {snapshot.name}, created {snapshot.created}, is not the one of {name} that was meant"
        return GiveUp(f"{text}, created {created}", Code.IDENTITY)
    return None


def _in_use(work: Work) -> GiveUp | None:
    """Say whose hosts may write to the volume; None if nobody's may."""
    groups = writers(work, work.fact("uid"), work.fact_number("number"))
    if not groups:
        return None
    shown = f"{work.fact('source')} is shown for writing to {', '.join(groups)}"
    return GiveUp(f"{shown}: detach it first, or hosts mix old and new content", Code.IN_USE)


def _checked(work: Work) -> Reading:
    return unread(work, "snapshots", "storage-groups") or _mistaken(work) or _in_use(work) or Done()


check_restore = reading(
    "check-restore",
    "Compare volume and snapshot with those that were meant, in lists read after all claims were granted; no host "
    "may write to the volume.",
    _checked,
    ("luns", "snapshots", "storage-groups"),
)


def _restore(work: Work) -> Outcome:
    """Restore what was checked, unless the job has rested since then for longer than lists are good for."""
    if (other := outdated(work, "snapshots", "storage-groups") or _mistaken(work) or _in_use(work)) is not None:
        return other
    number, backup = work.fact_number("number"), work.fact("backup")
    work.array.restore_snapshot(work.job.name, number, backup)
    return Done(made=(Snapshot(backup, number, number, created=""),))


def _look(work: Work) -> Finding:
    """Look for the backup: the array makes it by the same command, and its name holds this job's id."""
    backup, number = work.array.snapshot(work.fact("backup")), work.fact_number("number")
    if backup is None:
        return Absent()
    if backup.source == number:
        return Present(made=(backup,))
    return Broken(f"snapshot {backup.name} of LUN {backup.source} is not this job's", Code.NAME_IN_USE)


def _undo(work: Work) -> Outcome:
    return TooLate("the volume is restored already") if isinstance(_look(work), Present) else Done()


restore_volume: JobStep = Step(
    name="restore-volume",
    says="Put the snapshot's content back onto the volume; the array keeps what it held in the backup snapshot.",
    do=_restore,
    look=_look,
    undo=_undo,
    undo_says="Nothing: what is restored stays restored, and the job goes forward.",
    by_hand=nothing_left,
    holds=EVERY_KIND,
)
