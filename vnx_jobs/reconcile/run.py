"""Reconciling one array: read it once, compare, and do what is safe. What is removed, a job removes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final, TypeVar

from vnx_jobs.model.errors import ArrayError, Code, Refused, Verdict
from vnx_jobs.model.names import job_of, marked_by, new_job_id
from vnx_jobs.model.record import Record
from vnx_jobs.model.slots import Discrepancy
from vnx_jobs.model.specs import CleanUp
from vnx_jobs.ports import Accepted, Array, Inventory, JobStore, Lists
from vnx_jobs.settings import Settings
from vnx_jobs.submission import Request, Submission

from .comparison import compare
from .evidence import Books, Shown, at_work
from .finding import Attached, Finding, Removal

T = TypeVar("T")

_TRIES: Final = 15
"""How often a list is asked for while all command slots are busy; each try waits two seconds."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found on an array, and the lists by which it was."""

    array: str
    findings: tuple[Finding, ...]
    lists: Lists
    jobs: Mapping[Removal, Accepted | Refused] = field(default_factory=dict)
    """What became of the requests to remove objects."""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Compares arrays with what is on record of them. Costs one list of each kind; a removal is a job of its own."""

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
        self.settings.array(name)
        if frozen := self.store.standing(name).frozen:
            raise Refused(Code.ARRAY_REFUSED, f"{name} cannot be judged now: {frozen}")
        readings = self.inventory.readings(name)  # before what they tell of, which is then no older
        luns = tuple(one.lun for one in self.inventory.volumes(name))
        known = Shown(luns, self.inventory.snapshots(name), (), self.inventory.groups(name))
        attached = self.inventory.attached(name)
        lists = self._read(name)
        shown = Shown(
            lists.luns or (),
            lists.snapshots or (),
            lists.sessions or (),
            lists.groups or (),
            lists.storage_groups or (),
        )
        last = min(one for one in (readings.luns, readings.snapshots, readings.groups, lists.begun) if one)
        recent = self.store.recent(name, last)
        books = Books(
            installation=self.settings.installation,
            numbers=self.settings.array(name).number_range,
            read=lists.begun,
            grace=round(2000 * self.settings.array(name).landing),
            volumes=known.luns if readings.luns else None,
            snapshots=known.snapshots if readings.snapshots else None,
            groups=known.groups if readings.groups else None,
            attached=attached,
            jobs=self._behind(shown, recent),
            at_work=at_work(one for one in recent if not one.ended or one.ended >= lists.begun),
            moved=at_work(recent),
            discrepancies=self._discrepancies(name, lists) if readings.luns else (),
        )
        return Comparison(name, compare(shown, books), lists)

    def _discrepancies(self, name: str, lists: Lists) -> tuple[Discrepancy, ...]:
        return self.inventory.discrepancies(name, lists, self.settings.array(name).number_range)

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
        name = comparison.array
        self.inventory.store(name, comparison.lists, self.settings.array(name).number_range)
        for one in comparison.findings:
            self._forget(name, one.forgets)
        removals = [one.removal for one in comparison.findings if one.removal is not None]
        answers = self.submission.submit_many(_requests(name, removals, by))
        jobs = dict(zip(removals, answers, strict=True))
        return Comparison(name, comparison.findings, comparison.lists, jobs)

    def _forget(self, name: str, lost: Attached | None) -> None:
        """Forget an attachment, unless a job has attached the volume there anew."""
        if lost is not None and lost.attachment in self.inventory.attachments(name, lost.uid):
            self.inventory.forget_attachment(name, lost.uid, lost.attachment.group)


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
