"""Celery's side: the app, thin tasks, process set-up and the heartbeat."""
