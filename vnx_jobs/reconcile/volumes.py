"""Volumes that others made, removed, replaced, renamed or resized since the array was reconciled last."""

from collections.abc import Iterator
from dataclasses import replace

from vnx_jobs.model.array import BLOCKS_PER_GB, Lun

from .evidence import Books, Shown
from .finding import Finding, Kind, Remedy

_FORGET = "it is forgotten, and what it held is given back"


def changed_volumes(shown: Shown, books: Books) -> Iterator[Finding]:
    """Compare the LUNs with what is known; where no list was read yet, there is nothing to compare with."""
    yield from _empty(shown, books)
    if books.volumes is None:
        return
    by_uid, by_name = {lun.uid: lun for lun in shown.luns}, {lun.name: lun for lun in shown.luns}
    for known in books.volumes:
        if not _untold(known, books):
            continue
        now = by_uid.get(known.uid)
        if now is not None:
            yield from _differences(known, now, books)
        elif (other := by_name.get(known.name)) is not None:
            yield _replaced(known, other, books)
        else:
            yield _vanished(known, books)
    names, uids = {lun.name for lun in books.volumes}, {lun.uid for lun in books.volumes}
    for lun in shown.luns:
        if _untold(lun, books) and lun.name not in names and lun.uid not in uids:
            yield _appeared(lun, books)


def _untold(lun: Lun, books: Books) -> bool:
    """Say whether a LUN is neither a job's business nor a temporary object, which is judged by its own rules."""
    behind = books.ours(lun.attached or "")
    busy = behind is not None and behind in books.jobs and books.left_since(behind) is None
    return not (busy or books.moved.has(lun) or books.ours(lun.name))


def title(lun: Lun) -> str:
    """Return what a LUN is, in words."""
    of = f"snap copy {lun.name} of {lun.primary}" if lun.is_mount_point else f"volume {lun.name}"
    return f"{of} (LUN {lun.number})"


def _members(lun: Lun) -> frozenset[str]:
    """Return what a LUN may hold: its number, and as a mount point its places."""
    return frozenset({str(lun.number), f"lun:{lun.number}", *([lun.attached] if lun.attached else [])})


def _appeared(lun: Lun, books: Books) -> Finding:
    if lun.number in books.numbers:
        says = f"{title(lun)} has a number of the range kept for vnx-jobs, and no job made it"
        does = "it stays as it is, and no job is given its number while it stands"
        return Finding(Kind.NUMBER_TAKEN, lun.name, says, Remedy.LEAVE, does, _members(lun))
    does = "it is known from now on" + (", and takes its places at its source" if lun.is_mount_point else "")
    says = f"{title(lun)} is new, and no job made it"
    return Finding(Kind.VOLUME_APPEARED, lun.name, says, Remedy.ADOPT, does, _members(lun))


def _vanished(known: Lun, books: Books) -> Finding:
    says = f"{title(known)} is on the array no more, and no job deleted it"
    does = f"{_FORGET}{_with_its_mark(known, books)}"
    gone = Finding(Kind.VOLUME_VANISHED, known.name, says, Remedy.ADOPT, does, _members(known))
    return replace(gone, unmarks=known.uid if known.uid in books.marks else None)


def _with_its_mark(known: Lun, books: Books) -> str:
    return "; its mark that it is read-only goes with it" if books.marks.get(known.uid) == "ro" else ""


def _replaced(known: Lun, other: Lun, books: Books) -> Finding:
    says = f"{title(other)} has UID {other.uid}; the one known by that name had {known.uid}"
    does = f"the new one is known from now on, and jobs that meant the old one stop{_with_its_mark(known, books)}"
    members = _members(known) | _members(other)
    changed = Finding(Kind.VOLUME_REPLACED, other.name, says, Remedy.ADOPT, does, members)
    return replace(changed, unmarks=known.uid if known.uid in books.marks else None)


def _differences(known: Lun, now: Lun, books: Books) -> Iterator[Finding]:
    if books.moved.has(now):
        return
    if now.name != known.name:
        says = f"volume {known.name} (LUN {now.number}) is called {now.name} by now"
        yield Finding(Kind.VOLUME_RENAMED, now.name, says, Remedy.ADOPT, "it is known by its new name")
    if now.blocks != known.blocks:
        says = f"{title(now)} has {_gigabytes(now)} GB, and had {_gigabytes(known)}"
        yield Finding(Kind.VOLUME_RESIZED, now.name, says, Remedy.ADOPT, "its new size is known from now on")
    if (now.pool, now.provisioning) != (known.pool, known.provisioning) and not now.is_mount_point:
        says = f"{title(now)} is {now.provisioning} in {now.pool}, and was {known.provisioning} in {known.pool}"
        yield Finding(Kind.VOLUME_MOVED, now.name, says, Remedy.ADOPT, "that is known from now on")
    if now.attached != known.attached and not _is_left_empty(now, books):
        says = f"{title(now)} holds {now.attached or 'no snapshot'}, and held {known.attached or 'none'}"
        does = "that is known from now on"
        members = _members(known) | _members(now)
        yield Finding(Kind.ATTACHMENT_CHANGED, now.name, says, Remedy.ADOPT, does, members)


def _gigabytes(lun: Lun) -> str:
    return f"{lun.blocks / BLOCKS_PER_GB:g}"


def _is_left_empty(lun: Lun, books: Books) -> bool:
    return lun.is_mount_point and lun.attached is None and lun.number in books.numbers


def _empty(shown: Shown, books: Books) -> Iterator[Finding]:
    """Find mount points of our numbers without a snapshot: a copy of ours that lost it, or one that came too late."""
    for lun in shown.luns:
        if _is_left_empty(lun, books) and _untold(lun, books):
            says = f"{title(lun)} holds no snapshot: there is nothing to read in it"
            does = f"attach its snapshot again, or `vnx-jobs submit delete-volume name={lun.name}`"
            before = [_members(one) for one in books.volumes or () if one.uid == lun.uid]
            yield Finding(Kind.EMPTY_MOUNT_POINT, lun.name, says, Remedy.LEAVE, does, _members(lun).union(*before))
