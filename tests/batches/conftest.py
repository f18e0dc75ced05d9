"""An installation for each test, and a way to run a manifest's text through it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batches.manifests import Runner
from tests.installation import Installation


@pytest.fixture
def runner(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Runner]:
    """Make an installation with a volume `gold`, and what submits manifests to it."""
    installation = Installation(valkey_url, prefix, tmp_path)
    installation.make("gold", content="ore")
    yield Runner(installation, tmp_path)
    installation.close()
