"""The scheduler: looks at schedules that are due, and submits their jobs. Any number may run beside each other.

A run begins by one script, which notes what it submits; its jobs are then submitted, each by a key of its own; and
another script says that they are. Whoever dies in between leaves what anybody else sees through, and by their keys no
job is submitted twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from vnx_jobs.model.errors import Code, Refused, StateServerError
from vnx_jobs.model.orders import Order
from vnx_jobs.model.schedule import Firing, Past, Run, Schedule, Standing, decide
from vnx_jobs.model.specs import parse
from vnx_jobs.orders import Orders
from vnx_jobs.ports import Accepted, JobStore, Schedules
from vnx_jobs.submission import Request, Submission

from .checking import check
from .policies import Difference
from .templates import Filling

PERIOD: Final = 1.0
"""Seconds between two ticks."""
ROLE: Final = "schedules"
_AT_ONCE: Final = 200
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Keeps schedules, and fires them. Sends no array command."""

    schedules: Schedules
    store: JobStore
    submission: Submission
    orders: Orders

    def tick(self, owner: str) -> int:
        """Look at all schedules that are due, if it has (or can take) the role; return how many runs it began.

        The role only spares the state server the work of many: two that tick at one time do no harm.
        """
        if not self.store.lease(ROLE, owner, PERIOD * 5):
            return 0
        now, due = self.schedules.due(_AT_ONCE)
        return sum(self._looked_at(standing, now) for standing in due)

    def check(self, *schedules: Schedule) -> None:
        """Raise Refused for schedules with mistakes."""
        now, _ = self.schedules.due(1)
        for schedule in schedules:
            check(schedule, self.submission.settings, now)

    def put(self, schedule: Schedule, *, replace: bool) -> None:
        """Add a schedule, or replace it. Raises Refused for one with mistakes, or that there is and is not replaced."""
        self.check(schedule)
        if not self.schedules.put(schedule, replace=replace):
            raise taken(schedule.name)

    def apply(self, wanted: Difference) -> None:
        """Make a file's schedules what the file says. Raises Refused, and changes nothing, for mistakes in it.

        A name that somebody else took meanwhile is refused too; what was done until then is the file's, and stays.
        """
        self.check(*wanted.puts)
        for schedule in wanted.added:
            if not self.schedules.put(schedule, replace=False):
                raise taken(schedule.name)
        for _, schedule in wanted.replaced:
            self.schedules.put(schedule, replace=True)
        for schedule in wanted.removed:
            self.remove(schedule.name)

    def remove(self, name: str) -> None:
        """Remove a schedule; a run that is just beginning is seen through first. Raises Refused(no-such-schedule)."""
        self.standing(name)
        for _ in range(_TRIES):
            if self.schedules.remove(name):
                return
            self.look(name)
        raise StateServerError(f"schedule {name} begins a run after the other: try again")

    def pause(self, name: str, by: str) -> None:
        """Let a schedule begin nothing by itself. Raises Refused(no-such-schedule)."""
        if not self.schedules.pause(name, by):
            raise _unknown(name)

    def resume(self, name: str) -> None:
        """End a pause; what was due meanwhile is left out. Raises Refused(no-such-schedule)."""
        if not self.schedules.resume(name):
            raise _unknown(name)

    def run(self, name: str, by: str) -> tuple[Run, Past | None]:
        """Have a run begin now; return it, and what became of it if it has begun. Raises Refused(no-such-schedule).

        It waits for the one before, and for nothing else: not for windows, and not for the end of a pause.
        """
        run = self.schedules.ask(name, by)
        if run is None:
            raise _unknown(name)
        past = None
        for _ in range(_TRIES):  # another may be just looking, or a run before may be beginning
            self.look(name)
            past = next((one for one in self.schedules.history(name) if one.run == run), None)
            if past is not None or self.standing(name)[1].under_way:
                break
        return run, past

    def standing(self, name: str) -> tuple[int, Standing]:
        """Return the present and where a schedule stands. Raises Refused(no-such-schedule)."""
        found = self.schedules.get(name)
        if found is None:
            raise _unknown(name)
        return found

    def look(self, name: str) -> None:
        """Do what is to be done about one schedule, besides what the others do. Raises Refused(no-such-schedule)."""
        now, standing = self.standing(name)
        self.advance(standing, now)

    def advance(self, standing: Standing, now: int) -> bool:
        """Do what is to be done about a schedule; say whether a run of it began by this."""
        if standing.firing is not None:
            self._see_through(standing.schedule, standing.firing)
            return False
        decision = decide(standing, now)
        firing = None if decision.start is None else self._filling.firing(standing, decision.start)
        if not self.schedules.decide(standing, decision, firing):
            return False  # another did something about it
        if decision.cancel:
            self._cancel(standing)
        if firing is not None:
            self._see_through(standing.schedule, firing)
        return firing is not None

    @property
    def _filling(self) -> Filling:
        submission = self.submission
        return Filling(submission.inventory, submission.catalogue, submission.settings.installation)

    def _looked_at(self, standing: Standing, now: int) -> bool:
        """Do what is to be done about one of many schedules: what is wrong with it must not keep others waiting."""
        try:
            return self.advance(standing, now)
        except StateServerError:
            raise
        except Exception:  # noqa: BLE001 -- whatever it is, it is logged whole, and tried again
            structlog.get_logger().exception("schedule_failed", schedule=standing.schedule.name)
            return False

    def _see_through(self, schedule: Schedule, firing: Firing) -> None:
        """Submit what a run asks for, as often as need be, and say that it is done."""
        name, problems = schedule.name, list[str]()
        requests: dict[int, Request] = {}
        for place, ask in enumerate(firing.asks):
            key, by = firing.key(name, place), f"schedule {name}{firing.run.by and f', by {firing.run.by}'}"
            try:
                spec = parse(dict(ask.spec))
            except Refused as refused:
                problems.append(f"{ask.row}: {refused.message}")
            else:
                requests[place] = Request(spec, key, firing.batch, ask.row, place, by=by)
        answers = self.submission.submit_many(list(requests.values()))
        for place, answer in zip(requests, answers, strict=True):
            if isinstance(answer, Refused):
                problems.append(f"{firing.asks[place].row}: {answer.message}")
        jobs = [answer.job for answer in answers if isinstance(answer, Accepted)]
        if self.schedules.fired(name, firing, jobs, problems):
            told: Mapping[str, object] = {"schedule": name, "due": firing.run.due, "jobs": len(jobs)}
            structlog.get_logger().info("schedule_fired", **told, problems=[*firing.problems, *problems])

    def _cancel(self, standing: Standing) -> None:
        """Cancel what is under way; what cannot be cancelled any more is waited for."""
        for job in standing.under_way:
            record = self.store.get(job)
            if record is None or record.order == Order.CANCEL or record.back:
                continue
            try:
                self.orders.give(job, Order.CANCEL, f"schedule {standing.schedule.name}")
            except Refused as refused:
                structlog.get_logger().info("not_cancelled", job=job, why=refused.message)


def taken(name: str) -> Refused:
    """Return the refusal of a name that another schedule has."""
    return Refused(
        Code.NAME_IN_USE, f"there is a schedule {name} already: replace it (--replace), or choose another name"
    )


def _unknown(name: str) -> Refused:
    return Refused(Code.NO_SUCH_SCHEDULE, f"there is no schedule {name}: see `vnx-jobs schedules list`")
