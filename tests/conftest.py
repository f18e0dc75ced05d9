"""What every test folder may use: a real Valkey for the session, and a prefix of its own for each test.

What uses a Valkey is marked so, which keeps it out of the fast part: its twin in memory is there.
"""

import secrets
from collections.abc import Iterator

import pytest

from tests.state_server import StateServer, remove_keys


@pytest.hookimpl(tryfirst=True)  # before pytest looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a Valkey: by its fixture, or as one of the kinds of place that they are run in."""
    for item in items:
        params = (
            item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
        )
        if "valkey_url" in getattr(item, "fixturenames", ()) or any(str(one) == "valkey" for one in params):
            item.add_marker(pytest.mark.server)


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
