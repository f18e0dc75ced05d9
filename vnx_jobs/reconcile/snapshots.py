"""Snapshots that others took, destroyed or replaced since the last list."""

from collections.abc import Iterator

from vnx_jobs.model.array import Snapshot

from .evidence import Books, Shown
from .finding import Finding, Kind, Remedy


def changed_snapshots(shown: Shown, books: Books) -> Iterator[Finding]:
    """Compare the snapshots with the last list. One that came or went with its mount point is told with that."""
    if books.snapshots is None:
        return
    now, known = {one.name: one for one in shown.snapshots}, {one.name: one for one in books.snapshots}
    numbers = {lun.number for lun in shown.luns}
    for name, before in known.items():
        after = now.get(name)
        if not _untold(before, books):
            continue
        if after is None:
            if before.primary in numbers and (before.attached is None or before.attached in numbers):
                yield _finding(Kind.SNAPSHOT_VANISHED, before, shown, "is on the array no more, and no job deleted it")
        elif _is_another(before, after):
            yield _finding(Kind.SNAPSHOT_REPLACED, after, shown, "is not the one that was known by that name")
    for name, after in now.items():
        if name not in known and after.attached is None and _untold(after, books):
            yield _finding(Kind.SNAPSHOT_APPEARED, after, shown, "is new, and no job took it")


def _untold(snapshot: Snapshot, books: Books) -> bool:
    return snapshot.name not in books.moved.names and books.ours(snapshot.name) is None


def _is_another(before: Snapshot, after: Snapshot) -> bool:
    """Compare source and creation time; a job that just took it may not know the time."""
    return before.source != after.source or before.created not in {"", after.created}


_DOES = {
    Kind.SNAPSHOT_APPEARED: "it is known from now on, and takes its place at its source",
    Kind.SNAPSHOT_VANISHED: "it is forgotten, and its place is given back",
    Kind.SNAPSHOT_REPLACED: "the new one is known from now on, and jobs that meant the old one stop",
}


def _finding(kind: Kind, snapshot: Snapshot, shown: Shown, what: str) -> Finding:
    says = f"snapshot {snapshot.name} of {shown.primary_of(snapshot)} {what}"
    return Finding(kind, snapshot.name, says, Remedy.ADOPT, _DOES[kind], frozenset({snapshot.name}))
