"""A service in another language, over real parts from end to end: examples/service.mjs, run by Node."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.front import Front
from tests.acceptance.site import ARRAY, Site
from tests.state_server import free_port
from vnx_jobs.model.states import State

NODE = shutil.which("node")
PROGRAM = Path(__file__).parents[2] / "examples" / "service.mjs"
CALLBACKS = {"allow_http": True, "allow_networks": ["127.0.0.0/8"]}
PATIENCE = 60.0
"""Seconds after which the program counts as hung."""
FORGED = {"webhook-id": "forged", "webhook-timestamp": "1600000000", "webhook-signature": "v1,AAAA"}
SPEC = {"operation": "create-volume", "array": ARRAY, "name": "web-01", "size_gb": 2, "pool": "pool_1"}

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(NODE is None, reason="Node is not installed: apt-get install nodejs (18 or newer)"),
]


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Site]:
    """Give a site that may call loopback."""
    site = Site(tmp_path, valkey_url, prefix, config={"callbacks": CALLBACKS}, speed=200)
    yield site
    site.stop()


class Program:
    """The program under Node: what it says, a line at a time."""

    def __init__(self, front: Front, key: str, port: int) -> None:
        words = [str(NODE), str(PROGRAM), "order-4711", json.dumps(SPEC)]
        told = {"API": front.url, "TOKEN": front.token, "HOOK": "crm", "KEY": key, "PORT": str(port)}
        self.said: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            words, env={"PATH": os.environ["PATH"], **told}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._limit = threading.Timer(PATIENCE, self._process.kill)
        self._limit.start()

    def until(self, word: str) -> dict[str, Any]:
        """Return the next line that tells of something."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            assert line.startswith("{"), line + self._process.stdout.read()
            self.said.append(json.loads(line))
            if word in self.said[-1]:
                return self.said[-1]
        pytest.fail(f"it ended before {word}: {self.said}")

    def end(self) -> int:
        """Return its exit status when it has ended."""
        return self._process.wait(20)

    def kill(self) -> None:
        """End it if it is still there."""
        self._limit.cancel()
        self._process.kill()
        self._process.communicate()


def test_a_service_in_node(site: Site) -> None:
    """It asks twice by one key, has one job, hears of it to its end though the service dies, and verifies the call."""
    port = free_port()
    key = site.house.hooks.add("crm", f"http://127.0.0.1:{port}/told", "admin")
    with Front(site) as front:
        program = Program(front, key, port)
        try:
            first, again = program.until("submitted"), program.until("submitted")
            assert (first["status"], again) == (202, {"submitted": first["submitted"], "status": 200})
            program.until("event")
            forged = httpx.post(f"http://127.0.0.1:{port}/told", json={}, headers=FORGED, trust_env=False)
            assert (forged.status_code, program.until("refused")["refused"]) == (401, "forged")
            front.kill()
            program.until("cut_off")
            with front:
                site.start_worker(1)
                assert program.until("ended") == {"ended": "SUCCEEDED"}
                called = program.until("called_back")
            assert program.end() == 0
        finally:
            program.kill()
    (job,) = site.house.store.find()
    assert (job.id, job.state) == (first["submitted"], State.SUCCEEDED)
    assert (called["subject"], called["state"], called["id"]) == (job.id, "SUCCEEDED", f"job_{job.id}_crm")
    heard = [one["id"] for one in program.said if "event" in one]
    assert heard == [id_ for id_, fields in site.house.server.events("0-0", 0.01) if fields["job"] == job.id]
    assert [lun["name"] for lun in site.shown()["luns"]] == ["web-01"]
