"""Delivering: real receivers, over the state server and its twin."""

import signal
import subprocess
import sys
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.hooks.conftest import Place
from tests.hooks.receiver import Receiver, status
from tests.store.world import RedisWorld, entry
from vnx_jobs.adapters.redis.hooks import RedisHooks
from vnx_jobs.hooks.addresses import Addresses
from vnx_jobs.hooks.deliverer import Deliverer, back_off
from vnx_jobs.hooks.posting import Poster
from vnx_jobs.hooks.registry import Registry
from vnx_jobs.hooks.signing import Secret
from vnx_jobs.model.record import Record

DAY = 86_400.0


def document(record: Record) -> dict[str, Any]:
    """Tell of a job."""
    return {"job": record.id, "state": str(record.state)}


@dataclass
class Office:
    """What registers and delivers, in a world whose clock is moved by hand."""

    place: Place
    registry: Registry
    deliverer: Deliverer
    keys: dict[str, str] = field(default_factory=dict)

    def register(self, name: str, url: str) -> None:
        """Register a hook."""
        self.keys[name] = self.registry.add(name, url, "admin@cli")

    def end(self, job: str, *hooks: str) -> None:
        """Let a job that names hooks come to its end."""
        self.place.world.accept(entry(job, hooks=hooks))
        self.place.world.succeed(job)

    def tick(self) -> int:
        """Deliver what is due, and wait until that is over."""
        begun = self.deliverer.tick()
        assert self.deliverer.rest(10.0)
        return begun

    def waiting(self, name: str = "crm") -> int:
        """Return how many messages to a hook are still to be delivered."""
        return self.registry.get(name).waiting


@pytest.fixture
def office(place: Place, tmp_path: Path) -> Office:
    """Open an office of each kind, which may call loopback."""
    poster = Poster(Addresses((ip_network("127.0.0.0/8"),)), allow_http=True, limit=2.0)
    registry = Registry(place.hooks, Secret(tmp_path / "hooks.secret"), poster, "t")
    return Office(place, registry, registry.deliverer(place.world.store, document))


def test_the_end_of_a_job_is_told_signed(office: Office) -> None:
    """The receiver gets a CloudEvent about the job, which its key verifies and another hook's does not, and once."""
    with Receiver() as receiver, Receiver() as other:
        office.register("crm", receiver.url)
        office.register("audit", other.url)
        office.end("A", "crm")
        assert office.tick() == 1
        assert office.tick() == 0
    (heard,) = receiver.heard
    assert heard.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert heard.is_signed_with(office.keys["crm"])
    assert not heard.is_signed_with(office.keys["audit"])
    event = heard.event
    assert event.pop("time").endswith("Z")
    assert event == {
        "specversion": "1.0",
        "id": "job_A_crm",
        "source": "urn:vnx-jobs:t",
        "type": "vnx-jobs.job.ended",
        "subject": "A",
        "datacontenttype": "application/json",
        "data": {"job": "A", "state": "SUCCEEDED"},
    }
    assert heard.headers["webhook-id"] == "job_A_crm"
    assert office.waiting() == 0


def test_the_end_of_a_batch_is_told(office: Office) -> None:
    """The message says how many jobs ended in which state; a submission that died is sealed by the deliverer."""
    with Receiver() as receiver:
        office.register("crm", receiver.url)
        office.registry.telling("web", ["crm"]).__enter__()  # and never left
        for job in "AB":
            office.place.world.accept(entry(job, batch="web"))
        office.place.world.succeed("A")
        office.place.world.fail("B")
        assert office.tick() == 0
        office.place.world.advance(901.0)
        assert office.tick() == 1
    event = receiver.heard[0].event
    assert (event["type"], event["subject"]) == ("vnx-jobs.batch.ended", "web")
    assert event["data"] == {"batch": "web", "jobs": 2, "jobs_by_state": {"SUCCEEDED": 1, "FAILED": 1}}


def test_a_receiver_that_is_down_and_comes_up(office: Office) -> None:
    """What fails is tried again after 5 s, 10 s and so on, the same bytes under the same id, until it is taken."""
    with Receiver(status(500), status(503, Retry_After="60"), status(200)) as receiver:
        office.register("crm", receiver.url)
        office.deliverer.draw = lambda: 1.0
        office.end("A", "crm")
        assert office.tick() == 1
        office.place.world.advance(4.9)
        assert office.tick() == 0
        office.place.world.advance(0.2)
        assert office.tick() == 1
        office.place.world.advance(59.0)  # it asked for more than the 10 s
        assert office.tick() == 0
        office.place.world.advance(2.0)
        assert office.tick() == 1
        assert office.waiting() == 0
    assert len({(one.headers["webhook-id"], one.body) for one in receiver.heard}) == 1
    assert all(one.is_signed_with(office.keys["crm"]) for one in receiver.heard)


def test_who_never_answers_is_given_up_after_a_day(office: Office) -> None:
    """A receiver that is gone is tried for a day; what it missed is kept, and told when somebody asks for it."""
    with Receiver() as receiver:
        office.register("crm", receiver.url)
    office.end("A", "crm")
    attempts = 0
    for _ in range(40):
        attempts += office.tick()
        office.place.world.advance(3600.0)
    standing = office.registry.get("crm")
    assert (standing.waiting, standing.given_up) == (0, 1)
    assert standing.answer == "no answer: Connection refused"
    assert 24 <= attempts <= 36
    assert office.registry.again("crm") == 1
    assert office.tick() == 1


