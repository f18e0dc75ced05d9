"""Hearing what happens straight from the state server's stream of events."""

from collections.abc import Iterator
from typing import Final

from vnx_jobs.documents.jobs import EventDocument
from vnx_jobs.model.event import Event, place_of
from vnx_jobs.model.states import ENDED
from vnx_jobs.wiring import House

from .door import Listened
from .errors import EventsLostError

_ENDED: Final = frozenset(str(state) for state in ENDED)
_WAIT: Final = 1.0
"""Seconds that one reading waits for an event."""
_AT_ONCE: Final = 1000


def listen(house: House, job: str, batch: str, after: str) -> Iterator[Listened]:
    """Hear what happens to a job, to those of a batch, or to all, until what is listened to has ended."""
    position = after or house.events.last()
    yield Listened(position)
    open_jobs = _open(house, job, batch)
    behind = place_of(house.events.last())  # asked after it: the end of a job that has ended is not behind this
    while True:
        if open_jobs is not None and not open_jobs and place_of(position) >= behind:
            yield Listened(position, over=True)
            return
        _need_all(house, position)
        events = house.events.after(position, _WAIT, _AT_ONCE)
        for event in events:
            position = event.id
            if (job and event.job != job) or (batch and event.batch != batch):
                continue
            if open_jobs is not None:
                _note(open_jobs, event, batch)
            yield Listened(position, EventDocument.of(event))
        if not events:
            behind = (0, 0)
            yield Listened(position)


def _open(house: House, job: str, batch: str) -> set[str] | None:
    """Return which of the jobs have not ended; None if all are listened to, of which there is no end."""
    if job:
        return {job} - ({job} if house.reads.job(job).state in ENDED else set())
    return {one.id for one in house.reads.jobs(batch=batch) if one.state not in ENDED} if batch else None


def _note(open_jobs: set[str], event: Event, batch: str) -> None:
    if event.state in _ENDED:
        open_jobs.discard(event.job)
    elif batch and event.word == "submitted":
        open_jobs.add(event.job)


def _need_all(house: House, position: str) -> None:
    """Raise EventsLostError if events after a place are kept no more; `0-0` asks for what there is."""
    first, place = house.events.first(), place_of(position)
    if first and place != (0, 0) and place < place_of(first):
        raise EventsLostError("older events are gone: read again how things stand")
