"""Records a part at a time, counts of them, and the stream of events: plain reads, no script."""

import json
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import Final, cast

from vnx_jobs.model.event import Event
from vnx_jobs.model.names import is_job_id
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.ports.pages import Brief, Page

from . import codec
from .server import Server

_CHUNK: Final = 300
_BRIEF: Final = ("state", "ask", "created", "ended", "cursor", "size", "pct", "eta")
_KNOWN: Final = 20_000
"""Jobs whose array and batch are remembered for the events to come."""


class RedisPages:
    """Implements Pages."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def page(
        self,
        *,
        batch: str = "",
        states: Collection[State] = (),
        arrays: Collection[str] | None = None,
        after: str = "",
        limit: int,
    ) -> Page:
        """List jobs, a part at a time."""
        ids = self._of_batch(batch, after) if batch else self._newest(after)
        found: list[Record] = []
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            found += (one for one in self._records(part) if _fits(one, states, arrays))
            if len(found) > limit:
                break
        more, shown = len(found) > limit, tuple(found[:limit])
        return Page(shown, shown[-1].id if more and shown else "")

    def _of_batch(self, batch: str, after: str) -> list[str]:
        ids = self._server.ordered(f"batch:{batch}")
        if not after:
            return ids
        if after not in ids:
            raise ValueError("what it begins after is gone")
        return ids[ids.index(after) + 1 :]

    def _newest(self, after: str) -> list[str]:
        if after and not is_job_id(after):
            raise ValueError("it is no place in a list of jobs")
        live = self._server.members("live")  # first: a job that ends meanwhile is then found twice, and not never
        ids = sorted({*live, *self._server.ordered("ended")}, reverse=True)
        return [one for one in ids if one < after] if after else ids

    def batches(self) -> Sequence[str]:
        """Return the names of all batches."""
        return self._server.ordered("batches")[::-1]

    def rows(self, batch: str) -> Sequence[Brief]:
        """Return the rows of a batch."""
        ids = self._server.ordered(f"batch:{batch}")
        found: dict[str, Brief] = {}
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            stored = self._server.parts([(f"job:{job}", _BRIEF) for job in part])
            for one in (_brief(job, fields) for job, fields in zip(part, stored, strict=True) if "state" in fields):
                row = one.row or one.job
                found[row] = max(found.get(row, one), one, key=lambda attempt: attempt.job)
        return list(found.values())

    def these(self, jobs: Sequence[str]) -> Sequence[Record]:
        """Read some records."""
        return list(self._records(jobs))

    def _records(self, ids: Sequence[str]) -> Iterable[Record]:
        stored = self._server.hashes([f"job:{job}" for job in ids])
        return (codec.record(job, one) for job, one in zip(ids, stored, strict=True) if "state" in one)

    def counts(self, *, batch: str = "") -> Mapping[tuple[str, State], int]:
        """Count jobs by array and state."""
        if batch:
            return Counter((row.array, row.state) for row in self.rows(batch))
        ids = sorted(self._server.members("live"))
        counted: Counter[tuple[str, State]] = Counter()
        for start in range(0, len(ids), _CHUNK):
            asked = [(f"job:{job}", ("state", "ask")) for job in ids[start : start + _CHUNK]]
            counted.update(
                (json.loads(one["ask"])["array"], State(one["state"]))
                for one in self._server.parts(asked)
                if "state" in one
            )
        return counted


def _brief(job: str, stored: Mapping[str, str]) -> Brief:
    ask = json.loads(stored["ask"])

    def number(name: str) -> int:
        return int(float(stored.get(name) or 0))

    return Brief(
        job=job,
        array=ask["array"],
        row=ask.get("row", ""),
        state=State(stored["state"]),
        created=number("created"),
        ended=number("ended"),
        cursor=number("cursor"),
        steps=number("size"),
        percent=number("pct") if stored.get("pct") else None,
        eta=number("eta"),
    )


class RedisEvents:
    """Implements Events. What the stream does not say of a job, its record does. For any number of threads."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._changing = Lock()

    def first(self) -> str:
        """Return the id of the oldest event."""
        return self._server.outermost("events", oldest=True)

    def last(self) -> str:
        """Return the id of the newest event."""
        return self._server.outermost("events", oldest=False) or "0-0"

    def after(self, event: str, seconds: float, most: int = 1000) -> Sequence[Event]:
        """Return what happened after an event."""
        told = self._server.events(event, seconds, most)
        self._look_up({fields["job"] for _, fields in told if fields["job"]})
        return [self._event(id_, fields) for id_, fields in told]

    def _look_up(self, jobs: Collection[str]) -> None:
        """Learn the array and the batch of jobs that are not known yet."""
        unknown = sorted(job for job in jobs if job not in self._known)
        stored = self._server.parts([(f"job:{job}", ("ask",)) for job in unknown]) if unknown else []
        with self._changing:
            for job, one in zip(unknown, stored, strict=True):
                asked = cast("dict[str, str]", json.loads(one.get("ask", "{}")))
                self._known[job] = asked.get("array", ""), asked.get("batch", "")
            while len(self._known) > _KNOWN:
                self._known.popitem(last=False)

    def _event(self, id_: str, fields: Mapping[str, str]) -> Event:
        job, state = fields["job"], fields["state"]
        # what happens to an array, and to no job of it, stands in the stream with the array in the state's place
        array, batch = self._known.get(job, ("", "")) if job else (state, "")
        return Event(id_, job, array, batch, fields["event"], state if job else "", fields["step"], fields["why"])


def _fits(record: Record, states: Collection[State], arrays: Collection[str] | None) -> bool:
    return (not states or record.state in states) and (arrays is None or record.array in arrays)
