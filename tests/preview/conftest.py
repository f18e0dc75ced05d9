"""An installation for each test, with a volume `gold` that holds the word `ore`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation


@pytest.fixture
def installation(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Make a whole installation in this process."""
    made = Installation(valkey_url, prefix, tmp_path)
    made.make("gold", content="ore")
    yield made
    made.close()
