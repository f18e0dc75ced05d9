"""Arrays to test against."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.array.sites import SPEED, MemorySite, SimulatedSite, Site
from tests.array.stand_in import StandIn


@pytest.fixture
def simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedSite:
    """Make a simulated VNX of the test's own, which prepares and migrates many times as fast as a real one."""
    monkeypatch.setenv("VNX_SIM_SPEED", str(SPEED))
    return SimulatedSite(tmp_path)


@pytest.fixture(params=["memory", pytest.param("simulated", marks=pytest.mark.real)])
def site(request: pytest.FixtureRequest) -> Site:
    """Each array in turn that must keep the port's contract."""
    if request.param == "memory":
        return MemorySite()
    simulated: SimulatedSite = request.getfixturevalue("simulated")
    return simulated


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[..., StandIn]:
    """Make a program of the test's own in naviseccli's place."""

    def make(script: str, **settings: Any) -> StandIn:
        return StandIn(tmp_path, script, **settings)

    return make
