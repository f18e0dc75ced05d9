"""docs/access.md is true: its commands are run, and its table of roles is that of the code."""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.terminal import run_here
from tests.docs.pages import commands_of
from vnx_jobs.model.authority import Role
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

PAGE = (Path(__file__).parents[2] / "docs" / "access.md").read_text()


def test_the_roles_of_the_page() -> None:
    """The page names every role, from the least to the greatest, and no other."""
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == [str(role) for role in Role]


def test_every_command_of_the_page_works(
    valkey_url: str,
    prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The page's commands all end well; after them one token is valid, the trail tells of all, no letter is left."""
    (tmp_path / "password").write_text("x")
    array = f"{{spa: 127.0.0.1, user: a, password_file: {tmp_path}/password, numbers: 100-200}}"
    (tmp_path / "config.yaml").write_text(f"prefix: '{prefix}'\narrays: {{box: {array}}}\n")
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path))
    monkeypatch.setenv("VNX_JOBS_REDIS_URL", valkey_url)
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    house = House(load())
    try:
        letter = house.dead_letters.put("no list of arguments", "task-1", '["?"]')
        outputs = {}
        for line in commands_of(PAGE.replace('"$LETTER"', letter)).splitlines():
            program, *words = shlex.split(line)
            assert program == "vnx-jobs"
            answer = run_here(words, capsys)
            assert answer.status == 0, (line, answer)
            outputs[" ".join(words)] = answer
        now, tokens = house.authority.tokens.all()
        assert {one.name: one.valid(now) for one in tokens} == {"provisioning": False, "dashboard": True}
        trail = outputs["audit --json"].json
        told = [(line["what"].split(" ")[:3], line["outcome"]) for line in trail]
        assert (["tokens", "add", "provisioning"], "done") in told
        assert (["tokens", "revoke", "provisioning"], "done") in told
        assert "no list of arguments" in outputs["dead list"].output
        assert house.dead_letters.find(10) == ()
    finally:
        house.close()
