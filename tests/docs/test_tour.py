"""docs/tour.md and docs/safety.md are true: each of their commands is run, in their order, on a real stack."""

from pathlib import Path

import pytest

from tests.docs.walking import walked

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def test_every_command_of_the_tour_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tour's commands end well, but for the one that is refused, and leave the volumes that the page tells of."""
    said = walked(DOCS / "tour.md", tmp_path, monkeypatch, capsys)
    assert len(said) >= 24
    assert "snapcopy:     True" in said["vnx-jobs volume show sim db-test"]
    assert "known by its key" in said["vnx-jobs submit clone name=db-twin source=db --key twin-of-monday"]
    assert "db has 1 snap cop" in said["! vnx-jobs submit delete-volume name=db"]
    assert "6 known" in said["vnx-jobs batch webs.yaml"]
    volumes = (tmp_path / "volumes.csv").read_text().splitlines()
    assert len(volumes) == 1 + len(("db", "db-test", "db-twin", "web")) + 5  # web-01 to web-05


def test_what_the_safety_rules_refuse_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each refusal that the page promises comes, and says which rule it is of."""
    said = walked(DOCS / "safety.md", tmp_path, monkeypatch, capsys)
    refusals = [answer for statement, answer in said.items() if statement.startswith("! ")]
    expected = (
        "db has 1 snap copy (db-test): delete it first",
        "db has 1 snap copy (db-test): delete it first",
        "db-test is a snap copy of db: the array takes none into a consistency group",
        "db is read-only: attach it with mode=ro",
        "db-test is shown to hosts by storage group esx-1: detach it first",
    )
    assert len(refusals) == len(expected)
    for refusal, text in zip(refusals, expected, strict=True):
        assert text in refusal
