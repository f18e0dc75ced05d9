"""The heartbeat calls back: a process of its own, as each worker has it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hooks.receiver import PATIENCE, Receiver
from tests.store.world import RedisWorld, entry
from vnx_jobs.adapters.redis.witness import WORKER_VARIABLE
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(valkey_url: str, prefix: str, tmp_path: Path) -> dict[str, str]:
    """Return a worker's environment: without arrays, but loopback may be called."""
    callbacks = "callbacks: {allow_http: true, allow_networks: [127.0.0.0/8]}"
    (tmp_path / "config.yaml").write_text(f"prefix: '{prefix}'\n{callbacks}\n")
    own = {"VNX_JOBS_HOME": str(tmp_path), "VNX_JOBS_REDIS_URL": valkey_url, WORKER_VARIABLE: "worker"}
    return {name: value for name, value in os.environ.items() if not name.startswith("VNX_")} | own


@pytest.fixture
def house(environment: dict[str, str]) -> Iterator[House]:
    """Open the same installation in this process."""
    made = House(load(environment))
    yield made
    made.close()


@pytest.mark.real
def test_an_end_is_told_while_another_receiver_hangs(
    environment: dict[str, str], house: House, real: RedisWorld, tmp_path: Path
) -> None:
    """Told what the job is; neither the sweep nor the end of the process waits for a receiver that hangs."""
    with Receiver() as hanging, Receiver() as quick:
        hanging._replies = [hanging.hang]
        house.hooks.add("slow", hanging.url, "admin")
        key = house.hooks.add("quick", quick.url, "admin")
        real.accept(entry("A", hooks=("slow",), spec={"operation": "create-volume", "name": "web"}))
        real.accept(entry("B", hooks=("quick",), spec={"operation": "create-volume", "name": "web"}))
        real.succeed("A")
        with (tmp_path / "log").open("wb") as log:
            words = [sys.executable, "-m", "workers.heartbeat"]
            heart = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
        try:
            hanging.wait(1)
            real.fail("B")
            (heard,) = quick.wait(1)
            assert heard.is_signed_with(key)
            assert heard.event["data"]["job"] == "B"
            assert heard.event["data"]["state"] == "FAILED"
            assert heard.event["data"]["error"] == "it broke"
            swept = real.client.zscore(f"{real.prefix}workers", "worker")
            end = time.monotonic() + PATIENCE
            real.advance(5.0)
            while real.client.zscore(f"{real.prefix}workers", "worker") == swept:
                assert time.monotonic() < end
                time.sleep(0.05)
            heart.send_signal(signal.SIGTERM)
            assert heart.wait(8.0) == 0  # a receiver is given 15 s
            assert len(hanging.heard) == 1
        finally:
            heart.kill()
            heart.communicate()
