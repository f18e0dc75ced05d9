"""Submission: spec -> checked -> planned -> admitted -> record. The one road of all producers."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .model.condition import FreshList
from .model.errors import Code, Refused
from .model.names import new_job_id
from .model.record import Record
from .model.specs import Spec, parse
from .model.states import ENDED, State
from .model.step import Operation
from .model.view import View
from .plans.ground import Ground
from .plans.plan import Plan, Unresolved
from .plans.planner import plan
from .ports import Accepted, Bell, Change, Entry, Inventory, JobStore, KeyConflict, NotFree, Ring
from .refusals import Refusals, conflict
from .settings import Settings
from .steps.work import Work


@dataclass(frozen=True, slots=True)
class Request:
    """A spec with what surrounds it: the key that makes it repeatable, its batch, its predecessors, its sender."""

    spec: Spec
    key: str = ""
    batch: str = ""
    row: str = ""
    place: int = 0
    after: tuple[str, ...] = ()
    """Ids of jobs that must have SUCCEEDED before this one asks for its claims."""
    by: str = ""
    retry_of: str = ""
    """The job that this one tries again."""
    job: str = ""
    """The id it shall have (others may name it in `after` before it is stored); a new one if empty."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Accepts or refuses jobs. Sends no array command; every refusal leaves nothing behind."""

    store: JobStore
    inventory: Inventory
    bell: Bell
    settings: Settings
    operations: Mapping[str, Operation[Work]]
    digest: Callable[[str], str]
    """What an idempotency key stands for, shortened."""

    def submit(self, request: Request) -> Accepted:
        """Submit one job. Raises Refused with a code and one line; a known key returns the job it stands for."""
        (answer,) = self.submit_many([request])
        if isinstance(answer, Refused):
            raise answer
        return answer

    def submit_many(self, requests: Sequence[Request]) -> list[Accepted | Refused]:
        """Submit many jobs, each for itself: the answers stand in the order of the requests.

        Each is planned knowing what became of those before it that are to make something it names. Planning looks at
        one view of the inventory, and goes on while what is planned is being stored.
        """
        answers: dict[int, Accepted | Refused] = {}
        views = self._views(request.spec for request in requests)
        waiting = deque(enumerate(requests))
        while waiting:
            entries: dict[int, Entry] = {}
            stored = self.store.submit(self._run(waiting, views, entries, answers))
            for (place, entry), answer in zip(entries.items(), stored, strict=True):
                answers[place] = self._answer(entry, answer)
            self._note_makers(views, zip(entries.values(), stored, strict=True))
            self.bell.ring(ring for answer in stored if isinstance(answer, Accepted) for ring in answer.rings)
        self._answer_by_key(requests, answers)
        return [answers[place] for place in range(len(requests))]

    def check(self, requests: Sequence[Request]) -> list[Accepted | Refused | None]:
        """Say which requests are known by their key, and which would be refused now and no waiting can mend.

        Stores nothing, counts no limits. A request with predecessors is judged as far as they cannot change the
        answer: by its array and its pool.
        """
        views = self._views(request.spec for request in requests)
        found: list[Accepted | Refused | None] = []
        for request, known in zip(requests, self._known(requests), strict=True):
            try:
                if known is None:
                    self._check(request, views)
                found.append(known)
            except Refused as refused:
                found.append(refused)
        return found

    def admit(self, record: Record) -> Change | tuple[Ring, ...]:
        """Plan a job that could not be planned when it was submitted; say whom to ring, or how it goes on instead."""
        if (waiting := self._predecessors(record)) is not None:
            return waiting
        try:
            entry = self._planned(record)
        except Refused as refused:
            return _failed(refused)
        if isinstance(entry, Change):
            return entry
        answer = self.store.admit(entry)
        return _failed(self._refusal(entry, answer)) if isinstance(answer, NotFree) else answer.rings

    def _run(
        self,
        waiting: deque[tuple[int, Request]],
        views: Mapping[str, View],
        entries: dict[int, Entry],
        answers: dict[int, Accepted | Refused],
    ) -> Iterator[Entry]:
        """Plan requests one by one, up to the first that names what one before it may be about to make."""
        undecided: set[tuple[str, str]] = set()
        while waiting and undecided.isdisjoint(_things(waiting[0][1].spec, needed=True)):
            place, request = waiting.popleft()
            try:
                entries[place] = self._entry(request, views)
            except Refused as refused:
                answers[place] = refused
            else:
                undecided |= _things(request.spec)
                yield entries[place]

    @staticmethod
    def _note_makers(views: dict[str, View], stored: Iterable[tuple[Entry, Accepted | NotFree | KeyConflict]]) -> None:
        """Let those that come after see what jobs just accepted are to make."""
        makers: dict[str, dict[str, str]] = {}
        for entry, answer in stored:
            if isinstance(answer, Accepted) and not answer.known:
                makers.setdefault(entry.record.array, {}).update(dict.fromkeys(entry.makes, answer.job))
        for array, made in makers.items():
            views[array] = views[array].with_makers(made)

    def _answer_by_key(self, requests: Sequence[Request], answers: dict[int, Accepted | Refused]) -> None:
        """Answer what was refused before it reached the store, and is known by its key, as the store would have."""
        refused = [place for place, answer in answers.items() if isinstance(answer, Refused) and requests[place].key]
        known = self._known([requests[place] for place in refused])
        answers.update((place, answer) for place, answer in zip(refused, known, strict=True) if answer is not None)

    def _known(self, requests: Sequence[Request]) -> list[Accepted | Refused | None]:
        """Return what the requests' keys stand for already."""
        keyed = [request for request in requests if request.key]
        found = iter(self.store.known([(request.key, self._digest(request)) for request in keyed]) if keyed else ())
        answers = [next(found) if request.key else None for request in requests]
        return [
            conflict(request.key, answer.job) if isinstance(answer, KeyConflict) else answer
            for request, answer in zip(requests, answers, strict=True)
        ]

    def _digest(self, request: Request) -> str:
        if not request.key:
            return ""
        return self.digest(request.spec.model_dump_json() + "|" + ",".join(request.after if not request.batch else ()))

    def _views(self, specs: Iterable[Spec]) -> dict[str, View]:
        """Look up all that planning some specs must know, once for each array that there is."""
        asked: dict[str, list[Spec]] = {}
        for spec in specs:
            asked.setdefault(spec.array, []).append(spec)
        known = {array: _names(them) for array, them in asked.items() if array in self.settings.arrays}
        return {array: self.inventory.view(array, wanted) for array, wanted in known.items()}

    def _ground(self, array: str, views: Mapping[str, View], job: str) -> Ground:
        """Return what a job is planned on. Raises Refused(unknown-array)."""
        settings = self.settings.array(array)
        return Ground(array, settings, self.settings.installation, views[array], job)

    def _check(self, request: Request, views: Mapping[str, View]) -> None:
        ground = self._ground(request.spec.array, views, request.job or new_job_id())
        if request.spec.into is not None:
            ground.need_pool(request.spec.into)
        if not request.after:
            plan(request.spec, ground)

    def _entry(self, request: Request, views: Mapping[str, View]) -> Entry:
        spec, job = request.spec, request.job or new_job_id()
        ground = self._ground(spec.array, views, job)
        if request.after:
            return self._held_back(request, job, f"waits for {len(request.after)} earlier job(s) to succeed")
        match plan(spec, ground):
            case Plan() as planned:
                record = self._record(request, job, **self._as_planned(planned))
                return Entry(record, planned.claims, self._digest(request), place=request.place, makes=spec.makes)
            case Unresolved(kind, name, maker) if maker is not None:
                why = f"waits for job {maker}, which is to make {kind} {name}"
                return self._held_back(request, job, why, behind=(maker,))
            case Unresolved(kind, name):
                park = FreshList(0, snapshots=kind == "snapshot")
                return self._held_back(request, job, f"resolving {kind} {name}", park=park)

    def _held_back(
        self, request: Request, job: str, why: str, *, behind: tuple[str, ...] = (), park: FreshList | None = None
    ) -> Entry:
        """Return a job that asks for its claims later."""
        table = request.spec.table
        steps = self.operations[table].names
        waits = {"admitted": False, "state": State.WAITING, "why": why, "behind": behind}
        record = self._record(request, job, operation=table, steps=steps, **waits)
        return Entry(record, (), self._digest(request), park, request.place, request.spec.makes)

    def _record(self, request: Request, job: str, **planned: Any) -> Record:  # noqa: ANN401 -- fields of the record
        return Record(
            id=job,
            spec=request.spec.model_dump(mode="json"),
            array=request.spec.array,
            key=request.key,
            batch=request.batch,
            row=request.row,
            after=request.after,
            by=request.by,
            retry_of=request.retry_of,
            **planned,
        )

    def _as_planned(self, planned: Plan) -> dict[str, Any]:
        """Return what planning decides of a record."""
        return {
            "operation": planned.operation,
            "steps": self.operations[planned.operation].names,
            "facts": planned.facts,
            "drops": planned.drops,
        }

    def _planned(self, record: Record) -> Entry | Change:
        spec = parse(dict(record.spec))
        readings = self.inventory.readings(record.array)  # before the view, which is then no older than they say
        match plan(spec, self._ground(record.array, self._views([spec]), record.id)):
            case Plan() as planned:
                admitted = record.evolve(**self._as_planned(planned), admitted=True)
                return Entry(admitted, planned.claims, makes=spec.makes)
            case Unresolved(kind, name, maker) if maker is not None and not self._waits_for(maker, record.id):
                why = f"waits for job {maker}, which is to make {kind} {name}"
                return Change(State.WAITING, "held", why, wait=self.settings.array(record.array).pace.watch_tick)
            case Unresolved(kind, name):
                read = min(readings.luns, readings.snapshots) if kind == "snapshot" else readings.luns
                if read > record.created:
                    code = Code.NO_SUCH_SNAPSHOT if kind == "snapshot" else Code.NO_SUCH_VOLUME
                    raise Refused(code, f"there is no {kind} {name} on {record.array}")
                condition = FreshList(record.created, snapshots=kind == "snapshot")
                return Change(State.WAITING, "parked", f"resolving {kind} {name}", condition=condition)

    def _waits_for(self, job: str, other: str) -> bool:
        """Whether a job waits, directly or by way of others, for another one: then that one must not wait for it."""
        seen, open_ends = set(), [job]
        while open_ends:
            record = self.store.get(open_ends.pop())
            if record is not None and record.id not in seen and record.state not in ENDED:
                seen.add(record.id)
                open_ends += (*record.after, *record.behind)
        return other in seen

    def _predecessors(self, record: Record) -> Change | None:
        """Say how a job goes on whose predecessors have not all succeeded; None if nothing stands in its way."""
        for job in (*record.after, *record.behind):
            before = self.store.get(job)
            if before is not None and before.state not in ENDED:
                return Change(
                    State.WAITING, "held", f"waits for {before.row or before.id} ({before.name})", behind=True
                )
            if job in record.after and (before is None or before.state is not State.SUCCEEDED):
                ended = "is not on record any more" if before is None else f"ended {before.state}"
                text = f"{job if before is None else before.row or job} had to succeed first and {ended}"
                return Change(State.CANCELLED, "ended", text, code=Code.PREDECESSOR, error=text)
        return None

    def _answer(self, entry: Entry, answer: Accepted | NotFree | KeyConflict) -> Accepted | Refused:
        match answer:
            case Accepted():
                return answer
            case KeyConflict(job):
                return conflict(entry.record.key, job)
            case NotFree():
                return self._refusal(entry, answer)

    def _refusal(self, entry: Entry, taken: NotFree) -> Refused:
        return Refusals(self.store, self.inventory, self.settings.installation).not_free(entry, taken)


def _things(spec: Spec, *, needed: bool = False) -> set[tuple[str, str]]:
    """Return the objects that a spec is to make, or all that it names."""
    return {(spec.array, thing) for thing in (*spec.makes, *(spec.needs if needed else ()))}


def _names(specs: Iterable[Spec]) -> set[str]:
    """Return the names of all objects that some specs name: what planning them must look up."""
    return {thing.partition(":")[2] for spec in specs for thing in (*spec.makes, *spec.needs)}


def _failed(refused: Refused) -> Change:
    return Change(State.FAILED, "ended", refused.message, code=refused.code, error=refused.message)
