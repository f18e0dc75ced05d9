"""Snap copies as sources: a snapshot of one is taken only while no host sees it.

What a snapshot of a mount point holds while hosts write to it is documented nowhere. Until it is taken the job holds a
lock that attachments and detachments need, so that no job attaches the snap copy meanwhile; a backup until it was seen
to be good. A job that finds the snap copy shown to hosts gives all locks back, and asks anew when no host sees it.
"""

from dataclasses import replace
from typing import Final

from vnx_jobs.model.array import Lun
from vnx_jobs.model.errors import Code
from vnx_jobs.model.outcome import Anew, Done, GiveUp, NotYet
from vnx_jobs.model.view import until_unmapped

from .lists import not_meant, outdated, shown_by, unread
from .work import Reading, Work, reading

DEEPEST: Final = 10
"""How deep snapshots of snapshots may lie (Dell's Horizon solution guide); the first of a primary LUN lies at 1."""


def _check(work: Work) -> Reading:
    if waiting := unread(work, "storage-groups"):
        return waiting
    name, meant = work.fact("snap_copy"), work.fact("source_uid")
    sighting = work.sighting(name)
    if sighting is None:
        return GiveUp(f"there is no volume {name} on {work.job.array} any more", Code.NO_SUCH_VOLUME)
    if sighting.lun.uid != meant or sighting.lun.attached is None:
        text = f"volume {name} has UID {sighting.lun.uid}; the snap copy that was meant has {meant}"
        return GiveUp(text, Code.IDENTITY)
    if (depth := _depth(work, sighting.lun)) >= DEEPEST:
        text = f"{name} shows a snapshot {depth} levels deep: the array allows {DEEPEST}; make a clone of it instead"
        return GiveUp(text, Code.DEPTH_LIMIT)
    if groups := _showing(work, sighting.lun):
        return Anew(until_unmapped(name, groups))  # whoever detaches it needs what this job holds
    return Done()


def mapped_since(work: Work) -> NotYet | Anew | None:
    """Return what to do before a snapshot of a snap copy is taken: others may have shown it after it was looked at.

    None for any other source, and while nobody is known to see it. The job may have rested between look and deed.
    """
    if "snap_copy" not in work.job.facts:
        return None
    if waiting := outdated(work, "storage-groups"):
        return waiting
    sighting = work.sighting(work.fact("snap_copy"))
    groups = "" if sighting is None else _showing(work, sighting.lun)
    return Anew(until_unmapped(work.fact("snap_copy"), groups)) if groups else None


def _depth(work: Work, lun: Lun) -> int:
    """Return how deep the snapshot that a mount point shows lies, as far as what it hangs on is still known."""
    depth, root, mounts = 1, work.fact_number("primary_number"), dict[int, Lun]()
    while (source := _source(work, lun)) not in {None, root}:
        mounts = mounts or {one.lun.number: one.lun for one in work.inventory.volumes(work.job.array)}
        depth += 1
        if source not in mounts or depth > DEEPEST:
            break
        lun = mounts[source]
    return depth


def _source(work: Work, lun: Lun) -> int | None:
    """Return the number of the LUN that the snapshot which a mount point shows was taken of."""
    snapshot = work.inventory.snapshot(work.job.array, lun.attached or "")
    return None if snapshot is None else snapshot.source


check_unmapped = reading(
    "check-unmapped",
    "Wait until no storage group shows the snap copy, by lists read after all claims were granted.",
    _check,
    ("luns", "storage-groups"),
)


def _stayed(work: Work) -> Reading:
    """See it once more by lists begun after the snapshot was taken: it may have been attached in between."""
    if waiting := unread(work, "storage-groups"):
        return waiting
    sighting = work.sighting(work.fact("snap_copy"))
    if sighting is None or not (groups := _showing(work, sighting.lun)):
        return Done()
    text = f"{sighting.lun.name} was shown to hosts by storage group {groups} while its snapshot was taken"
    return GiveUp(f"{text}: what that holds is not known", Code.IN_USE)


check_stayed_unmapped = replace(
    reading(
        "check-stayed-unmapped",
        "See that no storage group shows the snap copy, by lists begun after its snapshot was taken.",
        _stayed,
        ("luns", "storage-groups"),
    ),
    lets_go=("mapping",),
)


def _showing(work: Work, lun: Lun) -> str:
    """Return the storage groups that show a LUN, by the last list."""
    return ", ".join(sorted(shown_by(work, lun.number)))


def _unshown(work: Work) -> Reading:
    if waiting := unread(work, "storage-groups"):
        return waiting
    name, number = work.job.name, work.fact_number("number")
    if other := not_meant(work, name, work.fact("uid"), number):
        return other
    if groups := sorted(shown_by(work, number)):
        text = f"{name} is shown to hosts by storage group {', '.join(groups)}: detach it first"
        return GiveUp(text, Code.IN_USE)
    return Done()


check_unshown = reading(
    "check-unshown",
    "See that no storage group shows the volume to a host, by lists read after all claims were granted.",
    _unshown,
    ("luns", "storage-groups"),
)
