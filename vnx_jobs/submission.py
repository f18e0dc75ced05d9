"""Submission: spec -> checked -> planned -> admitted -> record. The one road of all producers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .model.condition import FreshList
from .model.errors import Code, Refused
from .model.names import job_of, new_job_id
from .model.record import Record
from .model.specs import Clone, CreateSnapshot, DeleteSnapshot, DeleteVolume, Spec, parse
from .model.states import ENDED, State
from .model.step import Operation
from .plans import Plan, Planner, Unresolved
from .ports import Accepted, Bell, Change, Entry, Inventory, JobStore, KeyConflict, NotFree, Ring
from .settings import Settings
from .steps.work import Work

_SHOWN = 5
"""Names that a message lists before it says how many more there are."""


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
        """Submit many jobs in pipelined calls, each for itself: the answers stand in the order of the requests."""
        answers: dict[int, Accepted | Refused] = {}
        entries: dict[int, Entry] = {}
        for place, request in enumerate(requests):
            try:
                known = self.known(request)
                if known is None:
                    entries[place] = self._entry(request)
                else:
                    answers[place] = known
            except Refused as refused:
                answers[place] = refused
        stored = self.store.submit(list(entries.values()))
        for (place, entry), answer in zip(entries.items(), stored, strict=True):
            answers[place] = self._answer(entry, answer)
        self.bell.ring(ring for answer in stored if isinstance(answer, Accepted) for ring in answer.rings)
        return [answers[place] for place in range(len(requests))]

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

    def check(self, request: Request) -> None:
        """Raise Refused for what would be refused now and that no waiting can mend; stores nothing, counts no limits.

        A request with predecessors is judged as far as they cannot change the answer: by its array and its pool.
        """
        planner = self._planner(request.spec.array)
        planner.check_pool(request.spec)
        if not request.after:
            planner.plan(request.spec, request.job or new_job_id())

    def known(self, request: Request) -> Accepted | None:
        """Return the job that a request's key stands for already. Raises Refused(key-conflict)."""
        if not request.key:
            return None
        match self.store.known(request.key, self._digest(request)):
            case KeyConflict(job):
                raise _conflict(request.key, job)
            case answer:
                return answer

    def _digest(self, request: Request) -> str:
        return self.digest(request.spec.model_dump_json() + "|" + ",".join(request.after if not request.batch else ()))

    def _entry(self, request: Request) -> Entry:
        spec = request.spec
        self.settings.array(spec.array)
        record = Record(
            id=request.job or new_job_id(),
            spec=spec.model_dump(mode="json"),
            operation=_table(spec),
            steps=self.operations[_table(spec)].names,
            array=spec.array,
            key=request.key,
            batch=request.batch,
            row=request.row,
            after=request.after,
            by=request.by,
            retry_of=request.retry_of,
        )
        entry = Entry(record, digest=self._digest(request), place=request.place, makes=_makes(spec))
        if request.after:
            return _held_back(entry, f"waits for {len(request.after)} earlier job(s) to succeed")
        match self._planner(spec.array).plan(spec, record.id):
            case Plan() as plan:
                return self._with_plan(entry, plan)
            case Unresolved(kind, name, maker) if maker is not None:
                return _held_back(entry, f"waits for job {maker}, which is to make {kind} {name}", behind=(maker,))
            case Unresolved(kind, name):
                return _held_back(entry, f"resolving {kind} {name}", park=FreshList(0, snapshots=kind == "snapshot"))

    def _planned(self, record: Record) -> Entry | Change:
        spec = parse(dict(record.spec))
        match self._planner(record.array).plan(spec, record.id):
            case Plan() as plan:
                return self._with_plan(Entry(record), plan)
            case Unresolved(kind, name, maker) if maker is not None and not self._waits_for(maker, record.id):
                why = f"waits for job {maker}, which is to make {kind} {name}"
                return Change(State.WAITING, "held", why, wait=self.settings.array(record.array).pace.watch_tick)
            case Unresolved(kind, name):
                readings = self.inventory.readings(record.array)
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

    def _planner(self, array: str) -> Planner:
        return Planner(array, self.settings.array(array), self.inventory, self.settings.installation)

    def _with_plan(self, entry: Entry, plan: Plan) -> Entry:
        record = entry.record.evolve(
            operation=plan.operation,
            steps=self.operations[plan.operation].names,
            facts=plan.facts,
            drops=plan.drops,
            admitted=True,
        )
        return Entry(record, plan.claims, entry.digest, place=entry.place, makes=plan.makes)

    def _predecessors(self, record: Record) -> Change | None:
        """Say how a job goes on whose predecessors have not all succeeded; None if nothing stands in its way."""
        for job in (*record.after, *record.behind):
            before = self.store.get(job)
            if before is not None and before.state not in ENDED:
                return Change(State.WAITING, "held", f"waits for {before.row or before.id} ({before.name})", wait=-1)
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
                return _conflict(entry.record.key, job)
            case NotFree():
                return self._refusal(entry, answer)

    def _refusal(self, entry: Entry, taken: NotFree) -> Refused:
        source = str(entry.record.facts.get("source", entry.record.name))
        count = f"{taken.used} of {taken.limit}"
        details = {"used": taken.used, "limit": taken.limit, "waiting": taken.waiting, "source": source}
        match taken.key.partition(":")[0]:
            case "copies" if entry.record.operation == "delete-volume":
                names = self._copies(entry, taken.holders)
                listed = ", ".join(names[:_SHOWN]) + (", ..." if taken.used > _SHOWN else "")
                text = f"{source} has {taken.used} snap copies ({listed}): delete them first"
                return Refused(Code.HAS_COPIES, text, **details, copies=names)
            case "copies":
                text = f"{count} snap copies of {source} exist or are being made: delete some, or use on_limit=wait"
                return Refused(Code.COPIES_LIMIT, text, **details)
            case "mounts" | "snapshots" as kind:
                what = "mount points" if kind == "mounts" else "snapshots"
                text = f"{source} has {count} {what}, or they are being made: delete some, or use on_limit=wait"
                return Refused(Code.SLOTS_LIMIT, text, **details)
            case _:
                text = f"all LUN numbers kept for vnx-jobs on {entry.record.array} are in use: widen `numbers`"
                return Refused(Code.NUMBERS_LIMIT, text, **details)

    def _copies(self, entry: Entry, holders: Iterable[str]) -> list[str]:
        """Return the names of the snap copies behind some holders of copy slots."""
        record = entry.record
        members = set(holders)
        names = {seen.lun.attached: seen.lun.name for seen in self.inventory.volumes(record.array) if seen.lun.attached}
        found = []
        for member in sorted(members):
            job = job_of(member, self.settings.installation)
            maker = self.store.get(job) if job and member not in names else None
            found.append(names.get(member) or (maker.name if maker else member))
        return found


def _table(spec: Spec) -> str:
    """Return the table that a spec runs as far as the spec alone can tell; planning may choose a closer one."""
    return "snap-copy" if isinstance(spec, Clone) and spec.snapcopy else spec.operation


def _makes(spec: Spec) -> tuple[str, ...]:
    if isinstance(spec, DeleteVolume | DeleteSnapshot):
        return ()
    return (f"{'snapshot' if isinstance(spec, CreateSnapshot) else 'volume'}:{spec.name}",)


def _held_back(entry: Entry, why: str, *, behind: tuple[str, ...] = (), park: FreshList | None = None) -> Entry:
    record = entry.record.evolve(admitted=False, state=State.WAITING, why=why, behind=behind)
    return Entry(record, digest=entry.digest, park=park, place=entry.place, makes=entry.makes)


def _failed(refused: Refused) -> Change:
    return Change(State.FAILED, "ended", refused.message, code=refused.code, error=refused.message)


def _conflict(key: str, job: str) -> Refused:
    text = f"the key {key!r} was used for another request, job {job}: use a new key"
    return Refused(Code.KEY_CONFLICT, text, job=job)
