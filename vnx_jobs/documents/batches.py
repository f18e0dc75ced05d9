"""Batches as documents: the report of a submission, and how a batch stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from vnx_jobs.batches.fates import Fate, RowFate
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

from .document import Document, Instant, instant
from .jobs import JobDocument

if TYPE_CHECKING:  # the parts: see __init__
    from vnx_jobs.batches.ordering import BatchOrdered
    from vnx_jobs.batches.reporting import RowReport
    from vnx_jobs.batches.standing import BatchStanding


class RowDocument(Document):
    """What became of a row, and of its job if that was waited for."""

    line: int
    row: str
    operation: str
    array: str
    name: str
    fate: Fate
    message: str
    job_id: str | None
    job: JobDocument | None

    @classmethod
    def of(cls, fate: RowFate, record: Record | None = None) -> Self:
        """Tell of a row."""
        return cls(
            line=fate.line,
            row=fate.row,
            operation=fate.operation,
            array=fate.array,
            name=fate.name,
            fate=fate.fate,
            message=fate.message,
            job_id=fate.job or None,
            job=None if record is None else JobDocument.of(record),
        )


class ReportDocument(Document):
    """The report of a batch that was submitted."""

    batch: str
    file: str
    """The manifest, or the word of the request that stands for several jobs."""
    waited: bool
    """Whether its jobs were waited for."""
    well: bool
    """Whether every row has a job, and every job that was waited for succeeded."""
    rows_by_fate: dict[str, int]
    jobs_by_state: dict[str, int]
    rows: tuple[RowDocument, ...]

    @classmethod
    def of(cls, batch: str, file: str, fates: Sequence[RowFate], records: Mapping[str, Record]) -> Self:
        """Tell of a batch; `records` are those that were waited for."""
        counts = Counter(str(fate.fate) for fate in fates)
        succeeded = all(record.state is State.SUCCEEDED for record in records.values())
        return cls(
            batch=batch,
            file=file,
            waited=bool(records),
            well=succeeded and all(fate.has_job for fate in fates),
            rows_by_fate={str(fate): counts[fate] for fate in Fate},
            jobs_by_state=dict(Counter(str(record.state) for record in records.values())),
            rows=tuple(RowDocument.of(fate, records.get(fate.job)) for fate in fates),
        )

    def followed_to(self, jobs: Mapping[str, JobDocument]) -> Self:
        """Return the report with the jobs that were waited for, by their ids."""
        rows = [row.model_copy(update={"job": jobs.get(row.job_id or "")}) for row in self.rows]
        succeeded = all(job.state is State.SUCCEEDED for job in jobs.values())
        counts = dict(Counter(str(job.state) for job in jobs.values()))
        more = {"waited": bool(jobs), "well": succeeded and self.well, "jobs_by_state": counts, "rows": tuple(rows)}
        return self.model_copy(update=more)


class BatchDocument(Document):
    """How the jobs of a batch stand."""

    batch: str
    jobs: int
    over: bool
    """Whether nothing more will happen by itself."""
    jobs_by_state: dict[State, int]

    @classmethod
    def of(cls, batch: str, counts: Mapping[State, int]) -> Self:
        """Tell of a batch, by how many of its jobs are in each state."""
        over = {State.SUCCEEDED, State.FAILED, State.CANCELLED, State.ABANDONED, State.STUCK}
        return cls(batch=batch, jobs=sum(counts.values()), over=counts.keys() <= over, jobs_by_state=dict(counts))


class StandingDocument(BatchDocument):
    """How a batch stands; of a row that was tried again, the last attempt counts."""

    rows_over: int
    """Rows of which nothing more will happen by itself."""
    percent: int
    """How far it is, by steps and by what the array tells; 100 only when all rows are over."""
    seconds_left: int | None
    """Until all rows are over; None: unknown."""
    basis: str
    """Where that figure comes from, or why there is none."""
    begun: Instant | None
    """When the first of its jobs was submitted."""

    @classmethod
    def told_of(cls, standing: "BatchStanding") -> Self:
        """Tell how a batch stands."""
        return cls(
            **dict(BatchDocument.of(standing.batch, standing.states)),
            rows_over=standing.over,
            percent=standing.percent,
            seconds_left=standing.left.seconds,
            basis=standing.left.basis,
            begun=instant(standing.begun),
        )


class BatchesDocument(Document):
    """Batches, the one submitted to last first."""

    batches: tuple[StandingDocument, ...]


class RefusedJobsDocument(Document):
    """Jobs that refused an order for one reason."""

    why: str
    jobs: int
    first: tuple[str, ...]
    """Ids of some of them."""


class BatchOrderDocument(Document):
    """What came of an order to all jobs of a batch."""

    batch: str
    order: Order
    rows: int
    jobs_taken: int
    """Jobs that took it."""
    taken_by_state: dict[State, int]
    """The same, by the state that they are in since."""
    already: int
    """Jobs that were so already, or on their way to it."""
    left_by_state: dict[State, int]
    """Jobs that it is not for: those that have ended; for `undo` all that are not STUCK."""
    refused: tuple[RefusedJobsDocument, ...]

    @classmethod
    def of(cls, ordered: "BatchOrdered") -> Self:
        """Tell of an order."""
        return cls(
            batch=ordered.batch,
            order=ordered.order,
            rows=ordered.rows,
            jobs_taken=sum(ordered.taken.values()),
            taken_by_state=dict(ordered.taken),
            already=ordered.already,
            left_by_state=dict(ordered.left),
            refused=tuple(RefusedJobsDocument(why=one.why, jobs=one.jobs, first=one.first) for one in ordered.refused),
        )


class RowReportDocument(Document):
    """How one row of a batch stands, by its last attempt."""

    row: str
    job: str
    operation: str
    array: str
    name: str
    state: State
    code: str | None
    """Why it failed, as a stable code."""
    cause: str
    """Why it failed, or the reason of its present state."""
    remedy: str
    """What can be done; empty if nothing is to be done."""

    @classmethod
    def of(cls, row: "RowReport") -> Self:
        """Tell of a row."""
        return cls(
            row=row.row,
            job=row.job,
            operation=row.operation,
            array=row.array,
            name=row.name,
            state=row.state,
            code=row.code or None,
            cause=row.cause,
            remedy=row.remedy,
        )


class BatchReportDocument(Document):
    """A batch, row by row."""

    batch: str
    rows: tuple[RowReportDocument, ...]
