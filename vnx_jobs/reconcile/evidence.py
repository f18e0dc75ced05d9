"""What is compared: lists of the array that were just read, and what records and inventory said before and after."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import Group, Lun, Session, Snapshot, StorageGroup
from vnx_jobs.model.hosts import Attachment
from vnx_jobs.model.names import born, job_of
from vnx_jobs.model.record import Record
from vnx_jobs.model.slots import Discrepancy
from vnx_jobs.model.states import ENDED

from .baseline import Mappings


@dataclass(frozen=True, slots=True)
class Shown:
    """One complete reading of the array."""

    luns: tuple[Lun, ...]
    snapshots: tuple[Snapshot, ...]
    sessions: tuple[Session, ...]
    groups: tuple[Group, ...] = ()
    storage_groups: tuple[StorageGroup, ...] = ()

    def lun(self, number: int) -> Lun | None:
        """Find a LUN by its number."""
        return next((lun for lun in self.luns if lun.number == number), None)

    def primary_of(self, snapshot: Snapshot) -> str:
        """Return the name of the LUN that a snapshot hangs on, or its number in words."""
        lun = self.lun(snapshot.primary)
        return f"LUN {snapshot.primary}" if lun is None else lun.name


@dataclass(frozen=True, slots=True)
class AtWork:
    """The names and LUN numbers that jobs under way may be changing: nothing is said of them."""

    names: frozenset[str] = frozenset()
    numbers: frozenset[int] = frozenset()

    def has(self, lun: Lun) -> bool:
        """Say whether a LUN may be being changed."""
        return lun.name in self.names or lun.number in self.numbers or lun.uid in self.names

    def has_member(self, claim: Discrepancy) -> bool:
        """Say whether what holds a slot, or lacks one, may be being changed: a snapshot, or a mount point by number."""
        number = claim.member.removeprefix("lun:")
        return claim.member in self.names or (number.isdigit() and int(number) in self.numbers)


@dataclass(frozen=True, slots=True)
class Books:
    """What is known without asking the array."""

    installation: str
    numbers: range
    """The private LUN numbers."""
    read: int
    """When the reading of the array was begun: milliseconds of the state server's clock."""
    grace: int
    """How many milliseconds after its job's end an object is left alone: a command of the job could still land."""
    volumes: tuple[Lun, ...] | None = None
    """The volumes as jobs, and lists that were reconciled, have left them; None if no list was ever read."""
    snapshots: tuple[Snapshot, ...] | None = None
    groups: tuple[Group, ...] | None = None
    mappings: Mappings | None = None
    """What storage groups show, as these have left it."""
    marks: Mapping[str, AccessMode] = field(default_factory=dict)
    """The access marks, by UID, of before the reading was begun."""
    attached: Mapping[str, tuple[Attachment, ...]] = field(default_factory=dict)
    """What jobs let hosts see, by UID."""
    jobs: Mapping[str, Record] = field(default_factory=dict)
    """The records there are of jobs whose ids stand in names or marks on the array."""
    at_work: AtWork = AtWork()
    """Of jobs that were under way at the reading, or may have been."""
    moved: AtWork = AtWork()
    """Of these, and of jobs that have ended since the last lists."""
    discrepancies: tuple[Discrepancy, ...] = ()

    def ours(self, name: str) -> str | None:
        """Return the job of this installation that a temporary name tells of."""
        return job_of(name, self.installation)

    def left_since(self, job: str) -> int | None:
        """Return since when a job is over, or (no record is left of it) when it was made.

        None if it was not over when the array was read: what was shown may have been its business then.
        """
        record = self.jobs.get(job)
        if record is None:
            return born(job)
        return record.ended if record.state in ENDED and record.ended < self.read else None


def at_work(records: Iterable[Record]) -> AtWork:
    """Gather all that some jobs name, or found out: one of them may be changing it just now."""
    listed = tuple(records)
    names = {text for one in listed for text in _texts((one.spec, one.facts))}
    numbers = {number for one in listed for number in one.numbers.values()}
    facts = {value for one in listed for name, value in one.facts.items() if name.endswith("number")}
    return AtWork(frozenset(names), frozenset(numbers | {int(value) for value in facts}))


def _texts(value: object) -> Iterator[str]:
    """Return every text in a value, however deep it lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
