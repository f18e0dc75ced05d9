"""docs/api.md is true: every command of the page is run, and its tables are those of the code."""

import os
import re
from pathlib import Path

import pytest

from tests.api.served import served
from tests.api.site import ApiSite
from tests.docs.pages import commands_of, run
from vnx_jobs.documents.meanings import MEANINGS

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def test_the_statuses_of_the_page() -> None:
    """The page shows each code beside the status by which it is refused."""
    rows = re.findall(r"^\| (\d{3}) \| (.+) \|$", PAGE, re.MULTILINE)
    shown = {code: int(status) for status, codes in rows for code in re.findall(r"`([a-z-]+)`", codes)}
    assert shown == {str(code): int(status) for code, (status, _) in MEANINGS.items()}


@pytest.mark.real
def test_every_command_of_the_page_works(valkey_url: str, prefix: str, tmp_path: Path) -> None:
    """The page's commands, run in their order in one shell, all end well, and leave the jobs of the page."""
    commands = commands_of(PAGE)
    assert commands.count("curl ") >= 18
    site = ApiSite(valkey_url, prefix, tmp_path)
    try:
        with served(site) as url:
            told = {"PATH": os.environ["PATH"], "API": url, "TOKEN": site.secret("admin"), "HOME": str(tmp_path)}
            run(commands, tmp_path, told, 60)
        names = sorted(one.name for one in site.house.store.find())
        assert names == ["csv-01", "row-01", "row-02", "row-03", "web-01"]
    finally:
        site.close()
