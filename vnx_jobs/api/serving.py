"""Running the service: where it listens, what it refuses to be, and how it ends."""

import errno
import ipaddress
import logging
import resource
import socket
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.settings import Settings
from vnx_jobs.stack.places import write_private
from vnx_jobs.wiring import House

from .app import create_app
from .doors import Doors, Guards
from .unguarded import Unguarded

READY: Final = "api_ready"
"""What it logs when it takes requests."""
_GRACE: Final = 5
"""Seconds that requests under way are given when it is to end."""
_BACKLOG: Final = 512
_OTHER_FILES: Final = 512
"""Files beside those of streams: requests, connections to the state server, logs."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service listens, and how."""

    host: str
    port: int
    is_open: bool = False
    """No token is asked for."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    any_port: bool = False
    """Take another port if this one is taken."""
    address_file: Path | None = None
    """Written when it listens: its address, a line."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def serve(settings: Settings, place: Place) -> None:
    """Serve until a signal says that it is to end.

    Raises Refused for a place where it must not, or cannot, listen, and StateServerError if there is no state server.
    """
    if place.is_open and not place.is_local:
        text = f"--open lets everybody do everything who reaches {place.host}: only a loopback address may be open"
        raise Refused(Code.INVALID, text)
    if not (place.is_local or place.tls_cert):
        structlog.get_logger().warning("no_tls", host=place.host, see="api.tls_cert, or a proxy that speaks TLS")
    _open_files(settings.api.streams + _OTHER_FILES)
    house = House(settings)
    try:
        _warm(house)
        app = create_app(house, settings, _guards(house, place), is_open=place.is_open)
        with listening(place) as door:
            _run(app, place, door)
    finally:
        house.close()


def _open_files(most: int) -> None:
    """Have so many files open at one time, if it may: each stream is one, and 1024 is what processes begin with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < most:
        structlog.get_logger().warning("few_files", allowed=allowed, wanted=most, see="LimitNOFILE, or api.streams")


def _warm(house: House) -> None:
    """Build the parts before the first request, lest threads that ask for one at the same time build two.

    What submits needs Celery, which takes most of a second to import: it is built while the service begins to answer.
    """
    for part in ("store", "inventory", "reads", "pages", "events", "catalogue"):
        getattr(house, part)
    threading.Thread(target=lambda: (house.bell, house.submission, house.orders, house.scheduler), daemon=True).start()


def _guards(house: House, place: Place) -> Guards:
    return Unguarded() if place.is_open else house.authority


def listening(place: Place) -> socket.socket:
    """Return a socket that is bound where the service is to listen. Raises Refused if it cannot be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise Refused(Code.INVALID, f"there is no address {place.host!r}: {error.strerror}") from None
    door = socket.socket(family, kind, protocol)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(door, address, any_port=place.any_port)
        door.listen(_BACKLOG)
    except OSError as error:
        door.close()
        text = f"cannot listen at {place.host} port {place.port}: {error.strerror} (see --port, or api.port)"
        raise Refused(Code.INVALID, text) from None
    return door


def _bind(door: socket.socket, address: tuple[object, ...], *, any_port: bool) -> None:
    try:
        door.bind(address)
    except OSError as error:
        if not (any_port and error.errno == errno.EADDRINUSE):
            raise
        door.bind((address[0], 0, *address[2:]))


def address_of(place: Place, door: socket.socket) -> str:
    """Return the address by which clients reach a bound socket."""
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"{'https' if place.tls_cert else 'http'}://{host}:{door.getsockname()[1]}"


def _run(app: FastAPI, place: Place, door: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=logging.CRITICAL,  # what fails is logged by `answers`, without what local variables hold
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
        ssl_certfile=place.tls_cert,
        ssl_keyfile=place.tls_key,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        text = f"the certificate {place.tls_cert} with key {place.tls_key} cannot be used: {error.strerror or error}"
        raise Refused(Code.INVALID, text) from None
    _Service(config, address_of(place, door), place.address_file).run(sockets=[door])


class _Service(uvicorn.Server):
    """Says when it listens, and lets streams end when it is to end."""

    def __init__(self, config: uvicorn.Config, address: str, file: Path | None) -> None:
        super().__init__(config)
        self._address = address
        self._file = file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self._file is not None:
            write_private(self._file, self._address + "\n")
        structlog.get_logger().info(READY, address=self._address)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End all streams, let requests under way be answered, and end; a second signal does not wait."""
        del sig, frame
        self.force_exit = self.should_exit
        self.should_exit = True
        app = self.config.app
        assert isinstance(app, FastAPI)  # noqa: S101 -- it was made with one
        doors: Doors = app.state.doors
        doors.hub.stop()
