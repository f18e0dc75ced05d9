"""docs/remote.md is true: its commands are run elsewhere, with an address and a token alone, and its options exist."""

import os
import re
import shlex
from pathlib import Path

import pytest

from tests.api.served import served
from tests.api.site import ApiSite
from tests.cli.terminal import run_here
from tests.client.ground import working
from tests.docs.pages import commands_of
from vnx_jobs.cli.dispatch import ANYWHERE, BESIDE
from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.program import program

PAGE = (Path(__file__).parents[2] / "docs" / "remote.md").read_text()
MANIFEST = """\
batch: web
defaults: {operation: create-volume, size_gb: 1, pool: pool, array: box}
jobs: [{name: "row-{n}", count: 2}]
"""


def test_every_command_of_the_page_works(
    valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's commands all end well in a folder without settings, and their volumes are on the array."""
    site = ApiSite(valkey_url, prefix, tmp_path)
    home = tmp_path / "laptop"
    home.mkdir()
    (home / ".vnx-jobs.token").write_text(f"{site.secret('operator-box')}\n")
    (home / "web.yaml").write_text(MANIFEST)
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    monkeypatch.delenv("VNX_JOBS_HOME", raising=False)
    try:
        with served(site) as url, working(site.world):
            monkeypatch.setenv("ADDRESS", url)
            for line in commands_of(PAGE).splitlines():
                first, *words = shlex.split(os.path.expandvars(line))
                if first == "export":
                    monkeypatch.setenv(*words[0].split("=", 1))
                    continue
                assert first == "vnx-jobs"
                answer = run_here(words, capsys)
                assert answer.status == Exit.WELL, (line, answer)
        assert {"web-01", "row-1", "row-2"} <= site.world.array_shows().keys()
        assert {one.by for one in site.house.store.find()} == {"operator-box@http"}
        assert sorted(one.name for one in home.iterdir()) == [".vnx-jobs.token", "report.json", "web.yaml"]
    finally:
        site.close()


def test_the_options_of_the_page() -> None:
    """The page lists each option of the program itself, with the variable that stands for it."""
    shown = re.findall(r"^\| `(--[a-z-]+)` \| `(\w+)` \|", PAGE, re.MULTILINE)
    options = {one.opts[0]: one.envvar for one in program.params if getattr(one, "envvar", None)}
    assert dict(shown) == options


def test_the_commands_that_go_nowhere_else() -> None:
    """The page of commands lists each command that is given beside the state server alone."""
    part = (Path(__file__).parents[2] / "docs" / "commands.md").read_text().split("## From another machine")[1]
    shown = re.findall(r"^\| (`.+`) \|", part.split("\n## ")[0], re.MULTILINE)
    assert {name for row in shown for name in re.findall(r"`([a-z -]+)`", row)} == set(BESIDE)
    assert all(f"`{name}`" in PAGE for name in ANYWHERE)
