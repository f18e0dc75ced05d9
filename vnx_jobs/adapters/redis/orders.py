"""Orders of people to jobs: each is one run of the script, many go in pipelined calls."""

from collections.abc import Sequence
from typing import Final

from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import VERSION
from vnx_jobs.model.states import State
from vnx_jobs.model.step import NO_WAY_BACK_NAME
from vnx_jobs.ports import Ordered

from .server import Answer, Server

_PART: Final = 200
"""Orders a pipelined call."""


class RedisOrders:
    """The part of the job store that people use."""

    def __init__(self, server: Server, key_seconds: int) -> None:
        """Give orders; `key_seconds` is how long the key of a job that ends by one is kept."""
        self._server = server
        self._key_seconds = key_seconds

    def order(self, job: str, order: Order, by: str) -> Ordered:
        """Give an order to a job."""
        return _ordered(self._server.call("order", *self._asked(job, order, by), durable=True))

    def order_many(self, jobs: Sequence[str], order: Order, by: str) -> list[Ordered]:
        """Give an order to each of some jobs."""
        answers: list[Ordered] = []
        for start in range(0, len(jobs), _PART):
            calls = [self._asked(job, order, by) for job in jobs[start : start + _PART]]
            answers += map(_ordered, self._server.call_many("order", calls, durable=True))
        return answers

    def _asked(self, job: str, order: Order, by: str) -> Sequence[object]:
        return job, order, by, NO_WAY_BACK_NAME, self._key_seconds, VERSION


def _ordered(answer: Answer) -> Ordered:
    result, rings = answer
    if result[0] == "refused":
        return Ordered(taken=False, why=result[1])
    return Ordered(taken=True, why=result[2], state=State(result[1]), rings=rings)
