"""Identity: UIDs are learnt, and compared before anything is destroyed, from a LUN list that many jobs share."""

from vnx_jobs.model.condition import FreshList
from vnx_jobs.model.errors import Code
from vnx_jobs.model.outcome import Done, GiveUp, NotYet

from .work import Reading, Work, reading


def _seen_since_begun(work: Work) -> NotYet | None:
    """Return what to wait for if no LUN list was begun after this step was."""
    if work.inventory.readings(work.job.array).luns > work.job.begun:
        return None
    return NotYet(FreshList(work.job.begun), "waits for the next shared LUN list")


def _learn(work: Work) -> Reading:
    if waiting := _seen_since_begun(work):
        return waiting
    sighting = work.sighting(work.job.name)
    if sighting is None or sighting.lun.number != work.number("volume"):
        return GiveUp(f"volume {work.job.name} was made and is not on the array any more", Code.IDENTITY)
    if not sighting.lun.ready:
        return NotYet(FreshList(sighting.seen), f"the array is preparing the volume ({sighting.lun.state})")
    return Done({"uid": sighting.lun.uid, "number": sighting.lun.number})


learn_identity = reading(
    "learn-identity",
    "Read the new volume's UID from the shared LUN list, and wait until the array calls it ready.",
    _learn,
)


def _await_target(work: Work) -> Reading:
    if waiting := _seen_since_begun(work):
        return waiting
    source, target = work.sighting(work.job.name), work.sighting(work.temporary("target"))
    if source is None or target is None:
        missing = work.job.name if source is None else work.temporary("target")
        return GiveUp(f"{missing} was made and is not on the array any more", Code.IDENTITY)
    if not target.lun.ready:
        return NotYet(FreshList(target.seen), f"the array is preparing the target LUN ({target.lun.state})")
    return Done({"uid": source.lun.uid, "number": source.lun.number, "target_uid": target.lun.uid})


await_target = reading(
    "await-target",
    "Wait until the array calls the target ready, and read both UIDs from the shared LUN list.",
    _await_target,
)


def _mistaken(work: Work) -> GiveUp | None:
    """Say why the volume of that name is not the one that was meant, by the last list; None if it is."""
    sighting, meant = work.sighting(work.job.name), work.fact("uid")
    if sighting is None:
        return GiveUp(f"there is no volume {work.job.name} on {work.job.array} any more", Code.NO_SUCH_VOLUME)
    if sighting.lun.uid != meant:
        text = f"volume {work.job.name} has UID {sighting.lun.uid}; the one that was meant has {meant}"
        return GiveUp(text, Code.IDENTITY)
    if sighting.lun.attached != (work.job.facts.get("hidden_snapshot") or work.job.facts.get("attached") or None):
        return GiveUp(f"volume {work.job.name} has another snapshot attached by now", Code.IDENTITY)
    return None


def _check(work: Work) -> Reading:
    return _seen_since_begun(work) or _mistaken(work) or Done()


def still_meant(work: Work) -> NotYet | GiveUp | None:
    """Compare again, just before the volume is destroyed by its number; None if it is the one that was meant.

    Between the check and the deed the job may have been paused, or the stack down: a number that the array has given
    to another volume since then must not be destroyed. A list that the watch should have replaced proves nothing.
    """
    oldest = work.job.begun - 2 * work.pace.idle_refresh * 1000
    if work.inventory.readings(work.job.array).luns < oldest:
        return NotYet(FreshList(work.job.begun), "waits for the next shared LUN list: the last one is old")
    return _mistaken(work)


check_identity = reading(
    "check-identity",
    "Compare the volume's UID with the one that was meant, in a LUN list read after all claims were granted.",
    _check,
)
