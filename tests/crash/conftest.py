"""An installation for each row of the matrix, each a copy of the same one."""

import itertools
import logging
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final
from zlib import crc32

import pytest
import structlog

from tests.crash.play import prepared
from tests.installation import Installation
from tests.state_server import StateServer, remove_keys

SAMPLED: Final = {
    "test_pairs.py": 8,
    "test_state_server.py": 6,
    "test_undo.py": 4,
    "test_backup_host.py": 4,
    "test_untouched.py": 3,
}
"""Pages with a row for nearly every command of every operation: of so many rows one is played each time."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most rows of the longest pages to the full run, the same ones each time."""
    for item in items:
        share = SAMPLED.get(item.path.name, 1) if item.path.parent == Path(__file__).parent else 1
        if "[" in item.name and crc32(item.name.encode()) % share:
            item.add_marker(pytest.mark.full)


@pytest.fixture(scope="session")
def quick_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Valkey that writes nothing to disk: it is never killed here, and rows are many."""
    with StateServer(tmp_path_factory.mktemp("quick"), "--appendonly", "no") as server:
        yield server.url


@pytest.fixture(scope="session")
def template(quick_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Make what every row starts from."""
    made = prepared(quick_url, tmp_path_factory.mktemp("template"))
    yield made
    made.close()


@pytest.fixture
def fresh(template: Installation, quick_url: str, tmp_path: Path) -> Iterator[Iterator[Installation]]:
    """Yield installations without end, each a copy of the template; the one before is removed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    def make() -> Generator[Installation]:
        for number in itertools.count():
            prefix = f"row{number}:"
            remove_keys(quick_url, prefix)
            made = Installation(quick_url, prefix, tmp_path)
            made.copy(template)
            yield made
            made.close()
            remove_keys(quick_url, prefix)

    rows = make()
    yield rows
    rows.close()
    structlog.reset_defaults()


@pytest.fixture
def installation(fresh: Iterator[Installation]) -> Installation:
    """Make one installation, a copy of the template."""
    return next(fresh)
