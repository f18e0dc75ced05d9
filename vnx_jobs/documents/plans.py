"""Plan previews as documents: what jobs would do, hold, wait for and cost."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Self

from vnx_jobs.batches.fates import Fate, RowFate
from vnx_jobs.model.states import State

from .document import Document

if TYPE_CHECKING:  # the parts: see __init__
    from vnx_jobs.preview import Preview, Rehearsed

_FATES: Final = {Fate.SUBMITTED: "would be submitted"}


class PlannedStep(Document):
    """A step, in its own words."""

    number: int
    name: str
    says: str
    undo: str


class PlannedJob(Document):
    """What one job would do."""

    operation: str
    table: str
    says: str = ""
    """What its table does, in a sentence."""
    array: str
    name: str
    row: str | None
    begins_at_once: bool
    begins: str = ""
    """When that is, in words that stand after its name."""
    waits_for: str | None
    planned_later: bool
    steps: tuple[PlannedStep, ...]
    no_way_back_after: int | None
    """The step after which the job goes forward, or is STUCK."""
    claims: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, plan: "Preview", job: "Rehearsed") -> Self:
        """Tell of one job of a plan."""
        record = job.entry.record
        return cls(
            operation=str(record.spec["operation"]),
            table=job.table.name,
            says=job.table.says,
            array=record.array,
            name=record.name,
            row=record.row or None,
            begins_at_once=not job.why and record.array not in plan.stops,
            begins=_beginning(plan, job),
            waits_for=plan.tells.waits_for(job) or None,
            planned_later=not record.admitted,
            steps=tuple(
                PlannedStep(number=number, name=step.name, says=step.says, undo=step.undo_says)
                for number, step in enumerate(job.steps, start=1)
            ),
            no_way_back_after=job.no_way_back if job.no_way_back < len(job.steps) else None,
            claims=tuple(asdict(claim) for claim in plan.tells.claims(job)),
        )


def _beginning(plan: "Preview", job: "Rehearsed") -> str:
    """Say when a job would begin, after `it` or a row's name."""
    waits_for = plan.tells.waits_for(job)
    if waits_for.startswith("resolving "):
        return f"waits for a list that shows {waits_for.removeprefix('resolving ')}"
    return waits_for or plan.stops.get(job.entry.record.array) or "begins at once"


class PlanDocument(Document):
    """What jobs would do, together. Nothing was stored."""

    stored: bool
    jobs: tuple[PlannedJob, ...]
    commands: dict[str, Any]
    slots: tuple[dict[str, Any], ...]
    pools: tuple[dict[str, Any], ...]
    durations: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, plan: "Preview") -> Self:
        """Tell of a plan."""
        return cls(**cls._fields(plan))

    @staticmethod
    def _fields(plan: "Preview") -> dict[str, Any]:
        return {
            "stored": False,
            "jobs": tuple(PlannedJob.of(plan, job) for job in plan.jobs),
            "commands": asdict(plan.commands),
            "slots": tuple(asdict(use) for use in plan.slots),
            "pools": tuple(asdict(use) | {"fits": use.fits} for use in plan.pools),
            "durations": tuple(asdict(one) for one in plan.durations),
            "notes": plan.notes,
        }


class JobPlanDocument(PlanDocument):
    """What one request would do."""

    known: bool

    @classmethod
    def of(cls, plan: "Preview") -> Self:
        """Tell of the plan of one request that is not known by its key."""
        return cls(**cls._fields(plan), known=False)


class KnownPlanDocument(Document):
    """The plan of a request that its key has made already: nothing would be done."""

    stored: bool = False
    known: bool = True
    job: str
    state: State


class PlannedRow(Document):
    """What would become of a row."""

    line: int
    row: str
    fate: str
    message: str


class BatchPlanDocument(PlanDocument):
    """What the rows of a batch would do, together."""

    batch: str
    file: str
    rows: tuple[PlannedRow, ...]

    @classmethod
    def of_rows(cls, plan: "Preview", batch: str, file: str, fates: Sequence[RowFate]) -> Self:
        """Tell of the plan of a batch."""
        rows = tuple(
            PlannedRow(line=one.line, row=one.row, fate=_FATES.get(one.fate, str(one.fate)), message=one.message)
            for one in fates
        )
        return cls(**cls._fields(plan), batch=batch, file=file, rows=rows)
