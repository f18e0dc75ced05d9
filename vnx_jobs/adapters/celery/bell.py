"""The bell: a native Celery chain of immutable signatures, a link a step. A message holds two words: job and place."""

from collections.abc import Iterable
from typing import Any, Final

import structlog
from celery import Celery, chain
from kombu.exceptions import OperationalError

from vnx_jobs.ports import Ring

STEP_TASK: Final = "vnx.step"
COPY_TASK: Final = "vnx.copy"
QUEUE: Final = "vnx"
SUBMIT_QUEUE: Final = "vnx.submit"
"""Where services of others send their requests to. Every worker takes from it."""


def copiers_queue(host: str) -> str:
    """Return the queue of a backup host's copiers."""
    return f"{QUEUE}.backup.{host}"


def transport_options(prefix: str) -> dict[str, Any]:
    """Return what broker and producers must agree on: Celery's own keys live under our prefix."""
    return {"global_keyprefix": f"{prefix}mq:", "socket_connect_timeout": 5, "socket_timeout": 30}


def producer(url: str, prefix: str) -> Celery:
    """Return an app that can only publish; it reads no configuration and touches nothing until it does."""
    app = Celery("vnx-jobs-producer", broker=url, set_as_current=False)
    app.conf.update(
        broker_transport_options=transport_options(prefix),
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
    )
    return app


class CeleryBell:
    """Implements Bell."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def ring(self, rings: Iterable[Ring]) -> None:
        """Publish a chain for each job; stop at the first failure and leave the rest to the sweep."""
        try:
            for one in rings:
                self._chain(one).apply_async(retry=False)
        except (OperationalError, OSError) as error:
            structlog.get_logger().warning("bell_silent", why=type(error).__name__)

    def ring_copiers(self, host: str, transfers: Iterable[str]) -> None:
        """Publish a message for each transfer that a backup host is asked for; losing one costs a few seconds."""
        try:
            for one in transfers:
                self._app.send_task(COPY_TASK, args=(one,), queue=copiers_queue(host), retry=False)
        except (OperationalError, OSError) as error:
            structlog.get_logger().warning("bell_silent", why=type(error).__name__)

    def _chain(self, one: Ring) -> Any:  # noqa: ANN401 -- celery is untyped
        onward = 1 if one.last >= one.cursor else -1
        places = range(one.cursor, one.last + onward, onward)
        return chain(*(self._app.signature(STEP_TASK, args=(one.job, place), immutable=True) for place in places))
