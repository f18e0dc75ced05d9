"""What jobs left that are over: proved to be ours by name and identity, and old enough that nothing of them lands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from vnx_jobs.model.array import Lun, Session, Snapshot
from vnx_jobs.model.names import marked_by, use_of
from vnx_jobs.model.states import State

from .evidence import Books, Shown
from .finding import Finding, Kind, Remedy, Removal

_DISPOSABLE: Final = frozenset({"snap", "target", "mount", "drill"})
"""What temporary objects are for that nobody keeps; jobs may leave others on purpose."""
UNDONE: Final = frozenset({State.FAILED, State.CANCELLED, State.ABANDONED})
"""How a job ended of which nothing should stand."""


_REMOVING: Final = {"session": "a job cancels it", "mapping": "a job ends it"}
"""What a job does to what it does not destroy."""


@dataclass(frozen=True, slots=True)
class _Left:
    """An object that bears a job's name or mark, and that the job has no use for any more."""

    removal: Removal
    what: str
    doubt: str = ""
    """Why it is not proved to be ours, or may still be wanted; empty if neither."""
    members: frozenset[str] = frozenset()


def leftovers(shown: Shown, books: Books) -> Iterator[Finding]:
    """Find sessions, mappings, LUNs, mount points and snapshots, in the order in which they must be removed."""
    copies = tuple(_mount_points(shown, books))
    luns = (*_mappings(shown, books), *_luns(shown, books), *copies)
    for left in (*_sessions(shown, books), *luns, *_snapshots(shown, books, copies)):
        if (since := books.left_since(left.removal.left_by)) is not None:
            yield _judged(left, since, books)
    yield from _strange_sessions(shown, books)


def _judged(left: _Left, since: int, books: Books) -> Finding:
    record = books.jobs.get(left.removal.left_by)
    fate = "of which there is no record" if record is None else f"which is {record.state}"
    says = f"{left.what} was left by job {left.removal.left_by}, {fate}"
    young = since + books.grace - books.read
    kind = Kind.SESSION if left.removal.kind == "session" else Kind.LEFTOVER
    subject, members = left.removal.name, left.members
    if left.doubt:
        return Finding(kind, subject, says, Remedy.LEAVE, f"it stays, since {left.doubt}", members)
    if young > 0:
        does = f"it stays for {-(-young // 1000)} s more: a command of that job could still land"
        return Finding(kind, subject, says, Remedy.LEAVE, does, members)
    does = _REMOVING.get(left.removal.kind, "a job destroys it")
    return Finding(kind, subject, says, Remedy.CLEAN, does, members, left.removal)


def _sessions(shown: Shown, books: Books) -> Iterator[_Left]:
    for session in shown.sessions:
        source, target = shown.lun(session.source), shown.lun(session.destination)
        job = books.ours(target.name) if target is not None else None
        if source is not None and target is not None and job is not None and not _is_at_work(session, books):
            what = f"the migration of {source.name} (LUN {source.number}) onto {target.name} (LUN {target.number})"
            yield _Left(Removal("session", target.name, job, source.name), what, _doubt(target, books))


def _strange_sessions(shown: Shown, books: Books) -> Iterator[Finding]:
    """Find sessions that nobody of ours has started: they are their owner's."""
    for session in shown.sessions:
        target = shown.lun(session.destination)
        if _is_at_work(session, books) or (target is not None and books.ours(target.name)):
            continue
        source = shown.lun(session.source)
        name = f"LUN {session.source}" if source is None else source.name
        says = f"the migration of {name} onto LUN {session.destination} was started by no job"
        does = "it stays: jobs on either of the two are refused by the array until it is over"
        yield Finding(Kind.SESSION, name, says, Remedy.LEAVE, does)


def _is_at_work(session: Session, books: Books) -> bool:
    return not books.at_work.numbers.isdisjoint({session.source, session.destination})


def _mappings(shown: Shown, books: Books) -> Iterator[_Left]:
    """Find what storage groups show of LUNs that bear a job's name: the array destroys none that is shown."""
    for group in shown.storage_groups:
        for hlu, number in group.luns:
            lun = shown.lun(number)
            job = None if lun is None else books.ours(lun.name)
            if lun is not None and job is not None and not books.at_work.has(lun):
                what = f"host LUN number {hlu} of storage group {group.name}, which shows {lun.name} ({number}),"
                removal = Removal("mapping", lun.name, job, storage_group=group.name)
                yield _Left(removal, what, _doubt(lun, books))


def _luns(shown: Shown, books: Books) -> Iterator[_Left]:
    for lun in shown.luns:
        if (job := books.ours(lun.name)) is not None and not books.at_work.has(lun):
            kind, word = ("mount-point", "mount point") if lun.is_mount_point else ("lun", "LUN")
            removal = Removal("mount-point" if kind == "mount-point" else "lun", lun.name, job)
            members = frozenset({str(lun.number), f"lun:{lun.number}"})
            yield _Left(removal, f"{word} {lun.name} ({lun.number})", _doubt(lun, books), members)


def _doubt(lun: Lun, books: Books) -> str:
    if lun.number not in books.numbers:
        return "its number is not of the range kept for vnx-jobs"
    return "" if use_of(lun.name) in _DISPOSABLE else "jobs leave such objects on purpose"


def _mount_points(shown: Shown, books: Books) -> Iterator[_Left]:
    """Find snap copies of jobs that were undone: the job's number, and the job's own snapshot in it."""
    for lun in shown.luns:
        job = books.ours(lun.attached or "")
        record = books.jobs.get(job or "")
        if job is None or record is None or books.ours(lun.name) or record.state not in UNDONE:
            continue
        if lun.number in books.numbers and lun.number in record.numbers.values() and not books.at_work.has(lun):
            members = frozenset({str(lun.number), f"lun:{lun.number}"})
            what = f"snap copy {lun.name} of {lun.primary} (LUN {lun.number})"
            yield _Left(Removal("mount-point", lun.name, job), what, members=members)


def _snapshots(shown: Shown, books: Books, copies: tuple[_Left, ...]) -> Iterator[_Left]:
    going = {left.removal.name for left in copies}
    for snapshot in shown.snapshots:
        holders = [lun for lun in shown.luns if lun.attached == snapshot.name or lun.number == snapshot.attached]
        free = all(lun.name in going or books.ours(lun.name) for lun in holders)
        if not free or snapshot.name in books.at_work.names:
            continue
        job = books.ours(snapshot.name) or _undone_maker(snapshot, books)
        if job is not None:
            what = f"snapshot {snapshot.name} of {shown.primary_of(snapshot)}"
            doubt = "" if holders else _snapshot_doubt(snapshot, shown, books)
            members = frozenset({snapshot.name})
            yield _Left(Removal("snapshot", snapshot.name, job), what, doubt, members)


def _undone_maker(snapshot: Snapshot, books: Books) -> str | None:
    """Return the job whose mark a snapshot with a user's name bears, if that job took it in vain."""
    job = marked_by(snapshot.description, books.installation)
    record = books.jobs.get(job or "")
    return job if record is not None and record.state in UNDONE and record.name == snapshot.name else None


def _snapshot_doubt(snapshot: Snapshot, shown: Shown, books: Books) -> str:
    if books.ours(snapshot.name) and use_of(snapshot.name) not in _DISPOSABLE:
        return "jobs leave such objects on purpose"
    primaries = {lun.name for lun in shown.luns if lun.number in {primary for _, primary in snapshot.images}}
    for lun in shown.luns:
        if lun.primary in primaries and lun.attached is None:
            return f"mount point {lun.name} of the same source has lost its snapshot, which may be this one"
    return ""
