"""What is counted of this process' requests, in the text form that Prometheus reads."""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Tally:
    """Counts the requests of this process by route, method and status."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: Counter[tuple[str, str]] = Counter()

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._lock:
            self._requests[method, route, status] += 1
            self._seconds[method, route] += round(seconds * 1_000_000)

    def lines(self) -> Iterable[str]:
        """Return what was counted."""
        with self._lock:
            requests, seconds = sorted(self._requests.items()), sorted(self._seconds.items())
        yield from head("vnx_jobs_http_requests_total", "counter", "Requests answered.")
        for (method, route, status), count in requests:
            yield line("vnx_jobs_http_requests_total", count, method=method, route=route, status=str(status))
        yield from head("vnx_jobs_http_request_seconds_total", "counter", "Seconds until they were answered.")
        for (method, route), micros in seconds:
            yield line("vnx_jobs_http_request_seconds_total", micros / 1_000_000, method=method, route=route)


class Counting:
    """Counts every request with its route's pattern: names of jobs and volumes stand in no label."""

    def __init__(self, app: ASGIApp, tally: Tally) -> None:
        self._app = app
        self._tally = tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it was answered; of a stream, how long until it began."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                method = scope["method"] if scope["method"] in _METHODS else "other"  # anybody may send any word
                self._tally.add(method, route, message["status"], time.monotonic() - began)
            await send(message)

        await self._app(scope, receive, noted)


def head(name: str, kind: str, says: str) -> tuple[str, str]:
    """Return what stands before the values of a metric."""
    return f"# HELP {name} {says}", f"# TYPE {name} {kind}"


def line(name: str, value: float, **labels: str) -> str:
    """Return one value of a metric."""
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value}" if told else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
