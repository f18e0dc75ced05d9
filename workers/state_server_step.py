"""Celery's hook at each connection to the broker: a state server that may lose jobs is refused, and the worker ends."""

from typing import Any, Final

import structlog
from celery import bootsteps
from celery.exceptions import WorkerShutdown

from vnx_jobs.model.errors import StateServerError
from vnx_jobs.settings import load
from vnx_jobs.stack.trust import dangers, refusal

REFUSED: Final = 3
"""The worker's exit status then; a supervisor may start it again, and it looks again."""


class StateServerStep(bootsteps.StartStopStep):  # type: ignore[misc]  # celery is untyped
    """Looks before the first message is taken, and again after an outage: it may be another server by then."""

    requires = {"celery.worker.consumer.connection:Connection"}  # noqa: RUF012 -- celery's form

    def start(self, parent: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """Raise WorkerShutdown if the state server may lose jobs, having logged in one line what to set."""
        del parent
        try:
            found = dangers(load())
        except StateServerError as error:  # it has gone again: the next connection looks
            structlog.get_logger().warning("state_server_unseen", why=error.message)
            return
        if found:
            structlog.get_logger().error("state_server_refused", why=refusal(found))
            raise WorkerShutdown(REFUSED)
