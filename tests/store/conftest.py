"""State servers for the contract tests: the real one, and its twin in memory."""

from collections.abc import Iterator

import pytest

from tests.store.world import MemoryWorld, RedisWorld, World, redis_world


@pytest.fixture
def redis_only(valkey_url: str, prefix: str) -> Iterator[RedisWorld]:
    """Open a world over a real state server, for what only its own keys can show."""
    with redis_world(valkey_url, prefix) as world:
        yield world


@pytest.fixture(params=["redis", "memory"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Open a world over each kind of state server: both keep the same contracts."""
    if request.param == "memory":
        yield MemoryWorld()
        return
    with redis_world(request.getfixturevalue("valkey_url"), request.getfixturevalue("prefix")) as made:
        yield made
