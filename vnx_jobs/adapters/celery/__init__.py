"""The doorbell over Celery. Of ours only this and `workers/` import celery."""
