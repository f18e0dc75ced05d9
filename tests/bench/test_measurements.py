"""Each measurement runs, in a small form, and writes figures that can be read. What they are is not judged here."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from bench.budgets import BUDGETS
from bench.figures import Figure
from bench.page import BEGIN, END, with_figures
from bench.run import PAGE, PARTS, RESULTS, main
from vnx_jobs.model.specs import OPERATIONS

_LONG = {"turns", "makespan", "latency", "batches", "doors", "backups"}
"""Parts that take ten seconds and more even in their small form: the full run has them."""
_WITH_BACKUP_HOSTS = {"backup", "drill", "prune-backups", "restore-backup", "verify-backup"}


def _measured(part: str, folder: Path) -> dict[str, Any]:
    """Measure a part in its small form; return what was written of it, which must make sense."""
    out = folder / "figures.json"
    assert main(["--only", part, "--quick", "--out", str(out)]) == 0
    results: dict[str, Any] = json.loads(out.read_text())
    assert list(results) == [part]
    found: dict[str, Any] = results[part]
    assert found["machine"]["cores"] >= 1
    assert found["machine"]["state server"].startswith("Valkey ")
    for figure in found["figures"]:
        assert math.isfinite(figure["value"])
        if "met" in figure:
            low, high = figure.get("at_least", -math.inf), figure.get("at_most", math.inf)
            assert figure["met"] == (low <= figure["value"] <= high)
    return found


def _values(result: dict[str, Any]) -> dict[str, float]:
    values = {figure["what"]: figure["value"] for figure in result["figures"]}
    assert len(values) == len(result["figures"])
    return values


@pytest.mark.real
@pytest.mark.parametrize(
    "part", [pytest.param(one, marks=[pytest.mark.full] * (one in _LONG)) for one in PARTS if one != "budgets"]
)
def test_a_measurement_runs(part: str, tmp_path: Path) -> None:
    """It starts what it measures, and writes figures with a bar or more."""
    assert any("met" in figure for figure in _measured(part, tmp_path)["figures"])


@pytest.mark.real
def test_the_commands_of_an_operation_are_those_of_the_array(tmp_path: Path) -> None:
    """An undisturbed snap copy sends three commands of its own, a volume or a snapshot one, and nothing more."""
    values = _values(_measured("budgets", tmp_path))
    own = {what.partition(",")[0]: value for what, value in values.items() if "own commands" in what}
    assert own == {"create a volume": 1, "snap copy of a volume": 3, "create a snapshot": 1}


def test_every_operation_has_its_budget() -> None:
    """Each word that people may ask for is measured, but for what a backup host takes part in."""
    measured = {operation for _, _, operation, _ in BUDGETS}
    same_table = {"migrate-volume"}  # as retype-volume
    assert set(OPERATIONS) - measured - same_table == {word for word in OPERATIONS if word in _WITH_BACKUP_HOSTS}


def test_the_page_shows_the_figures() -> None:
    """What stands between the marks of docs/performance.md is written from bench/results.json, and nothing else."""
    page = PAGE.read_text()
    assert with_figures(page, json.loads(RESULTS.read_text())) == page


def test_rounding_does_not_cross_a_bar() -> None:
    """A figure just beyond its bar is written with the digits that show it, any other with three."""
    assert Figure("a", 1.1504, at_most=1.15).document() == {"what": "a", "value": 1.1504, "at_most": 1.15, "met": False}
    assert Figure("a", 1.1404, at_most=1.15).document() == {"what": "a", "value": 1.14, "at_most": 1.15, "met": True}


def test_a_missed_bar_is_said() -> None:
    """A figure that misses its bar is marked in the table, one that meets it is not."""
    machine = {
        "day": "2026-01-01",
        "cores": 2,
        "processor": "P",
        "python": "3",
        "state server": "Valkey 9",
        "load": 0.0,
    }
    figures = [
        {"what": "slow", "value": 3.0, "unit": "x", "at_most": 2, "met": False},
        {"what": "fast", "value": 1.0, "unit": "x", "at_most": 2, "met": True},
        {"what": "many", "value": 12345, "met": None},
    ]
    results = {"one": {"title": "T", "about": "A.", "machine": machine, "figures": figures}}
    page = with_figures(f"before\n{BEGIN}\nold\n{END}\nafter\n", results)
    assert "| slow | 3x | at most 2x: **missed** |" in page
    assert "| fast | 1x | at most 2x |" in page
    assert "| many | 12,345 |  |" in page
    assert "old" not in page
