"""Identity: UIDs are learnt, and compared before anything is destroyed, from a LUN list that many jobs share."""

from typing import Final

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.condition import FreshList
from vnx_jobs.model.errors import Code
from vnx_jobs.model.outcome import Done, GiveUp, NotYet

from .lists import not_meant, outdated, unread
from .work import Reading, Work, reading


def source_mistaken(work: Work) -> GiveUp | None:
    """Say why the LUN that a copy hangs on is not the one that was meant, by the last list; None if it is."""
    uid = work.job.facts.get("primary_uid")
    if uid is None:
        return None
    return not_meant(work, work.fact("source"), str(uid), work.fact_number("primary_number"))


def _learn(work: Work) -> Reading:
    if other := unread(work) or source_mistaken(work):
        return other
    sighting = work.sighting(work.job.name)
    if sighting is None or sighting.lun.number != work.number("volume"):
        return GiveUp(f"volume {work.job.name} was made and is not on the array any more", Code.IDENTITY)
    if not sighting.lun.ready:
        return NotYet(FreshList(sighting.seen), f"the array is preparing the volume ({sighting.lun.state})")
    uid = sighting.lun.uid
    return Done({"uid": uid, "number": sighting.lun.number}, access={uid: "rw"})


learn_identity = reading(
    "learn-identity",
    "Read the new volume's UID from the shared LUN list, and wait until the array calls it ready.",
    _learn,
)


def _await_target(work: Work) -> Reading:
    if other := unread(work) or source_mistaken(work):
        return other
    if "uid" in work.job.facts and (other := _mistaken(work)) is not None:
        return other
    source, target = work.sighting(work.job.name), work.sighting(work.temporary("target"))
    if source is None or target is None:
        missing = work.job.name if source is None else work.temporary("target")
        return GiveUp(f"{missing} was made and is not on the array any more", Code.IDENTITY)
    if not target.lun.ready:
        return NotYet(FreshList(target.seen), f"the array is preparing the target LUN ({target.lun.state})")
    attached = {"attached": source.lun.attached} if source.lun.attached else {}
    uids = {"uid": source.lun.uid, "target_uid": target.lun.uid}
    fresh: dict[str, AccessMode | None] = {} if "uid" in work.job.facts else {source.lun.uid: "rw"}
    return Done({"number": source.lun.number, **uids, **attached}, access=fresh)


await_target = reading(
    "await-target",
    "Wait until the array calls the target ready, and read both UIDs from the shared LUN list.",
    _await_target,
)


def meant_name(work: Work) -> str:
    """Return the name that the volume which was meant had when the job was planned."""
    return str(work.job.facts.get("old_name") or work.job.name)


_NEED_NONE: Final = frozenset({"delete-snap-copy", "delete-mount-point"})
"""What a volume that lost its snapshot to others may still become: nothing."""


def _mistaken(work: Work) -> GiveUp | None:
    """Say why the volume of that name is not the one that was meant, by the last list; None if it is."""
    name, meant = meant_name(work), work.fact("uid")
    sighting = work.sighting(name)
    if sighting is None:
        return GiveUp(f"there is no volume {name} on {work.job.array} any more", Code.NO_SUCH_VOLUME)
    if sighting.lun.uid != meant:
        text = f"volume {name} has UID {sighting.lun.uid}; the one that was meant has {meant}"
        return GiveUp(text, Code.IDENTITY)
    if sighting.lun.attached != (work.job.facts.get("hidden_snapshot") or work.job.facts.get("attached") or None):
        if sighting.lun.attached is None and work.job.operation in _NEED_NONE:
            return None
        if sighting.lun.attached is None:
            return GiveUp(f"volume {name} has no snapshot attached any more", Code.IDENTITY)
        return GiveUp(f"volume {name} has another snapshot attached by now", Code.IDENTITY)
    return None


def _check(work: Work) -> Reading:
    if (other := unread(work) or _mistaken(work)) is not None:
        return other
    sighting, hidden = work.sighting(meant_name(work)), work.job.facts.get("hidden_snapshot")
    if hidden is not None and sighting is not None and sighting.lun.attached is None:
        return Done({"found": f"its snapshot {hidden} was detached or destroyed by others"})
    return Done()


def still_meant(work: Work) -> NotYet | GiveUp | None:
    """Compare again, just before the volume is destroyed by its number; None if it is the one that was meant.

    A number that the array has given to another volume since the check must not be destroyed.
    """
    return outdated(work) or _mistaken(work)


check_identity = reading(
    "check-identity",
    "Compare the volume's UID with the one that was meant, in a LUN list read after all claims were granted.",
    _check,
)
