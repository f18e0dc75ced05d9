"""Call backs over each kind of state server."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.store.world import MemoryWorld, RedisWorld, World, redis_world
from vnx_jobs.adapters.memory.hooks import MemoryHooks
from vnx_jobs.adapters.memory.store import MemoryJobStore
from vnx_jobs.adapters.redis.hooks import RedisHooks
from vnx_jobs.model.hooks import Delivery, Hook
from vnx_jobs.ports.hooks import Hooks


@dataclass
class Place:
    """Hooks, and the world that their jobs are in."""

    world: World
    hooks: Hooks

    def register(self, *names: str) -> None:
        """Register hooks."""
        for name in names:
            assert self.hooks.add(hook(name))

    def waiting(self, name: str = "crm") -> list[str]:
        """Return the ids of all messages to a hook that are not delivered."""
        return [one.id for one in self.hooks.pending(name, 100)]

    def claim(self) -> Delivery:
        """Take the one message that is due."""
        (delivery,) = self.hooks.claim(10, 60.0)
        return delivery


def hook(name: str = "crm") -> Hook:
    """Return a hook."""
    return Hook(name, f"https://{name}.example/told", "0123456789abcdef", "mark", "admin@cli")


@pytest.fixture(params=["redis", "memory"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Open a place of each kind, without hooks: both keep the same contract."""
    if request.param == "memory":
        memory = MemoryWorld()
        assert isinstance(memory.store, MemoryJobStore)
        yield Place(memory, MemoryHooks(memory.store._server))
        return
    with redis_world(request.getfixturevalue("valkey_url"), request.getfixturevalue("prefix")) as world:
        yield Place(world, RedisHooks(world.server))


@pytest.fixture
def real(valkey_url: str, prefix: str) -> Iterator[RedisWorld]:
    """Open a world over a real state server, for what only its own keys can show."""
    with redis_world(valkey_url, prefix) as world:
        yield world
