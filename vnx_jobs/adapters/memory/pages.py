"""The twin of what reads many records in parts."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from vnx_jobs.model.names import is_job_id
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports.pages import Brief, Page

from .server import MemoryServer


class MemoryPages:
    """Implements Pages."""

    def __init__(self, server: MemoryServer) -> None:
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
        with self._server.moment():
            places, jobs = self._server.batches.get(batch, {}), self._server.jobs
            ids = sorted(places, key=lambda job: (places[job], job)) if batch else sorted(jobs, reverse=True)
            if after and (after not in ids if batch else not is_job_id(after)):
                raise ValueError("it is no place in this list")
            left = [one for one in ids if one < after] if after and not batch else ids
            left = left[left.index(after) + 1 :] if after and batch else left
            every = [jobs[job].record for job in left]
        found = [
            one for one in every if (not states or one.state in states) and (arrays is None or one.array in arrays)
        ]
        shown = tuple(found[:limit])
        return Page(shown, shown[-1].id if len(found) > limit and shown else "")

    def counts(self, *, batch: str = "") -> Mapping[tuple[str, State], int]:
        """Count jobs by array and state."""
        if batch:
            return Counter((row.array, row.state) for row in self.rows(batch))
        with self._server.moment():
            jobs = self._server.jobs
            records = [one.record for one in jobs.values()]
        return Counter((one.array, one.state) for one in records if one.state not in ENDED)

    def batches(self) -> Sequence[str]:
        """Return the names of all batches."""
        with self._server.moment():
            jobs = self._server.jobs
            last = {
                batch: max((jobs[job].record.created, job) for job in ids)
                for batch, ids in self._server.batches.items()
                if ids
            }
        return sorted(last, key=lambda batch: last[batch], reverse=True)

    def rows(self, batch: str) -> Sequence[Brief]:
        """Return the rows of a batch."""
        with self._server.moment():
            places, jobs = self._server.batches.get(batch, {}), self._server.jobs
            records = [jobs[job].record for job in sorted(places, key=lambda job: (places[job], job))]
        found: dict[str, Record] = {}
        for one in records:
            row = one.row or one.id
            found[row] = max(found.get(row, one), one, key=lambda record: record.id)
        return [_brief(one) for one in found.values()]

    def these(self, jobs: Sequence[str]) -> Sequence[Record]:
        """Read some records."""
        with self._server.moment():
            return [self._server.jobs[job].record for job in jobs if job in self._server.jobs]


def _brief(one: Record) -> Brief:
    return Brief(
        job=one.id,
        array=one.array,
        row=one.row,
        state=one.state,
        created=one.created,
        ended=one.ended,
        cursor=one.cursor,
        steps=0 if one.state in ENDED else len(one.steps),
        percent=one.percent,
        eta=one.eta or 0,
    )
