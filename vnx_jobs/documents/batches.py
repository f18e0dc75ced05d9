"""Batches as documents: the report of a submission, and how a batch stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Self

from vnx_jobs.batches.submitting import Fate, RowFate
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

from .document import Document
from .jobs import JobDocument


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
