"""docs/schedules.md is true: every command of the page is run, and its tables are those of the code."""

import os
import re
import sysconfig
from pathlib import Path

import pytest

from tests.docs.pages import commands_of, run
from vnx_jobs.model.schedule import Missed, Overlap
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

PAGE = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text()


def test_the_policies_of_the_page() -> None:
    """The page names every policy for runs that cannot begin in time, and no other."""
    shown = re.findall(r"^\| `--(overlap|missed) (\w+)`", PAGE, re.MULTILINE)
    expected = [*(("overlap", str(one)) for one in Overlap), *(("missed", str(one)) for one in Missed)]
    assert shown == expected


@pytest.mark.real
def test_every_command_of_the_page_works(
    valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's commands, run in their order in one shell, all end well, and leave the schedules of the file."""
    commands = commands_of(PAGE)
    assert commands.count("vnx-jobs ") >= 10
    (tmp_path / "password").write_text("x")
    array = f"{{spa: 127.0.0.1, user: a, password_file: {tmp_path}/password, numbers: 100-200}}"
    (tmp_path / "config.yaml").write_text(f"prefix: '{prefix}'\narrays: {{box: {array}}}\n")
    given = {name: value for name, value in os.environ.items() if not name.startswith("VNX_")}
    own = {"VNX_JOBS_HOME": str(tmp_path), "VNX_JOBS_REDIS_URL": valkey_url}
    path = os.pathsep.join((sysconfig.get_path("scripts"), given["PATH"]))
    run(commands, tmp_path, {**given, **own, "PATH": path}, 240)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    house = House(load())
    try:
        _, found = house.scheduler.schedules.find()
        assert [one.schedule.name for one in found] == ["month", "snapshots"]
        assert len(house.store.find()) == 1  # web-01: no list shows a volume that db-* means
    finally:
        house.close()
