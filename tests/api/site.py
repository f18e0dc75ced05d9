"""A small installation behind the HTTP service: real records in Valkey, one array in memory, one that nobody reads."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from pydantic import SecretStr

from tests.installation import ARRAY, Installation
from vnx_jobs.api.app import create_app
from vnx_jobs.api.unguarded import Unguarded
from vnx_jobs.model.authority import Caller, Role
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.settings import Settings
from vnx_jobs.settings_api import ApiSettings
from vnx_jobs.wiring import House

OTHER = "vault"


@dataclass
class Told(Unguarded):
    """Knows a token for each role, and keeps what was written of what they did."""

    lines: list[tuple[str, str, str, tuple[str, ...], str]] = field(default_factory=list)

    def identify(self, secret: str, origin: str) -> Caller:
        """Read a token: role, and the arrays that it sees, with a hyphen between each."""
        role, *arrays = secret.split("-")
        if role not in set(Role):
            raise Refused(Code.UNAUTHORIZED, "nobody is known by this token")
        return Caller(secret, Role(role), frozenset(arrays) or None, origin)

    def wrote(self, caller: Caller, what: str, *, array: str = "", jobs: Collection[str] = (), outcome: str) -> None:
        """Keep a line."""
        self.lines.append((caller.name, what, array, tuple(jobs), outcome))


class ApiSite:
    """The installation, its house as the service has it, and clients with a token each."""

    def __init__(self, url: str, prefix: str, folder: Path, **api: Any) -> None:
        self.world = Installation(url, prefix, folder)
        fields = self.world.settings.model_dump(exclude={"arrays", "redis_url", "api"})
        arrays = {ARRAY: self.world.box, OTHER: self.world.box.model_copy()}
        self.settings = Settings(**fields, arrays=arrays, redis_url=SecretStr(url), api=ApiSettings(**api))
        self.house = House(self.settings)
        self.told = Told()
        self.world.read_array()

    @contextmanager
    def client(self, token: str = "admin", **options: Any) -> Iterator[TestClient]:  # noqa: S107 -- a test's own
        """Give a client of the application that bears a token; none if it is empty."""
        app = create_app(self.house, self.settings, self.told, **options)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
            yield client

    def close(self) -> None:
        """Let go of the state server."""
        self.house.close()
        self.world.close()


def volume(name: str, array: str = ARRAY, **fields: Any) -> dict[str, Any]:
    """Return the spec of a volume to be created."""
    return {"operation": "create-volume", "array": array, "name": name, "size_gb": 1, "pool": "pool", **fields}
