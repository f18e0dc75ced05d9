"""The application of a site over a real socket, in a thread of the test."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn

from tests.api.site import ApiSite
from vnx_jobs.api.app import create_app


@contextlib.contextmanager
def served(site: ApiSite, door: socket.socket | None = None) -> Iterator[str]:
    """Serve the application of a site in a thread: over a listening socket, else over one of its own."""
    app = create_app(site.house, site.settings, site.house.authority)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, ws="none"))
    with door or socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            app.state.doors.hub.stop()
            thread.join(20)
