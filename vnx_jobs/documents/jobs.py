"""Jobs as documents, and what came of an order to one."""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

from vnx_jobs.model.event import Event
from vnx_jobs.model.hosts import connections
from vnx_jobs.model.orders import Order
from vnx_jobs.model.reconciled import found
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.model.step import NO_WAY_BACK_NAME

from .document import Document, Instant, instant, moment

if TYPE_CHECKING:  # the parts: see __init__
    from vnx_jobs.ports import Ordered


class JobDocument(Document):
    """A job."""

    job: str
    """Its id."""
    operation: str
    """What was asked for."""
    table: str
    """The table of steps that it runs."""
    array: str
    name: str
    """The object that it is about, or several."""
    state: State
    step: str | None
    """The step that it is at; None when all are done."""
    step_number: int
    steps: int
    """How many there are."""
    no_way_back: bool = False
    """Whether it is past its point of no return: it goes forward, or is STUCK, and is never undone."""
    admitted: bool = True
    """Whether its claims were asked for; one that fails before that was refused."""
    percent: int | None
    seconds_left: int | None
    """Until what it waits for is over, where the array knows."""
    attempts: int
    """How often its step was begun."""
    why: str
    """The reason of its state."""
    code: str | None
    """Why it failed, as a stable code."""
    error: str | None
    """Why it failed, in a sentence."""
    leftovers: tuple[str, ...]
    """What a STUCK job left on the array, with the commands that remove it."""
    connections: tuple[dict[str, Any], ...]
    """How the host opens each volume that the job attached."""
    found: tuple[str, ...]
    """What a job that reconciled an array found, a sentence each."""
    spec: dict[str, Any]
    """What was asked for, with names resolved."""
    batch: str | None
    row: str | None
    after: tuple[str, ...]
    """Jobs that must have succeeded before it."""
    hooks: tuple[str, ...]
    """Receivers that are called back when it has ended."""
    key: str | None
    """Its idempotency key."""
    by: str | None
    """Who submitted it."""
    retry_of: str | None
    order: str | None
    """An order that has not taken hold yet."""
    created: Instant | None
    moved: Instant | None
    """When its record last changed."""
    ended: Instant | None

    @classmethod
    def of(cls, record: Record, why: str = "") -> Self:
        """Tell of a record; `why` is the reason of its state where somebody knows it better than the record."""
        number, count = place(record)
        return cls(
            job=record.id,
            operation=str(record.spec["operation"]),
            table=record.operation,
            array=record.array,
            name=record.name,
            state=record.state,
            step=record.step or None,
            step_number=number,
            steps=count,
            no_way_back=record.past_no_way_back,
            admitted=record.admitted,
            percent=record.percent,
            seconds_left=seconds_left(record),
            attempts=record.attempts,
            why=why or record.why,
            code=record.code or None,
            error=record.error or None,
            leftovers=record.leftovers,
            connections=tuple({**asdict(one), "wwn": one.wwn} for one in connections(record.facts)),
            found=found(record.facts),
            spec=dict(record.spec),
            batch=record.batch or None,
            row=record.row or None,
            after=record.after,
            hooks=record.hooks,
            key=record.key or None,
            by=record.by or None,
            retry_of=record.retry_of or None,
            order=record.order or None,
            created=instant(record.created),
            moved=instant(record.moved),
            ended=instant(record.ended),
        )

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself: it has ended, or is STUCK until a person acts."""
        return self.state in ENDED or self.state is State.STUCK


class SubmittedDocument(JobDocument):
    """A job that was submitted just now, or by an earlier request with the same key."""

    known: bool
    """Whether an earlier request made it."""

    @classmethod
    def accepted(cls, record: Record, why: str, *, known: bool) -> Self:
        """Tell of an accepted request's job."""
        return cls(**dict(JobDocument.of(record, why)), known=known)


class OrderDocument(Document):
    """An order that a job took."""

    job: str
    order: Order
    state: State
    why: str

    @classmethod
    def of(cls, job: str, order: Order, answer: "Ordered") -> Self:
        """Tell of an order that was taken."""
        return cls(job=job, order=order, state=answer.state or State.WAITING, why=answer.why)


class RetriedDocument(Document):
    """A new job that does again what another did not succeed at."""

    job: str
    retry_of: str
    state: State
    why: str


class JobsPage(Document):
    """A part of a list of jobs."""

    jobs: tuple[JobDocument, ...]
    cursor: str | None
    """Where the next part begins; None after the last one."""


class EventDocument(Document):
    """Something that happened to a job."""

    id: str
    """Its place in the order of all events."""
    at: Instant
    job: str
    array: str
    batch: str | None
    event: str
    """What happened: submitted, granted, begun, done, ..."""
    state: str
    """The job's state from then on."""
    step: str | None
    why: str

    @classmethod
    def of(cls, event: Event) -> Self:
        """Tell of an event."""
        return cls(
            id=event.id,
            at=moment(event.at),
            job=event.job,
            array=event.array,
            batch=event.batch or None,
            event=event.word,
            state=event.state,
            step=event.step or None,
            why=event.why,
        )


def place(record: Record) -> tuple[int, int]:
    """Return the number of the step that a job is at, and how many there are."""
    count = sum(name != NO_WAY_BACK_NAME for name in record.steps)
    done = sum(name != NO_WAY_BACK_NAME for name in record.steps[: record.cursor])
    return min(done + 1, count), count


def seconds_left(record: Record) -> int | None:
    """Return the seconds until what the job waits for is expected to be over, where the array knows."""
    return max(0, round(record.eta / 1000 - time.time())) if record.eta and not is_over(record) else None


def is_over(record: Record) -> bool:
    """Say whether nothing more will happen by itself: the job has ended, or is stuck until a person acts."""
    return record.state in ENDED or record.state is State.STUCK
