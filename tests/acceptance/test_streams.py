"""Five hundred streams of events open at once while a thousand jobs run: nobody misses or mistakes anything."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from bench import cpu
from tests.acceptance.front import Front
from tests.acceptance.site import ARRAY, Site
from tests.api.crowd import Crowd, Ear
from vnx_jobs.model.event import Event
from vnx_jobs.model.states import State

pytestmark = [pytest.mark.real, pytest.mark.full, pytest.mark.timeout(1200)]

JOBS: Final = 1000
OF_JOBS, OF_BATCH, OF_ALL = 480, 15, 5
SOURCES: Final = 5
"""Volumes that snap copies are made of: 200 of each, of 255 that one may have."""
CUTS: Final = (0, 0, 1, 2)
"""After how many events readers of a job go away and come again, in turns; 0: they stay."""
MANY: Final = 400
"""After how many events those of the batch and of all do."""
PATIENCE: Final = 900.0


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Site]:
    """Give a site with volumes to be copied."""
    site = Site(tmp_path, valkey_url, prefix, speed=20)
    try:
        site.start_worker()
        for number in range(SOURCES):
            site.source(f"gold-{number}")
        yield site
    finally:
        site.stop()


def begin(site: Site, front: Front) -> list[str]:
    """Submit a batch on the array, which is held; return its jobs."""
    site.house.orders.hold(ARRAY, "test")
    rows = [
        {"operation": "snap-copy", "name": f"copy-{number:04}", "source": f"gold-{number % SOURCES}"}
        for number in range(JOBS)
    ]
    body = {"batch": "many", "jobs": rows}
    answer = httpx.post(f"{front.url}/v1/batches", json=body, headers=front.headers, timeout=60, trust_env=False)
    return [row["job_id"] for row in answer.json()["rows"]]


def crowd_of(jobs: list[str]) -> tuple[list[Ear], list[Ear], list[Ear]]:
    """Return who listens to a job each, to the batch, and to all: half of them from the very beginning."""
    since = ("", "0-0")
    return (
        [Ear(f"/v1/jobs/{job}/events", since[at % 2], CUTS[at % 4]) for at, job in enumerate(jobs[:OF_JOBS])],
        [Ear("/v1/batches/many/events", since[at % 2], MANY * (at % 3)) for at in range(OF_BATCH)],
        [Ear("/v1/events", since[at % 2], MANY * (at % 3)) for at in range(OF_ALL)],
    )


def test_five_hundred_streams_beside_a_thousand_jobs(site: Site) -> None:
    """Each hears every event on record of what it listens to, in order and once, though many go and come again."""
    with Front(site) as front:
        jobs = begin(site, front)
        of_jobs, of_batch, of_all = crowd_of(jobs)
        used = [(memory(front.pid), cpu.seconds(front.pid))]
        with Crowd(front.url, [*of_jobs, *of_batch, *of_all], front.headers) as crowd:
            crowd.until_all_listen(60)
            used.append((memory(front.pid), cpu.seconds(front.pid)))
            site.house.orders.unhold(ARRAY, "test")
            site.until(lambda: site.house.pages.counts(batch="many") == {(ARRAY, State.SUCCEEDED): JOBS}, PATIENCE)
            crowd.until_all_heard(site.house.events.last(), 60)
            crowd.until_over([*of_jobs, *of_batch], 60)
            used.append((memory(front.pid), cpu.seconds(front.pid)))
    record = site.house.events.after("0-0", 0.01, 20_000)
    by_job: dict[str, list[Event]] = defaultdict(list)
    for one in record:
        by_job[one.job].append(one)
    assert by_job.keys() >= set(jobs)
    for ear, job in zip(of_jobs, jobs, strict=False):
        assert ear.heard == ear.told_by(by_job[job])
    for ear in of_batch:
        assert ear.heard == ear.told_by(one for one in record if one.batch == "many")
    for ear in of_all:
        assert ear.heard == ear.told_by(record)
    assert sum(ear.gaps for ear in crowd.ears) == 0
    say(crowd, len(record), used)


def memory(pid: int) -> int:
    """Return what a process has in memory now, in KB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def say(crowd: Crowd, events: int, used: list[tuple[int, float]]) -> None:
    """Say what it took of the service."""
    heard = sum(len(ear.heard) for ear in crowd.ears)
    connections, refused = sum(ear.connections for ear in crowd.ears), sum(ear.refused for ear in crowd.ears)
    (before, began), (open_, opened), (after, ended) = used
    sys.stderr.write(
        f"\n{events} events, heard {heard} times over {connections} connections ({refused} asked to come later); "
        f"service: {before / 1024:.0f} MB, {open_ / 1024:.0f} MB with all open, {after / 1024:.0f} MB in the end, "
        f"CPU {opened - began:.1f} s to open them, {ended - opened:.1f} s meanwhile\n"
    )
