"""A client's way straight to the state server: each call is one of the parts that every door calls.

It may do everything, as the command line may: whoever can read the state server can. What it changes is audited.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final

from vnx_jobs.documents.answers import AcceptedDocument
from vnx_jobs.documents.arrays import ArrayDocument
from vnx_jobs.documents.jobs import JobDocument, OrderDocument, RetriedDocument, SubmittedDocument
from vnx_jobs.documents.plans import JobPlanDocument, KnownPlanDocument
from vnx_jobs.documents.schedules import ScheduleDocument
from vnx_jobs.documents.volumes import SourceDocument, VolumeDocument
from vnx_jobs.model import errors as told
from vnx_jobs.model.errors import Code
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.specs import parse
from vnx_jobs.ports import Accepted
from vnx_jobs.preview import Rehearsal, preview
from vnx_jobs.submission import Request
from vnx_jobs.wiring import House

from .asking import Ask
from .direct_batches import HouseBatches
from .door import Filters, Listened, Part
from .errors import Refused
from .listening import listen
from .local import Entry, alike, audited, refused, translated

_LOOK: Final = 0.2
"""Seconds after which a job that is waited for is looked at again."""
_PAGE: Final = 200


class HouseDoor(HouseBatches):
    """Implements Door. For one thread at a time."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.name = f"the state server of installation {house.settings.installation}"

    def submit(self, asked: Ask) -> SubmittedDocument:
        """Submit a job."""
        with translated():
            with self._audited("client submit", str(asked.fields.get("array", ""))) as entry:
                accepted = self._house.submission.submit(self._request(asked))
                entry.jobs = (accepted.job,)
            record = self._house.reads.job(accepted.job)
            return alike(SubmittedDocument.accepted(record, self._why(record), known=accepted.known))

    def submit_many(self, asked: Sequence[Ask], batch: str, first: int) -> list[AcceptedDocument | Refused]:
        """Submit many jobs by one call."""
        arrays = sorted({str(one.fields.get("array", "")) for one in asked})
        with translated(), self._audited("client submit many", ",".join(arrays[:10])[:100]) as entry:
            judged = [self._judged(one, batch, place) for place, one in enumerate(asked, start=first)]
            requests = [one for one in judged if isinstance(one, Request)]
            stored = iter(self._house.submission.submit_many(requests))
            answers = [next(stored) if isinstance(one, Request) else one for one in judged]
            accepted = [one for one in answers if isinstance(one, Accepted)]
            entry.jobs = tuple(one.job for one in accepted if not one.known)
            return [refused(one) if isinstance(one, told.Refused) else AcceptedDocument.of(one) for one in answers]

    def _judged(self, asked: Ask, batch: str, place: int) -> Request | told.Refused:
        try:
            return self._request(asked, batch, place)
        except told.Refused as error:
            return error

    def _request(self, asked: Ask, batch: str = "", place: int = 0) -> Request:
        """Return the request that something is; raises the parts' Refused."""
        fields = asked.fields
        if isinstance(fields.get("array"), str):
            self._array(fields["array"])
        spec = parse(fields)
        after = tuple(self._house.reads.job(one).id for one in dict.fromkeys(asked.after))
        row = str(place + 1) if batch else ""
        return Request(spec, asked.key, batch, row, place, after, self._by, hooks=asked.hooks)

    def plan(self, asked: Ask) -> JobPlanDocument | KnownPlanDocument:
        """Say what a job would do."""
        with translated():
            rehearsal = Rehearsal(self._house.submission)
            answer = rehearsal.submit(self._request(asked))
            if answer.known:
                return KnownPlanDocument(job=answer.job, state=answer.state)
            return alike(JobPlanDocument.of(preview(rehearsal)))

    def job(self, job: str, seconds: float = 0) -> JobDocument:
        """Return a job, as soon as it is over or the seconds are."""
        limit = time.monotonic() + seconds
        with translated():
            while True:
                record = self._house.reads.job(job)
                document = JobDocument.of(record, self._why(record))
                left = limit - time.monotonic()
                if document.is_over or left <= 0:
                    return alike(document)
                time.sleep(min(left, _LOOK))

    def _why(self, record: Record) -> str:
        return self._house.reads.waits_for(record)

    def these(self, jobs: Sequence[str]) -> list[JobDocument]:
        """Return jobs."""
        with translated():
            return [alike(JobDocument.of(one)) for one in self._house.reads.these(jobs)]

    def jobs(self, which: Filters, cursor: str) -> Part[JobDocument]:
        """List jobs."""
        with translated():
            arrays = None if which.array is None else [self._house.reads.array_of_jobs(which.array)]
            found = self._house.pages.page(
                batch=which.batch, states=which.states, arrays=arrays, after=cursor, limit=_PAGE
            )
            return [alike(JobDocument.of(one)) for one in found.records], found.onward or None

    def _array(self, name: str) -> str:
        self._house.settings.array(name)
        return name

    def order(self, job: str, order: Order) -> OrderDocument:
        """Give an order to a job."""
        with translated(), self._audited(f"client {order}", self._array_of(job)) as entry:
            entry.jobs = (self._house.reads.job(job).id,)
            return OrderDocument.of(job, order, self._house.orders.give(job, order, self._by))

    def _array_of(self, job: str) -> str:
        """Return the array of a job, for the audit trail; empty if there is no such job."""
        try:
            return self._house.reads.job(job).array
        except told.Refused:
            return ""

    def retry(self, job: str) -> RetriedDocument:
        """Submit again what a job was asked for."""
        with translated():
            with self._audited("client retry", self._array_of(job)) as entry:
                accepted = self._house.orders.retry(job, self._by)
                entry.jobs = (accepted.job,)
            return RetriedDocument(job=accepted.job, retry_of=job, state=accepted.state, why=accepted.why)

    def volumes(self, array: str | None, cursor: str) -> Part[VolumeDocument]:
        """List all volumes."""
        del cursor
        with translated():
            every = [one for name in self._meant(array) for one in self._house.reads.volumes(name)]
            every.sort(key=lambda one: (one.array, one.name))
            return [VolumeDocument.of(one) for one in every], None

    def _meant(self, array: str | None) -> list[str]:
        return sorted(self._house.settings.arrays) if array is None else [self._array(array)]

    def volume(self, array: str, name: str) -> VolumeDocument:
        """Return a volume."""
        with translated():
            return VolumeDocument.of(self._house.reads.volume(array, name))

    def sources(self, array: str | None, cursor: str) -> Part[SourceDocument]:
        """List all sources."""
        del cursor
        with translated():
            every = [one for name in self._meant(array) for one in self._house.reads.sources(name)]
            every.sort(key=lambda one: (one.array, one.name))
            return [SourceDocument.of(one) for one in every], None

    def source(self, array: str, name: str) -> SourceDocument:
        """Return a source."""
        with translated():
            found = self._house.reads.sources(self._array(array), [name])
            if not found:
                text = f"there is no full volume {name} on {array}, by its last LUN list"
                raise told.Refused(Code.NO_SUCH_VOLUME, text)
            return SourceDocument.of(found[0])

    def arrays(self) -> Sequence[ArrayDocument]:
        """Say how things stand with each array."""
        return [self.array(name) for name in sorted(self._house.settings.arrays)]

    def array(self, name: str) -> ArrayDocument:
        """Say how things stand with an array."""
        with translated():
            return ArrayDocument.of(name, self._house.reads.standing(name), self._house.reads.load(name))

    def schedules(self) -> Sequence[ScheduleDocument]:
        """List schedules."""
        with translated():
            now, found = self._house.scheduler.schedules.find()
            return [alike(ScheduleDocument.of(one, now, 1)) for one in found]

    def listen(self, job: str, batch: str, after: str) -> Iterator[Listened]:
        """Hear what happens, until it is over."""
        with translated():
            if job:
                self._house.reads.job(job)
            elif batch:
                self.batch(batch)
            yield from listen(self._house, job, batch, after)

    def close(self) -> None:
        """Let go of the state server."""
        self._house.close()

    def _audited(self, what: str, array: str) -> AbstractContextManager[Entry]:
        return audited(self._house, what, array)
