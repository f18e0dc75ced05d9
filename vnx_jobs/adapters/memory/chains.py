"""Chains in memory: how many jobs of an array are rung at one time, and whose turn is next."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

BOUND: Final = 4
"""Chains of an array that nobody has told a number for."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A ready job's place among those of its batch: what has begun comes first, then first come first served."""

    fresh: bool
    since: int
    job: str


@dataclass(slots=True)
class Chains:
    """The chains of one array. A job is under way, ready, or neither."""

    bound: int = BOUND
    held: str = ""
    """Who held the array: what has begun goes on, nothing is begun."""
    away: str = ""
    under_way: set[str] = field(default_factory=set)
    _ready: OrderedDict[str, list[Place]] = field(default_factory=OrderedDict)
    """Ready jobs by batch; the batch that is served next stands first."""

    def stand_by(self, batch: str, place: Place) -> None:
        """Take a job in, to be rung when there is room."""
        places = self._ready.setdefault(batch, [])
        places[:] = sorted({one for one in places if one.job != place.job} | {place})

    def rest(self, job: str) -> None:
        """Forget a job: its chain is over, or it is not ready any more."""
        self.under_way.discard(job)
        for batch, places in list(self._ready.items()):
            places[:] = [one for one in places if one.job != job]
            if not places:
                del self._ready[batch]

    def next(self) -> str | None:
        """Return the job to be rung next, which is under way from now on; None if there is no room, or nobody ready."""
        if self.away or len(self.under_way) >= self.bound:
            return None
        for batch, places in self._ready.items():
            if self.held and places[0].fresh:
                continue
            job = places.pop(0).job
            self._ready.move_to_end(batch)
            if not places:
                del self._ready[batch]
            self.under_way.add(job)
            return job
        return None

    @property
    def ready(self) -> int:
        """How many jobs wait for room."""
        return sum(map(len, self._ready.values()))
