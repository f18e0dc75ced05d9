"""The workers themselves: their settings, their logs, and what they never say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import celeryconfig
from tests.acceptance.site import ARRAY, Site
from tests.state_server import StateServer
from vnx_jobs.adapters.celery.bell import producer
from vnx_jobs.model.states import State

pytestmark = pytest.mark.real

PASSWORD = "Correct-Horse-7"  # noqa: S105 -- a secret to be looked for
SERVER_PASSWORD = "Battery-Staple-9"  # noqa: S105 -- the same


def test_every_setting_of_celery_reaches_a_running_worker(make_site: Callable[..., Site]) -> None:
    """`celery -A workers worker` runs with each setting of celeryconfig.py as it stands there."""
    site = make_site()
    site.start_worker(1)
    site.source()
    app = producer(site.environment["VNX_JOBS_REDIS_URL"], site.settings.prefix)
    with app.connection_for_write() as connection:
        (running,) = app.control.inspect(timeout=20, limit=1, connection=connection).conf().values()
    app.close()
    expected = {
        name: value for name, value in vars(celeryconfig).items() if name.islower() and not name.startswith("_")
    }
    assert len(expected) > 15
    assert {name: running[name] for name in expected} == expected


def test_no_secret_is_ever_said(tmp_path: Path, prefix: str) -> None:
    """Neither the array's password nor the state server's stands in a log, a record, a message or the audit log."""
    server = StateServer(tmp_path, "--requirepass", SERVER_PASSWORD)
    with server:
        url = f"redis://:{SERVER_PASSWORD}@127.0.0.1:{server.port}/0"
        site = Site(tmp_path, url, prefix, user="jobs")
        site.admin(
            "security",
            "-adduser",
            "-user",
            "jobs",
            "-password",
            PASSWORD,
            *["-scope", "global", "-role", "operator", "-o"],
        )
        (tmp_path / "password").write_text(PASSWORD)
        site.start_worker()
        try:
            site.source()
            done = site.wait(site.submit("snap-copy", name="copy", source="gold").job)
            site.sim("fault", str(site.box), "credentials", "--match", "snap -create", "--times", "1")
            done += site.wait(site.submit("snap-copy", name="other", source="gold").job)
            assert [record.state for record in done] == [State.SUCCEEDED, State.SUCCEEDED]
            stored = "".join(_everything(site))
        finally:
            site.stop()
        said = "".join(path.read_text() for path in tmp_path.glob("worker-*.log")) + json.dumps(site.log()) + stored
    assert "array_command" in said
    assert PASSWORD not in said
    assert SERVER_PASSWORD not in said


def _everything(site: Site) -> list[str]:
    """Return every value in the state server, messages of the broker too."""
    client = site.house.server.client
    found = []
    for key in client.scan_iter():
        read: dict[str, Callable[[Any], object]] = {
            "hash": client.hgetall,
            "list": lambda key: client.lrange(key, 0, -1),
            "string": client.get,
            "zset": lambda key: client.zrange(key, 0, -1),
            "set": client.smembers,
            "stream": client.xrange,
        }
        found.append(str(read[str(client.type(key))](key)))
    return found


def test_each_step_and_each_command_is_one_line_of_json(make_site: Callable[..., Site]) -> None:
    """The log says of each step and each array command: job, step, array, attempt, how long, and what came of it."""
    site = make_site()
    site.start_worker()
    site.source()
    (record,) = site.wait(site.submit("snap-copy", name="copy", source="gold").job)
    lines = [json.loads(line) for line in (site.folder / "worker-0.log").read_text().splitlines() if line[:1] == "{"]
    mine = [line for line in lines if line.get("job") == record.id]
    steps = [(line["step"], line["outcome"]) for line in mine if line["event"] == "step"]
    assert steps[:3] == [("take-snapshot", "Done"), ("create-mount-point", "Done"), ("attach-snapshot", "Done")]
    assert steps[-1] == ("learn-identity", "Done")
    commands = [line for line in mine if line["event"] == "array_command"]
    assert [line["argv"][:2] for line in commands] == [["snap", "-create"], ["lun", "-create"], ["lun", "-attach"]]
    assert {(line["array"], line["attempt"], line["verdict"]) for line in commands} == {(ARRAY, 1, "ok")}
    assert all(line["seconds"] > 0 for line in commands)
