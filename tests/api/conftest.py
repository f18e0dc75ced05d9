"""The HTTP service over a real state server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.site import ApiSite


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[ApiSite]:
    """Give an installation with its HTTP service."""
    site = ApiSite(valkey_url, prefix, tmp_path)
    try:
        yield site
    finally:
        site.close()


@pytest.fixture
def admin(site: ApiSite) -> Iterator[TestClient]:
    """Give a client that may do everything."""
    with site.client() as client:
        yield client
