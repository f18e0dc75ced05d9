"""What a client looks at: single things, and lists that are read a part at a time."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

from vnx_jobs.documents.arrays import ArrayDocument
from vnx_jobs.documents.backups import BackedUpDocument, BackupDocument, JudgedDocument
from vnx_jobs.documents.batches import StandingDocument
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.documents.schedules import ScheduleDocument
from vnx_jobs.documents.volumes import SourceDocument, VolumeDocument
from vnx_jobs.model.errors import Code
from vnx_jobs.model.retention import Policy
from vnx_jobs.model.states import State

from .again import Patience
from .door import Door, Filters, Part
from .errors import Refused

T = TypeVar("T")


class Looking:
    """The reading half of a client. Lists ask for nothing before the first entry is taken from them."""

    def __init__(self, door: Door, again: Patience) -> None:
        self._door = door
        self._again = again

    def job(self, job: str) -> JobDocument:
        """Return a job as it stands."""
        return self._again(lambda: self._door.job(job))

    def jobs(
        self, *, states: Collection[State] = (), array: str | None = None, batch: str = ""
    ) -> Iterator[JobDocument]:
        """List jobs, newest first, those of a batch in its order; read a part at a time.

        Jobs that are submitted meanwhile move nothing.
        """
        which = Filters(tuple(map(_state, states)), array, batch)
        return self._parts(lambda cursor: self._door.jobs(which, cursor))

    def batch(self, batch: str) -> StandingDocument:
        """Say how a batch stands: its rows by their states, how far it is, and how much longer it takes."""
        return self._again(lambda: self._door.batch(batch))

    def volumes(self, array: str | None = None) -> Iterator[VolumeDocument]:
        """List volumes by array and name, as the arrays, or the jobs that made them, last showed them."""
        return self._parts(lambda cursor: self._door.volumes(array, cursor))

    def volume(self, array: str, name: str) -> VolumeDocument:
        """Return a volume with its metadata."""
        return self._again(lambda: self._door.volume(array, name))

    def sources(self, array: str | None = None) -> Iterator[SourceDocument]:
        """List full volumes by array and name, with their snap copies and who holds the places on each."""
        return self._parts(lambda cursor: self._door.sources(array, cursor))

    def source(self, array: str, name: str) -> SourceDocument:
        """Return a source."""
        return self._again(lambda: self._door.source(array, name))

    def arrays(self) -> Sequence[ArrayDocument]:
        """Say how things stand with each array: held, away or at work, and how near to its limits."""
        return self._again(self._door.arrays)

    def array(self, name: str) -> ArrayDocument:
        """Say how things stand with an array."""
        return self._again(lambda: self._door.array(name))

    def backups(self, array: str | None = None, volume: str | None = None) -> Iterator[BackupDocument]:
        """List backups, newest first; those of volumes that bear a name now, if one is named."""
        return self._parts(lambda cursor: self._door.backups(array, volume, cursor))

    def backup(self, archive: str) -> BackupDocument:
        """Return a backup."""
        return self._again(lambda: self._door.backup(archive))

    def backed_up(self, array: str | None = None, *, unproved: float | None = None) -> Iterator[BackedUpDocument]:
        """List volumes that have backups, by array and name.

        `unproved`: only those of which no backup was restored bit for bit for so many days, 100,000 at most.
        """
        return self._parts(lambda cursor: self._door.backed_up(array, unproved, cursor))

    def retention(
        self, policy: Policy, array: str | None = None, volume: str | None = None
    ) -> Iterator[JudgedDocument]:
        """Say of each backup whether a policy would keep it, and why; volume by volume, the newest first.

        Nothing is removed. `volume` is the name that a volume bears now.
        """
        return self._parts(lambda cursor: self._door.judged(policy, array, volume, cursor))

    def schedules(self) -> Sequence[ScheduleDocument]:
        """List schedules by name, each with its next run."""
        return self._again(self._door.schedules)

    def schedule(self, name: str) -> ScheduleDocument:
        """Return a schedule with its next runs, and what became of the last ones."""
        return self._again(lambda: self._door.schedule(name))

    def _parts(self, read: Callable[[str], Part[T]]) -> Iterator[T]:
        """Read a list a part at a time, the next when the one before has been taken."""
        cursor: str | None = ""
        while cursor is not None:
            at = cursor
            part, cursor = self._again(lambda: read(at))  # noqa: B023 -- called before the loop goes on
            yield from part


def _state(given: str) -> State:
    """Return a state by its word. Raises Refused(invalid)."""
    try:
        return State(given)
    except ValueError:
        raise Refused(Code.INVALID, f"there is no state {given!r} (there are {', '.join(State)})") from None
