"""The twin of what reads many records in parts."""

from collections import Counter
from collections.abc import Collection, Mapping

from vnx_jobs.model.names import is_job_id
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports.pages import Page

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
        with self._server.moment():
            jobs = self._server.jobs
            ids = list(self._server.batches.get(batch, {})) if batch else list(jobs)
            records = [jobs[job].record for job in ids]
        return Counter((one.array, one.state) for one in records if batch or one.state not in ENDED)
