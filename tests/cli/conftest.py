"""The program itself: run in this process where it only reads and complains, as a real process over a real stack."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Answer, Home, run_here


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Return what runs the program in this process, in an empty home folder."""
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    monkeypatch.delenv("VNX_JOBS_REDIS_URL", raising=False)
    return lambda *words: run_here(words, capsys)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Start one embedded stack with a simulated array for all tests of a module, and end it afterwards."""
    home = Home(tmp_path_factory.mktemp("stack"))
    try:
        assert home("up", "--simulated-array", "sim", "--workers", "2").status == 0
        yield home
    finally:
        home("down")


@pytest.fixture
def sim(stack: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Return what runs the program in this process over the module's stack: it saves a second a call."""
    monkeypatch.setenv("VNX_JOBS_HOME", str(stack.folder))
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    monkeypatch.delenv("VNX_JOBS_REDIS_URL", raising=False)
    return lambda *words: run_here(words, capsys)
