"""Streams of events over a real socket: nothing is lost, doubled or out of order, whoever comes and goes."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.served import served
from tests.api.service import Message, Service, messages
from tests.api.site import ApiSite, volume
from tests.installation import Installation
from vnx_jobs.api import event_streams
from vnx_jobs.model.authority import Role
from vnx_jobs.model.event import place_of

pytestmark = pytest.mark.real

EVENTS = 20_000


@pytest.fixture
def world(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Give an installation whose workers the test plays."""
    world = Installation(valkey_url, prefix, tmp_path)
    try:
        world.read_array()
        yield world
    finally:
        world.close()


@pytest.fixture
def service(world: Installation, valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Service]:
    """Give the service over that installation's state server."""
    del world
    with Service(tmp_path, valkey_url, prefix, backlog=1000) as service:
        yield service


class Follower(threading.Thread):
    """Reads one stream to its end, or for so many messages."""

    def __init__(self, service: Service, path: str, last: str = "", most: int = 0) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.heard: list[Message] = []
        self.status = 0
        self._ask = (service, path, {"Last-Event-ID": last} if last else {})
        self._most = most

    def run(self) -> None:
        """Read."""
        service, path, headers = self._ask
        with service.client() as client, client.stream("GET", path, headers=headers) as answer:
            self.status = answer.status_code
            for message in messages(answer.iter_lines()):
                self.heard.append(message)
                self.begun.set()
                if len(self.heard) == self._most:
                    break
        self.begun.set()

    def read(self) -> list[Message]:
        """Return all that it read, once it is done."""
        self.join(20)
        assert not self.is_alive()
        return self.heard


def submitted(client: httpx.Client, name: str) -> str:
    """Submit a job and return its id."""
    return str(client.post("/v1/jobs", json=volume(name)).json()["job"])


def test_a_job_is_followed_to_its_end(world: Installation, service: Service) -> None:
    """A stream begins with how the job stands, tells its events in their order, and ends with how it ended."""
    with service.client() as client:
        job = submitted(client, "web-01")
        followers = [Follower(service, f"/v1/jobs/{job}/events") for _ in range(5)]
        for one in followers:
            one.start()
            assert one.begun.wait(10)
        world.run(job)
        every = [one.read() for one in followers]
        (events,) = {tuple(one.id for one in heard if not one.kind) for heard in every}
    for heard in every:
        assert (heard[0].kind, heard[0].data["state"]) == ("state", "QUEUED")
        assert (heard[-1].kind, heard[-1].data["state"]) == ("end", "SUCCEEDED")
    known = [id_ for id_, fields in world.server.events("0-0", 0.01) if fields["job"] == job]
    assert list(events) == known[1:]  # the first is its submission
    assert [place_of(one) for one in events] == sorted(map(place_of, events))


def test_who_comes_again_misses_nothing(world: Installation, service: Service) -> None:
    """Who goes on after the last event that was read hears each event once; who has read all is told to stay away."""
    with service.client() as client:
        job = submitted(client, "web-01")
        world.run(job)
        known = [id_ for id_, fields in world.server.events("0-0", 0.01) if fields["job"] == job]
        for at, last in enumerate(["0-0", *known[:-1]]):
            follower = Follower(service, f"/v1/jobs/{job}/events", last)
            follower.start()
            heard = follower.read()
            assert [one.id for one in heard if not one.kind] == known[at:]
            assert [one.kind for one in heard][-1] == "end"
        answer = client.get(f"/v1/jobs/{job}/events", headers={"Last-Event-ID": known[-1]})
        assert (answer.status_code, answer.content) == (204, b"")


def test_a_batch_and_all(world: Installation, service: Service) -> None:
    """A batch's stream tells of all its jobs and of no other, and ends with the last; that of all tells of each."""
    with service.client() as client:
        rows = [{"name": f"b-{n}"} for n in range(4)]
        report = client.post("/v1/batches", json={"batch": "four", "defaults": volume("x"), "jobs": rows}).json()
        jobs = [row["job_id"] for row in report["rows"]]
        other = submitted(client, "web-01")
        batch = Follower(service, "/v1/batches/four/events", "0-0")
        batch.start()
        world.run(*jobs, other)
        heard = batch.read()
        assert {one.data["job"] for one in heard if not one.kind} == set(jobs)
        assert heard[-1].data == {"batch": "four", "jobs": 4, "over": True, "jobs_by_state": {"SUCCEEDED": 4}}
        known = [id_ for id_, _ in world.server.events("0-0", 0.01)]
        everything = Follower(service, "/v1/events", "0-0", most=len(known))
        everything.start()
        assert [one.id for one in everything.read()] == known


