"""Set-up of a worker process: logs, and the parts that its turns need, built once a process after the fork."""

import os
from contextlib import closing, suppress
from functools import cache
from typing import Any

import structlog
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown, worker_ready, worker_shutdown

import vnx_jobs.adapters.array.vnx  # noqa: F401 -- loads storops once, before the pool forks
from vnx_jobs.adapters.redis.witness import WORKER_VARIABLE
from vnx_jobs.engine import Surroundings
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.observability.logs import log_to
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

from .stopping import StoppingHouse, stopping


@cache
def house() -> House:
    """Return this process' parts. Never called before the pool has forked: connections are not shared."""
    from .app import app  # noqa: PLC0415 -- the app's own import must not need this module

    return StoppingHouse(load(), lambda: stopping().begun, app)


@cache
def surroundings() -> Surroundings:
    """Return what a turn needs."""
    return house().surroundings()


@setup_logging.connect  # type: ignore[untyped-decorator]  # celery is untyped
def set_up_logging(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Send this worker's log to standard error, a JSON object a line; Celery then leaves logging alone."""
    log_to()


@worker_ready.connect  # type: ignore[untyped-decorator]  # celery is untyped
def say_ready(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Log that the pool is up and messages are taken: who started this worker can wait for the line."""
    structlog.get_logger().info("worker_ready")


@worker_process_init.connect  # type: ignore[untyped-decorator]  # celery is untyped
def begin(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Build everything before the first task, so that the first step is no slower than the others."""
    surroundings()


@worker_shutdown.connect  # type: ignore[untyped-decorator]  # celery is untyped
def leave(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Say that this worker has ended, once its pool has: what it saw is committed, and nobody need ask it."""
    with suppress(StateServerError), closing(House(load())) as last:
        last.store.leave(os.environ[WORKER_VARIABLE])


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]  # celery is untyped
def end(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Let go of connections."""
    if house.cache_info().currsize:
        house().close()
