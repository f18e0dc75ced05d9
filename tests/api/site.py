"""A small installation behind the HTTP service: real records in Valkey, one array in memory, one that nobody reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from kombu import pools
from pydantic import SecretStr

from tests.installation import ARRAY, Installation
from vnx_jobs.api.app import create_app
from vnx_jobs.model.authority import Role
from vnx_jobs.settings import Settings
from vnx_jobs.settings_api import ApiSettings
from vnx_jobs.wiring import House

OTHER = "vault"


class ApiSite:
    """The installation, its house as the service has it, and clients with a token each."""

    def __init__(self, url: str, prefix: str, folder: Path, **api: Any) -> None:
        self.world = Installation(url, prefix, folder)
        fields = self.world.settings.model_dump(exclude={"arrays", "redis_url", "api"})
        arrays = {ARRAY: self.world.box, OTHER: self.world.box.model_copy()}
        self.settings = Settings(**fields, arrays=arrays, redis_url=SecretStr(url), api=ApiSettings(**api))
        self.house = House(self.settings)
        self._secrets: dict[str, str] = {}
        self.world.read_array()

    def secret(self, token: str) -> str:
        """Return the secret of a token that is named by its role and the arrays that it sees, with hyphens between."""
        role, *arrays = token.split("-")
        if role in set(Role) and token not in self._secrets:
            issued = self.house.authority.issue(token, Role(role), arrays or None, None, "test")
            self._secrets[token] = issued[1]
        return self._secrets.get(token, token)

    @property
    def audit(self) -> list[tuple[str, str, str, tuple[str, ...], str]]:
        """What the audit trail says: who, what, array, jobs and outcome, oldest first."""
        found = self.house.authority.audit.read(most=1000)
        return [(one.who, one.what, one.array, one.jobs, one.outcome) for one in found]

    @contextmanager
    def client(self, token: str = "admin", **options: Any) -> Iterator[TestClient]:  # noqa: S107 -- a test's own
        """Give a client of the application that bears a token, see `secret`; none if it is empty."""
        app = create_app(self.house, self.settings, self.house.authority, **options)
        headers = {"Authorization": f"Bearer {self.secret(token)}"} if token else {}
        with TestClient(app, "http://localhost", headers=headers, raise_server_exceptions=False) as client:
            yield client

    def close(self) -> None:
        """Let go of the state server, and of the connections that kombu keeps for messages under its prefix."""
        self.house.close()
        self.world.close()
        pools.reset()  # type: ignore[no-untyped-call]  # kombu is untyped


def volume(name: str, array: str = ARRAY, **fields: Any) -> dict[str, Any]:
    """Return the spec of a volume to be created."""
    return {"operation": "create-volume", "array": array, "name": name, "size_gb": 1, "pool": "pool", **fields}
