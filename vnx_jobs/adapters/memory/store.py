"""The job store's twin in memory: the same contracts, told plainly, on a clock of one's own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from vnx_jobs.model.condition import Condition, to_json
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import ENDED, UNSUCCESSFUL, State
from vnx_jobs.model.things import last_counts
from vnx_jobs.ports import Accepted, Entry, Holding, KeyConflict, NotFree, Ring, Standing
from vnx_jobs.ports.gates import Gate

from .chains import Chains
from .claims import Request
from .gates import passed
from .orders import MemoryOrders
from .server import Job, Key, MemoryServer
from .turns import permit_of

_DAY: Final = 86_400_000
_TRIES: Final = 4
"""Lost rings until a job gives its chain's place to others."""


class MemoryJobStore(MemoryOrders):
    """Implements JobStore."""

    def __init__(
        self, server: MemoryServer, *, finished_days: float, key_days: float, chains: Mapping[str, int] | None = None
    ) -> None:
        """Keep ended records and keys for some days; `chains` is how many jobs of each array are rung at one time."""
        super().__init__(server, key_ms=round(key_days * _DAY))
        for array, bound in (chains or {}).items():
            server.chains.setdefault(array, Chains()).bound = bound
        self._finished_ms = round(finished_days * _DAY)

    def submit(self, entries: Iterable[Entry], gate: Gate | None = None) -> list[Accepted | NotFree | KeyConflict]:
        """Store records and ask for their claims, an entry at a time."""
        return [self._submit(entry, gate) for entry in entries]

    def _submit(self, entry: Entry, gate: Gate | None) -> Accepted | NotFree | KeyConflict:
        with self._server.moment() as rings:
            record = entry.record
            behind = None if gate is None else passed(self._server, gate)
            known = self._known(record.key, entry.digest)
            known = None if entry.renews and _is_over(known, record.id) else known
            known = known or self._stored(record.id)
            if known is not None:
                return known
            asked = self._ask(entry) if record.admitted else None
            if isinstance(asked, NotFree):
                return asked
            self._store(entry, asked)
            if behind is not None:
                behind.jobs[record.id] = False
            if record.admitted:
                self._begin(record.id, asked)
            else:
                self._hold_back(entry)
            return self._accepted(record.id, rings)

    def known(self, asked: Sequence[tuple[str, str]]) -> list[Accepted | KeyConflict | None]:
        """Look idempotency keys up."""
        with self._server.moment():
            return [self._known(key, digest) for key, digest in asked]

    def _known(self, key: str, digest: str) -> Accepted | KeyConflict | None:
        found = self._server.keys.get(key) if key else None
        if found is None or (found.until and found.until <= self._server.now()):
            return None
        if found.digest != digest:
            job = self._stored(found.job)
            return KeyConflict(found.job, found.ended if job is None else job.state)
        return self._stored(found.job) or Accepted(found.job, found.ended or State.SUCCEEDED, known=True, rings=())

    def _stored(self, job: str) -> Accepted | None:
        found = self._server.jobs.get(job)
        return None if found is None else Accepted(job, found.record.state, known=True, rings=())

    def _ask(self, entry: Entry) -> Request | NotFree:
        return self._server.claims.ask(entry.record.id, entry.claims)

    def _store(self, entry: Entry, asked: Request | None) -> None:
        server, record, now = self._server, entry.record, self._server.now()
        keep = tuple(claim.key for claim in entry.claims if claim.keep)
        condition = "" if entry.park is None else to_json(entry.park)
        fresh = record.evolve(created=now, moved=now, condition=condition or record.condition)
        server.jobs[record.id] = Job(_with_claims(fresh, asked), keep)
        if record.key:
            server.keys[record.key] = Key(record.id, entry.digest)
        if record.batch:
            places = server.batches.setdefault(record.batch, {})
            places[record.id] = places.get(record.retry_of, entry.place)
        self._set_makes(record, entry.makes)

    def _set_makes(self, record: Record, makes: tuple[str, ...]) -> None:
        self._server.jobs[record.id].makes = makes
        for thing in makes:
            if last_counts(thing):
                self._server.makers[record.array, thing] = record.id
            self._server.makers.setdefault((record.array, thing), record.id)

    def _begin(self, job: str, asked: Request | None) -> None:
        """Set the state of a job that has asked for its claims."""
        if asked is None or asked.granted:
            self._server.change(job, state=State.QUEUED, why="")
            self._server.make_due(job)
        else:
            why = f"waits for its turn at {asked.claims[asked.at].words}"
            self._server.change(job, state=State.WAITING, why=why)
            self._server.due.pop(job, None)
            self._server.rest(job)

    def _hold_back(self, entry: Entry) -> None:
        job = entry.record.id
        others = self._server.waits_for(job, (*entry.record.after, *entry.record.behind))
        if entry.park is not None:
            self._server.parked[job] = entry.park
        elif not others:
            self._server.make_due(job)

    def _accepted(self, job: str, rings: Iterable[Ring]) -> Accepted:
        record = self._server.jobs[job].record
        return Accepted(job, record.state, known=False, rings=tuple(rings), why=record.why)

    def admit(self, entry: Entry) -> Accepted | NotFree:
        """Ask for the claims of a record that was stored without them."""
        with self._server.moment() as rings:
            job, planned = entry.record.id, entry.record
            if not self._server.live(job):
                raise StateServerError(f"job {job} has ended")
            if self._server.jobs[job].record.admitted:
                return Accepted(job, self._server.jobs[job].record.state, known=True, rings=())
            asked = self._ask(entry)
            if isinstance(asked, NotFree):
                return asked
            self._server.unpark(job)
            record = self._server.change(
                job,
                spec=planned.spec,
                operation=planned.operation,
                steps=planned.steps,
                drops=planned.drops,
                facts=planned.facts,
                admitted=True,
                lease=0,
                begun=0,
                attempts=0,
                moved=self._server.now(),
            )
            self._server.jobs[job].record = _with_claims(record, asked)
            self._server.jobs[job].keep = tuple(claim.key for claim in entry.claims if claim.keep)
            self._set_makes(record, entry.makes)
            self._begin(job, asked)
            if record.order == Order.CANCEL:
                self._end(self._server.jobs[job], State.CANCELLED, f"cancelled by {record.ordered_by}")
            return self._accepted(job, rings)

    def get(self, job: str) -> Record | None:
        """Read one record."""
        with self._server.moment():
            found = self._server.jobs.get(job)
            return None if found is None else found.record

    def find(
        self, *, batch: str = "", states: Iterable[State] = (), array: str = "", limit: int = 0, newest: bool = True
    ) -> list[Record]:
        """List records."""
        wanted = frozenset(states)
        with self._server.moment():
            places, jobs = self._server.batches.get(batch, {}), self._server.jobs
            ids = sorted(places, key=lambda job: (places[job], job)) if batch else sorted(jobs, reverse=newest)
            records = [jobs[job].record for job in ids]
        found = [one for one in records if (not wanted or one.state in wanted) and array in {"", one.array}]
        return found[:limit] if limit else found

    def recent(self, array: str, since: int) -> list[Record]:
        """Return the jobs of an array that have not ended, or not before."""
        return [one for one in self.find(array=array) if not one.ended or one.ended >= since]

    def parked(self, array: str) -> Mapping[str, Condition]:
        """Return every job that is parked on the array."""
        with self._server.moment():
            jobs = self._server.jobs
            return {job: one for job, one in self._server.parked.items() if jobs[job].record.array == array}

    def resume(self, jobs: Iterable[str]) -> tuple[Ring, ...]:
        """Unpark jobs."""
        with self._server.moment() as rings:
            for job in jobs:
                if job in self._server.parked and self._server.jobs[job].record.state is not State.PAUSED:
                    self._server.unpark(job)
                    self._server.make_due(job)
            return tuple(rings)

    def progress(self, reports: Mapping[str, tuple[int, float | None]]) -> None:
        """Note percent and seconds left of parked jobs."""
        with self._server.moment():
            for job, (percent, left) in reports.items():
                if job in self._server.parked:
                    eta = None if left is None else self._server.now() + round(left * 1000)
                    self._server.change(job, percent=percent, eta=eta)

    def due(self, limit: int) -> tuple[Ring, ...]:
        """Return jobs that should have moved and have not; remove records whose days are over."""
        with self._server.moment() as rings:
            now = self._server.now()
            self._server.sweep()
            overdue = sorted((at, job) for job, at in self._server.due.items() if at <= now)
            for _, job in overdue[:limit]:
                self._overdue(job)
            self._remove_ended(now - self._finished_ms)
            return tuple(rings)

    def _overdue(self, job: str) -> None:
        """Go on with a job whose time is over, whose ring was lost or whose worker died."""
        if not self._moves(self._server.jobs[job].record):
            del self._server.due[job]
            self._server.rest(job)
            return
        self._server.unpark(job)
        under_way = self._server.chains_of(job).under_way
        if job in under_way:
            self._server.jobs[job].rings += 1
            if self._server.jobs[job].rings >= _TRIES:
                under_way.discard(job)
        self._server.make_due(job)

    def hold(self, array: str, by: str) -> str:
        """Let nothing be begun on an array."""
        with self._server.moment():
            chains = self._server.chains.setdefault(array, Chains())
            chains.held = chains.held or by
            return chains.held

    def unhold(self, array: str, by: str) -> tuple[Ring, ...] | None:
        """End a hold."""
        del by
        with self._server.moment() as rings:
            chains = self._server.chains.setdefault(array, Chains())
            if not chains.held:
                return None
            chains.held = ""
            self._server.fill(array)
            return tuple(rings)

    def back(self, array: str) -> tuple[Ring, ...]:
        """Say that an array answers."""
        with self._server.moment() as rings:
            self._server.chains.setdefault(array, Chains()).away = ""
            self._server.fill(array)
            return tuple(rings)

    def standing(self, array: str) -> Standing:
        """Say how things stand with an array; a state server in memory never changes hands."""
        with self._server.moment():
            chains = self._server.chains.setdefault(array, Chains())
            return Standing(chains.held, chains.away, "", 0, len(chains.under_way), chains.ready)

    def report(self, worker: str, landings: Mapping[str, float]) -> None:
        """Take note of nothing: what is in memory is lost whole or not at all."""

    def leave(self, worker: str) -> None:
        """Take note of nothing."""

    def thaw(self, array: str, begun: int) -> tuple[Ring, ...]:
        """Return nobody: nothing is ever frozen."""
        del array, begun
        return ()

    def _remove_ended(self, before: int) -> None:
        for job, one in list(self._server.jobs.items()):
            if one.record.state in ENDED and one.record.ended <= before:
                del self._server.jobs[job]
                self._server.batches.get(one.record.batch, {}).pop(job, None)

    def holdings(self, keys: Sequence[str]) -> list[Holding]:
        """Say who holds some keys of claims."""
        with self._server.moment():
            return [self._server.claims.holding(key) for key in keys]

    def blockers(self, job: str) -> list[NotFree]:
        """Say which claims a waiting job waits for."""
        with self._server.moment():
            claims = self._server.claims
            return claims.blockers(job) + claims.blockers(permit_of(job))

    def lease(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew a role."""
        with self._server.moment():
            now = self._server.now()
            holder, until = self._server.roles.get(name, ("", 0))
            if holder not in {"", owner} and until > now:
                return False
            self._server.roles[name] = (owner, now + round(seconds * 1000))
            return True

    def release(self, name: str, owner: str) -> None:
        """Give a role back."""
        with self._server.moment():
            if self._server.roles.get(name, ("", 0))[0] == owner:
                del self._server.roles[name]


def _is_over(known: Accepted | KeyConflict | None, job: str) -> bool:
    """Say whether a key's job is another one, and ended otherwise than well."""
    return known is not None and known.job != job and known.state in UNSUCCESSFUL


def _with_claims(record: Record, asked: Request | None) -> Record:
    """Return the record with what it asked for, and the numbers if it was granted."""
    if asked is None:
        return record
    claims = tuple((str(claim.kind), claim.key, asked.member(claim)) for claim in asked.claims)
    return record.evolve(claims=claims, numbers=dict(asked.numbers))
