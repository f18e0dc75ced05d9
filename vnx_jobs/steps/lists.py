"""Shared lists: whether what is known of an array is young enough to judge by, and who is who by it."""

from typing import Final

from vnx_jobs.model.condition import FreshList
from vnx_jobs.model.errors import Code
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.outcome import GiveUp, NotYet

from .work import Work

_OF: Final[dict[ListKind, str]] = {
    "snapshots": "snapshots",
    "groups": "consistency groups",
    "storage-groups": "storage groups",
    "ports": "ports",
}


def unread(work: Work, *also: ListKind) -> NotYet | None:
    """Return what to wait for if the list of LUNs, or one of some others, was not begun after the step was."""
    if work.inventory.readings(work.job.array).oldest(also) > work.job.begun:
        return None
    return NotYet(FreshList(work.job.begun, also), f"waits for the next shared list of {_named(*also)}")


def outdated(work: Work, *also: ListKind) -> NotYet | None:
    """Return what to wait for if the watch should have replaced one of the lists by now.

    Between a check and the deed the job may have been paused, or the stack down: such a list proves nothing.
    """
    oldest = work.job.begun - 2 * work.pace.idle_refresh * 1000
    if work.inventory.readings(work.job.array).oldest(also) >= oldest:
        return None
    return NotYet(FreshList(work.job.begun, also), f"waits for a list of {_named(*also)}: the last one is old")


def shown_by(work: Work, number: int) -> dict[str, int]:
    """Return the storage groups whose hosts see a LUN, by the last list, and under which number.

    `~physical`, which some arrays list, shows every LUN of an array to nobody.
    """
    groups = (one for one in work.inventory.storage_groups(work.job.array) if one.name != "~physical")
    return {one.name: hlu for one in groups for hlu, lun in one.luns if lun == number}


def writers(work: Work, uid: str, number: int) -> list[str]:
    """Return the storage groups whose hosts may write to a volume, by the last list.

    All that see it, but for those that a job of ours attached for reading alone: who else attached it said nothing.
    """
    noted = work.inventory.attachments(work.job.array, uid)
    reading_alone = {(one.group, one.hlu) for one in noted if one.mode == "ro"}
    return sorted(group for group, hlu in shown_by(work, number).items() if (group, hlu) not in reading_alone)


def _named(*also: ListKind) -> str:
    return " and ".join(("LUNs", *(_OF[kind] for kind in also)))


def not_meant(work: Work, name: str, uid: str, number: int) -> GiveUp | None:
    """Say why the volume of that name is not the one that was meant, by the last list; None if it is."""
    sighting = work.sighting(name)
    if sighting is None:
        return GiveUp(f"there is no volume {name} on {work.job.array} any more", Code.NO_SUCH_VOLUME)
    lun = sighting.lun
    if (lun.uid, lun.number) == (uid, number):
        return None
    text = f"volume {name} has UID {lun.uid} and number {lun.number}; the one that was meant has {uid} and {number}"
    return GiveUp(text, Code.IDENTITY)
