"""The catalogue: what backups there are, as jobs tell it, and what they must see before they do."""

from dataclasses import replace

from vnx_jobs.model.backup import Backup
from vnx_jobs.model.errors import Code
from vnx_jobs.model.outcome import Done, GiveUp, Outcome

from .backup_devices import place, places, snapshot_of
from .transfers import going, label_of
from .work import JobStep, Reading, Work, reading


def _untouched(work: Work) -> Reading:
    """See that nobody wrote to what was read: the array does not enforce that it is only read. Costs one read."""
    name = snapshot_of(work, place(work))
    snapshot = work.array.snapshot(name)
    if snapshot is None:
        return GiveUp(f"snapshot {name} was removed while it was read", Code.IDENTITY)
    if snapshot.modified:
        text = f"somebody wrote to snapshot {name} while it was read: what was copied is of no one instant"
        return GiveUp(text, Code.MODIFIED)
    return Done()


check_untouched: JobStep = replace(
    reading("check-untouched", "See that nobody wrote to the snapshot while it was read.", _untouched, ()),
    reads=1,
)


def _enter(work: Work) -> Reading:
    for at in places(work):
        label = label_of(work, at).with_digest(work.fact(f"digest-{at}"))
        seconds = int(work.job.facts.get(f"milliseconds-{at}", 0)) / 1000
        added = int(work.job.facts.get(f"added-{at}", 0))
        names = {"tool": work.fact("tool"), "repository": work.fact("repository")}
        work.catalogue.enter(Backup.of(label, added=added, seconds=seconds, **names))
    return Done()


def _take_out(work: Work) -> Outcome:
    work.catalogue.forget([label_of(work, at).archive for at in places(work)])
    return Done()


enter_in_catalogue: JobStep = replace(
    reading("enter-in-catalogue", "Enter the backup in the catalogue.", _enter, ()),
    undo=_take_out,
    undo_says="Take it out of the catalogue again.",
)


def _prove(work: Work) -> Reading:
    work.catalogue.proved(label_of(work, 0).archive, work.job.begun)
    return Done()


prove_backup = reading(
    "prove-backup",
    "Note in the catalogue that the backup was restored bit for bit.",
    _prove,
    (),
)


def _note_verified(work: Work) -> Reading:
    work.catalogue.verified(label_of(work, 0).archive, work.job.begun)
    return Done()


note_verified = reading("note-verified", "Note in the catalogue that the archive was found sound.", _note_verified, ())


def _may_go(work: Work) -> Reading:
    """See once more what the plan saw: things may have changed since."""
    removed = set(going(work))
    known = work.catalogue.of(work.job.array, work.fact("uid-0"))  # newest first
    if pinned := [one.archive for one in known if one.pinned and one.archive in removed]:
        return GiveUp(f"{pinned[0]} is pinned: unpin it first", Code.PINNED)
    if known and known[0].archive in removed:
        return GiveUp(f"{known[0].archive} is the newest backup of its volume: it stays", Code.NEWEST)
    proved = [one.archive for one in known if one.proved is not None]
    if proved and removed.issuperset(proved):
        text = f"{proved[0]} is the last backup of its volume that was proved: prove another first (drill)"
        return GiveUp(text, Code.LAST_PROVED)
    return Done()


check_may_go = reading(
    "check-may-go",
    "See in the catalogue that no backup would go which is pinned, or the newest or the last proved one of its volume.",
    _may_go,
    (),
)


def _forget(work: Work) -> Reading:
    work.catalogue.forget(going(work))
    return Done()


forget_backups = reading("forget-backups", "Take the backups out of the catalogue.", _forget, ())
