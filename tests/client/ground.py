"""A small installation, its HTTP service over a socket, and a client of either form."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.api.served import served
from tests.api.site import ApiSite
from tests.installation import Installation
from vnx_jobs import Client

FORMS: Final = ("http", "direct")
PATIENCE: Final = 20.0
"""Seconds until a test counts as hung."""


@contextlib.contextmanager
def client_of(form: str, site: ApiSite, token: str = "admin", **options: Any) -> Iterator[Client]:  # noqa: S107 -- a test's own
    """Give a client over HTTP, or one that speaks straight to the state server."""
    if form == "direct":
        with Client.direct(site.settings, **options) as client:
            yield client
        return
    with served(site) as url, Client(url, site.secret(token), **options) as client:
        yield client


@contextlib.contextmanager
def working(world: Installation) -> Iterator[None]:
    """Let workers, sweep and watch go on meanwhile."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            world.turns()
            world.clock.advance(world.clock.until_due())
            world.beat()
            stop.wait(0.005)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
