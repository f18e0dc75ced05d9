"""The rehearsal: takes requests as submission does, answers as it would answer now, and stores nothing."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from vnx_jobs.engine import permits
from vnx_jobs.model.claim import Claim
from vnx_jobs.model.errors import Refused, StateServerError
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.record import Record
from vnx_jobs.model.specs import AttachVolume, Spec
from vnx_jobs.model.states import State
from vnx_jobs.model.step import NO_WAY_BACK_NAME, Operation
from vnx_jobs.model.view import View
from vnx_jobs.planning import Planning
from vnx_jobs.plans.plan import Plan
from vnx_jobs.plans.planner import plan
from vnx_jobs.ports import Accepted, Entry, NotFree
from vnx_jobs.steps.work import JobStep, Work
from vnx_jobs.submission import Request, Submission

from .foresight import Foresight
from .ledger import Ledger, Seen

_FURTHEST: Final = 200
"""Jobs before a job that are known: of ten thousand in a row all of them together would be fifty million."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A request that would be accepted: the job that it would make."""

    entry: Entry
    spec: Spec
    table: Operation[Work]
    steps: tuple[JobStep, ...]
    """The table's steps, each as often as the job does it."""
    no_way_back: int
    """How many of the steps stand before the point of no return; all of them if there is none."""
    facts: Facts
    claims: tuple[Claim, ...]
    """What it would ask for; of a job that has to wait before it can be planned, what it is then expected to."""
    drops: tuple[tuple[str, str], ...]
    seen: tuple[Seen, ...]
    """How it would find its claims now; empty if it would ask for them later."""
    permits: tuple[Seen, ...]
    """How it would find its permits now."""
    before: frozenset[str]
    """The requests that must be over before this one begins, directly or not, by the ids that their jobs would have."""
    why: str
    """What it would wait for, in a sentence; empty if it would begin at once."""

    @property
    def job(self) -> str:
        """The id under which other requests of the rehearsal name it; its real job would have another."""
        return self.entry.record.id


