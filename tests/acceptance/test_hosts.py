"""Workers on several hosts: the same settings, one state server, nothing else to say."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.site import Site, heartbeat
from tests.state_server import StateServer
from vnx_jobs.model.states import State

pytestmark = pytest.mark.real


def test_three_hosts_share_the_load_and_one_is_enough(make_site: Callable[..., Site]) -> None:
    """Three workers each take steps; two are killed with -9 in the thick of it, and the third ends every job, once."""
    site = make_site()
    workers = [site.start_worker(processes=1, host=f"host-{n}") for n in range(3)]
    site.source()
    jobs = [site.submit("snap-copy", name=f"copy-{n}", source="gold").job for n in range(30)]
    site.until(lambda: all(site.logged(n, "step") for n in range(3)))
    for worker in workers[:2]:
        site.kill_worker(worker)
    assert {record.state for record in site.wait(*jobs)} == {State.SUCCEEDED}
    shown = site.shown()
    assert sorted(lun["name"] for lun in shown["luns"]) == sorted(["gold", *(f"copy-{n}" for n in range(30))])
    assert len(shown["snapshots"]) == 30
    assert len([one for one in site.commands("snap", "-create") if one["status"] == 0]) == 30
    assert workers[2].poll() is None


def test_a_heartbeat_that_dies_or_hangs_is_started_again(make_site: Callable[..., Site]) -> None:
    """A worker whose heartbeat is killed has another one soon, and so has one whose heartbeat is stopped."""
    site = make_site()
    worker = site.start_worker(processes=1)
    site.until(lambda: heartbeat(worker.pid) > 0)
    for number in (signal.SIGKILL, signal.SIGSTOP):
        before = heartbeat(worker.pid)
        os.kill(before, number)
        site.until(lambda: heartbeat(worker.pid) not in {0, before}, 40)  # noqa: B023 -- it is called at once
        assert not Path("/proc", str(before)).exists()
    assert [one["why"] for one in site.logged(0, "heartbeat_restarted")] == ["it ended (-9)", "it hung"]
    job = site.submit("create-volume", name="after", size_gb=1, pool="pool_1", provisioning="thin").job
    assert [record.state for record in site.wait(job)] == [State.SUCCEEDED]


def test_a_worker_refuses_a_state_server_that_forgets(tmp_path: Path) -> None:
    """A worker ends with one line that says what to set; with unsafe_state_server it works."""
    (tmp_path / "server").mkdir()
    (tmp_path / "site").mkdir()
    with StateServer(tmp_path / "server", "--maxmemory-policy", "allkeys-lru", "--appendonly", "no") as server:
        site = Site(tmp_path / "site", server.url, "t:")
        try:
            assert site.start_worker(processes=1).wait(60) == 3
            (line,) = site.logged(0, "state_server_refused")
            for remedy in ("must be noeviction", "appendonly no, must be yes", "unsafe_state_server"):
                assert remedy in line["why"]
            assert site.logged(0, "worker_ready") == []
            site.environment["VNX_JOBS_UNSAFE_STATE_SERVER"] = "true"
            site.start_worker(processes=1)
            site.until(lambda: site.logged(1, "worker_ready") != [])
        finally:
            site.stop()
