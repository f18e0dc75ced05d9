"""A refusal for now that looks like one for good: others migrate the LUN that a step is about."""

from vnx_jobs.model.condition import SessionOver
from vnx_jobs.model.errors import ArrayError, Code
from vnx_jobs.model.outcome import GiveUp, NotYet
from vnx_jobs.model.sessions import in_the_way, told, told_stopped, touched

from .work import Work


def others_migration(work: Work) -> NotYet | GiveUp | None:
    """Return what to wait for after the array refused a command: the end of a session that no job started.

    None if there is no such session, or the list could not be read. Costs one reading command, only after a refusal.
    """
    if not touched(work.job.facts):
        return None
    try:
        sessions = work.array.sessions()
    except ArrayError:
        return None
    session = in_the_way(work.job.facts, sessions, frozenset(work.job.numbers.values()))
    if session is None:
        return None
    known = work.inventory.volumes(work.job.array)
    name = next((one.lun.name for one in known if one.lun.number == session.source), "")
    if session.failed:
        return GiveUp(told_stopped(session, name), Code.ARRAY_REFUSED)
    condition = SessionOver(session.source, work.job.begun, session.destination)
    return NotYet(condition, told(session, name), refused=True)
