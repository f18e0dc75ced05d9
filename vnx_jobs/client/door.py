"""What a client needs of the other side: each call is one attempt, and answers the same whichever way it goes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from vnx_jobs.documents.answers import AcceptedDocument
from vnx_jobs.documents.arrays import ArrayDocument, ArrayOrderDocument
from vnx_jobs.documents.backups import BackedUpDocument, BackupDocument, JudgedDocument
from vnx_jobs.documents.batches import BatchOrderDocument, BatchReportDocument, ReportDocument, StandingDocument
from vnx_jobs.documents.jobs import EventDocument, JobDocument, OrderDocument, RetriedDocument, SubmittedDocument
from vnx_jobs.documents.plans import BatchPlanDocument, JobPlanDocument, KnownPlanDocument
from vnx_jobs.documents.schedules import RunDocument, ScheduleDocument
from vnx_jobs.documents.volumes import SourceDocument, VolumeDocument
from vnx_jobs.model.orders import Order
from vnx_jobs.model.retention import Policy
from vnx_jobs.model.states import State

from .asking import Ask
from .errors import Refused
from .manifests import Manifest

T = TypeVar("T")
Part: TypeAlias = tuple[Sequence[T], str | None]
"""A part of a list, and where the next one begins; None after the last one."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which jobs are meant."""

    states: tuple[State, ...] = ()
    """In one of these; empty: in any."""
    array: str | None = None
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Listened:
    """Something that a stream said."""

    id: str
    """The place in the order of all events up to which nothing more is to be told; empty: as before."""
    event: EventDocument | None = None
    over: bool = False
    """Whether nothing more will come: what was listened to has ended."""


class Door(Protocol):
    """The other side. Every call raises Refused, UnreachableError and AnswerError."""

    @property
    def name(self) -> str:
        """What the other side is called, for people; no secret is in it."""
        ...

    def submit(self, asked: Ask) -> SubmittedDocument:
        """Submit a job. May be repeated if it has a key."""
        ...

    def submit_many(self, asked: Sequence[Ask], batch: str, first: int) -> list[AcceptedDocument | Refused]:
        """Submit at most MAX_MANY jobs, each for itself; may be repeated if each has a key.

        If a batch is named they are its jobs, at places from `first` on.
        """
        ...

    def plan(self, asked: Ask) -> JobPlanDocument | KnownPlanDocument:
        """Say what a job would do."""
        ...

    def job(self, job: str, seconds: float = 0) -> JobDocument:
        """Return a job; wait at most so many seconds, 60 at most, for it to be over."""
        ...

    def these(self, jobs: Sequence[str]) -> list[JobDocument]:
        """Return jobs in the order of their ids; what a QUEUED or WAITING job waits for is told by `job` alone."""
        ...

    def jobs(self, which: Filters, cursor: str) -> Part[JobDocument]:
        """List jobs, newest first; those of a batch in its order."""
        ...

    def submit_batch(self, manifest: Manifest, *, partial: bool, atomic: bool) -> ReportDocument:
        """Submit the rows of a manifest. May be repeated. Raises Refused with a report if no row has a job."""
        ...

    def plan_batch(self, manifest: Manifest, *, partial: bool) -> BatchPlanDocument:
        """Say what the rows of a manifest would do."""
        ...

    def batches(self, limit: int) -> Sequence[StandingDocument]:
        """List at most so many batches, the one submitted to last first."""
        ...

    def batch(self, batch: str) -> StandingDocument:
        """Say how a batch stands."""
        ...

    def batch_report(self, batch: str) -> BatchReportDocument:
        """Say of each row of a batch how it stands."""
        ...

    def order_batch(self, batch: str, order: Order) -> BatchOrderDocument:
        """Give an order to all jobs of a batch. Must not be repeated blindly, as that to one job."""
        ...

    def order(self, job: str, order: Order) -> OrderDocument:
        """Give an order to a job. Must not be repeated blindly: the second may be refused since the first was taken."""
        ...

    def retry(self, job: str) -> RetriedDocument:
        """Submit again what a job was asked for. Must not be repeated: each makes a job."""
        ...

    def volumes(self, array: str | None, cursor: str) -> Part[VolumeDocument]:
        """List volumes by array and name."""
        ...

    def volume(self, array: str, name: str) -> VolumeDocument:
        """Return a volume."""
        ...

    def sources(self, array: str | None, cursor: str) -> Part[SourceDocument]:
        """List full volumes by array and name, with their snap copies and who holds their places."""
        ...

    def source(self, array: str, name: str) -> SourceDocument:
        """Return a source."""
        ...

    def arrays(self) -> Sequence[ArrayDocument]:
        """Say how things stand with each array."""
        ...

    def array(self, name: str) -> ArrayDocument:
        """Say how things stand with an array."""
        ...

    def backups(self, array: str | None, volume: str | None, cursor: str) -> Part[BackupDocument]:
        """List backups, newest first; of volumes that bear a name, if one is named."""
        ...

    def backed_up(self, array: str | None, unproved: float | None, cursor: str) -> Part[BackedUpDocument]:
        """List volumes that have backups, by array and name; only those not proved for so many days."""
        ...

    def judged(self, policy: Policy, array: str | None, volume: str | None, cursor: str) -> Part[JudgedDocument]:
        """Say of each backup whether a policy would keep it; volume by volume, the newest first."""
        ...

    def backup(self, archive: str) -> BackupDocument:
        """Return a backup."""
        ...

    def schedules(self) -> Sequence[ScheduleDocument]:
        """List schedules by name, each with its next run."""
        ...

    def schedule(self, name: str) -> ScheduleDocument:
        """Return a schedule with its next runs, and what became of the last ones."""
        ...

    def hold(self, array: str) -> ArrayOrderDocument:
        """Begin nothing on an array. May be repeated."""
        ...

    def unhold(self, array: str) -> ArrayOrderDocument:
        """End the hold of an array. A second one is refused."""
        ...

    def pin(self, archive: str, *, on: bool) -> BackupDocument:
        """Have a backup stay, or not any more. May be repeated."""
        ...

    def put_schedule(self, name: str, fields: Mapping[str, Any], *, replace: bool) -> ScheduleDocument:
        """Add a schedule, or replace it. May be repeated if it replaces."""
        ...

    def remove_schedule(self, name: str) -> None:
        """Remove a schedule. A second one is refused."""
        ...

    def pause_schedule(self, name: str) -> ScheduleDocument:
        """Let a schedule begin nothing by itself. May be repeated."""
        ...

    def resume_schedule(self, name: str) -> ScheduleDocument:
        """End the pause of a schedule. May be repeated."""
        ...

    def run_schedule(self, name: str) -> RunDocument:
        """Have a run begin now. Must not be repeated: each is a run."""
        ...

    def clone_group(self, fields: Mapping[str, Any], key: str) -> ReportDocument:
        """Clone all volumes of a group's snapshot. May be repeated if it has a key."""
        ...

    def listen(self, job: str, batch: str, after: str) -> Iterator[Listened]:
        """Hear what happens to a job, to those of a batch, or to all: after an event, or from now on.

        It ends when what is listened to has ended, which it says, or when it is cut off. Raises EventsLostError.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
