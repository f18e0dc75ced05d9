"""Orders: what a person tells a job to do, and trying a failed one again."""

from dataclasses import dataclass, replace

from .model.errors import Code, Refused
from .model.orders import Order
from .model.record import Record
from .model.specs import parse
from .model.states import UNSUCCESSFUL
from .ports import Accepted, Bell, JobStore, Ordered
from .submission import Request, Submission


@dataclass(frozen=True, slots=True)
class Orders:
    """Gives orders to jobs. Who gave each is recorded. Sends no array command: workers carry them out."""

    store: JobStore
    bell: Bell
    submission: Submission

    def give(self, job: str, order: Order, by: str) -> Ordered:
        """Order a job; raises Refused(no-such-job) or Refused(order-refused), saying why and what can be done."""
        answer = self.store.order(job, order, by)
        if not answer.taken:
            if self.store.get(job) is None:
                raise Refused(Code.NO_SUCH_JOB, f"there is no job {job}")
            raise Refused(Code.ORDER_REFUSED, f"job {job} cannot be told to {order}: {answer.why}", job=job)
        self.bell.ring(answer.rings)
        return answer

    def hold(self, array: str, by: str) -> str:
        """Let nothing be begun on an array: what has begun goes on to its end. Returns who holds it.

        Raises Refused(unknown-array).
        """
        self.submission.settings.array(array)
        return self.store.hold(array, by)

    def unhold(self, array: str, by: str) -> None:
        """End a hold. Raises Refused(unknown-array), or Refused(order-refused) if nobody held the array."""
        self.submission.settings.array(array)
        rings = self.store.unhold(array, by)
        if rings is None:
            raise Refused(Code.ORDER_REFUSED, f"array {array} is not held by anybody", array=array)
        self.bell.ring(rings)

    def retry(self, job: str, by: str) -> Accepted:
        """Submit what a job that did not succeed was asked for, as a new job that is linked to it. Raises Refused.

        What had to succeed before it must have, or be under way: a job that was cancelled since another one failed is
        not tried again as if nothing had been said.
        """
        record = self.store.get(job)
        if record is None:
            raise Refused(Code.NO_SUCH_JOB, f"there is no job {job}")
        if record.state not in UNSUCCESSFUL:
            text = f"job {job} is {record.state}: only one that ended FAILED, CANCELLED or ABANDONED is tried again"
            raise Refused(Code.ORDER_REFUSED, text, job=job)
        known = self.submission.known_hooks(record.hooks) if record.hooks else frozenset()
        hooks = tuple(hook for hook in record.hooks if hook in known)  # the others were removed since
        after = () if record.admitted else tuple(self._last_attempt(record, before) for before in record.after)
        request = Request(parse(dict(record.spec)), after=after, by=by, retry_of=job, hooks=hooks)
        if not (record.batch and record.row and record.key):
            return self.submission.submit(request)
        row = replace(request, key=record.key, batch=record.batch, row=record.row, renews=True)
        return _next_attempt(record, self.submission.submit(row))

    def _last_attempt(self, record: Record, before: str) -> str:
        """Return a job that must succeed before another one, or the last attempt at the same row of a batch.

        Raises Refused(predecessor-failed) if it did not succeed, or is kept on record no more.
        """
        last = self.store.get(before)
        if last is not None and last.state in UNSUCCESSFUL and last.row and last.key:
            (known,) = self.store.known([(last.key, "")])
            last = self.store.get(known.job) if known is not None else last
        if last is None or last.state in UNSUCCESSFUL:
            ended = "is not on record any more" if last is None else f"ended {last.state}"
            name = before if last is None else f"{last.id} ({last.name})"
            advice = (
                "try that one again first" if last is not None and last.row else "submit it anew, after what is to be"
            )
            text = f"job {record.id} was to run after {name}, which {ended}: {advice}"
            raise Refused(Code.PREDECESSOR, text, job=record.id)
        return last.id


def _next_attempt(record: Record, accepted: Accepted) -> Accepted:
    """Return the new attempt at a row of a batch. Raises Refused if there is one already that may yet succeed."""
    if accepted.known:
        text = f"job {record.id} is tried again already: row {record.row} of {record.batch} is job {accepted.job}"
        raise Refused(Code.ORDER_REFUSED, f"{text}, which is {accepted.state}", job=record.id)
    return accepted
