"""The producer: asks for the load's jobs and gives the orders, and asks again where no answer came."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vnx_jobs.model.errors import Refused, StateServerError
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.orders import Order
from vnx_jobs.model.specs import Spec, parse
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports import Accepted
from vnx_jobs.submission import Request
from vnx_jobs.wiring import House

from .load import Asked

_PAUSE: Final = 0.5
"""Seconds until a state server that did not answer is asked again."""
_LOOK: Final = 1.0
"""Seconds between two looks at which backups there are."""
_NO_BACKUP: Final = "no backup to name"
_BY: Final = "torture"


@dataclass(slots=True)
class Producer:
    """Submits each request once, under a key, however often it takes."""

    house: House
    array: str
    load: tuple[Asked, ...]
    accepted: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Every job that was promised, and what it was asked for."""
    refused: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)
    outages: int = 0
    complaint: str = ""
    """What the state server, or its being away, last said."""
    _ids: dict[int, str] = field(default_factory=dict)
    _asked: int = 0
    _orders: list[tuple[float, Order, int]] = field(default_factory=list)
    _away_until: float = 0.0
    _following: list[Asked] = field(default_factory=list)
    """What is done with backups that are not there yet."""
    _named: dict[int, Request] = field(default_factory=dict)
    """Requests about backups, once these are known by name."""
    _look_at: float = 0.0

    def __post_init__(self) -> None:
        self._ids = {one.number: new_job_id() for one in self.load}
        self._following = [one for one in self.load if one.of is not None]
        self.load = tuple(one for one in self.load if one.of is None)
        given = (
            (one.at + after, order, one.number) for one in (*self.load, *self._following) for after, order in one.orders
        )
        self._orders = sorted(given)

    @property
    def done(self) -> bool:
        """Whether everything was asked for and every order given."""
        return self._asked == len(self.load) and not self._orders

    @property
    def following(self) -> int:
        """How many requests wait for the backup that they are about; as soon as it is over, none waits for it."""
        return len(self._following)

    def tick(self, now: float) -> None:
        """Ask for what is due at `now` (seconds from the beginning), and give the orders that are due."""
        if now < self._away_until:
            return
        try:
            self._ask(now)
            self._follow(now)
            self._give(now)
        except StateServerError as error:
            self.outages += 1
            self.complaint = error.message
            self._away_until = now + _PAUSE

    def _ask(self, now: float) -> None:
        due = [one for one in self.load[self._asked :] if one.at <= now]
        if not due:
            return
        requests = [self._request(one) for one in due]
        answers = self.house.submission.submit_many(requests)
        for request, answer in zip(requests, answers, strict=True):
            self._take_in(request, answer)
        self._asked += len(due)

    def _follow(self, now: float) -> None:
        """Ask for what is due about backups that are there by now; what is about none that will be is not asked for."""
        if now < self._look_at:
            return
        self._look_at = now + _LOOK
        for one in [one for one in self._following if one.at <= now]:
            over = self._is_over(self._ids[one.of or 0])
            if (request := self._about_backup(one)) is not None:
                (answer,) = self.house.submission.submit_many([request])
                self._take_in(request, answer)
            elif over:
                self.refused[_NO_BACKUP] += 1
            else:
                continue
            self._following.remove(one)

    def _is_over(self, job: str) -> bool:
        """Whether nothing more will come of a job that was to be asked for by now: one not promised was refused."""
        record = self.house.store.get(job) if job in self.accepted else None
        return record is None or record.state in ENDED or record.state is State.STUCK

    def _about_backup(self, one: Asked) -> Request | None:
        """Return the request with the backup's name in it, the same one however often it is asked; None without one."""
        if one.number not in self._named:
            job = self._ids[one.of or 0]
            found = [entry for entry in self.house.catalogue.find(self.array, limit=0) if entry.job == job]
            if not found:
                return None
            backup = min(found, key=lambda entry: entry.archive)
            prunes = one.fields["operation"] == "prune-backups"
            named = {"volume": backup.volume} if prunes else {"backup": backup.archive}
            self._named[one.number] = self._request(replace(one, fields=one.fields | named))
        return self._named[one.number]

    def _request(self, one: Asked) -> Request:
        after = tuple(self._ids[number] for number in one.after)
        key, job = f"{_BY}-{one.number}", self._ids[one.number]
        return Request(self._spec(one), key, batch=_BY, place=one.number, after=after, by=_BY, job=job)

    def _spec(self, one: Asked) -> Spec:
        return parse({**one.fields, "array": self.array})

    def _take_in(self, request: Request, answer: Accepted | Refused) -> None:
        if isinstance(answer, Accepted):
            self.accepted[answer.job] = request.spec.model_dump(mode="json")
        else:
            self.refused[answer.code] += 1

    def _give(self, now: float) -> None:
        while self._orders and self._orders[0][0] <= now:
            _, order, number = self._orders[0]
            if self._ids[number] in self.accepted:
                self._order(self._ids[number], order)
            self._orders.pop(0)

    def _order(self, job: str, order: Order) -> None:
        try:
            self.house.orders.give(job, order, _BY)
            self.orders[f"{order} taken"] += 1
        except Refused:
            self.orders[f"{order} refused"] += 1