@dataclass(slots=True)
class Rehearsal:
    """Answers like `Submission`, and keeps what was asked. Reads the state server; sends no array command.

    Requests that are rehearsed one after the other see what became of those before.
    """

    submission: Submission
    jobs: dict[str, Rehearsed] = field(default_factory=dict)
    ledger: Ledger = field(init=False)
    _foresight: dict[str, Foresight] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with what holds now."""
        self.ledger = Ledger(self.submission.store.holdings)

    def submit(self, request: Request) -> Accepted:
        """Answer as `Submission.submit` would. Raises Refused and StateServerError as it would."""
        (answer,) = self.submit_many([request])
        if isinstance(answer, Refused):
            raise answer
        return answer

    def submit_many(self, requests: Sequence[Request]) -> list[Accepted | Refused]:
        """Answer as `Submission.submit_many` would; the jobs that it names do not exist, unless they are known."""
        planning = self.submission.planning_of(requests)
        views = planning.views(request.spec for request in requests)
        for array in views:
            if cold := self.submission.store.standing(array).frozen:
                raise StateServerError(f"{cold}; try again in a moment")
        views = {array: self._foresees(array).now(view) for array, view in views.items()}
        self._read_ahead(planning, requests, views)
        answers: list[Accepted | Refused] = []
        for request, known in zip(requests, self.submission.known(requests), strict=True):
            try:
                named = replace(request, job=request.job or new_job_id())
                answers.append(known or self._answer(planning, named, views))
            except Refused as refused:
                answers.append(refused)
        return answers

    def _answer(self, planning: Planning, request: Request, views: Mapping[str, View]) -> Accepted:
        entry = planning.entry(request, views)
        seen = self.ledger.ask(entry.record.id, entry.claims) if entry.record.admitted else []
        if isinstance(seen, NotFree):
            raise replace(self.submission.refusals, store=self).not_free(entry, seen)
        foresight, view = self._foresees(request.spec.array), views[request.spec.array]
        planned = self._planned(request, entry, view, waits=not all(one.open for one in seen))
        if planned is not None:
            foresight.note(request.spec, planned, view)
        for made in entry.makes:
            foresight.makers.setdefault(made, entry.record.id)
        rehearsed = self._rehearsed(request, entry, planned, seen)
        self.jobs[rehearsed.job] = rehearsed
        state = State.QUEUED if entry.record.admitted and not rehearsed.why else State.WAITING
        return Accepted(rehearsed.job, state, known=False, rings=(), why=rehearsed.why)

    def _read_ahead(self, planning: Planning, requests: Sequence[Request], views: Mapping[str, View]) -> None:
        """Read together what the claims of all requests are about, as far as it can be told before the first."""
        keys: set[str] = set()
        for request in requests if len(requests) > 1 else ():
            with suppress(Refused):
                keys.update(claim.key for claim in planning.entry(request, views).claims)
        self.ledger.load(keys)

    def _foresees(self, array: str) -> Foresight:
        return self._foresight.setdefault(array, Foresight())

    def _planned(self, request: Request, entry: Entry, view: View, *, waits: bool) -> Plan | None:
        """Return the plan of a request; where it waits for others, as it will be if all of them succeed.

        One that waits for its claims is planned anew when it has them: a host may be known to the array by then.
        """
        record = entry.record
        if record.admitted:
            asked = Plan(record.operation, record.facts, entry.claims, record.drops)
            anew = self._later(request, record, view) if waits and isinstance(request.spec, AttachVolume) else None
            return asked if anew is None else anew
        return self._later(request, record, view)

    def _later(self, request: Request, record: Record, view: View) -> Plan | None:
        """Return the plan of a request as it will be if all requests before it succeed; None if nobody knows it."""
        array = request.spec.array
        later = self._foresees(array).later(view, request.spec)
        try:
            found = plan(request.spec, self.submission.planning.ground(array, {array: later}, record.id))
        except (Refused, KeyError):  # nobody knows yet what it will be told then
            return None
        return found if isinstance(found, Plan) else None

    def _rehearsed(self, request: Request, entry: Entry, planned: Plan | None, seen: Sequence[Seen]) -> Rehearsed:
        record = entry.record
        table = self.submission.operations[record.operation if planned is None else planned.operation]
        direct = [job for job in (*record.after, *record.behind) if job in self.jobs]
        facts = {} if planned is None else planned.facts
        names = self._names(entry, planned)
        by_name = {step.name: step for step in table.steps}
        closed = next((one for one in seen if not one.open), None)
        return Rehearsed(
            entry=entry,
            spec=request.spec,
            table=table,
            steps=tuple(by_name[name] for name in names if name != NO_WAY_BACK_NAME),
            no_way_back=names.index(NO_WAY_BACK_NAME) if NO_WAY_BACK_NAME in names else len(names),
            facts=facts,
            claims=() if planned is None else planned.claims,
            drops=() if planned is None else planned.drops,
            seen=tuple(seen),
            permits=tuple(map(self.ledger.look, self._permits(table, record.array, facts))),
            before=self._before(direct),
            why=record.why if closed is None else f"waits for its turn at {closed.claim.words}",
        )

    def _before(self, direct: Sequence[str]) -> frozenset[str]:
        """Return the jobs that are over before one begins: of a long row of jobs only those just before it.

        Whoever is left out counts as if he could run beside it: what is told of places is then the most that it may be.
        """
        every = frozenset({*direct, *(one for job in direct for one in self.jobs[job].before)})
        return every if len(every) <= _FURTHEST else frozenset(direct)

    def _names(self, entry: Entry, planned: Plan | None) -> tuple[str, ...]:
        """Return the list of steps that the job's record would pin, now or when it can be planned."""
        if planned is None or (entry.record.admitted and planned.operation == entry.record.operation):
            return entry.record.steps
        names: tuple[str, ...] = self.submission.planning.as_planned(planned)["steps"]
        return names

    def _permits(self, table: Operation[Work], array: str, facts: Facts) -> list[Claim]:
        settings = self.submission.settings.array(array)
        return list(dict.fromkeys(one for step in table.steps for one in permits(step, array, facts, settings)))

    def get(self, job: str) -> Record | None:
        """Read the record of a job, or what would be the record of one that is rehearsed."""
        rehearsed = self.jobs.get(job)
        return self.submission.store.get(job) if rehearsed is None else rehearsed.entry.record
