"""Schedules as documents."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from .document import Document, Instant, instant

if TYPE_CHECKING:  # the parts: see __init__
    from vnx_jobs.model.schedule import Past, Run, Schedule, Standing
    from vnx_jobs.schedules.policies import Difference


class RunDocument(Document):
    """A run of a schedule: one that waits, has begun, or was given up."""

    due: Instant | None
    by: str | None
    """Who asked for it; None for one that the timetable asks for."""
    begun: Instant | None
    batch: str | None
    jobs: int
    problems: tuple[str, ...]
    job_ids: tuple[str, ...]

    @classmethod
    def of(cls, run: "Run", past: "Past | None" = None, jobs: Sequence[str] = ()) -> Self:
        """Tell of a run; `past` if it has begun, or was given up."""
        told = {"due": instant(run.due), "by": run.by or None}
        if past is None:
            return cls(**told, begun=None, batch=None, jobs=0, problems=(), job_ids=())
        begun = instant(past.at) if past.batch else None
        ids = tuple(jobs)
        return cls(**told, begun=begun, batch=past.batch or None, jobs=past.jobs, problems=past.problems, job_ids=ids)


class NextRun(Document):
    """A run to come."""

    due: Instant | None
    begins: Instant | None
    """`due`, and the jitter of this run."""


class ScheduleDocument(Document):
    """A schedule, as it was given, and where it stands."""

    model_config = ConfigDict(frozen=True, extra="allow")

    schedule: str
    """Its name. Beside it stand its own fields: cron, zone, jobs and so on."""
    standing: str
    paused_by: str | None
    under_way: tuple[str, ...]
    """Jobs of the run under way."""
    waiting: tuple[RunDocument, ...]
    next: tuple[NextRun, ...]
    last: tuple[RunDocument, ...]

    @classmethod
    def of(cls, standing: "Standing", now: int, most: int, history: "Sequence[Past]" = ()) -> Self:
        """Tell of a schedule, with its next runs, `most` of them; `now` is the present in milliseconds."""
        schedule: Schedule = standing.schedule
        fields = schedule.model_dump(mode="json")
        upcoming = schedule.upcoming(max(now, standing.handled), most)
        known: dict[str, Any] = {
            "schedule": fields.pop("name"),
            **fields,
            "standing": word(standing),
            "paused_by": standing.paused or None,
            "under_way": tuple(standing.under_way),
            "waiting": tuple(RunDocument.of(run) for run in standing.queue),
            "next": tuple(
                NextRun(due=instant(due), begins=instant(schedule.begins(due, schedule.name))) for due in upcoming
            ),
            "last": tuple(RunDocument.of(past.run, past) for past in history),
        }
        return cls(**known)


class ReplacedDocument(Document):
    """A schedule that becomes another."""

    schedule: str
    fields: dict[str, Any]
    """Of each field that changes, what it is and what it shall be."""


class AddedDocument(Document):
    """A schedule that there was not."""

    schedule: str
    cron: str
    zone: str


class DifferenceDocument(Document):
    """What applying a policy file changes."""

    stored: bool
    owner: str
    added: tuple[AddedDocument, ...]
    replaced: tuple[ReplacedDocument, ...]
    removed: tuple[str, ...]
    same: tuple[str, ...]

    @classmethod
    def of(cls, owner: str, difference: "Difference", *, stored: bool) -> Self:
        """Tell of a difference; `stored` if it was applied."""
        return cls(
            stored=stored,
            owner=owner,
            added=tuple(AddedDocument(schedule=one.name, cron=one.cron, zone=one.zone) for one in difference.added),
            replaced=tuple(
                ReplacedDocument(schedule=new.name, fields={at: list(both) for at, both in fields.items()})
                for new, fields in difference.changes()
            ),
            removed=tuple(one.name for one in difference.removed),
            same=tuple(one.name for one in difference.same),
        )


def word(standing: "Standing") -> str:
    """Return how a schedule stands, in a word or two."""
    if standing.paused:
        return "paused"
    if standing.firing is not None:
        return "begins"
    return f"{len(standing.queue)} wait" if standing.queue else "on time"
