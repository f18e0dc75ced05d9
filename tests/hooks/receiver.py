"""A receiver of call backs: a real HTTP server on loopback, which keeps what it is told."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

PATIENCE: Final = 10.0


@dataclass(frozen=True)
class Heard:
    """A request, as it came."""

    path: str
    headers: dict[str, str]
    """By their names in small letters."""
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """What stands in it."""
        event: dict[str, Any] = json.loads(self.body)
        return event

    def is_signed_with(self, key: str) -> bool:
        """Verify it as the Standard Webhooks tell."""
        told = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        secret = base64.b64decode(key.removeprefix("whsec_"))
        expected = "v1," + base64.b64encode(hmac.new(secret, told, hashlib.sha256).digest()).decode()
        fresh = abs(time.time() - int(self.headers["webhook-timestamp"])) < 300
        return fresh and hmac.compare_digest(expected, self.headers["webhook-signature"])


Reply = Callable[[BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Reply:
    """Return a reply with a status, and headers whose dashes are written as underscores."""

    def reply(to: BaseHTTPRequestHandler) -> None:
        to.send_response(code)
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.end_headers()

    return reply


class Receiver:
    """Listens while it is entered. Replies in turn, the last reply for ever."""

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.heard: list[Heard] = []
        self.free = threading.Event()
        """Set when replies that hang are to end."""
        self._replies = list(replies) or [status(204)]
        self._changed = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._told(Heard(self.path, {name.lower(): one for name, one in self.headers.items()}, body))(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever leaves early
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/told?by=vnx"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def _told(self, one: Heard) -> Reply:
        with self._changed:
            self.heard.append(one)
            self._changed.notify_all()
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def wait(self, count: int) -> list[Heard]:
        """Return what was heard, once it is so many requests."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.heard) >= count, PATIENCE), self.heard
            return list(self.heard)

    def hang(self, to: BaseHTTPRequestHandler) -> None:
        """Reply with nothing until it is freed."""
        self.free.wait(6 * PATIENCE)
        to.close_connection = True

    def trickle(self, to: BaseHTTPRequestHandler) -> None:
        """Reply well at last, but a byte now and then, so that no single read is slow."""
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 80 + b"\r\n\r\n":
            self.free.wait(0.02)
            to.wfile.write(bytes([byte]))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.free.set()
        self._server.shutdown()
        self._server.server_close()
