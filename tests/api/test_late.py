"""The reader behind all streams is late, or was away: nothing is left out, told twice, or lost without a word."""

import asyncio
from collections.abc import Sequence
from threading import Event as Signal
from typing import Any

import pytest

from tests.api.site import ApiSite, volume
from vnx_jobs.adapters.redis.pages import RedisEvents
from vnx_jobs.adapters.redis.server import Server
from vnx_jobs.api.event_streams import About, Stream
from vnx_jobs.api.streaming import Hub, Listener, Told, written
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.event import Event

pytestmark = pytest.mark.real


@pytest.fixture
def events(site: ApiSite) -> RedisEvents:
    """Give the events of record."""
    return RedisEvents(site.world.server)


@pytest.fixture
def job(site: ApiSite) -> str:
    """Give a job that has ended."""
    with site.client() as client:
        job = str(client.post("/v1/jobs", json=volume("web-01")).json()["job"])
    site.world.run(job)
    return job


async def told(site: ApiSite, listener: Listener, since: str, open_jobs: set[str]) -> tuple[bool, list[str]]:
    """Return whether a stream is said to be read to its end, and the ids of its messages."""
    about = About(lambda: JobDocument.of(site.world.record(listener.job)), lambda: set(open_jobs))
    events = RedisEvents(site.world.server)
    stream = Stream(Hub(events, listeners=1, backlog=1000), events, listener, about, since, lambda: True)
    is_read_out = await stream.is_read_out()
    text = b"".join([part async for part in stream.parts()]).decode()
    return is_read_out, [line.removeprefix("id: ") for line in text.splitlines() if line.startswith("id: ")]


def test_a_job_that_has_ended_is_told_to_its_end(site: ApiSite, events: RedisEvents, job: str) -> None:
    """Though the listener begins before the job's end, what is on record is told whole, and then that it is over."""
    ids = [one.id for one in events.after("0-0", 0.01) if one.job == job]
    late = Listener(lambda _: True, 1000, job, behind=ids[0])
    assert asyncio.run(told(site, late, "", set())) == (False, [*ids, ids[-1]])
    assert asyncio.run(told(site, late, ids[1], set())) == (False, [*ids[2:], ids[-1]])
    assert asyncio.run(told(site, late, ids[-1], set())) == (True, [ids[-1]])


def test_what_another_service_told_is_not_told_again(site: ApiSite, events: RedisEvents, job: str) -> None:
    """Who has read further than this service, by another one, goes on where he was."""
    record = [one for one in events.after("0-0", 0.01) if one.job == job]
    ids = [one.id for one in record]

    def late() -> Listener:
        listener = Listener(lambda _: True, 1000, job, behind=ids[0])
        for event in record[1:]:
            listener.put(Told(event, written(event)))
        return listener

    assert asyncio.run(told(site, late(), ids[1], {job})) == (False, [*ids[2:], ids[-1]])
    assert asyncio.run(told(site, late(), ids[0], {job})) == (False, [*ids[1:], ids[-1]])


class Away(RedisEvents):
    """Events of a state server that is away at times."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.is_away = False
        self.asked = Signal()

    def after(self, event: str, seconds: float, most: int = 1000) -> Sequence[Event]:
        """Return what happened, unless it is away."""
        if self.is_away:
            self.asked.set()
            raise StateServerError("away")
        return super().after(event, min(seconds, 0.01), most)


@pytest.mark.parametrize("kept", [1, 5])
def test_events_that_went_while_the_state_server_was_away(site: ApiSite, kept: int) -> None:
    """A stream whose reader missed events ends, so that its reader is told when it comes again; else it goes on."""
    server = site.world.server

    def happen(count: int) -> list[str]:
        fields: dict[Any, Any] = {"job": "", "event": "held", "state": "box", "step": "", "why": ""}
        return [str(server.client.xadd(f"{server.prefix}events", fields)) for _ in range(count)]

    async def heard() -> tuple[bool, list[str], list[str]]:
        events = Away(server)
        hub = Hub(events, listeners=1, backlog=1000)
        listener = await hub.listen(lambda _: True)
        events.is_away = True
        await asyncio.to_thread(events.asked.wait)
        ids = happen(4)
        server.client.xtrim(f"{server.prefix}events", maxlen=kept, approximate=False)
        events.is_away = False
        got: list[str] = []
        while not listener.over and len(got) < len(ids):
            got += [one.event.id for one in await listener.hear(5)]
        hub.stop()
        return kept < len(ids), got, ids

    happen(2)
    is_lost, got, ids = asyncio.run(heard())
    assert got == ([] if is_lost else ids)
