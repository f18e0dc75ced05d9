"""The client over a real state server: over HTTP by a real socket, and straight."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.site import ApiSite
from tests.client.ground import FORMS, client_of
from vnx_jobs import Client


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[ApiSite]:
    """Give an installation with its HTTP service."""
    site = ApiSite(valkey_url, prefix, tmp_path)
    try:
        yield site
    finally:
        site.close()


@pytest.fixture(params=FORMS)
def client(request: pytest.FixtureRequest, site: ApiSite) -> Iterator[Client]:
    """Give a client of each form."""
    with client_of(request.param, site) as client:
        yield client
