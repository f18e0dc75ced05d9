"""An array for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator.arrays import Sim, make


@pytest.fixture
def sim(tmp_path: Path) -> Sim:
    """Give an array of the second generation."""
    return make(tmp_path / "array")


@pytest.fixture
def old(tmp_path: Path) -> Sim:
    """Give an array of the first generation."""
    return make(tmp_path / "old", "--model", "vnx5300")
