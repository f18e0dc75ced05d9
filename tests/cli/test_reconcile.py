"""`vnx-jobs reconcile` on a terminal: sentences that fit, none of whose names is broken."""

import pytest

from vnx_jobs.cli.paragraphs import show_paragraph

LONG = "vjt-01ARZ3NDEKTSV4RRFFQ69G5FAV-snap"


def test_a_finding_fits_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """The remedy stands before the first line, the others below the sentence; a name is on one line, whole."""
    text = f"snapshot {LONG} of gold was left by job 01ARZ3NDEKTSV4RRFFQ69G5FAV, of which no record is left: one goes"
    show_paragraph(text, "clean", 8)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(f"clean   snapshot {LONG} of gold")
    assert all(line.startswith(" " * 8) for line in lines[1:])
    assert " ".join(line[8:] for line in lines) == text


def test_a_name_that_is_too_long_is_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """It takes a line of its own."""
    show_paragraph(f"a {'x' * 100} b", "leave", 8)
    assert capsys.readouterr().out.splitlines()[1] == " " * 8 + "x" * 100
