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
def served(site: ApiSite) -> Iterator[str]:
    """Serve the application of a site over a socket, in a thread."""
    app = create_app(site.house, site.settings, site.house.authority)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            app.state.doors.hub.stop()
            thread.join(20)
