"""Cleaning up: the last proof that an object is what a job left which is over, and the end of its session."""

from dataclasses import replace
from typing import Final

from vnx_jobs.model.array import HostLun, Session
from vnx_jobs.model.errors import Code
from vnx_jobs.model.names import job_of
from vnx_jobs.model.outcome import Absent, Done, Finding, GiveUp, GoneGroup, Outcome, Present
from vnx_jobs.model.states import ENDED, State

from .identity import still_meant
from .lists import unread
from .work import Reading, Work, destroying, reading

_UNDONE: Final = ENDED - {State.SUCCEEDED}


def _not_over(work: Work) -> GiveUp | None:
    """Say why an object is not left over: the job that made it still needs it, or made it for good."""
    job = work.fact("left_by")
    state = work.inventory.fate(job)
    bears_its_name = job_of(work.job.name, work.installation) == job
    if state in (ENDED if bears_its_name else _UNDONE) or (state is None and bears_its_name):
        return None
    what = "not on record" if state is None else str(state)
    return GiveUp(f"{work.job.name} was not left over: job {job} is {what}", Code.NOT_LEFT_OVER)


def _check_lun(work: Work) -> Reading:
    return unread(work) or _not_over(work) or still_meant(work) or Done()


check_leftover = reading(
    "check-leftover",
    "Compare the LUN's UID with the one that was meant, and see that the job that left it is over.",
    _check_lun,
)


def _check_snapshot(work: Work) -> Reading:
    if other := unread(work, "snapshots") or _not_over(work):
        return other
    seen = work.inventory.snapshot(work.job.array, work.job.name)
    if seen is None:
        return GiveUp(f"there is no snapshot {work.job.name} on {work.job.array} any more", Code.NO_SUCH_SNAPSHOT)
    holders = [one.lun.name for one in work.inventory.volumes(work.job.array) if one.lun.attached == seen.name]
    if holders:
        return GiveUp(f"snapshot {seen.name} is attached to {holders[0]}", Code.NOT_LEFT_OVER)
    if (seen.source, seen.created) != (work.fact_number("source_number"), work.fact("created")):
        text = f"snapshot {seen.name} of LUN {seen.source}, created {seen.created}, is not the one that was meant"
        return GiveUp(text, Code.IDENTITY)
    return Done()


check_left_snapshot = reading(
    "check-left-snapshot",
    "Compare the snapshot with the one that was meant, and see that nothing holds it and its job is over.",
    _check_snapshot,
    ("luns", "snapshots"),
)


def _session(work: Work) -> Session | None:
    """Find the session that was meant: from this source onto this target. Costs one read."""
    pair = work.fact_number("source_number"), work.fact_number("number")
    return next((one for one in work.array.sessions() if (one.source, one.destination) == pair), None)


def _source_mistaken(work: Work) -> GiveUp | None:
    sightings = (one.lun for one in work.inventory.volumes(work.job.array))
    source = next((lun for lun in sightings if lun.number == work.fact_number("source_number")), None)
    if source is None or source.uid == work.fact("source_uid"):
        return None
    text = f"LUN {source.number} has UID {source.uid}; the one that was meant has {work.fact('source_uid')}"
    return GiveUp(text, Code.IDENTITY)


def _check_session(work: Work) -> Reading:
    return unread(work) or _not_over(work) or still_meant(work) or _source_mistaken(work) or Done()


check_left_session = reading(
    "check-left-session",
    "Compare the UIDs of both LUNs with those that were meant, and see that the job that copied is over.",
    _check_session,
)


def _cancel(work: Work) -> Outcome:
    if (other := still_meant(work) or _source_mistaken(work)) is not None:
        return other
    if _session(work) is not None:
        work.array.cancel_migration(work.fact_number("source_number"))
    return Done()


def _look_for_no_session(work: Work) -> Finding:
    return Present() if _session(work) is None else Absent()


cancel_left_session = replace(
    destroying(
        "cancel-left-session",
        "Cancel the migration session, if it still writes onto that target.",
        _cancel,
        _look_for_no_session,
        "Nothing: what is cancelled stays cancelled, and the job goes forward.",
    ),
    reads=1,
)


def _shown(work: Work) -> tuple[str, int, int]:
    """Return the storage group, the host LUN number under which it showed the LUN, and the LUN's own."""
    return work.fact("storage_group"), work.fact_number("hlu"), work.fact_number("number")


def _hide(work: Work) -> Outcome:
    """Give the host LUN number free if it shows the LUN that was meant. Costs one read."""
    if (other := still_meant(work)) is not None:
        return other
    if isinstance(finding := _look_for_hidden(work), Present):
        return Done(finding.facts, finding.made, finding.gone)
    group, hlu, _ = _shown(work)
    work.array.unmap_lun(group, hlu)
    return Done(made=(HostLun(group, hlu, None),))


def _look_for_hidden(work: Work) -> Absent | Present:
    name, hlu, number = _shown(work)
    group = work.array.storage_group(name)
    if group is None:
        return Present(gone=(GoneGroup(name, "storage-groups"),))
    shown = dict(group.luns).get(hlu)
    return Absent() if shown == number else Present(made=(HostLun(name, hlu, shown),))


hide_leftover = replace(
    destroying(
        "hide-leftover",
        "Show the LUN no longer, if it is still shown under that number.",
        _hide,
        _look_for_hidden,
        "Nothing: what is shown no longer stays so, and the job goes forward.",
    ),
    reads=1,
)