def test_a_receiver_that_hangs_delays_nobody(office: Office) -> None:
    """While one receiver holds all its places, a tick returns at once and another receiver is told."""
    with Receiver() as slow, Receiver() as quick:
        slow._replies = [slow.hang]
        office.register("slow", slow.url)
        office.register("quick", quick.url)
        for number in range(6):
            office.end(f"S{number}", "slow")
        assert office.deliverer.tick() == 4
        slow.wait(4)
        office.end("Q", "quick")
        assert office.deliverer.tick() == 1
        (heard,) = quick.wait(1)
        assert heard.event["subject"] == "Q"
        slow.free.set()
        assert office.deliverer.rest(10.0)
    assert len(slow.heard) == 4


def test_a_deliverer_has_so_many_threads_and_no_more(office: Office) -> None:
    """What it has no room for stays where it is, for others or for later."""
    office.deliverer.at_once = 2
    with Receiver() as receiver:
        receiver._replies = [receiver.hang]
        office.register("crm", receiver.url)
        for job in "ABC":
            office.end(job, "crm")
        assert office.deliverer.tick() == 2
        assert office.deliverer.tick() == 0
        receiver.free.set()
        assert office.deliverer.rest(10.0)


def test_a_machine_with_another_secret_sends_nothing(office: Office, tmp_path: Path) -> None:
    """A message that its receiver could not verify is not sent; it waits for a machine that has the right secret."""
    other = Secret(tmp_path / "other.secret")
    other.make()
    with Receiver() as receiver:
        office.register("crm", receiver.url)
        office.end("A", "crm")
        right, office.deliverer.secret = office.deliverer.secret, other
        assert office.tick() == 1
        assert receiver.heard == []
        assert "is not the secret" in office.registry.get("crm").answer
        office.deliverer.secret = right
        office.place.world.advance(10.0)
        assert office.tick() == 1
    assert receiver.heard[0].is_signed_with(office.keys["crm"])


def test_a_message_about_a_record_that_is_gone(office: Office) -> None:
    """If nobody took a message before the record's days were over, nothing is sent that says nothing."""
    with Receiver() as receiver:
        office.register("crm", receiver.url)
        office.end("A", "crm")
        office.place.world.advance(7 * DAY)
        office.place.world.store.due(10)
        assert office.tick() == 1
    assert receiver.heard == []
    assert office.registry.get("crm").answer == "not sent: the job's record is kept no more"


def test_the_back_off() -> None:
    """It doubles from 5 s up to an hour; the draw takes up to a quarter off."""
    assert [back_off(attempt, 1.0) for attempt in (1, 2, 3, 10, 11, 99)] == [5, 10, 20, 2560, 3600, 3600]
    assert back_off(1, 0.0) == 3.75


DYING = """
import sys
from ipaddress import ip_network
from pathlib import Path
import os, signal
from vnx_jobs.adapters.redis.hooks import RedisHooks
from vnx_jobs.adapters.redis.server import Server, connect
from vnx_jobs.adapters.redis.store import RedisJobStore
from vnx_jobs.hooks.addresses import Addresses
from vnx_jobs.hooks.posting import Poster
from vnx_jobs.hooks.registry import Registry
from vnx_jobs.hooks.signing import Secret

url, prefix, secret = sys.argv[1:]
server = Server(connect(url), prefix)
poster = Poster(Addresses((ip_network("127.0.0.0/8"),)), allow_http=True)
registry = Registry(RedisHooks(server), Secret(Path(secret)), poster, "t")
deliverer = registry.deliverer(RedisJobStore(server, finished_days=7, key_days=14), lambda record: {"job": record.id})
send = deliverer.post

def send_and_die(*message):
    send(*message)
    os.kill(os.getpid(), signal.SIGKILL)

deliverer.post = send_and_die
deliverer.tick()
deliverer.rest(10.0)
"""


@pytest.mark.real
def test_a_worker_that_dies_between_sending_and_noting(
    real: RedisWorld, valkey_url: str, prefix: str, tmp_path: Path
) -> None:
    """The message is sent again by another when the lease is over, under the same id; then no more."""
    poster = Poster(Addresses((ip_network("127.0.0.0/8"),)), allow_http=True)
    registry = Registry(RedisHooks(real.server), Secret(tmp_path / "hooks.secret"), poster, "t")
    office = Office(Place(real, registry.hooks), registry, registry.deliverer(real.store, document))
    with Receiver() as receiver:
        office.register("crm", receiver.url)
        office.end("A", "crm")
        words = [sys.executable, "-c", DYING, valkey_url, prefix, str(tmp_path / "hooks.secret")]
        done = subprocess.run(words, check=False, capture_output=True, timeout=60, cwd=Path(__file__).parents[2])
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert len(receiver.heard) == 1
        assert office.tick() == 0
        real.advance(61.0)
        assert office.tick() == 1
        real.advance(3600.0)
        assert office.tick() == 0
    first, second = receiver.heard
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "job_A_crm"
    assert all(one.is_signed_with(office.keys["crm"]) for one in (first, second))


def test_two_deliverers_do_not_send_the_same(office: Office) -> None:
    """However many deliver at once, each message is sent once."""
    other = office.registry.deliverer(office.place.world.store, document)
    with Receiver() as receiver:
        office.register("crm", receiver.url)
        for number in range(8):
            office.end(f"A{number}", "crm")
        while office.waiting():
            office.deliverer.tick()
            other.tick()
            assert office.deliverer.rest(10.0)
            assert other.rest(10.0)
    assert sorted(one.event["subject"] for one in receiver.heard) == [f"A{number}" for number in range(8)]
