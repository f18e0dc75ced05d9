"""One worker for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.acceptance.site import Site
from tests.celery_submit.sender import Sender


@pytest.fixture(scope="package")
def sender(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    """Return a service beside a running worker."""
    site = Site(tmp_path_factory.mktemp("site"), valkey_url, "tsubmit:")
    made = Sender(site)
    made.start()
    yield made
    site.stop()
