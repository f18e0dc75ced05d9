"""The way from the broker to a worker: what is no message at all ends neither the worker nor its turn to listen."""

from typing import Any

from kombu.transport import redis

from .dead import bury


class Channel(redis.Channel):
    """Reads messages; what cannot be read as one is put aside, where the library would raise and so end the worker."""

    def _brpop_read(self, **options: Any) -> Any:  # noqa: ANN401 -- kombu is untyped
        before = set(self.qos._delivered)  # noqa: SLF001 -- the library tells nobody what it has just taken
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]  # kombu is untyped
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            for tag in set(self.qos._delivered) - before:  # noqa: SLF001 -- as above
                self.basic_reject(tag, requeue=False)  # type: ignore[no-untyped-call]  # as above
            bury(f"no message of Celery's protocol ({type(error).__name__}: {error})"[:300], "", "")
            return True


class Transport(redis.Transport):
    """The library's, with our channel."""

    Channel = Channel
