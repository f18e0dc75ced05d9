"""The job store: records and their claims, each method one run of the script (or one pipelined call of many)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import chain, islice, repeat
from typing import Any, Final, TypeAlias, cast

from vnx_jobs.model import condition
from vnx_jobs.model.claim import Claim
from vnx_jobs.model.record import VERSION, Record
from vnx_jobs.model.states import ENDED, LIVE, State
from vnx_jobs.model.step import NO_WAY_BACK_NAME
from vnx_jobs.ports import (
    Accepted,
    Change,
    Entry,
    Holding,
    KeyConflict,
    NotFree,
    NoTurn,
    Ring,
    Standing,
    Terms,
    Turn,
)
from vnx_jobs.ports.gates import Gate

from . import codec
from .answers import admission, holding, known_job, not_free, submitted
from .orders import RedisOrders
from .sent import UnderWay
from .server import Answer, Server, patiently, rings_of

_CHUNK: Final = 300
"""Entries a pipelined call: the first call goes out when so many are made."""
_GROUP: Final = 100
"""Entries a run of the script: some 30 ms, in which the server answers nobody else, and one sync of its file."""
_GROUPS: Final = _CHUNK // _GROUP
_CHAINS: Final = 4
"""Jobs of an array that are rung at one time, if nobody said how many."""
_DAY: Final = 86400
_Submission: TypeAlias = tuple[str, dict[str, Any], dict[str, Any]]
"""Id, the record's fields, and what else the script needs."""


