"""Settings of Celery, each with its reason."""
