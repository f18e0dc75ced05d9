"""The one task. It has no rules of its own: it takes turns at a job, and ends its chain where one did not move it."""

import time
from typing import Final

import structlog

from vnx_jobs import engine
from vnx_jobs.adapters.celery.bell import STEP_TASK
from vnx_jobs.model.errors import StateServerError

from .app import app
from .process import surroundings
from .stopping import stopping

STRETCH: Final = 1.0
"""Seconds that a process stays with one job before it lets other messages have their turn."""


@app.task(name=STEP_TASK)  # type: ignore[untyped-decorator]  # celery is untyped
def step(job: str, cursor: int) -> None:
    """Take turns at a job, from one step on: the chain's next links too, as long as the job moves and a stretch lasts.

    What is left of the chain after a stretch Celery publishes, for whichever process is free.
    """
    links, until = step.request.chain or [], time.monotonic() + STRETCH
    while _moved(job, cursor):
        if not links or time.monotonic() >= until:
            return
        job, cursor = links.pop()["args"]
    # Raising Ignore ends a chain too, at 3 ms and 90 kB that the process never gives back.
    step.request.chain = None


def _moved(job: str, cursor: int) -> bool:
    """Take one turn; say whether the chain goes on."""
    if stopping().begun:
        return False  # the sweep rings the job again, for another worker
    try:
        return engine.turn(surroundings(), job, cursor)
    except StateServerError as error:
        structlog.get_logger().error("state_server", job=job, cursor=cursor, why=error.message)
        return False
