"""A bare Celery app to compare with: a chain of tasks that do nothing, under the same settings of Celery as ours.

BENCH_URL is its broker, BENCH_PREFIX what its keys begin with; results are kept there too if BENCH_RESULTS is set.
"""

from __future__ import annotations

import os
from typing import Any, Final

from celery import Celery, chain
from celery.signals import setup_logging, worker_ready

TASK: Final = "bench.step"


def make_app(url: str, prefix: str, *, results: bool) -> Celery:
    """Return an app; with `results` it keeps the result of each step in the same server."""
    made = Celery("bare", set_as_current=False)
    made.config_from_object("celeryconfig")
    made.conf.update(
        broker_url=url,
        broker_transport_options={"global_keyprefix": prefix},
        result_backend=url if results else None,
        result_backend_transport_options={"global_keyprefix": prefix},
        task_ignore_result=not results,
    )
    made.task(name=TASK)(_step)
    return made


def _step(job: str, cursor: int) -> None:
    """Do nothing."""


def chain_of(made: Celery, job: str, steps: int) -> Any:  # noqa: ANN401 -- celery is untyped
    """Return a chain of immutable signatures, as our bell makes them."""
    return chain(*(made.signature(TASK, args=(job, place), immutable=True) for place in range(steps)))


@setup_logging.connect  # type: ignore[untyped-decorator]  # celery is untyped
def _no_logging(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    """Leave logging alone: a bare chain logs nothing."""


@worker_ready.connect  # type: ignore[untyped-decorator]  # celery is untyped
def _say_ready(**_: Any) -> None:  # noqa: ANN401 -- whatever the signal sends
    os.write(2, b"worker_ready\n")


app = make_app(
    os.environ.get("BENCH_URL", "memory://"),
    os.environ.get("BENCH_PREFIX", "bare:"),
    results="BENCH_RESULTS" in os.environ,
)
