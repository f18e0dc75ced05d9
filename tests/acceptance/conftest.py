"""A site for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.site import Site


@pytest.fixture
def make_site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Return what makes a site; it is ended after the test."""
    made: list[Site] = []

    def make(**array: Any) -> Site:
        made.append(Site(tmp_path, valkey_url, prefix, **array))
        return made[-1]

    yield make
    for site in made:
        site.stop()
