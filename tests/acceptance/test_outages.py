"""Outages of the state server under load: nobody has to start a worker by hand, and nothing is done twice."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.acceptance.site import heartbeat
from tests.cli.terminal import Home
from tests.state_server import StateServer
from vnx_jobs.model.specs import SnapCopy
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports import Accepted
from vnx_jobs.settings import load
from vnx_jobs.stack.simulated import simulator
from vnx_jobs.submission import Request
from vnx_jobs.wiring import House

pytestmark = pytest.mark.real

COPIES = 16


class Stack:
    """A stack that `vnx-jobs up` looks after, over a state server that a test may take away."""

    def __init__(self, server: StateServer, home: Home) -> None:
        self.server = server
        self.home = home
        self.house = House(load(home.environment))
        self.box = home.folder / "arrays" / "sim"

    def submit(self, stem: str) -> list[str]:
        """Submit snap copies of one source."""
        requests = [
            Request(SnapCopy(array="sim", name=f"{stem}-{n}", source="gold", on_limit="wait")) for n in range(COPIES)
        ]
        answers = self.house.submission.submit_many(requests)
        return [answer.job for answer in answers if isinstance(answer, Accepted)]

    def until(self, done: Callable[[], bool], limit: float = 120) -> None:
        """Wait for a condition."""
        end = time.monotonic() + limit
        while not done():
            assert time.monotonic() < end, (self.home.folder / "logs" / "worker.log").read_text()[-3000:]
            time.sleep(0.1)

    def creations(self, stem: str) -> list[str]:
        """Return the names of mount points that the array was made to create, by its audit log."""
        entries = [json.loads(line) for line in simulator("log", str(self.box), "--json").splitlines()]
        made = [one["argv"] for one in entries if one["argv"][:2] == ["lun", "-create"] and one["status"] == 0]
        return sorted(name for argv in made for name in argv if name.startswith(f"{stem}-"))

    def copies(self, stem: str) -> list[str]:
        """Return the snap copies that stand on the array, each with a snapshot attached."""
        luns: list[dict[str, Any]] = json.loads(simulator("show", str(self.box), "--json"))["luns"]
        return sorted(lun["name"] for lun in luns if lun["name"].startswith(f"{stem}-") and lun["attached_snapshot"])

    def ended(self, jobs: list[str]) -> bool:
        """Say whether jobs will not move any more."""
        records = [self.house.store.get(job) for job in jobs]
        return all(record is not None and record.state in {*ENDED, State.STUCK} for record in records)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start one stack for all outages."""
    folder = tmp_path_factory.mktemp("outages")
    (folder / "server").mkdir()
    (folder / "home").mkdir()
    with StateServer(folder / "server") as server:
        home = Home(folder / "home", VNX_JOBS_REDIS_URL=server.url)
        try:
            assert home("up", "--simulated-array", "sim", "--workers", "2").status == 0
            made = home("submit", "create-volume", "name=gold", "size_gb=1", "pool=pool_1", "--wait")
            assert made.status == 0, made
            stack = Stack(server, home)
            yield stack
            stack.house.close()
        finally:
            home("down")


def restart(server: StateServer) -> None:
    """Kill the server with -9, and start it again at once."""
    server.kill()
    server.start()


def outage(server: StateServer) -> None:
    """Let it be away for longer than anybody repeats anything."""
    server.kill()
    time.sleep(20)
    server.start()


def stop(server: StateServer) -> None:
    """Let it keep all connections and answer nobody, for longer than any client waits for an answer."""
    assert server._process is not None
    os.kill(server._process.pid, signal.SIGSTOP)
    time.sleep(15)
    os.kill(server._process.pid, signal.SIGCONT)


@pytest.mark.parametrize("happens", [restart, outage, stop], ids=["restart", "outage", "stop"])
def test_jobs_end_after_an_outage(stack: Stack, happens: Callable[[StateServer], None]) -> None:
    """All jobs end by themselves, each copy made once; the worker takes new jobs, and looks after its heartbeat."""
    stem = happens.__name__
    jobs = stack.submit(stem)
    assert len(jobs) == COPIES
    stack.until(lambda: len(stack.creations(stem)) >= 3)
    happens(stack.server)
    stack.until(lambda: stack.ended(jobs))
    assert {stack.house.reads.job(job).state for job in jobs} == {State.SUCCEEDED}
    wanted = sorted(f"{stem}-{n}" for n in range(COPIES))
    assert stack.creations(stem) == wanted
    assert stack.copies(stem) == wanted
    after = stack.home("submit", "create-volume", f"name=after-{stem}", "size_gb=1", "pool=pool_1", "--wait")
    assert after.status == 0, after
    (worker,) = [child["pid"] for child in stack.home.status["children"] if child["name"] == "worker"]
    before = heartbeat(worker)
    os.kill(before, signal.SIGKILL)
    stack.until(lambda: heartbeat(worker) not in {0, before})
