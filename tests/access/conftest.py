"""Who may, over each kind of state server."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.store.world import MemoryWorld, World, redis_world
from vnx_jobs.adapters.memory.authority import MemoryAudit, MemoryDeadLetters, MemoryTokens
from vnx_jobs.adapters.memory.store import MemoryJobStore
from vnx_jobs.adapters.redis.authority import RedisAudit, RedisDeadLetters, RedisTokens
from vnx_jobs.authority import Authority
from vnx_jobs.ports.authority import Audit, DeadLetters, Tokens

LINES = 200


@dataclass
class Place:
    """Tokens, audit trail and dead letters, and the clock they go by."""

    world: World
    tokens: Tokens
    audit: Audit
    dead: DeadLetters

    @property
    def authority(self) -> Authority:
        """What issues and knows tokens here, where there are two arrays."""
        return Authority(self.tokens, self.audit, ("box", "other"))


@pytest.fixture(params=["redis", "memory"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Open a place of each kind: both keep the same contracts."""
    if request.param == "memory":
        memory = MemoryWorld()
        assert isinstance(memory.store, MemoryJobStore)
        server = memory.store._server
        yield Place(memory, MemoryTokens(server), MemoryAudit(server, LINES), MemoryDeadLetters(server, LINES))
        return
    with redis_world(request.getfixturevalue("valkey_url"), request.getfixturevalue("prefix")) as world:
        real = world.server
        yield Place(world, RedisTokens(real), RedisAudit(real, LINES), RedisDeadLetters(real, LINES))
