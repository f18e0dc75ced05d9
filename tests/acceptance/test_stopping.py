"""What becomes of a job whose worker is told to stop, or whose array hangs."""

import signal
import subprocess
import time
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.acceptance.site import Site
from vnx_jobs.model.states import State

pytestmark = pytest.mark.real

SLACK = 2.0
"""Seconds that a program which was started before the signal may take to get to the array."""


def terminate(worker: subprocess.Popen[bytes]) -> float:
    """Ask a worker to stop, and return when."""
    asked = time.time()
    worker.send_signal(signal.SIGTERM)
    return asked


def test_a_command_that_hangs_is_killed_with_its_worker(make_site: Callable[..., Site]) -> None:
    """SIGTERM while a command hangs: worker and command are soon gone, and another worker ends the jobs, once."""
    site = make_site(times={"write_limit": 500})
    worker = site.start_worker()
    site.source()
    site.fault("hang-after:60", "--match", "snap -create", "--times", "1")
    jobs = [site.submit("snap-copy", name=f"copy-{n}", source="gold").job for n in range(12)]
    site.until(lambda: len(site.commands("lun", "-attach")) > 0)
    asked = terminate(worker)
    assert worker.wait(15) == 0
    assert time.time() - asked > 9, "the command in flight was not given its time"
    site.until(lambda: site.clients() == [], 5)
    assert [entry["argv"] for entry in site.log() if entry["time"] > asked + SLACK] == []
    begun = [record for record in map(site.record, jobs) if record.lease]
    assert [(record.state, record.step) for record in begun] == [(State.RUNNING, "take-snapshot")]
    site.start_worker()
    assert [record.state for record in site.wait(*jobs)] == [State.SUCCEEDED] * 12
    for command in (("snap", "-create"), ("lun", "-create", "-type", "snap"), ("lun", "-attach")):
        assert len(site.commands(*command)) == 12
    assert len(site.shown()["snapshots"]) == 12


def test_a_command_that_answers_in_time_is_committed(make_site: Callable[..., Site]) -> None:
    """SIGTERM while a command takes three seconds: its step is committed, the next one is another worker's."""
    site = make_site()
    worker = site.start_worker(processes=1)
    site.source()
    site.fault("hang:3", "--match", "snap -create", "--times", "1")
    job = site.submit("snap-copy", name="copy", source="gold").job
    site.until(lambda: len(site.clients()) > 0 and site.record(job).lease > 0)
    asked = terminate(worker)
    assert worker.wait(15) == 0
    record = site.record(job)
    assert (record.state, record.step, record.lease, record.attempts) == (State.RUNNING, "create-mount-point", 0, 0)
    assert [entry["argv"] for entry in site.log() if entry["time"] > asked + SLACK] == []
    site.start_worker()
    assert [record.state for record in site.wait(job)] == [State.SUCCEEDED]
    assert len(site.commands("snap", "-create")) == len(site.commands("lun", "-attach")) == 1


def test_a_stopping_worker_sends_no_second_command(make_site: Callable[..., Site]) -> None:
    """SIGTERM between the look and the do of one step: the do is another worker's, at no cost of an attempt."""
    site = make_site(times={"read_limit": 80, "write_limit": 80, "margin": 10})
    worker = site.start_worker(processes=1)
    site.source()
    site.fault("timeout", "--match", "snap -create", "--times", "1")
    site.fault("hang:2", "--match", "snap -list -id", "--times", "1")
    job = site.submit("snap-copy", name="copy", source="gold").job
    site.until(lambda: len(site.commands("snap", "-list", "-id")) == 1)
    asked = terminate(worker)
    assert worker.wait(15) == 0
    assert [entry["argv"] for entry in site.log() if entry["time"] > asked + SLACK] == []
    assert (site.record(job).attempts, len(site.commands("snap", "-create"))) == (1, 1)
    site.start_worker()
    assert [record.state for record in site.wait(job)] == [State.SUCCEEDED]
    assert len(site.shown()["snapshots"]) == len(site.commands("lun", "-attach")) == 1


def test_a_hung_array_holds_no_worker_beyond_its_lease(make_site: Callable[..., Site]) -> None:
    """The only process of a worker is back from a command without an answer before its lease ends, and goes on."""
    site = make_site()
    site.start_worker(processes=1)
    site.source()
    site.fault("hang:60", "--match", "snap -create", "--times", "1")
    hung = site.submit("snap-copy", name="copy", source="gold").job
    site.until(lambda: site.record(hung).lease > 0)
    lease = site.record(hung).lease
    other = site.submit("create-volume", name="other", size_gb=1, pool="pool_1", provisioning="thin").job
    assert [record.state for record in site.wait(other)] == [State.SUCCEEDED]
    (turn,) = [one for one in site.logged(0, "step") if one["job"] == hung and one["outcome"] == "NoAnswer"]
    assert datetime.fromisoformat(turn["timestamp"]).timestamp() * 1000 <= lease
    assert [record.state for record in site.wait(hung)] == [State.SUCCEEDED]
    assert len(site.shown()["snapshots"]) == 1
