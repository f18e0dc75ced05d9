"""Orders: what a person tells a job to do, and trying a failed one again."""

from dataclasses import dataclass

from .model.errors import Code, Refused
from .model.orders import Order
from .model.specs import parse
from .model.states import ENDED, State
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

    def retry(self, job: str, by: str) -> Accepted:
        """Submit what a job that did not succeed was asked for, as a new job that is linked to it. Raises Refused."""
        record = self.store.get(job)
        if record is None:
            raise Refused(Code.NO_SUCH_JOB, f"there is no job {job}")
        if record.state not in ENDED - {State.SUCCEEDED}:
            text = f"job {job} is {record.state}: only one that ended FAILED, CANCELLED or ABANDONED is tried again"
            raise Refused(Code.ORDER_REFUSED, text, job=job)
        return self.submission.submit(Request(parse(dict(record.spec)), by=by, retry_of=job))
