"""Turns in memory: the right to run one step of a job, taken by compare-and-set, committed under a fence."""

from dataclasses import replace

from vnx_jobs.model.claim import Claim
from vnx_jobs.model.condition import ArrayBack, Condition, to_json
from vnx_jobs.model.errors import Code
from vnx_jobs.model.keys import group_key, name_key, snapshot_key
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import VERSION, Record
from vnx_jobs.model.states import ENDED, State, allowed
from vnx_jobs.model.step import NO_WAY_BACK_NAME
from vnx_jobs.ports import Change, NotFree, NoTurn, Ring, Terms, Turn

from .changes import at_work, changed, goes_on
from .server import PATIENCE, Job, MemoryServer

_SETTLING = "settling: a command without an answer could still land"


def permit_of(job: str) -> str:
    """Return the name under which a job asks for a permit."""
    return f"{job}/p"


class MemoryTurns:
    """The part of the job store that workers use."""

    def __init__(self, server: MemoryServer, *, key_ms: int) -> None:
        self._server = server
        self._key_ms = key_ms

    def take(self, job: str, cursor: int, terms: Terms) -> Turn | NoTurn:
        """Take a turn."""
        with self._server.moment() as rings:
            found = self._server.jobs.get(job)
            if found is None:
                return NoTurn("there is no such job")
            now, before = self._server.now(), found.record
            if before.steps[cursor : cursor + 1] == (NO_WAY_BACK_NAME,):
                return NoTurn(NO_WAY_BACK_NAME, onward=True)
            why = self._no_turn(found, cursor, now)
            if why:
                return NoTurn(why)
            if before.array not in terms.arrays or before.step not in terms.steps:
                return NoTurn("this worker does not know the array or the step")
            writes = terms.steps[before.step] and before.admitted
            leases = terms.arrays[before.array]
            lease, busy = (leases.write, leases.landing) if writes else (leases.read, 0.0)
            if self._server.chains_of(job).held and not (before.begun or before.cursor or before.back):
                self._server.rest(job)
                self._server.make_due(job)
                return NoTurn("the array is held: nothing is begun", tuple(rings))
            if before.order == Order.PAUSE:
                return NoTurn(self._rest(found, before.ordered_by), tuple(rings))
            if before.begun and before.until > now:
                self._settling(before)
                return NoTurn("settling", tuple(rings))
            self._server.chains_of(job).rest(job)
            self._server.chains_of(job).under_way.add(job)
            found.wake = found.rings = 0
            self._server.due[job] = now + round(lease * 1000)
            record = self._server.change(
                job,
                state=at_work(before),
                unsure=before.unsure or bool(before.begun and before.until),
                fence=before.fence + 1,
                attempts=before.attempts + 1,
                lease=now + round(lease * 1000),
                begun=max(before.begun, before.until) if before.begun else now,
                until=now + round(busy * 1000) if busy else 0,
                why="",
                moved=now,
                percent=None,
                eta=None,
            )
            return Turn(record, returning=before.begun > 0)

    def _no_turn(self, job: Job, cursor: int, now: int) -> str:
        """Say why the step is not to be run now; empty if it is."""
        record = job.record
        reasons = (
            (record.state in {*ENDED, State.STUCK, State.PAUSED}, f"the job is {record.state}"),
            (record.version > VERSION, "the record is of a newer version"),
            (record.cursor != cursor, "duplicate: the job is at another step"),
            (record.lease > now, "duplicate: a turn is under way"),
            (self._waits_for_claims(record), "the job waits for its claims"),
            (record.condition != "", "the job is parked"),
            (job.wake > now, "it is not time yet"),
        )
        return next((why for holds, why in reasons if holds), "")

    def _waits_for_claims(self, record: Record) -> bool:
        """Say whether a job has asked for claims that it does not have."""
        request = self._server.claims.requests.get(record.id)
        return record.admitted and (request is None or not request.granted)

    def _moves(self, record: Record) -> bool:
        """Say whether ringing a job can move it; if not, something else does."""
        return record.state not in {*ENDED, State.STUCK, State.PAUSED} and not self._waits_for_claims(record)

    def _rest(self, job: Job, by: str) -> str:
        """Pause a job at its step's boundary; return why it rests."""
        why = f"paused by {by}"
        self._server.unpark(job.record.id)
        self._server.due.pop(job.record.id, None)
        self._server.change(
            job.record.id, state=State.PAUSED, why=why, order="", ordered_by="", moved=self._server.now()
        )
        self._server.rest(job.record.id)
        return why

    def _end(self, job: Job, state: State, why: str) -> None:
        """End a job that no worker has in hand."""
        cancelled = {"code": str(Code.CANCELLED), "error": why} if state is State.CANCELLED else {}
        self._server.change(job.record.id, state=state, why=why, moved=self._server.now(), **cancelled)
        self._finish(job)

    def _stir(self, job: Job, settled: int) -> None:
        """Let a job that rests take a turn, once nothing of it could still land."""
        wish = self._server.claims.requests.get(permit_of(job.record.id))
        if wish is not None and not wish.granted:
            self._server.claims.leave(wish.name)
        self._server.unpark(job.record.id)
        if settled > self._server.now():
            self._wait(job, settled)
            self._server.rest(job.record.id)
        else:
            self._server.make_due(job.record.id)

    def _settling(self, record: Record) -> None:
        """Let a job wait whose worker died: its command could still land, and the worker's turn is over."""
        self._server.jobs[record.id].wake = record.until
        self._server.due[record.id] = record.until
        self._server.change(
            record.id,
            state=State.WAITING,
            why=_SETTLING,
            unsure=True,
            eta=record.until,
            lease=0,
            fence=record.fence + 1,
        )
        self._server.rest(record.id)

    def permit(self, turn: Turn, *claims: Claim) -> NoTurn | None:
        """Ask for permits."""
        with self._server.moment() as rings:
            job = turn.record.id
            found = self._server.jobs.get(job)
            if found is None or found.record.fence != turn.record.fence:
                return NoTurn("the turn is lost")
            known = self._server.claims.requests.get(permit_of(job))
            asked = known or self._server.claims.ask(permit_of(job), [_member(claim, job) for claim in claims])
            if isinstance(asked, NotFree):
                raise TypeError(f"a permit waits, it is not refused: {asked.key}")
            if asked.granted:
                return None
            record, why = found.record, f"waits for a place at {asked.claims[asked.at].words}"
            self._server.change(
                job,
                state=State.WAITING,
                why=why,
                lease=0,
                until=0,
                moved=self._server.now(),
                attempts=record.attempts - 1,
                begun=record.begun if turn.returning else 0,
            )
            self._server.due.pop(job, None)
            self._server.rest(job)
            return NoTurn(why, tuple(rings))

    def commit(self, turn: Turn, change: Change) -> tuple[Ring, ...] | None:
        """Commit a turn's outcome. Raises ValueError for a state that cannot follow the present one."""
        with self._server.moment() as rings:
            job = turn.record.id
            found = self._server.jobs.get(job)
            if found is None or found.record.fence != turn.record.fence or found.record.state in ENDED:
                return None
            if not allowed(found.record.state, change.state):
                raise ValueError(f"job {job} cannot go from {found.record.state} to {change.state}")
            landing = found.record.until
            record = changed(found.record, change, self._server.now())
            found.record = record
            self._server.show(record, change)
            if change.cursor is not None or change.state is State.STUCK:
                self._server.claims.leave(permit_of(job))
            if change.state in ENDED:
                self._finish(found)
            else:
                self._go_on(found, change, landing)
                self._heed_cancel(found, landing if change.settle else 0)
            return tuple(rings)

    def _heed_cancel(self, job: Job, settled: int) -> None:
        """Let an order to cancel, given during the turn, take hold of a job that would rest now."""
        record = job.record
        if record.order != Order.CANCEL or record.back or record.state is not State.WAITING:
            return
        if record.admitted:
            self._stir(job, settled)
        else:
            self._end(job, State.CANCELLED, f"cancelled by {record.ordered_by}")

    def _go_on(self, job: Job, change: Change, landing: int) -> None:
        """Put a job that has not ended where it is found again."""
        self._give_up(job, change.frees)
        server, now, record = self._server, self._server.now(), job.record
        if goes_on(change):
            server.due[record.id] = now + PATIENCE
            if change.back is not None:
                server.start_chain(record.id)
            return
        server.due.pop(record.id, None)
        if change.behind and not server.waits_for(record.id, (*record.after, *record.behind)):
            server.make_due(record.id)
            return
        if change.readmit:
            self._admit_anew(record.id)
            return
        if change.settle:
            server.change(record.id, unsure=True)
        if change.settle and change.state is not State.STUCK:
            self._wait(job, max(landing, now))
        if change.condition is not None:
            self._park(record.id, change.condition, change.why)
        if change.wait is not None:
            self._wait(job, now + round(change.wait * 1000))
        server.rest(record.id)

    def _park(self, job: str, condition: Condition, why: str) -> None:
        self._server.change(job, condition=to_json(condition))
        self._server.parked[job] = condition
        if isinstance(condition, ArrayBack):
            self._server.chains_of(job).away = why

    def _admit_anew(self, job: str) -> None:
        """Give all claims of a job back and have it ask anew: what it was planned on has changed."""
        self._server.claims.leave(job)
        fresh = {"begun": 0, "until": 0, "attempts": 0, "numbers": {}, "claims": ()}
        self._server.change(job, admitted=False, again=False, **fresh)
        self._server.make_due(job)

    def _give_up(self, job: Job, keys: tuple[str, ...]) -> None:
        """Give back claims of a job; whose name it was can be made by another."""
        server, record = self._server, job.record
        server.claims.give_up(record.id, keys)
        kept = tuple(claim for claim in record.claims if claim[1] not in keys)
        server.change(record.id, claims=kept)
        locks = {name_key: "volume", snapshot_key: "snapshot", group_key: "group"}
        names = {lock(record.array, "")[:-1]: kind for lock, kind in locks.items()}
        for key in keys:
            stem, _, name = key.rpartition(":")
            thing = (record.array, f"{names.get(stem, '')}:{name}")
            if server.makers.get(thing) == record.id:
                del server.makers[thing]

    def _wait(self, job: Job, until: int) -> None:
        job.wake = until
        self._server.due[job.record.id] = until
        self._server.change(job.record.id, eta=until)

    def _finish(self, job: Job) -> None:
        """End a job: free its claims, grant the next, ring whoever waited for the end."""
        server, record, now = self._server, job.record, self._server.now()
        success = record.state is State.SUCCEEDED
        server.over(record.id)
        for thing in job.makes:
            if server.makers.get((record.array, thing)) == record.id:
                del server.makers[record.array, thing]
        server.claims.leave(permit_of(record.id))
        server.claims.leave(record.id, job.keep if success else (), record.drops if success else ())
        for waiting in sorted(server.dependents.pop(record.id, ())):
            if server.live(waiting) and waiting not in server.parked:
                server.jobs[waiting].wake = 0
                server.make_due(waiting)
        if record.key:
            server.keys[record.key].ended = record.state
            server.keys[record.key].until = now + self._key_ms
        job.record = record.evolve(
            ended=now,
            claims=(),
            lease=0,
            fence=0,
            again=False,
            begun=0,
            until=0,
            attempts=0,
            unsure=False,
            condition="",
            percent=None,
            eta=None,
        )


def _member(claim: Claim, job: str) -> Claim:
    """Return the claim with the job as its holder, whatever the request is called."""
    return replace(claim, member=job)
