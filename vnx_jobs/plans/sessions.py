"""What is not begun while others migrate a volume: the array would refuse it."""

from typing import Final

from vnx_jobs.model.sessions import in_the_way, told
from vnx_jobs.model.view import View

from .plan import Barred, Plan

_BARRED: Final = (
    *("create-snapshot", "copy-snapshot", "restore-snapshot", "create-group-snapshot", "snap-copy", "clone"),
    *("extend-volume", "migrate-", "retype-", "promote-", "delete-volume", "delete-snap-copy", "delete-mount-point"),
)
"""How the names begin of the operations that a migration of their volume bars. Others go on, and the array decides."""
_BACKUPS: Final = frozenset({"backup", "backup-of-snap-copy", "backup-of-group"})


def barred(planned: Plan, view: View, ours: range) -> Barred | None:
    """Return what a job waits for before it begins; None if no session that is known bars it.

    One that has stopped ends only by a person's hand: the array is asked, and the job says what it answered.
    """
    if not view.sessions or (planned.operation not in _BACKUPS and not planned.operation.startswith(_BARRED)):
        return None
    session = in_the_way(planned.facts, (one for one in view.sessions if not one.failed), ours)
    if session is None:
        return None
    known = (*view.volumes.values(), *view.primaries.values())
    name = next((lun.name for lun in known if lun.number == session.source), "")
    return Barred(session, told(session, name))
