"""A line between client and service that a test can cut, close, or have swallow answers; and services that are none."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Self

_PART = 65_536


class Wire:
    """Forwards connections to a service."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._service = (host, int(port))
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._threads: list[threading.Thread] = []
        self.swallowed = 0
        """Answers that were not passed on."""
        self.swallow = 0
        """How many answers are still to be swallowed: the request is passed on, and the connection then cut."""
        self.closed = False
        """Whether new connections are cut at once."""
        self.answers = bytearray()
        """What was passed on to the client."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self.cut()
        self._thread.join(10)
        for thread in self._threads:
            thread.join(10)
        for one in self._open:
            one.close()

    @property
    def url(self) -> str:
        """Where clients reach the service by it."""
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def cut(self) -> None:
        """Cut all connections."""
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if self.closed:
                near.close()
                continue
            far = socket.create_connection(self._service)
            self._open += [near, far]
            for way in ((near, far, False), (far, near, True)):
                thread = threading.Thread(target=self._pass, args=way, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass(self, source: socket.socket, target: socket.socket, answer: bool) -> None:  # noqa: FBT001 -- a thread's
        with contextlib.suppress(OSError):
            while part := source.recv(_PART):
                if answer and self.swallow:
                    self.swallow -= 1
                    self.swallowed += 1
                    break
                if answer:
                    self.answers += part
                target.sendall(part)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """Give the address of a service that answers everything alike, and the requests that it got with their headers."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.path}\n{self.headers}")
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 -- its name there

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", seen
        finally:
            server.shutdown()
            thread.join(10)
