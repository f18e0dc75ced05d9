"""The command line from another machine: the same answers, refusals and exit statuses as beside the state server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import every_command
from tests.cli.far import Machines, machines
from vnx_jobs.cli.dispatch import ANYWHERE, BESIDE, REMOTE
from vnx_jobs.cli.exits import Exit


@pytest.fixture
def two(valkey_url: str, prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Machines]:
    """Give the program beside an installation and elsewhere."""
    with machines(valkey_url, prefix, tmp_path, capsys) as made:
        yield made


def test_every_command_stands_in_one_list() -> None:
    """Of each command it is said whether a service is asked, or why not: none is forgotten, none goes elsewhere."""
    lists = [REMOTE.keys(), ANYWHERE, BESIDE.keys()]
    assert set().union(*lists) == every_command().keys()
    assert sum(map(len, lists)) == len(every_command())


def test_what_is_shown_is_the_same_from_both_machines(two: Machines) -> None:
    """Each command that shows something writes the same to the letter beside the state server and over HTTP."""
    job = next(one.id for one in two.site.house.store.find() if one.name == "gold-1")
    archive = two.site.house.catalogue.find("box")[0].archive
    shown = [
        ("jobs",),
        ("jobs", "--state", "SUCCEEDED"),
        ("jobs", "--batch", "web-batch", "--limit", "1"),
        ("job", job),
        ("arrays",),
        ("volumes", "box"),
        ("sources", "box"),
        ("volume", "show", "box", "gold-1"),
        ("batches", "list"),
        ("batches", "show", "web-batch"),
        ("batches", "report", "web-batch"),
        ("backups", "list"),
        ("backups", "show", archive),
        ("schedules", "list"),
        ("schedules", "show", "web-nightly"),
        ("submit", "clone", "source=gold", "name=again", "array=box", "--plan"),
    ]
    for words in shown:
        for form in ("json", "wide"):
            near, far = two.near(*words, "-o", form), two.far(*words, "-o", form)
            assert (near.status, near.complaint) == (Exit.WELL, ""), (words, near)
            if words == ("job", job) and form in {"wide", "table"}:  # the names of its steps are in no document
                near = type(near)(near.status, _without_steps(near.output), near.complaint)
            assert far == near, (words, form)


def _without_steps(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("steps:"))
