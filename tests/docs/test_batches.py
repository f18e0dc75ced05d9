"""docs/batches.md is true: its file is submitted, its commands are run, and its routes are there."""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.terminal import run_here
from tests.docs.pages import commands_of
from vnx_jobs.api.app import create_app
from vnx_jobs.model.array import Pool
from vnx_jobs.ports import Lists
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

PAGE = (Path(__file__).parents[2] / "docs" / "batches.md").read_text()


def test_every_command_of_the_page_works(
    valkey_url: str,
    prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The page's commands all end well; then one batch goes on, the other is cancelled, and the page's routes exist."""
    (tmp_path / "password").write_text("x")
    array = f"{{spa: 127.0.0.1, user: a, password_file: {tmp_path}/password, numbers: 100-200}}"
    (tmp_path / "config.yaml").write_text(f"prefix: '{prefix}'\narrays: {{box: {array}}}\n")
    (manifest,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "web.yaml").write_text(manifest)
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path))
    monkeypatch.setenv("VNX_JOBS_REDIS_URL", valkey_url)
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    house = House(load())
    try:
        ticket, begun = house.inventory.ticket()
        pools = (Pool("pool", 0, 1000.0, 1000.0),)
        house.inventory.store("box", Lists(begun, ticket, luns=(), snapshots=(), pools=pools), range(100, 201))
        outputs = {}
        for line in commands_of(PAGE).splitlines():
            program, *words = shlex.split(line)
            assert program == "vnx-jobs"
            outputs[" ".join(words)] = answer = run_here(words, capsys)
            assert answer.status == 0, (line, answer)
        assert outputs["batches show test-web --json"].json["basis"].startswith("unknown: fewer than 3 rows")
        rows = outputs["batches report test-web --csv"].output.splitlines()
        assert [row.partition(",")[0] for row in rows] == ["row", *(f"test-web-0{n}" for n in (1, 2, 3)), "test-first"]
        states = {name: {str(row.state) for row in house.pages.rows(name)} for name in house.pages.batches()}
        assert states == {"live-web": {"CANCELLED"}, "test-web": {"WAITING"}}
        routes = re.findall(r"^\| `(GET|POST) (/v1/[^?`]*)", PAGE, re.MULTILINE)
        known = create_app(house, house.settings, house.authority).openapi()["paths"]
        assert len(routes) == 5
        assert all(method.lower() in known[path.replace("{name}", "{batch}")] for method, path in routes)
    finally:
        house.close()
