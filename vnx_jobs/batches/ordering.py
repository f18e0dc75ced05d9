"""Orders to all jobs of a batch: those that there are for single jobs, given to each, and what came of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vnx_jobs.model.orders import SO_ALREADY, Order
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports import Bell, JobStore, Ordered
from vnx_jobs.ports.pages import Brief, Pages

from .standing import rows_seen

ORDERS: Final = (Order.CANCEL, Order.PAUSE, Order.RESUME, Order.UNDO)
"""What a whole batch may be told. Giving up what is left on an array is for a person to decide, job by job."""
_PART: Final = 1000
_FIRST: Final = 10


@dataclass(frozen=True, slots=True)
class RefusedJobs:
    """Jobs that refused an order for one reason."""

    why: str
    jobs: int
    first: tuple[str, ...]
    """Ids of some of them."""


@dataclass(frozen=True, slots=True)
class BatchOrdered:
    """What came of an order to a batch."""

    batch: str
    order: Order
    rows: int
    taken: Mapping[State, int]
    """Jobs that took it, by the state that they are in since."""
    already: int
    """Jobs that are so already, or on their way to it."""
    left: Mapping[State, int]
    """Jobs that it is not for: those that have ended, and for `undo` those that are not STUCK, by state."""
    refused: tuple[RefusedJobs, ...]


@dataclass(frozen=True, slots=True)
class BatchOrders:
    """Gives orders to batches. Sends no array command: workers carry them out."""

    pages: Pages
    store: JobStore
    bell: Bell

    def give(self, batch: str, order: Order, by: str, sees: Callable[[str], bool] = lambda _: True) -> BatchOrdered:
        """Order every job of a batch on arrays that somebody sees; the same order again changes nothing more.

        Raises Refused(no-such-batch) and StateServerError, when some may have taken it: the same order goes on then.
        """
        rows = rows_seen(self.pages, batch, sees)
        meant = [row for row in rows if _is_for(order, row)]
        if order is Order.CANCEL:
            meant.reverse()  # so that what one gives back lets none begin that is cancelled a moment later
        taken: Counter[State] = Counter()
        left = Counter(row.state for row in rows if not _is_for(order, row))
        refused: dict[str, list[str]] = {}
        for start in range(0, len(meant), _PART):
            part = [row.job for row in meant[start : start + _PART]]
            answers = self.store.order_many(part, order, by)
            self.bell.ring(ring for answer in answers for ring in answer.rings)
            taken.update(answer.state for answer in answers if answer.taken and answer.state is not None)
            _gather(refused, part, answers)
        already = sum(len(refused.pop(why, ())) for why in SO_ALREADY[order])
        for state in ENDED:  # it ended between the look and the order
            left[state] += len(refused.pop(f"it has ended {state}", ()))
        whys = tuple(RefusedJobs(why, len(jobs), tuple(jobs[:_FIRST])) for why, jobs in sorted(refused.items()))
        return BatchOrdered(batch, order, len(rows), taken, already, +left, whys)


def _is_for(order: Order, row: Brief) -> bool:
    return row.state is State.STUCK if order is Order.UNDO else row.state not in ENDED


def _gather(refused: dict[str, list[str]], jobs: Sequence[str], answers: Sequence[Ordered]) -> None:
    for job, answer in zip(jobs, answers, strict=True):
        if not answer.taken:
            refused.setdefault(answer.why, []).append(job)
