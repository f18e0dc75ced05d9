"""The manuals are true where a program can tell: links, commands, and what is to be watched."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from vnx_jobs.api import metrics, tally
from vnx_jobs.cli.pages.commands import every_command
from vnx_jobs.model.states import State

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
MANUALS = ("operations.md", "how-jobs-end.md")


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as they are made for readers on the web."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Each link to a file of ours names one that there is, and a heading that it has."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text()), target


def typed(text: str) -> Iterator[list[str]]:
    """Return the words of each command of the program that a page shows, in a sentence or in a line of its own."""
    shown = re.findall(r"`(vnx-jobs [^`]+)`|^    (vnx-jobs .+)$", text, re.MULTILINE)
    return (shlex.split(" ".join((within or line).split()))[1:] for within, line in shown)


@pytest.mark.parametrize("name", MANUALS)
def test_commands_can_be_typed(name: str) -> None:
    """Each command that a manual shows is one that there is, with options that it takes."""
    commands = dict(every_command())
    found = list(typed((ROOT / "docs" / name).read_text()))
    assert len(found) >= 5
    for words in found:
        length = 2 if " ".join(words[:2]) in commands else 1
        command = commands[" ".join(words[:length])]
        assert isinstance(command.make_context(words[0], words[length:]), click.Context)


def test_what_to_watch_is_counted() -> None:
    """Each figure of the table of alerts is one that the HTTP service tells."""
    page = (ROOT / "docs" / "operations.md").read_text()
    shown = set(re.findall(r"\bvnx_jobs_[a-z_]+", page))
    told = "".join(Path(str(module.__file__)).read_text() for module in (metrics, tally))
    assert len(shown) >= 6
    for figure in shown:
        array = figure.removeprefix("vnx_jobs_array_")
        assert f'"{figure}"' in told or f'"{array}"' in told, figure


def test_every_way_to_end_is_explained() -> None:
    """The table of ends has every state in which a job rests for good, or until a person acts."""
    page = (ROOT / "docs" / "how-jobs-end.md").read_text()
    ends = {State.SUCCEEDED, State.FAILED, State.CANCELLED, State.STUCK, State.ABANDONED}
    assert set(re.findall(r"^\| ([A-Z]+) \|", page, re.MULTILINE)) == {str(one) for one in ends}


def test_the_index_names_every_page() -> None:
    """docs/README.md links to every page."""
    index = (ROOT / "docs" / "README.md").read_text()
    for page in PAGES:
        name = str(page.relative_to(ROOT / "docs"))
        assert name == "README.md" or f"({name}" in index, name
