"""Orders of people to jobs, in memory. One that cannot take hold at once is noted and takes hold at the next turn."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import VERSION
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports import Ordered

from .server import Job
from .turns import MemoryTurns

_LATER: Final = "takes hold at its next step"


def _refused(why: str) -> Ordered:
    return Ordered(taken=False, why=why)


class MemoryOrders(MemoryTurns):
    """The part of the job store that people use."""

    def order(self, job: str, order: Order, by: str) -> Ordered:
        """Give an order to a job."""
        with self._server.moment() as rings:
            found = self._server.jobs.get(job)
            if found is None:
                return _refused("there is no such job")
            if found.record.version > VERSION:
                return _refused("its record is of a newer version")
            if found.record.state in ENDED:
                return _refused(f"it has ended {found.record.state}")
            return replace(self._give(found, order, by), rings=tuple(rings))

    def order_many(self, jobs: Sequence[str], order: Order, by: str) -> list[Ordered]:
        """Give an order to each of some jobs."""
        return [self.order(job, order, by) for job in jobs]

    def taken_back(self, job: Job) -> None:
        """End a job that nothing is to be left of, within a moment."""
        self._end(job, State.CANCELLED, "its batch was not accepted whole")

    def _give(self, job: Job, order: Order, by: str) -> Ordered:
        match order:
            case Order.CANCEL:
                return self._cancel(job, by)
            case Order.PAUSE:
                return self._pause(job, by)
            case Order.RESUME:
                return self._resume(job, by)
            case Order.UNDO:
                return self._undo(job, by)
            case Order.ABANDON:
                return self._abandon(job, by)

    def _cancel(self, job: Job, by: str) -> Ordered:
        record, idle = job.record, job.record.lease <= self._server.now()
        if record.state is State.STUCK and record.past_no_way_back:
            return _refused("it is stuck past its point of no return: resume or abandon it")
        if record.state is State.STUCK:
            return _refused("it is stuck: undo or abandon it")
        if record.back:
            return _refused("it is being undone already")
        if record.past_no_way_back:
            return _refused("it is past its point of no return and can only go forward")
        if idle and (not record.admitted or (not record.begun and record.cursor == 0)):
            self._end(job, State.CANCELLED, f"cancelled by {by}")
            return Ordered(taken=True, why=job.record.why, state=State.CANCELLED)
        answer = self._note(job, Order.CANCEL, by)
        if idle:
            self._lose_turn(job)
            self._server.change(record.id, state=State.WAITING)
            self._stir(job, record.until)
        return answer

    def _pause(self, job: Job, by: str) -> Ordered:
        if job.record.state is State.STUCK:
            return _refused("it is stuck and does nothing")
        if job.record.state is State.PAUSED:
            return _refused("it is paused already")
        if job.record.order == Order.CANCEL and not job.record.back:
            return _refused("it is being cancelled")
        if job.record.lease > self._server.now():
            return self._note(job, Order.PAUSE, by)
        self._lose_turn(job)
        self._rest(job, by)
        return Ordered(taken=True, why=job.record.why, state=State.PAUSED)

    def _resume(self, job: Job, by: str) -> Ordered:
        record, why = job.record, f"resumed by {by}"
        if record.order == Order.PAUSE and record.state is not State.STUCK:
            self._server.change(record.id, order="", ordered_by="")
            return self._said(job, record.state, why)
        if record.state is State.STUCK:
            if not record.back:
                self._server.change(record.id, code="", error="")
            return self._go_again(job, State.UNDOING if record.back else State.RUNNING, why)
        if record.state is not State.PAUSED:
            return _refused("it is neither paused nor stuck")
        answer = self._said(job, State.WAITING, why)
        if not self._waits_for_claims(record):
            self._server.make_due(record.id)
        return answer

    def _undo(self, job: Job, by: str) -> Ordered:
        if job.record.state is not State.STUCK:
            return _refused("only a stuck job is undone by hand: cancel it")
        if job.record.past_no_way_back:
            return _refused("it is past its point of no return: resume or abandon it")
        self._server.change(job.record.id, back=True, goal=job.record.goal or State.FAILED)
        return self._go_again(job, State.UNDOING, f"undone by {by}")

    def _abandon(self, job: Job, by: str) -> Ordered:
        if job.record.state is not State.STUCK:
            return _refused("only a stuck job can be abandoned: cancel it")
        self._end(job, State.ABANDONED, f"abandoned by {by}")
        return Ordered(taken=True, why=job.record.why, state=State.ABANDONED)

    def _note(self, job: Job, order: Order, by: str) -> Ordered:
        self._server.change(job.record.id, order=str(order), ordered_by=by)
        return Ordered(taken=True, why=_LATER, state=job.record.state)

    def _said(self, job: Job, state: State, why: str) -> Ordered:
        self._server.change(job.record.id, state=state, why=why, moved=self._server.now())
        return Ordered(taken=True, why=why, state=state)

    def _go_again(self, job: Job, state: State, why: str) -> Ordered:
        """Start the step at the cursor afresh, in whatever direction."""
        begun = self._server.now() if job.record.begun else 0  # what was seen of it before says nothing any more
        self._server.change(job.record.id, attempts=0, begun=begun, leftovers=(), order="", ordered_by="")
        answer = self._said(job, state, why)
        self._server.make_due(job.record.id)
        return answer

    def _lose_turn(self, job: Job) -> None:
        """Let a worker that outlived its lease find its turn over."""
        if job.record.lease:
            self._server.change(job.record.id, fence=job.record.fence + 1, lease=0)
