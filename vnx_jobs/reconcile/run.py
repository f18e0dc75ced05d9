"""Reconciling one array: read it once, compare, and do what is safe. What is removed, a job removes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final, TypeVar

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import Group, Lun, Snapshot
from vnx_jobs.model.errors import ArrayError, Code, Refused, Verdict
from vnx_jobs.model.names import job_of, marked_by, new_job_id
from vnx_jobs.model.others import Altered
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.reconciled import kept
from vnx_jobs.model.record import Record
from vnx_jobs.model.slots import Discrepancy
from vnx_jobs.model.specs import CleanUp
from vnx_jobs.ports import Accepted, Array, Inventory, JobStore, Lists, Readings
from vnx_jobs.settings import Settings
from vnx_jobs.submission import Request, Submission

from .baseline import Known, before_others, mappings_before_others
from .comparison import compare
from .evidence import AtWork, Books, Shown, at_work
from .finding import Attached, Finding, Kind, Removal

T = TypeVar("T")

_TRIES: Final = 15
"""How often a list is asked for while all command slots are busy; each try waits two seconds."""
CLAIMS: Final = frozenset({Kind.SLOT_UNUSED, Kind.SLOT_MISSING, Kind.NUMBER_UNUSED})
"""Findings that are repaired by repairing claims alone."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found on an array, and the lists by which it was."""

    array: str
    findings: tuple[Finding, ...]
    lists: Lists
    moved: AtWork
    """What jobs may have changed since the last lists: nothing was said of it, and it stays to be told."""
    jobs: Mapping[Removal, Accepted | Refused] = field(default_factory=dict)
    """What became of the requests to remove objects."""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Compares arrays with what is on record of them. Costs one list of each kind; a removal is a job of its own.

    Implements Reconciling.
    """

    store: JobStore
    inventory: Inventory
    submission: Submission
    settings: Settings
    array: Callable[[str], Array]
    """Gives an array's port."""

    def look(self, name: str) -> Comparison:
        """Read an array and compare; changes nothing.

        Raises Refused(unknown-array), or Refused(array-refused) if it cannot be read, or must not be judged now.
        """
        known, marks, readings = self._before(name)
        return self._compare(name, known, marks, readings, self._read(name))

    def judge(self, name: str) -> Facts:
        """Compare the last lists, and repair claims by them. Raises Refused(array-refused) if it must not be judged."""
        known, marks, readings = self._before(name)
        lists = self._last(name, self.inventory.readings(name))
        found = self._compare(name, known, marks, readings, lists)
        self.inventory.repair(name, lists, self.settings.array(name).number_range)
        repaired = sum(one.kind in CLAIMS for one in found.findings)
        return kept([one.sentence for one in found.findings], repaired)

    def _before(self, name: str) -> tuple[Known, Mapping[str, AccessMode], Readings]:
        """Return what is known, and marked, before the array is read."""
        self.settings.array(name)
        if frozen := self.store.standing(name).frozen:
            raise Refused(Code.ARRAY_REFUSED, f"{name} cannot be judged now: {frozen}")
        readings = self.inventory.readings(name)  # before what they tell of, which is then no older
        return self._known(name, readings), self.inventory.marks(name), readings

    def _known(self, name: str, readings: Readings) -> Known:
        """Return what jobs and reconciling left: the last lists, but for what others changed."""
        volumes = tuple(one.lun for one in self.inventory.volumes(name))
        snapshots, groups = self.inventory.snapshots(name), self.inventory.groups(name)
        storage_groups = self.inventory.storage_groups(name)
        altered = self.inventory.altered(name)  # last: a list that is taken in meanwhile has noted what it changed
        return Known(
            before_others(volumes, altered, Lun) if readings.luns else None,
            before_others(snapshots, altered, Snapshot) if readings.snapshots else None,
            before_others(groups, altered, Group) if readings.groups else None,
            mappings_before_others(storage_groups, altered) if readings.storage_groups else None,
        )

    def _compare(
        self, name: str, known: Known, marks: Mapping[str, AccessMode], readings: Readings, lists: Lists
    ) -> Comparison:
        attached = self.inventory.attached(name)
        shown = Shown(
            lists.luns or (),
            lists.snapshots or (),
            lists.sessions or (),
            lists.groups or (),
            lists.storage_groups or (),
        )
        recent = self._recent(name, readings, lists.begun)
        moved = at_work(recent)
        books = Books(
            installation=self.settings.installation,
            numbers=self.settings.array(name).number_range,
            read=lists.begun,
            grace=round(2000 * self.settings.array(name).landing),
            volumes=known.volumes,
            snapshots=known.snapshots,
            groups=known.groups,
            mappings=known.mappings,
            marks=marks,
            attached=attached,
            jobs=self._behind(shown, recent),
            at_work=at_work(one for one in recent if not one.ended or one.ended >= lists.begun),
            moved=moved,
            discrepancies=self._discrepancies(name, lists) if readings.luns else (),
        )
        return Comparison(name, compare(shown, books), lists, moved)

    def _recent(self, name: str, readings: Readings, begun: int) -> list[Record]:
        """Return the jobs that may have changed something since the last lists; one that only compares changes none."""
        last = min(one for one in (readings.luns, readings.snapshots, readings.groups, begun) if one)
        return [one for one in self.store.recent(name, last) if one.operation != "reconcile"]

    def _discrepancies(self, name: str, lists: Lists) -> tuple[Discrepancy, ...]:
        return self.inventory.discrepancies(name, lists, self.settings.array(name).number_range)

    def _last(self, name: str, readings: Readings) -> Lists:
        """Return the last lists as if they had been read just now: claims younger than the oldest are not judged."""
        return Lists(
            readings.oldest(("snapshots", "groups", "storage-groups")),
            readings.ticket,
            luns=tuple(one.lun for one in self.inventory.volumes(name)),
            snapshots=self.inventory.snapshots(name),
            groups=self.inventory.groups(name),
            storage_groups=self.inventory.storage_groups(name),
        )

    def _read(self, name: str) -> Lists:
        """Read every list that the comparison needs."""
        ticket, begun = self.inventory.ticket()
        port = self.array(name)
        try:
            return Lists(
                begun,
                ticket,
                luns=_patiently(port.luns),
                snapshots=_patiently(port.snapshots),
                sessions=_patiently(port.sessions),
                groups=_patiently(port.groups),
                storage_groups=_patiently(port.storage_groups),
            )
        except ArrayError as error:
            raise Refused(Code.ARRAY_REFUSED, f"{name} cannot be read: {error.text}") from error

    def _behind(self, shown: Shown, recent: Iterable[Record]) -> Mapping[str, Record]:
        """Return the records there are of the jobs that the array's names and marks tell of."""
        ours = self.settings.installation
        names = [*(lun.name for lun in shown.luns), *(one.name for one in shown.snapshots)]
        jobs = {job_of(name, ours) for name in names}
        jobs |= {marked_by(one.description, ours) for one in shown.snapshots}
        known = {one.id: one for one in recent}
        found = {job: known.get(job) or self.store.get(job) for job in jobs if job is not None}
        return {job: record for job, record in found.items() if record is not None}

    def apply(self, comparison: Comparison, by: str) -> Comparison:
        """Do what is safe: take the lists in, and submit a job for each object that is to be removed."""
        name, lists = comparison.array, comparison.lists
        numbers = self.settings.array(name).number_range
        self.inventory.store(name, lists, numbers)
        self.inventory.repair(name, lists, numbers)
        told = [one for one in self.inventory.altered(name) if not _is_moved(one, comparison.moved)]
        self.inventory.settle(name, told, lists.begun)
        for one in comparison.findings:
            self._forget(name, one.forgets)
            if one.unmarks is not None:
                self.inventory.unmark(name, one.unmarks)
        removals = [one.removal for one in comparison.findings if one.removal is not None]
        answers = self.submission.submit_many(_requests(name, removals, by))
        return replace(comparison, jobs=dict(zip(removals, answers, strict=True)))

    def _forget(self, name: str, lost: Attached | None) -> None:
        """Forget an attachment, unless a job has attached the volume there anew."""
        if lost is not None and lost.attachment in self.inventory.attachments(name, lost.uid):
            self.inventory.forget_attachment(name, lost.uid, lost.attachment.group)


def _is_moved(one: Altered, moved: AtWork) -> bool:
    """Say whether nothing was said of a change, since a job names what was changed."""
    lun = one.before if isinstance(one.before, Lun) else None
    return one.name in moved.names or (lun is not None and moved.has(lun))


def _requests(array: str, removals: Iterable[Removal], by: str) -> list[Request]:
    """Make a request for each object; what one job left is removed one after the other."""
    requests: list[Request] = []
    last: dict[str, str] = {}
    for one in removals:
        job = new_job_id()
        spec = CleanUp(array=array, kind=one.kind, name=one.name, source=one.source, storage_group=one.storage_group)
        after = (last[one.left_by],) if one.left_by in last else ()
        requests.append(Request(spec, by=by, job=job, after=after))
        last[one.left_by] = job
    return requests


def _patiently(read: Callable[[], T]) -> T:
    """Ask for a list; jobs hold the array's command slots for seconds."""
    for tries in count(1):
        try:
            return read()
        except ArrayError as error:
            if error.verdict is not Verdict.NO_SLOT or tries == _TRIES:
                raise
    raise AssertionError
