"""Movers under test, each with a place of its own."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.movers.ground import KINDS, Ground

Places: TypeAlias = Callable[[str, bool], Path]


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Return the place of a repository of a kind, empty or with an archive: made once, and copied by each test."""
    if shutil.which("borg") is None:
        pytest.fail("borg is not installed: apt-get install borgbackup", pytrace=False)
    made: dict[str, Ground] = {}

    def place(kind: str, filled: bool) -> Path:  # noqa: FBT001 -- a key, as kind is
        if kind not in made:
            made[kind] = Ground(kind, tmp_path_factory.mktemp(kind))
            made[kind].mover().prepare()
        empty = made[kind]
        if not filled:
            return empty.root
        if f"{kind} filled" not in made:
            one = made[f"{kind} filled"] = Ground(kind, tmp_path_factory.mktemp(f"{kind}-filled"))
            shutil.copytree(empty.root, one.root, dirs_exist_ok=True)
            one.store()
        return made[f"{kind} filled"].root

    return place


@pytest.fixture(params=KINDS)
def ground(request: pytest.FixtureRequest, places: Places, tmp_path: Path) -> Ground:
    """Make a mover's place, with an empty repository in it."""
    return _copied(request.param, places, tmp_path, filled=False)


@pytest.fixture(params=KINDS)
def filled(request: pytest.FixtureRequest, places: Places, tmp_path: Path) -> Ground:
    """Make a mover's place, with an archive of the first volume in it."""
    return _copied(request.param, places, tmp_path, filled=True)


@pytest.fixture
def borg(places: Places, tmp_path: Path) -> Ground:
    """Make an empty place for borg alone."""
    return _copied("borg", places, tmp_path, filled=False)


@pytest.fixture
def filled_borg(places: Places, tmp_path: Path) -> Ground:
    """Make a filled place for borg alone."""
    return _copied("borg", places, tmp_path, filled=True)


def _copied(kind: str, places: Places, folder: Path, *, filled: bool) -> Ground:
    ground = Ground(kind, folder)
    shutil.copytree(places(kind, filled), ground.root, dirs_exist_ok=True)
    return ground
