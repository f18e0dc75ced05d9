"""Many streams open at once, of one job each, of a batch, of all: each is told all that it is about, in order, once."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.crowd import Crowd, Ear
from tests.api.service import Service
from tests.api.site import volume
from tests.installation import Installation
from vnx_jobs.adapters.redis.pages import RedisEvents

pytestmark = pytest.mark.real

JOBS = 40
CUTS = (0, 1, 2)
"""After how many events readers of a job go away and come again, in turns; 0: they stay."""


@pytest.fixture
def world(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Give an installation whose workers the test plays."""
    world = Installation(valkey_url, prefix, tmp_path)
    try:
        world.read_array()
        yield world
    finally:
        world.close()


def test_a_crowd_is_told_everything(world: Installation, valkey_url: str, prefix: str, tmp_path: Path) -> None:
    """Thirty streams of a job, three of the batch and two of all hear what is on record, in order, none twice."""
    with Service(tmp_path, valkey_url, prefix) as service:
        with service.client() as client:
            rows = {"batch": "many", "jobs": [{**volume("v-{n:02}"), "count": JOBS}]}
            told = client.post("/v1/batches", json=rows).json()["rows"]
        jobs = [row["job_id"] for row in told]
        of_jobs = [Ear(f"/v1/jobs/{job}/events", ("", "0-0")[at % 2], CUTS[at % 3]) for at, job in enumerate(jobs[:30])]
        of_batch = [Ear("/v1/batches/many/events", since, 25) for since in ("", "", "0-0")]
        of_all = [Ear("/v1/events", since, 25) for since in ("", "0-0")]
        with Crowd(service.url, [*of_jobs, *of_batch, *of_all]) as crowd:
            crowd.until_all_listen(20)
            world.run(*jobs)
            events = RedisEvents(world.server)
            crowd.until_all_heard(events.last(), 20)
            crowd.until_over([*of_jobs, *of_batch], 20)
    record = events.after("0-0", 0.01, 10_000)
    for ear, job in zip(of_jobs, jobs, strict=False):
        assert ear.heard == ear.told_by(one for one in record if one.job == job)
    for ear in of_batch:
        assert ear.heard == ear.told_by(one for one in record if one.batch == "many")
    for ear in of_all:
        assert ear.heard == ear.told_by(record)
    assert min(len(ear.heard) for ear in of_jobs) >= 2
    assert {ear.connections > 1 for ear in of_batch + of_all} == {True}
    assert sum(ear.gaps for ear in crowd.ears) == 0


@contextlib.contextmanager
def few_files(count: int) -> Iterator[None]:
    """Let processes that are started meanwhile begin with so many open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_more_streams_than_open_files_at_first(
    world: Installation, valkey_url: str, prefix: str, tmp_path: Path
) -> None:
    """A service that begins with 128 open files serves 150 streams: it asks for what its settings allow."""
    del world
    service = Service(tmp_path, valkey_url, prefix, streams=150)
    with few_files(128):
        service.__enter__()
    with contextlib.ExitStack() as stack:
        stack.push(service)
        crowd = stack.enter_context(Crowd(service.url, [Ear("/v1/events") for _ in range(150)]))
        crowd.until_all_listen(20)
