"""What a rehearsed job costs and waits for, in values that programs and people are told."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from vnx_jobs.model.claim import Kind
from vnx_jobs.model.keys import in_words
from vnx_jobs.model.names import job_of
from vnx_jobs.model.step import SharedList
from vnx_jobs.ports import Inventory, Records

from .ledger import Seen
from .rehearsal import Rehearsed

_MODES: Final[Mapping[Kind, str]] = {
    Kind.SLOT: "slot",
    Kind.NUMBER: "number",
    Kind.SHARED: "shared",
    Kind.EXCLUSIVE: "alone",
    Kind.PERMIT: "permit",
}
_SHOWN: Final = 3
"""Holders that a line names."""


@dataclass(frozen=True, slots=True)
class Commands:
    """The array commands of jobs that nothing disturbs."""

    changing: int
    reading: int
    """Of the jobs' own; lists that are shared stand beside them."""
    lists: tuple[SharedList, ...]
    """The lists that are read once for all jobs that wait for one."""


def commands(jobs: Iterable[Rehearsed]) -> Commands:
    """Add up what the steps of jobs declare."""
    counted = Counter(step for job in jobs for step in job.steps)
    return Commands(
        sum(count for step, count in counted.items() if step.writes),
        sum(step.reads * count for step, count in counted.items()),
        tuple(sorted({kind for step in counted for kind in step.lists})),
    )


@dataclass(frozen=True, slots=True)
class ToldClaim:
    """A claim as people know it, and who stands in its way."""

    kind: str
    mode: str
    thing: str
    """The object, by its name; the array, where it is that the array has only so many."""
    used: int
    limit: int
    """0 where there is none."""
    waiting: int
    """How many wait before it."""
    free: bool
    held_by: tuple[str, ...]
    """Jobs that hold it, if it is not free."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts claims into names: UIDs become volumes, members become jobs."""

    records: Records
    """Finds also the records of what is only rehearsed."""
    installation: str
    names: Mapping[str, str]
    """Names of volumes by UID."""

    def claims(self, job: Rehearsed) -> tuple[ToldClaim, ...]:
        """Return a job's claims, then its permits, as it would find them."""
        return tuple(map(self._told, (*job.seen, *job.permits)))

    def waits_for(self, job: Rehearsed) -> str:
        """Say what a job would wait for, in one line; empty if for nothing."""
        closed = [one for one in map(self._told, job.seen) if not one.free]
        if closed:
            return "; ".join(f"waits for {in_words(one.kind, one.thing)}{in_the_way(one)}" for one in closed)
        record = job.entry.record
        if record.after:
            return f"waits for {', '.join(map(self._row, record.after))} to succeed"
        return next((job.why.replace(f"job {one}", self._row(one)) for one in record.behind), job.why)

    def _row(self, job: str) -> str:
        """Return what a job is called that another one waits for: one that is only rehearsed has no id to be told."""
        record = self.records.get(job)
        return f"job {job}" if record is None or record.created else f"row {record.row or record.name}"

    def _told(self, seen: Seen) -> ToldClaim:
        kind, _, rest = seen.claim.key.partition(":")
        array, _, thing = rest.partition(":")
        return ToldClaim(
            kind=kind,
            mode=_MODES[seen.claim.kind],
            thing=self.names.get(thing, thing) or array,
            used=seen.taken.used,
            limit=seen.taken.limit,
            waiting=seen.taken.waiting,
            free=seen.open,
            held_by=() if seen.open else self._jobs(seen.taken.holders),
        )

    def _jobs(self, holders: Iterable[str]) -> tuple[str, ...]:
        behind = dict.fromkeys(job_of(holder, self.installation) or holder for holder in holders)
        found = [one for job in behind if (one := self.records.get(job)) is not None]
        return tuple(f"{one.operation} of {one.name}" + (f" (job {one.id})" if one.created else "") for one in found)


def teller(jobs: Iterable[Rehearsed], inventory: Inventory, records: Records, installation: str) -> Teller:
    """Return what tells of some jobs. Reads the inventory once for each array."""
    arrays = {job.entry.record.array for job in jobs}
    names = {one.lun.uid: one.lun.name for array in sorted(arrays) for one in inventory.volumes(array)}
    return Teller(records, installation, names)


def in_the_way(claim: ToldClaim) -> str:
    """Say who stands in the way of a claim, as the end of a sentence."""
    used = f", {claim.used} of {claim.limit} in use" if claim.limit else ""
    queue = f", {claim.waiting} before it" if claim.waiting else ""
    by = f", held by {', '.join(claim.held_by[:_SHOWN])}" if claim.held_by else ""
    return f"{used}{queue}{by}"
