"""The HTTP service of a site, as a process of its own."""

from typing import Final

from tests.acceptance.site import ARRAY, Site
from tests.api.service import Service
from tests.state_server import free_port
from vnx_jobs.model.authority import Role

PATH: Final = "/usr/bin:/bin"


class Front(Service):
    """`vnx-jobs serve` over a site's own settings, always at the same address; whoever speaks to it needs a token."""

    def __init__(self, site: Site) -> None:  # the settings are the site's, and none are written
        self.log = site.folder / "api.log"
        self._file = site.folder / "api.url"
        self._words = ("--port", str(free_port()))
        self._environment = {"PATH": PATH, **site.environment}
        self._process = None
        _, self.token = site.house.authority.issue("front", Role.OPERATOR, [ARRAY], None, "test")

    @property
    def headers(self) -> dict[str, str]:
        """What a request bears that may do everything on the array."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid
