"""Waiting: asks how things stand until they are over, and tells of each change."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vnx_jobs.documents.batches import StandingDocument
from vnx_jobs.documents.jobs import JobDocument

from .again import Patience
from .door import Door
from .errors import WaitTimeoutError

_ASKED: Final = 30.0
"""Seconds that the other side is asked to wait for the end of a job, if nobody wants to hear of its progress."""
_HEARD: Final = 1.0
"""The same, if somebody does."""
_APART: Final = 0.3
"""Seconds between two looks at several jobs, or at a batch."""
_SHARE: Final = 4
"""Looking at many takes at most one part in so many of the time, and one."""
_NAMED: Final = 3
"""Jobs that an error names."""


@dataclass(slots=True)
class Waiting:
    """Jobs that are waited for, and how they stood when they were last looked at."""

    door: Door
    again: Patience
    on_progress: Callable[[JobDocument], None] | None
    _known: dict[str, JobDocument] = field(default_factory=dict)
    _took: float = 0.0

    def until_over(self, ids: Sequence[str], seconds: float | None) -> list[JobDocument]:
        """Return the jobs when all are over. Raises WaitTimeoutError, and what the door raises."""
        end = None if seconds is None else time.monotonic() + seconds
        self._look(list(dict.fromkeys(ids)))
        while open_ids := [one for one, job in self._known.items() if not job.is_over]:
            left = _ASKED if end is None else end - time.monotonic()
            if left <= 0:
                raise _late(seconds, [self._known[one] for one in open_ids])
            if len(open_ids) == 1:
                self._wait(open_ids[0], min(left, _ASKED if self.on_progress is None else _HEARD))
            else:
                time.sleep(min(left, max(_APART, _SHARE * self._took)))
                self._look(open_ids)
        return [self._known[one] for one in ids]

    def _look(self, ids: Sequence[str]) -> None:
        """Ask how jobs stand."""
        if len(ids) == 1:
            self._wait(ids[0], 0)
            return
        began = time.monotonic()
        found = self.again(lambda: self.door.these(ids))
        self._took = time.monotonic() - began
        for one in found:
            self._note(one)

    def _wait(self, job: str, seconds: float) -> None:
        """Ask how a job stands as soon as it is over, or the seconds are."""
        self._note(self.again(lambda: self.door.job(job, seconds)))

    def _note(self, job: JobDocument) -> None:
        before = self._known.get(job.job)
        self._known[job.job] = job
        if self.on_progress is not None and (before is None or _told(before) != _told(job)):
            self.on_progress(job)


def _told(job: JobDocument) -> tuple[object, ...]:
    """Return what of a job is progress."""
    return job.state, job.step, job.percent, job.attempts, job.order


def _late(seconds: float | None, jobs: Sequence[JobDocument]) -> WaitTimeoutError:
    named = ", ".join(f"{one.job} {one.state}" for one in jobs[:_NAMED])
    more = f" and {len(jobs) - _NAMED} others" if len(jobs) > _NAMED else ""
    return WaitTimeoutError(f"not over after {seconds or 0:g} s: {named}{more}", jobs)


def until_batch_over(
    look: Callable[[], StandingDocument], seconds: float | None, on_progress: Callable[[StandingDocument], None] | None
) -> StandingDocument:
    """Return how a batch stands when all of its jobs are over. Raises WaitTimeoutError, and what looking raises."""
    end = None if seconds is None else time.monotonic() + seconds
    before: tuple[object, ...] = ()
    while True:
        began = time.monotonic()
        batch = look()
        progress = batch.jobs_by_state, batch.percent
        if on_progress is not None and progress != before:
            on_progress(batch)
        before, now = progress, time.monotonic()
        if batch.over:
            return batch
        if end is not None and now >= end:
            raise WaitTimeoutError(f"not over after {seconds or 0:g} s: batch {batch.batch}")
        pause = max(_APART, _SHARE * (now - began))
        time.sleep(pause if end is None else min(pause, end - now))
