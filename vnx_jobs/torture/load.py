"""The load: what is asked for, when, and which jobs are cancelled or paused. Drawn whole from the seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vnx_jobs.model.orders import Order

from .drawing import Drawing

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
    of: int | None = None
    """The request whose backup it is about: it is asked for as soon as there is that backup, and never without one."""


def draw(seed: int, jobs: int, seconds: float, *, crowded: bool) -> tuple[Asked, ...]:
    """Draw a load of so many jobs over so many seconds."""
    drawing = Drawing(random.Random(f"load {seed}"), crowded)  # noqa: S311 -- not a secret: it must be replayable
    moments = _moments(drawing.random, jobs, seconds * _LAST)
    found = []
    for number, at in enumerate(moments):
        fields, makers = drawing.fields(number)
        after = makers if drawing.random.random() < 0.5 else ()  # noqa: PLR2004 -- the others find it by name
        found.append(Asked(number, at, fields, after, orders(drawing.random)))
    return tuple(found)


def _moments(chance: random.Random, jobs: int, seconds: float) -> Sequence[float]:
    """Draw when jobs are asked for: singly, and in handfuls at one moment."""
    moments: list[float] = []
    while len(moments) < jobs:
        handful = chance.choice((1, 1, 1, 2, 5, 10))
        moments += [chance.uniform(0, seconds)] * min(handful, jobs - len(moments))
    return sorted(moments)


def orders(chance: random.Random) -> tuple[tuple[float, Order], ...]:
    """Draw the orders to one job: most get none, some are cancelled, and some paused and resumed."""
    dice = chance.random()
    if dice < 0.07:  # noqa: PLR2004 -- shares of the load
        return ((chance.uniform(0, 4), Order.CANCEL),)
    if dice < 0.14:  # noqa: PLR2004 -- the same
        paused = chance.uniform(0, 3)
        return (paused, Order.PAUSE), (paused + chance.uniform(0.5, 4), Order.RESUME)
    return ()
