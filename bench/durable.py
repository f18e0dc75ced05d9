"""The product's own Celery app, task and process set-up, with an array in memory and steps that do nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache

from bench.noops import noops
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import MemoryVnx
from vnx_jobs.engine import Surroundings, terms
from workers import process, tasks
from workers.app import app

__all__ = ["app"]


class _Clock:
    """Implements Clock."""

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()


def idle(world: Surroundings) -> Surroundings:
    """Return the same surroundings, in which the steps do nothing and the array is in memory."""
    vnx = MemoryVnx(_Clock(), {"pool": 1})
    steps = noops()
    return replace(
        world, steps=steps, terms=terms(world.arrays, steps), array=lambda _, deadline: MemoryArray(vnx, deadline)
    )


@cache
def _surroundings() -> Surroundings:
    return idle(process.surroundings())


vars(tasks)["surroundings"] = _surroundings  # the task itself stays the product's
