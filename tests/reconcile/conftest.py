"""An installation with one of each: a source, a snap copy, a user's snapshot, a full copy; all lists read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.reconcile.ground import Ground


@pytest.fixture
def ground(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Ground]:
    """Make what reconciling is tried on."""
    installation = Installation(valkey_url, prefix, tmp_path)
    yield Ground.prepared(installation)
    installation.close()
