"""The load: what is asked for, when, and which jobs are cancelled or paused. Drawn whole from the seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vnx_jobs.model.orders import Order

SOURCES: Final = ("src-1", "src-2", "src-3")
"""Volumes of another administrator, with bytes in them, that most copies are made of."""
CROWDED: Final = "src-crowded"
"""One that has nearly as many snapshots as the array allows."""
_KINDS: Final = {
    "snap-copy": 30,
    "create-volume": 12,
    "clone": 13,
    "create-snapshot": 13,
    "snap-copy-of-snapshot": 6,
    "clone-of-snapshot": 4,
    "delete-volume": 16,
    "delete-snapshot": 6,
}
_LAST: Final = 0.85
"""The part of the time after which nothing is asked for any more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the load."""

    number: int
    at: float
    """Seconds from the beginning."""
    fields: dict[str, Any]
    """The spec's fields without the array."""
    after: tuple[int, ...] = ()
    """Requests that have to succeed first."""
    orders: tuple[tuple[float, Order], ...] = ()
    """Orders to its job, each so many seconds after it was asked for."""


@dataclass(slots=True)
class _Drawing:
    """What was drawn so far: who made which volume and snapshot."""

    random: random.Random
    crowded: bool
    volumes: dict[str, int] = field(default_factory=dict)
    snapshots: dict[str, int] = field(default_factory=dict)

    def fields(self, number: int) -> tuple[dict[str, Any], tuple[int, ...]]:
        """Draw one request's fields, and the requests that made what it is about."""
        kind = self.random.choices(list(_KINDS), list(_KINDS.values()))[0]
        if (kind == "delete-volume" and not self.volumes) or ("snapshot" in kind and not self.snapshots):
            kind = "create-snapshot" if "snapshot" in kind else "create-volume"
        match kind:
            case "delete-volume":
                return self._deleting("volume", self.volumes)
            case "delete-snapshot":
                return self._deleting("snapshot", self.snapshots)
            case "create-snapshot":
                name = f"snap-{number:05}"
                self.snapshots[name] = number
                return {"operation": kind, "name": name, "volume": self._source()}, ()
            case "create-volume":
                thin = self.random.choice(("thin", "thick"))
                size = self.random.choice((1, 2))
                made = {"operation": kind, "size_gb": size, "pool": "pool_1", "provisioning": thin}
                return self._making(number, made, ())
            case _:
                return self._copying(number, kind)

    def _deleting(self, kind: str, made: dict[str, int]) -> tuple[dict[str, Any], tuple[int, ...]]:
        name = self.random.choice(list(made))
        return {"operation": f"delete-{kind}", "name": name}, (made.pop(name),)

    def _copying(self, number: int, kind: str) -> tuple[dict[str, Any], tuple[int, ...]]:
        asked = {"operation": kind.removesuffix("-of-snapshot"), "on_limit": self.random.choice(("wait", "refuse"))}
        if not kind.endswith("-of-snapshot"):
            return self._making(number, asked | {"source": self._source()}, ())
        snapshot = self.random.choice(list(self.snapshots))
        return self._making(number, asked | {"snapshot": snapshot}, (self.snapshots[snapshot],))

    def _making(
        self, number: int, fields: dict[str, Any], after: tuple[int, ...]
    ) -> tuple[dict[str, Any], tuple[int, ...]]:
        name = f"vol-{number:05}"
        self.volumes[name] = number
        return fields | {"name": name}, after

    def _source(self) -> str:
        sources = (*SOURCES, CROWDED) if self.crowded else SOURCES
        return self.random.choice(sources)


def draw(seed: int, jobs: int, seconds: float, *, crowded: bool) -> tuple[Asked, ...]:
    """Draw a load of so many jobs over so many seconds."""
    drawing = _Drawing(random.Random(f"load {seed}"), crowded)  # noqa: S311 -- not a secret: it must be replayable
    moments = _moments(drawing.random, jobs, seconds * _LAST)
    found = []
    for number, at in enumerate(moments):
        fields, makers = drawing.fields(number)
        after = makers if drawing.random.random() < 0.5 else ()  # noqa: PLR2004 -- the others find it by name
        found.append(Asked(number, at, fields, after, _orders(drawing.random)))
    return tuple(found)


def _moments(chance: random.Random, jobs: int, seconds: float) -> Sequence[float]:
    """Draw when jobs are asked for: singly, and in handfuls at one moment."""
    moments: list[float] = []
    while len(moments) < jobs:
        handful = chance.choice((1, 1, 1, 2, 5, 10))
        moments += [chance.uniform(0, seconds)] * min(handful, jobs - len(moments))
    return sorted(moments)


def _orders(chance: random.Random) -> tuple[tuple[float, Order], ...]:
    dice = chance.random()
    if dice < 0.07:  # noqa: PLR2004 -- shares of the load
        return ((chance.uniform(0, 4), Order.CANCEL),)
    if dice < 0.14:  # noqa: PLR2004 -- the same
        paused = chance.uniform(0, 3)
        return (paused, Order.PAUSE), (paused + chance.uniform(0.5, 4), Order.RESUME)
    return ()
