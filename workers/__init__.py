"""Celery's side: the app, the one task, process set-up and the heartbeat. `celery -A workers worker` runs it."""

from .app import app

__all__ = ["app"]
