"""One job for each due time: schedulers as processes over a real state server, killed while they fire, and racing."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.schedules.asked import schedule
from vnx_jobs.adapters.redis.witness import WORKER_VARIABLE
from vnx_jobs.model.schedule import Run, Schedule
from vnx_jobs.model.states import State
from vnx_jobs.schedules.templates import stamp
from vnx_jobs.settings import Settings, load
from vnx_jobs.wiring import House

POINTS = ("before-beginning", "after-beginning", "between-two-jobs", "before-the-end", "after-the-end")
"""Where a scheduler is killed."""
VOLUMES = ("gold", "iron", "tin")
HOUR = 3_600_000


@pytest.fixture
def settings(valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Write settings with an array that nobody asks anything."""
    (tmp_path / "password").write_text("x")
    array = f"{{spa: 127.0.0.1, user: a, password_file: {tmp_path}/password, numbers: 100-200}}"
    (tmp_path / "config.yaml").write_text(f"prefix: '{prefix}'\narrays: {{box: {array}}}\n")
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path))
    monkeypatch.setenv("VNX_JOBS_REDIS_URL", valkey_url)
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    return load()


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """Open the parts of this process."""
    parts = House(settings)
    yield parts
    parts.close()


class Schedulers:
    """Processes that fire schedules when they are told to."""

    def __init__(self) -> None:
        words = [sys.executable, "-m", "tests.schedules.scheduler_program"]
        root = Path(__file__).parents[2]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root, env=dict(os.environ)
        )
        assert self._said() == "ready"

    def __call__(self, *points: str) -> list[int]:
        """Run a scheduler for each point, all at one time; return how they ended."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(points) + "\n")
        self.process.stdin.flush()
        return [int(word) for word in self._said().split()]

    def _said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def schedulers(settings: Settings) -> Iterator[Schedulers]:
    """Start what forks schedulers."""
    del settings  # which they read
    made = Schedulers()
    with made.process:
        yield made
        assert made.process.stdin is not None
        made.process.stdin.close()


def later(house: House, milliseconds: int) -> None:
    """Let time go by: the present is the latest time that was ever told."""
    now, _ = house.scheduler.schedules.find()
    house.server.client.set(f"{house.settings.prefix}now", now + milliseconds)


def hourly(name: str, **fields: str) -> Schedule:
    """Return a schedule of three jobs."""
    job = {"operation": "create-snapshot", "array": "box", "volume": "{volume}", "name": f"{{volume}}-{name}-{{due}}"}
    return schedule(name=name, jobs=[job], volumes=VOLUMES, **fields)


def jobs(house: House, name: str) -> Counter[str]:
    """Return the snapshots that jobs of a schedule are to make, and how many jobs there are for each."""
    found = house.store.find(array="box")
    return Counter(str(record.spec["name"]) for record in found if record.key.startswith(f"schedule/{name}/"))


@pytest.mark.real
def test_whoever_fires_is_killed(house: House, schedulers: Schedulers) -> None:
    """Killed at each of its steps, a scheduler leaves what two others see through: each job of the run exactly once."""
    for point in POINTS:
        house.scheduler.put(hourly(point), replace=False)
        assert schedulers("-") == [0]
        assert jobs(house, point) == {}
        later(house, HOUR)
        assert schedulers(point) == [-SIGKILL], point
        assert schedulers("-", "-") == [0, 0], point
        now, standing = house.scheduler.standing(point)
        due = standing.handled
        assert now - HOUR < due <= now
        assert jobs(house, point) == Counter(f"{volume}-{point}-{stamp(due)}" for volume in VOLUMES), point
        (past,) = house.scheduler.schedules.history(point)
        assert (past.run, past.jobs, past.problems) == (Run(due), 3, ()), point
        assert standing.firing is None
        house.scheduler.remove(point)


@pytest.mark.real
def test_many_schedulers_race(house: House, schedulers: Schedulers) -> None:
    """Four schedulers over twenty schedules that are due at one moment, one of them killed: a job for each, once."""
    several = [f"s{number:02}" for number in range(20)]
    for name in several:
        house.scheduler.put(hourly(name, overlap="queue", missed="all"), replace=False)
    assert schedulers("-") == [0]
    later(house, HOUR)
    ends = schedulers("-", "-", "after-beginning", "-")
    assert [end for place, end in enumerate(ends) if place != 2] == [0, 0, 0]  # what it raced for, it may have lost
    assert ends[2] in {0, -SIGKILL}
    assert schedulers("-") == [0]
    for name in several:
        due = house.scheduler.standing(name)[1].handled
        assert jobs(house, name) == Counter(f"{volume}-{name}-{stamp(due)}" for volume in VOLUMES)


@pytest.mark.real
def test_a_pause_voids_what_was_decided(house: House, schedulers: Schedulers) -> None:
    """A schedule that is paused while another scheduler decides begins nothing: the decision is void."""
    house.scheduler.put(hourly("paused"), replace=False)
    assert schedulers("-") == [0]
    later(house, HOUR)
    now, standing = house.scheduler.standing("paused")
    house.scheduler.pause("paused", "anna")
    assert not house.scheduler.advance(standing, now)
    assert schedulers("-", "-") == [0, 0]
    assert jobs(house, "paused") == {}
    later(house, HOUR)
    house.scheduler.resume("paused")
    assert schedulers("-") == [0]
    assert jobs(house, "paused") == {}


@pytest.mark.real
def test_the_old_run_is_cancelled(house: House) -> None:
    """With overlap cancel the jobs under way are cancelled, and the run that is due begins when they are over."""
    house.scheduler.put(hourly("cancels", overlap="cancel"), replace=False)
    run, past = house.scheduler.run("cancels", "anna")
    assert past is not None
    assert past.jobs == 3
    old = [record.id for record in house.store.find(batch=past.batch)]
    later(house, HOUR)
    house.scheduler.look("cancels")
    due = house.scheduler.standing("cancels")[1].handled
    assert due > run.due
    assert {record.state for record in map(house.reads.job, old)} == {State.CANCELLED}
    house.scheduler.look("cancels")
    assert jobs(house, "cancels") == Counter(
        f"{volume}-cancels-{stamp(at)}" for volume in VOLUMES for at in (run.due, due)
    )


@pytest.mark.real
def test_a_schedule_that_begins_is_seen_through_before_it_goes(house: House, schedulers: Schedulers) -> None:
    """Removed just after its scheduler was killed, a schedule leaves whole runs: its last jobs are submitted first."""
    house.scheduler.put(hourly("goes"), replace=False)
    assert schedulers("-") == [0]
    later(house, HOUR)
    assert schedulers("between-two-jobs") == [-SIGKILL]
    house.scheduler.remove("goes")
    assert len(jobs(house, "goes")) == 3
    assert house.scheduler.schedules.find()[1] == ()


@pytest.mark.real
def test_the_heartbeat_fires(house: House, tmp_path: Path) -> None:
    """Beside a worker schedules are fired without anybody's doing."""
    house.scheduler.put(hourly("beats"), replace=False)
    assert house.scheduler.schedules.ask("beats", "anna") is not None
    told = {**os.environ, WORKER_VARIABLE: "test:1:1"}
    with (tmp_path / "log").open("wb") as log:
        heartbeat = subprocess.Popen(
            [sys.executable, "-m", "workers.heartbeat"], stdout=subprocess.PIPE, stderr=log, env=told
        )
    try:
        limit = time.monotonic() + 60
        while house.scheduler.schedules.history("beats") == ():
            assert time.monotonic() < limit, (tmp_path / "log").read_text()
            time.sleep(0.1)
        assert sorted(jobs(house, "beats").values()) == [1, 1, 1]
    finally:
        heartbeat.terminate()
        heartbeat.communicate(timeout=30)
