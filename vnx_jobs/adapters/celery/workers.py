"""Which workers answer. Asks them through the broker, as Celery's own tools do."""

from kombu.exceptions import OperationalError

from vnx_jobs.model.errors import StateServerError

from .bell import producer


def answering(url: str, prefix: str, seconds: float) -> list[str]:
    """Return the names of the workers that answer within some seconds. Raises StateServerError."""
    try:
        with producer(url, prefix) as app:
            replies = app.control.ping(timeout=seconds)
    except (OperationalError, OSError) as error:
        raise StateServerError(f"the state server does not answer ({type(error).__name__})") from error
    return sorted(name for reply in replies for name in reply)
