"""The Celery app. Made when this module is imported, as Celery wants it; it connects to nothing by itself."""

from typing import Final

from celery import Celery

from vnx_jobs.adapters.celery.bell import QUEUE, SUBMIT_QUEUE, transport_options
from vnx_jobs.settings import load
from vnx_jobs.wiring import state_server_url

from .heartbeat_step import HeartbeatStep
from .state_server_step import StateServerStep

AGAIN: Final = 60
"""Seconds after which a message is run again whose worker died with it."""


def make_app() -> Celery:
    """Return the app: Celery's settings from celeryconfig.py, the broker's address from ours, when needed."""
    made = Celery("vnx-jobs", include=["workers.tasks", "workers.submitting"])
    made.config_from_object("celeryconfig")
    made.add_defaults(_broker)
    made.steps["worker"].add(HeartbeatStep)
    made.steps["consumer"].add(StateServerStep)
    return made


def _broker() -> dict[str, object]:
    settings = load()
    url = state_server_url(settings)
    options = transport_options(settings.prefix)
    return {
        "broker_url": url,
        "broker_transport": "workers.broker:Transport",
        "broker_transport_options": options | {"visibility_timeout": AGAIN, "unacked_restore_throttle": 1},
        "worker_consumer": "workers.consumer:Consumer",
        "task_queues": {name: {"exchange": name, "routing_key": name} for name in (QUEUE, SUBMIT_QUEUE)},
        "result_backend": url,
        "result_backend_transport_options": {"global_keyprefix": options["global_keyprefix"]},
        "result_expires": settings.access.result_hours * 3600,
    }


app = make_app()
