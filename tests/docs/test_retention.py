"""docs/retention.md is true: its rules are ours, and every command of the page is run on a catalogue with backups."""

import os
import re
import sysconfig
import time
from pathlib import Path

import pytest

from tests.backups.site import Site
from tests.docs.pages import commands_of, run
from vnx_jobs.adapters.redis.catalogue import RedisCatalogue
from vnx_jobs.adapters.redis.server import Server, connect
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.retention import Rule

PAGE = (Path(__file__).parents[2] / "docs" / "retention.md").read_text()
DAY = 86_400_000


def test_the_rules_of_the_page() -> None:
    """The page names every rule, in the order in which they choose."""
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(Rule)


@pytest.mark.real
def test_every_command_of_the_page_works(valkey_url: str, prefix: str, tmp_path: Path) -> None:
    """The page's commands, run in their order in one shell, all end well."""
    commands = commands_of(PAGE)
    assert commands.count("vnx-jobs ") >= 11
    client, site = connect(valkey_url), Site(tmp_path)
    catalogue, now = RedisCatalogue(Server(client, prefix)), time.time_ns() // 1_000_000
    try:
        for age in range(20):
            label = Label("box", "gold", "60:06", "", new_job_id(), now - age * DAY, 1 << 30, digest_of([]))
            catalogue.enter(Backup.of(label, added=1, seconds=1, tool="borg 1.2.4", repository="elsewhere"))
        site.store()
    finally:
        client.close()
    repositories = f"repositories: {{main: {{tool: files, path: {site.path}}}}}"
    (tmp_path / "config.yaml").write_text(f"prefix: '{prefix}'\n{repositories}\n")
    given = {name: value for name, value in os.environ.items() if not name.startswith("VNX_")}
    own = {"VNX_JOBS_HOME": str(tmp_path), "VNX_JOBS_REDIS_URL": valkey_url}
    path = os.pathsep.join((sysconfig.get_path("scripts"), given["PATH"]))
    run(commands, tmp_path, {**given, **own, "PATH": path}, 240)
