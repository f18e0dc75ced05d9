"""An installation for each row of the matrix."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation


@pytest.fixture
def installation(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Make a whole installation with a volume, a snapshot of it, and a snap copy of it."""
    made = Installation(valkey_url, prefix, tmp_path)
    made.make("gold", content="ore")
    made.make("spare", content="tin")
    assert made.do("create-snapshot", name="monday", volume="gold").state == "SUCCEEDED"
    assert made.do("snap-copy", name="copy", source="gold").state == "SUCCEEDED"
    made.vnx.write(1, "slag")
    yield made
    made.close()
