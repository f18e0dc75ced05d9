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

VALKEY: Final = 8
"""Of so many rows one is played over a real Valkey each time; all are played over its twins in memory."""
SAMPLED: Final = {"test_pairs.py": 4, "test_undo.py": 4, "test_state_server.py": 6}
"""Pages with a row for nearly every command of every operation: of so many rows one is played each time at all."""
BROKEN_CALLS: Final = frozenset({"test_state_server.py", "test_preview.py"})
"""Pages that are about the real Valkey alone."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Play each row twice: over the twins, and over the real Valkey."""
    if "kept_in" in metafunc.fixturenames:
        real_alone = Path(metafunc.definition.path).name in BROKEN_CALLS
        metafunc.parametrize("kept_in", ["valkey"] if real_alone else ["twins", "valkey"])


def _is_played(item: pytest.Item) -> bool:
    """Say whether a row is played each time; those over Valkey are some of those over the twins."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    kept_in = params.get("kept_in", "")
    if len(params) <= (kept_in != ""):
        return True
    page = item.path.name
    share = SAMPLED.get(page, 1) * (VALKEY if kept_in == "valkey" and page not in BROKEN_CALLS else 1)
    return crc32(item.name.replace(kept_in, "", 1).encode()) % share == 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most rows over the real Valkey, and some of the longest pages, to the full run; the same ones each time."""
    for item in items:
        ours = isinstance(item, pytest.Function) and item.path.parent == Path(__file__).parent
        if ours and not _is_played(item):
            item.add_marker(pytest.mark.full)


@pytest.fixture(scope="session")
def quick_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Valkey that writes nothing to disk: it is never killed here, and rows are many."""
    with StateServer(tmp_path_factory.mktemp("quick"), "--appendonly", "no") as server:
        yield server.url


@pytest.fixture(scope="session")
def templates() -> Iterator[dict[str, Installation]]:
    """Keep what rows start from, by the address of its state server, made when it is first wanted."""
    made: dict[str, Installation] = {}
    yield made
    for one in made.values():
        one.close()


@pytest.fixture
def url(kept_in: str, request: pytest.FixtureRequest) -> str:
    """Return the address of the row's state server; empty if its records are in the twins."""
    return request.getfixturevalue("quick_url") if kept_in == "valkey" else ""


@pytest.fixture
def template(templates: dict[str, Installation], url: str, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Make what the row starts from."""
    if url not in templates:
        templates[url] = prepared(url, tmp_path_factory.mktemp("template"))
    return templates[url]


def _remove(url: str, prefix: str) -> None:
    if url:
        remove_keys(url, prefix)


@pytest.fixture
def fresh(template: Installation, url: str, tmp_path: Path) -> Iterator[Iterator[Installation]]:
    """Yield installations without end, each a copy of the template; the one before is removed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    def make() -> Generator[Installation]:
        for number in itertools.count():
            prefix = f"row{number}:"
            _remove(url, prefix)
            made = Installation(url, prefix, tmp_path)
            made.copy(template)
            yield made
            made.close()
            _remove(url, prefix)

    rows = make()
    yield rows
    rows.close()
    structlog.reset_defaults()


@pytest.fixture
def installation(fresh: Iterator[Installation]) -> Installation:
    """Make one installation, a copy of the template."""
    return next(fresh)
