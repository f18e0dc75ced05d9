"""What every test folder may use: a real Valkey for the session, and a prefix of its own for each test."""

import secrets
from collections.abc import Iterator

import pytest

from tests.state_server import StateServer, remove_keys


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Valkey that serves the whole session (one for each process of a parallel run).

    Nobody kills it, so nothing need be on disk: waiting for the disk would be half of the time of the quick tests.
    """
    with StateServer(tmp_path_factory.mktemp("valkey"), "--appendfsync", "no") as server:
        yield server.url


@pytest.fixture
def prefix(valkey_url: str) -> Iterator[str]:
    """Prefix of keys that no other test uses; its keys are removed afterwards."""
    name = f"t{secrets.token_hex(4)}:"
    yield name
    remove_keys(valkey_url, name)
