"""The Celery app. Made when this module is imported, as Celery wants it; it connects to nothing by itself."""

from celery import Celery

from vnx_jobs.adapters.celery.bell import transport_options
from vnx_jobs.settings import load
from vnx_jobs.wiring import state_server_url

from .heartbeat_step import HeartbeatStep
from .state_server_step import StateServerStep


def make_app() -> Celery:
    """Return the app: Celery's settings from celeryconfig.py, the broker's address from ours, when needed."""
    made = Celery("vnx-jobs", include=["workers.tasks"])
    made.config_from_object("celeryconfig")
    made.add_defaults(_broker)
    made.steps["worker"].add(HeartbeatStep)
    made.steps["consumer"].add(StateServerStep)
    return made


def _broker() -> dict[str, object]:
    settings = load()
    return {
        "broker_url": state_server_url(settings),
        "broker_transport_options": transport_options(settings.prefix),
    }


app = make_app()
