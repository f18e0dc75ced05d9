"""The one task. It has no rules of its own: it takes a turn, and stops its chain if the turn did not move the job."""

import structlog

from vnx_jobs import engine
from vnx_jobs.adapters.celery.bell import STEP_TASK
from vnx_jobs.model.errors import StateServerError

from .app import app
from .process import surroundings
from .stopping import stopping


@app.task(name=STEP_TASK)  # type: ignore[untyped-decorator]  # celery is untyped
def step(job: str, cursor: int) -> None:
    """Take a turn at one step of one job; the chain's next link goes on only if the job moved."""
    if stopping().begun:
        _end_chain()  # it was handed to this process before: the sweep rings the job again, for another worker
        return
    try:
        moved = engine.turn(surroundings(), job, cursor)
    except StateServerError as error:
        structlog.get_logger().error("state_server", job=job, cursor=cursor, why=error.message)
        moved = False
    if not moved:
        _end_chain()


def _end_chain() -> None:
    """Publish no further link. Raising Ignore does so too, at 3 ms and 90 kB that the process never gives back."""
    step.request.chain = None
