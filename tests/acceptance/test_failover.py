"""A failover to a replica that lacks the last changes: the workers notice, and the array is the witness."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.acceptance.site import ARRAY, Site
from tests.state_server import StateServer
from vnx_jobs.model.states import ENDED, State

pytestmark = pytest.mark.real

COPIES = 6


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[StateServer, StateServer]]:
    """Start a state server, and a replica of it."""
    folders = [tmp_path / name for name in ("primary", "replica")]
    for folder in folders:
        folder.mkdir()
    primary = StateServer(folders[0])
    replica = StateServer(folders[1], "--replicaof", "127.0.0.1", str(primary.port))
    with primary, replica:
        yield primary, replica


def effects(site: Site, *verb: str) -> int:
    """Return how often a command of ours was carried out, by the audit log; the source was another's."""
    return sum(one["status"] == 0 and "gold" not in one["argv"][2:][-1:] for one in site.commands(*verb))


def test_a_failover_that_loses_what_had_begun_does_nothing_twice(
    tmp_path: Path, servers: tuple[StateServer, StateServer]
) -> None:
    """Six copies are begun, the replica knows none of that: all six are finished, and each effect happened once."""
    primary, replica = servers
    site = Site(tmp_path, primary.url, "f:")
    try:
        site.start_worker(processes=4)
        site.source()
        site.house.orders.hold(ARRAY, "test")
        jobs = [site.submit("snap-copy", name=f"copy-{n}", source="gold", key=f"k{n}").job for n in range(COPIES)]
        with contextlib.closing(redis.Redis.from_url(primary.url)) as client:
            client.set("last", "1")
            assert client.wait(1, 5000) == 1
        with contextlib.closing(redis.Redis.from_url(replica.url)) as client:
            client.replicaof("NO", "ONE")  # from here on it learns nothing
        site.house.orders.unhold(ARRAY, "test")
        site.until(lambda: effects(site, "lun", "-create") >= 2)
        primary.kill()
        replica.stop()
        replica.take_over(primary.port)
        site.house.orders.unhold(ARRAY, "test")

        def tended() -> bool:
            if site.workers[-1].poll() is not None:  # a worker may end when its broker goes: systemd starts it again
                site.start_worker(processes=4)
            return all(site.record(job).state in {*ENDED, State.STUCK} for job in jobs)

        site.until(tended, 120)
        records = [site.record(job) for job in jobs]
        assert [(record.state, record.why) for record in records] == [(State.SUCCEEDED, "")] * COPIES
        names = sorted(one["name"] for one in site.shown()["luns"] if one["name"].startswith("copy-"))
        assert names == [f"copy-{n}" for n in range(COPIES)]
        made = [effects(site, *verb) for verb in (("snap", "-create"), ("lun", "-create"), ("lun", "-attach"))]
        assert made == [COPIES] * 3
        assert "epoch" in {event["event"] for _, event in site.house.server.events("0", 1)}
        again = site.submit("snap-copy", name="copy-0", source="gold", key="k0")
        assert (again.known, again.job) == (True, jobs[0])
    finally:
        site.stop()
