"""Connections that break: what was asked for is done once, and what happened is told once."""

import threading
from collections.abc import Iterator

import pytest

from tests.api.served import served
from tests.api.site import ApiSite
from tests.client.ground import PATIENCE, until
from tests.client.test_contract import create, delete
from tests.client.wire import Wire
from tests.installation import ARRAY
from tests.state_server import free_port
from vnx_jobs import Client
from vnx_jobs.client import OLDEST, UnreachableError
from vnx_jobs.documents.answers import AcceptedDocument
from vnx_jobs.documents.jobs import EventDocument
from vnx_jobs.model.states import State


@pytest.fixture
def wire(site: ApiSite) -> Iterator[Wire]:
    """Give a line to the service that can be cut."""
    with served(site) as url, Wire(url) as wire:
        yield wire


@pytest.fixture
def far(site: ApiSite, wire: Wire) -> Iterator[Client]:
    """Give a client that speaks over it."""
    with Client(wire.url, site.secret("admin"), patience=10) as client:
        yield client


def test_a_lost_answer_is_asked_for_again(site: ApiSite, wire: Wire, far: Client) -> None:
    """A submission whose answers are lost is sent again and finds its job: there is one, though no key was given."""
    wire.swallow = 2
    job = far.submit(create("web-01"))
    assert wire.swallowed == 2
    assert [one.id for one in site.house.store.find()] == [job.job]
    wire.swallow = 1
    assert far.job(job.job).state is State.QUEUED


def test_lost_answers_to_many(site: ApiSite, wire: Wire, far: Client) -> None:
    """Many whose answers are lost are all there, each once, and in their order."""
    wire.swallow = 1
    answers = far.submit_many(delete(f"v-{number}") for number in range(520))
    assert wire.swallowed == 1
    jobs = [one.job for one in answers if isinstance(one, AcceptedDocument)]
    assert {one.id for one in site.house.store.find()} == set(jobs)
    assert [far.job(jobs[place]).name for place in (0, 499, 500, 519)] == ["v-0", "v-499", "v-500", "v-519"]


def test_an_order_is_sent_once(site: ApiSite, wire: Wire, far: Client) -> None:
    """An order whose answer is lost is not sent again: its sender is told that nobody knows what came of it."""
    job = far.submit(create("web-01")).job
    wire.swallow = 1
    with pytest.raises(UnreachableError):
        far.cancel(job)
    until(lambda: far.job(job).state is State.CANCELLED)
    wire.swallow = 1
    with pytest.raises(UnreachableError):
        far.retry(job)
    assert [one[1] for one in site.audit] == [
        "POST /v1/jobs",
        f"POST /v1/jobs/{job}/cancel",
        f"POST /v1/jobs/{job}/retry",
    ]
    assert len(site.house.store.find()) == 2


def test_lost_answers_of_a_batch(site: ApiSite, wire: Wire, far: Client) -> None:
    """A manifest whose answer is lost is sent again and finds its jobs; an order to a batch is sent once."""
    wire.swallow = 1
    text = "".join(f'{{"operation": "delete-volume", "array": "{ARRAY}", "name": "v-{n}"}}\n' for n in range(3))
    report = far.submit_batch(text, "jsonl", batch="three")
    assert (wire.swallowed, [row.fate for row in report.rows]) == (1, ["known"] * 3)
    assert {one.id for one in site.house.store.find()} == {row.job_id for row in report.rows}
    wire.swallow = 1
    with pytest.raises(UnreachableError):
        far.pause_batch("three")
    until(lambda: far.batch("three").jobs_by_state == {State.PAUSED: 3})
    assert [one[1] for one in site.audit] == ["POST /v1/batches"] * 2 + ["POST /v1/batches/three/pause"]


def test_nobody_answers() -> None:
    """If nobody listens at the address the client gives up, says so, and tells the key to go on with."""
    with Client(f"http://127.0.0.1:{free_port()}", patience=0.3) as client:
        with pytest.raises(UnreachableError, match="does not answer") as caught:
            client.submit(create("web-01"))
        assert len(caught.value.key) == 32
        for kwargs, key in (({"key": "mine"}, "mine"), ({"batch": "webs"}, "webs")):
            with pytest.raises(UnreachableError) as again:
                client.submit_many([create("web-01")], **kwargs)
            assert again.value.key == key
        with pytest.raises(UnreachableError):
            list(client.events())


class Listener(threading.Thread):
    """Listens in a thread of its own."""

    def __init__(self, heard: Iterator[EventDocument], most: int) -> None:
        super().__init__(daemon=True)
        self.ids: list[str] = []
        self._heard = heard
        self._most = most

    def run(self) -> None:
        """Listen."""
        for one in self._heard:
            self.ids.append(one.id)
            if len(self.ids) == self._most:
                return


def test_a_stream_that_is_cut_goes_on(site: ApiSite, wire: Wire, far: Client) -> None:
    """Whoever listens to a job over a line that is cut again and again hears each event once, to the end."""
    job = far.submit(create("web-01")).job
    begin = site.house.events.last()
    listener = Listener(far.events(job=job), 0)
    listener.start()
    until(lambda: f"id: {begin}".encode() in wire.answers)
    for order in (far.pause, far.resume) * 3:
        wire.closed = True
        wire.cut()
        wire.closed = False
        order(job)
    wire.cut()
    site.world.run(job)
    listener.join(PATIENCE)
    known = [id_ for id_, fields in site.world.server.events(begin, 0.01) if fields["job"] == job]
    assert listener.ids == known
    assert len(known) >= 8


def test_a_stream_of_all_that_is_cut_before_its_first_event(site: ApiSite, wire: Wire, far: Client) -> None:
    """What happens while the line is down is heard by whoever began to listen before."""
    site.world.do("create-volume", name="old", size_gb=1, pool="pool")
    begin = site.house.events.last()
    listener = Listener(far.events(), 1)
    listener.start()
    until(lambda: f"id: {begin}".encode() in wire.answers)
    wire.closed = True
    wire.cut()
    site.world.submit("create-volume", name="new", size_gb=1, pool="pool")
    wire.closed = False
    listener.join(PATIENCE)
    assert listener.ids == [site.world.server.events(begin, 0.01)[0][0]]


def test_a_line_is_a_line_whatever_is_in_it(site: ApiSite, far: Client) -> None:
    """Signs that divide lines elsewhere are a part of the text that they stand in."""
    server, why = site.world.server, "one\u2028two\x85three\x0bfour\x1cfive"
    id_ = server.client.xadd(
        f"{server.prefix}events", {"job": "", "event": "test", "state": ARRAY, "step": "", "why": why}
    )
    heard = next(far.events(after=OLDEST))
    assert (heard.id, heard.why, heard.array) == (id_, why, ARRAY)
