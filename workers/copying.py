"""Celery's side of a backup host: its own app, whose one task has a copier see transfers through.

It is no worker of jobs: it takes no turns, sweeps nothing and reads no array.
"""

import os
from functools import cache
from typing import Any

import structlog
from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown, worker_ready

from vnx_jobs.adapters.celery.bell import COPY_TASK, transport_options
from vnx_jobs.copier.copier import HostCopier
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.observability.logs import log_to
from vnx_jobs.settings import load
from vnx_jobs.wiring import House, state_server_url

from .backup_host import HOST_VARIABLE
from .ringing_step import RingingStep
from .state_server_step import StateServerStep
from .stopping import stopping


def make_app() -> Celery:
    """Return the app: Celery's settings from celeryconfig.py, the broker's address from ours, when needed."""
    made = Celery("vnx-jobs-copier", set_as_current=False)
    made.config_from_object("celeryconfig")
    made.add_defaults(_broker)
    made.steps["worker"].add(RingingStep)
    made.steps["consumer"].add(StateServerStep)
    return made


def _broker() -> dict[str, object]:
    settings = load()
    return {
        "broker_url": state_server_url(settings),
        "broker_transport_options": transport_options(settings.prefix),
    }


app = make_app()


@cache
def house() -> House:
    """Return this process' parts. Never called before the pool has forked: connections are not shared."""
    return House(load(), app)


@cache
def copier() -> HostCopier:
    """Return what this process copies with."""
    return house().copier(os.environ[HOST_VARIABLE], lambda: stopping().begun)


@app.task(name=COPY_TASK)  # type: ignore[untyped-decorator]  # celery is untyped
def copy(transfer: str) -> None:
    """See a transfer through, and whatever else waits. What the state server does not hear of is begun anew later."""
    try:
        copier().serve(transfer)
    except StateServerError as error:
        structlog.get_logger().error("state_server", transfer=transfer, why=error.message)


@setup_logging.connect  # type: ignore[untyped-decorator]  # celery is untyped
def set_up_logging(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Send this worker's log to standard error, a JSON object a line; Celery then leaves logging alone."""
    log_to()


@worker_ready.connect  # type: ignore[untyped-decorator]  # celery is untyped
def say_ready(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Log that the pool is up and transfers are taken: who started this worker can wait for the line."""
    structlog.get_logger().info("copiers_ready", host=os.environ[HOST_VARIABLE])


@worker_process_init.connect  # type: ignore[untyped-decorator]  # celery is untyped
def begin(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Build everything before the first transfer."""
    copier()


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]  # celery is untyped
def end(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Let go of connections."""
    if house.cache_info().currsize:
        house().close()
