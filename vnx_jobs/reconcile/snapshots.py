"""Snapshots that others took, destroyed or replaced since the array was reconciled last."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from vnx_jobs.model.array import Snapshot
from vnx_jobs.model.others import differs

from .evidence import Books, Shown
from .finding import Finding, Kind, Remedy

_STAMP: Final = "%m/%d/%y %H:%M:%S"
_ZONES: Final = timedelta(hours=14)
"""So much earlier than in UTC a time may be over in an array's zone."""


def changed_snapshots(shown: Shown, books: Books) -> Iterator[Finding]:
    """Compare the snapshots with what is known. One that came or went with its mount point is told with that."""
    if books.snapshots is None:
        return
    now, known = {one.name: one for one in shown.snapshots}, {one.name: one for one in books.snapshots}
    numbers = {lun.number for lun in shown.luns}
    for name, before in known.items():
        after = now.get(name)
        if not _untold(before, books):
            continue
        if after is None:
            if _has_expired(before, books):
                continue
            if before.primary in numbers and (before.attached is None or before.attached in numbers):
                yield _finding(Kind.SNAPSHOT_VANISHED, before, shown, "is on the array no more, and no job deleted it")
        elif differs(before, after):
            yield _finding(Kind.SNAPSHOT_REPLACED, after, shown, "is not the one that was known by that name")
    for name, after in now.items():
        if name not in known and after.attached is None and _untold(after, books):
            yield _finding(Kind.SNAPSHOT_APPEARED, after, shown, "is new, and no job took it")


def _untold(snapshot: Snapshot, books: Books) -> bool:
    return snapshot.name not in books.moved.names and books.ours(snapshot.name) is None


def _has_expired(snapshot: Snapshot, books: Books) -> bool:
    """Say whether the array may have deleted a snapshot by itself: its time was over, or is within the zones' hours."""
    if snapshot.expires is None:
        return False
    end = datetime.strptime(snapshot.expires, _STAMP).replace(tzinfo=UTC) - _ZONES
    return end <= datetime.fromtimestamp(books.read / 1000, UTC)


_DOES = {
    Kind.SNAPSHOT_APPEARED: "it is known from now on, and takes its place at its source",
    Kind.SNAPSHOT_VANISHED: "it is forgotten, and its place is given back",
    Kind.SNAPSHOT_REPLACED: "the new one is known from now on, and jobs that meant the old one stop",
}


def _finding(kind: Kind, snapshot: Snapshot, shown: Shown, what: str) -> Finding:
    says = f"snapshot {snapshot.name} of {shown.primary_of(snapshot)} {what}"
    return Finding(kind, snapshot.name, says, Remedy.ADOPT, _DOES[kind], frozenset({snapshot.name}))