class RedisJobStore(RedisOrders):
    """Implements JobStore."""

    def __init__(
        self, server: Server, *, finished_days: float, key_days: float, chains: Mapping[str, int] | None = None
    ) -> None:
        """Keep ended records and keys for some days; `chains` is how many jobs of each array are rung at one time."""
        super().__init__(server, key_seconds=max(1, round(key_days * _DAY)))
        self._chains = dict(chains or {})
        self._finished_ms = round(finished_days * _DAY * 1000)

    def submit(self, entries: Iterable[Entry], gate: Gate | None = None) -> list[Accepted | NotFree | KeyConflict]:
        """Store records and ask for their claims. A lost answer is asked for again: the id makes it idempotent.

        What is ready is sent before the next part is made, and its answers are read after that: the server is
        another process. One part is under way at a time, since a later one may name jobs of it.
        """
        answers: list[Accepted | NotFree | KeyConflict] = []
        done: list[Answer] = []
        groups = self._groups(map(self._submission, entries), gate)
        ready = list(islice(groups, _GROUPS))
        while ready:
            self._server.need_room()
            with closing(self._server.begin_many("submit", ready, durable=True)) as under_way:
                answers += map(admission, done)
                coming = list(islice(groups, _GROUPS))
                done = self._arrived(under_way, ready)
            ready = coming
        return [*answers, *map(admission, done)]

    def _groups(self, entries: Iterator[_Submission], gate: Gate | None) -> Iterator[str]:
        """Make what each run of the script is given: what a run costs by itself is shared by a group of entries."""
        through = () if gate is None else ((gate.batch, gate.by, round(gate.seconds * 1000)),)
        while group := list(islice(entries, _GROUP)):
            arrays = {fields["array"] for _, fields, _ in group}
            yield codec.written((group, {array: self._chains.get(array, _CHAINS) for array in arrays}, *through))

    def _arrived(self, under_way: UnderWay[list[Answer]], groups: Sequence[str]) -> list[Answer]:
        again = partial(self._server.call_many, "submit", groups, durable=True)
        attempts: Iterator[Callable[[], list[Answer]]] = chain((under_way.answers,), repeat(again))

        def attempt() -> list[Answer]:
            return next(attempts)()

        runs = patiently(attempt)
        return [(result, rings_of(flat)) for answers, _ in runs for result, flat in submitted(answers)]

    def _submission(self, entry: Entry) -> _Submission:
        record = entry.record
        fields = codec.fields(record) | codec.held(entry.claims, entry.makes)
        extra = {
            "key": record.key,
            "digest": entry.digest,
            "claims": [codec.claim(one, record.id) for one in entry.claims],
            "park": "" if entry.park is None else condition.to_json(entry.park),
            "makes": entry.makes,
            "after": (*record.after, *record.behind),
            "batch": record.batch,
            "place": entry.place,
        }
        if entry.renews:
            extra["renews"] = 1
        if record.batch and record.retry_of:
            extra["like"] = record.retry_of
        if entry.park is not None:
            fields["cond"] = str(extra["park"])
        return record.id, fields, extra

    def known(self, asked: Sequence[tuple[str, str]]) -> list[Accepted | KeyConflict | None]:
        """Look idempotency keys up, in two pipelined calls."""
        stored = self._server.hashes([f"key:{key}" for key, _ in asked])
        jobs = sorted({one["job"] for one in stored if one})
        states = dict(zip(jobs, self._server.parts([(f"job:{job}", ("state",)) for job in jobs]), strict=True))
        return [
            None if not one else known_job(one, digest, states[one["job"]].get("state") or one["state"])
            for (_, digest), one in zip(asked, stored, strict=True)
        ]

    def admit(self, entry: Entry) -> Accepted | NotFree:
        """Ask for the claims of a record that was stored without them."""
        record = entry.record
        claims = [codec.claim(one, record.id) for one in entry.claims]
        fields = codec.planned(record, entry.claims, entry.makes)
        answer = admission(
            self._server.call("admit", record.id, fields, claims, entry.makes, self._key_seconds, durable=True)
        )
        return cast("Accepted | NotFree", answer)  # a stored record has no key left to conflict with

    def get(self, job: str) -> Record | None:
        """Read one record."""
        stored = self._server.hash(f"job:{job}")
        return codec.record(job, stored) if "state" in stored else None

    def find(
        self, *, batch: str = "", states: Iterable[State] = (), array: str = "", limit: int = 0, newest: bool = True
    ) -> list[Record]:
        """List records; reads every record of the batch, or of the installation, that may fit.

        Without conditions the newest few cost no more with many ended jobs: they are sought among the last to end.
        """
        wanted = frozenset(states)
        few = limit if newest and not (batch or wanted or array) else 0
        ids = self._server.ordered(f"batch:{batch}") if batch else self._ids(wanted, newest=newest, few=few)
        found: list[Record] = []
        step = few or _CHUNK
        for start in range(0, len(ids), step):
            found += (
                record
                for record in self._many(ids[start : start + step])
                if (not wanted or record.state in wanted) and array in {"", record.array}
            )
            if limit and len(found) >= limit:
                return found[:limit]
        return found

    def recent(self, array: str, since: int) -> list[Record]:
        """Return the jobs of an array that have not ended, or not before."""
        live = self._server.members("live")  # first: a job that ends meanwhile is then found twice, and not never
        ids = sorted({*live, *self._server.ordered("ended", since=since)})
        parts = [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
        return [record for part in parts for record in self._many(part) if record.array == array]

    def _ids(self, states: frozenset[State], *, newest: bool, few: int) -> list[str]:
        """Return all ids that may be in the states (any, if there are none), in the order in which they were made.

        If a `few` will do: of those that have ended only as many, the last ones.
        """
        live = [] if states and states <= ENDED else self._server.members("live")
        ended = [] if states and states <= LIVE else self._server.ordered("ended", last=few)
        return sorted({*live, *ended}, reverse=newest)

    def _many(self, ids: Sequence[str]) -> list[Record]:
        stored = self._server.hashes([f"job:{job}" for job in ids])
        return [codec.record(job, one) for job, one in zip(ids, stored, strict=True) if "state" in one]

    def take(self, job: str, cursor: int, terms: Terms) -> Turn | NoTurn:
        """Take a turn."""
        arrays, steps = codec.terms(terms)
        result, rings = self._server.call("take", job, cursor, arrays, steps, VERSION, durable=True)
        if result[0] == "no":
            return NoTurn(result[1], rings, onward=result[1] == NO_WAY_BACK_NAME)
        flat = result[2]
        record = codec.record(job, dict(zip(flat[::2], flat[1::2], strict=True)))
        return Turn(record, returning=bool(result[1]), lost=bool(result[3]))

    def permit(self, turn: Turn, *claims: Claim) -> NoTurn | None:
        """Ask for permits."""
        record, wanted = turn.record, [(claim.key, str(claim.limit), claim.words) for claim in claims]
        result, rings = self._server.call("permit", record.id, str(record.fence), int(turn.returning), wanted)
        return None if result[0] == "granted" else NoTurn(result[1], rings)

    def commit(self, turn: Turn, change: Change) -> tuple[Ring, ...] | None:
        """Commit a turn's outcome. Raises ValueError for a state that cannot follow the present one."""
        record = turn.record
        result, rings = self._server.call(
            "commit",
            record.id,
            str(record.fence),
            codec.change(record, change),
            self._key_seconds,
            durable=change.state in ENDED,
        )
        if result[0] == "forbidden":
            raise ValueError(f"job {record.id} cannot go from {result[1]} to {change.state}")
        return None if result[0] == "lost" else rings

    def parked(self, array: str) -> Mapping[str, condition.Condition]:
        """Return every job that is parked on the array; one with a condition of a newer version is left alone."""
        stored = self._server.hash(f"parked:{array}")
        known = {}
        for job, text in stored.items():
            try:
                known[job] = condition.from_json(text)
            except ValueError:
                continue
        return known

    def resume(self, jobs: Iterable[str]) -> tuple[Ring, ...]:
        """Unpark jobs."""
        ids = list(jobs)
        rings: list[Ring] = []
        for start in range(0, len(ids), _CHUNK):
            rings += self._server.call("resume", ids[start : start + _CHUNK])[1]
        return tuple(rings)

    def progress(self, reports: Mapping[str, tuple[int, float | None]]) -> None:
        """Note percent and seconds left."""
        if reports:
            flat = [
                (job, percent, -1 if left is None else round(left * 1000)) for job, (percent, left) in reports.items()
            ]
            self._server.call("progress", flat)

    def due(self, limit: int) -> tuple[Ring, ...]:
        """Return jobs that should have moved and have not."""
        return self._server.call("due", limit, self._finished_ms, tuple(self._chains.items()))[1]

    def hold(self, array: str, by: str) -> str:
        """Let nothing be begun on an array."""
        return str(self._server.call("hold", array, by)[0][1])

    def unhold(self, array: str, by: str) -> tuple[Ring, ...] | None:
        """End a hold."""
        result, rings = self._server.call("unhold", array, by)
        return rings if result[0] else None

    def back(self, array: str) -> tuple[Ring, ...]:
        """Say that an array answers."""
        return self._server.call("back", array)[1]

    def standing(self, array: str) -> Standing:
        """Say how things stand with an array."""
        held, away, frozen, judge, under_way, ready = self._server.call("standing", array)[0]
        return Standing(held, away, frozen, int(judge), int(under_way), int(ready))

    def report(self, worker: str, landings: Mapping[str, float]) -> None:
        """Say that a worker lives, and what it saw last."""
        until = [(array, round(seconds * 1000)) for array, seconds in landings.items()]
        self._server.call("report", worker, self._server.witness.seen(), until)

    def leave(self, worker: str) -> None:
        """Say that a worker ends."""
        self._server.call("leave", worker)

    def thaw(self, array: str, begun: int) -> tuple[Ring, ...]:
        """Say that an array's claims have been repaired."""
        return self._server.call("thaw", array, begun)[1]

    def holdings(self, keys: Sequence[str]) -> list[Holding]:
        """Say who holds some keys of claims."""
        result, _ = self._server.call("holdings", list(keys))
        return [holding(one) for one in result]

    def blockers(self, job: str) -> list[NotFree]:
        """Say which claims a waiting job waits for."""
        result, _ = self._server.call("blockers", job)
        return [not_free(one) for one in result]

    def lease(self, name: str, owner: str, seconds: float) -> bool:
        """Take or renew a role."""
        return bool(self._server.call("lease", name, owner, round(seconds * 1000))[0][0])

    def release(self, name: str, owner: str) -> None:
        """Give a role back."""
        self._server.call("release", name, owner)


def digest(text: str) -> str:
    """Return what an idempotency key stands for, short enough to keep by the thousand."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