@pytest.mark.parametrize("ends", ["revoked", "expired", "kept"])
def test_a_stream_ends_with_its_token(site: ApiSite, monkeypatch: pytest.MonkeyPatch, ends: str) -> None:
    """Whose token is revoked, or expires, hears no more, though events go on coming; whose is valid hears on."""
    monkeypatch.setattr(event_streams, "_BEAT", 0.3)
    days = None if ends != "expired" else 1
    token, secret = site.house.authority.issue("crm", Role.VIEWER, None, days, "test")
    begun, has_ended = time.monotonic(), False
    with served(site) as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {secret}"}) as client:
        with client.stream("GET", "/v1/events", timeout=20) as answer:
            for number, _ in enumerate(answer.iter_lines()):
                site.house.server.client.xadd(f"{site.settings.prefix}events", _event(str(number)))
                if number == 0 and ends == "revoked":
                    site.house.authority.revoke(token.id, "test")
                if number == 0 and ends == "expired":
                    site.world.clock.advance(90_000)
                if ends == "kept" and time.monotonic() > begun + 1:  # its token was looked at three times
                    break
            else:
                has_ended = True
        assert client.get("/v1/jobs").status_code == (200 if ends == "kept" else 401)
    assert has_ended is (ends != "kept")


def test_a_slow_reader_loses_nothing(world: Installation, service: Service) -> None:
    """A stream whose reader is too slow ends, costs nobody else anything, and is gone on with where it ended."""
    first = str(world.server.client.xadd(f"{world.server.prefix}events", _event("0")))
    with service.client() as client, client.stream("GET", "/v1/events", headers={"Last-Event-ID": first}) as answer:
        lines = answer.iter_lines()
        next(lines)
        for number in range(EVENTS // 500):
            pipe = world.server.client.pipeline(transaction=False)
            for part in range(500):
                pipe.xadd(f"{world.server.prefix}events", _event(f"{number * 500 + part:0900}"))
            pipe.execute()
        heard = list(messages(lines))  # the service has ended it: it was not read until now
    assert len(heard) < EVENTS
    while len(heard) < EVENTS:
        rest = Follower(service, "/v1/events", heard[-1].id if heard else first, most=EVENTS - len(heard))
        rest.start()
        heard += rest.read()
    assert [int(one.data["why"]) for one in heard] == list(range(EVENTS))


def _event(why: str) -> dict[Any, Any]:
    return {"job": "", "event": "test", "state": "box", "step": "", "why": why}


def test_the_service_ends_in_the_middle(world: Installation, service: Service) -> None:
    """Asked to end, the service ends its streams and long polls and leaves well; after it comes again they go on."""
    with service.client() as client:
        job = submitted(client, "web-01")
    follower, poll = Follower(service, f"/v1/jobs/{job}/events"), Waiter(service, job)
    follower.start()
    poll.start()
    assert follower.begun.wait(10)
    assert service.stop() == 0
    heard = follower.read()
    assert [one.kind for one in heard] == ["state"]
    poll.join(10)
    assert poll.state in {"QUEUED", ""}  # told as it stood then, or not reached before the end
    with service:
        again = Follower(service, f"/v1/jobs/{job}/events", heard[-1].id)
        again.start()
        world.run(job)
        assert [one.kind for one in again.read()][-1] == "end"


class Waiter(threading.Thread):
    """Waits for a job by a long poll."""

    def __init__(self, service: Service, job: str) -> None:
        super().__init__()
        self.state = ""
        self._ask = (service, job)

    def run(self) -> None:
        """Ask."""
        service, job = self._ask
        try:
            with service.client() as client:
                self.state = client.get(f"/v1/jobs/{job}", params={"wait": 15}).json()["state"]
        except httpx.HTTPError:
            self.state = ""


def test_a_long_poll_answers_when_the_job_is_over(world: Installation, service: Service) -> None:
    """A request that waits for a job is answered with its end, or as it stands when its seconds are over."""
    with service.client() as client:
        job = submitted(client, "web-01")
        assert client.get(f"/v1/jobs/{job}", params={"wait": 0.05}).json()["state"] == "QUEUED"
        poll = Waiter(service, job)
        poll.start()
        world.run(job)
        poll.join(10)
        assert poll.state == "SUCCEEDED"


def test_streams_are_bounded(world: Installation, valkey_url: str, prefix: str, tmp_path: Path) -> None:
    """With all streams taken another one is refused, and gets its turn when one has gone."""
    del world
    with Service(tmp_path, valkey_url, prefix, streams=1) as service, service.client() as client:
        with client.stream("GET", "/v1/events") as first:
            assert first.status_code == 200
            refused = client.get("/v1/events")
            assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
        for _ in range(100):
            with client.stream("GET", "/v1/events") as second:
                if second.status_code == 200:
                    return
    pytest.fail("the place of a stream that has gone is not given to another")
