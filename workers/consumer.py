"""What takes messages in a worker's main process: those that it cannot understand become dead letters."""

from typing import Any

from celery.worker import consumer

from .dead import bury


class Consumer(consumer.Consumer):  # type: ignore[misc]  # celery is untyped
    """Celery's, which logs such messages with a traceback and forgets them."""

    def on_decode_error(self, message: Any, exc: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """Put a message aside whose body cannot be read."""
        self._aside(message, f"its body cannot be read: {exc}")

    def on_unknown_message(self, body: Any, message: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """Put a message aside that names no task."""
        del body
        self._aside(message, "it names no task")

    def on_unknown_task(self, body: Any, message: Any, exc: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """Put a message aside that names a task which there is not."""
        del body
        self._aside(message, f"there is no task {str(exc)[:100]}")

    def on_invalid_task(self, body: Any, message: Any, exc: Any) -> None:  # noqa: ANN401 -- celery is untyped
        """Put a message aside that is not of Celery's form, or of another type than JSON."""
        del body
        self._aside(message, f"it cannot be run: {exc}")

    @staticmethod
    def _aside(message: Any, why: str) -> None:  # noqa: ANN401 -- celery is untyped
        headers = message.headers if isinstance(message.headers, dict) else {}
        body = message.body.decode(errors="replace") if isinstance(message.body, bytes) else str(message.body)
        bury(why[:300], str(headers.get("id", "")), body)
        message.reject()
