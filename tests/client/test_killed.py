"""The service dies while a client speaks to it: the same call again gives the same jobs, and no event is missed."""

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.api.service import Service
from tests.client.ground import PATIENCE, until
from tests.client.test_contract import delete
from tests.installation import Installation
from tests.state_server import StateServer, free_port
from vnx_jobs import Client
from vnx_jobs.client import OLDEST, UnreachableError
from vnx_jobs.documents.answers import AcceptedDocument
from vnx_jobs.model.states import State

pytestmark = pytest.mark.real

ROWS = 1300
NAMES = [f"v-{number:04}" for number in range(ROWS)]


@pytest.fixture
def world(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Give an installation whose workers nobody plays."""
    world = Installation(valkey_url, prefix, tmp_path)
    try:
        world.read_array()
        yield world
    finally:
        world.close()


class Submitter(threading.Thread):
    """Submits many in a thread of its own."""

    def __init__(self, client: Client) -> None:
        super().__init__(daemon=True)
        self.error: UnreachableError | None = None
        self._client = client

    def run(self) -> None:
        """Submit."""
        try:
            self._client.submit_many(map(delete, NAMES), key="delivery 7")
        except UnreachableError as error:
            self.error = error


class Listener(threading.Thread):
    """Counts the submissions that it hears of, in a thread of its own."""

    def __init__(self, client: Client) -> None:
        super().__init__(daemon=True)
        self.heard: Counter[str] = Counter()
        self._client = client

    def run(self) -> None:
        """Listen until it has heard of all."""
        for event in self._client.events(after=OLDEST):
            self.heard[event.job] += event.event == "submitted"
            if self.heard.total() == ROWS:
                return


def test_the_service_is_killed_in_the_middle(world: Installation, valkey_url: str, prefix: str, tmp_path: Path) -> None:
    """Killed between the first job and the last, it has lost none, and the same call makes each missing job once."""
    service = Service(tmp_path, valkey_url, prefix, port=free_port())
    live = f"{world.server.prefix}live"
    with service, Client(service.url, patience=0.2) as hasty, Client(service.url, patience=60) as patient:
        listener, submitter = Listener(patient), Submitter(hasty)
        listener.start()
        submitter.start()
        until(lambda: int(str(world.server.client.scard(live))) > ROWS // 5)
        service.kill()
        submitter.join(PATIENCE)
        before = {one.id: one.name for one in world.store.find()}
        assert ROWS // 5 < len(before) < ROWS
        assert submitter.error is not None
        assert submitter.error.key == "delivery 7"
        with service, Client(service.url) as client:
            answers = client.submit_many(map(delete, NAMES), key=submitter.error.key)
            listener.join(PATIENCE)
    jobs = {one.job: one.known for one in answers if isinstance(one, AcceptedDocument)}
    after = {one.id: one.name for one in world.store.find()}
    assert [after[job] for job in jobs] == NAMES
    assert {job for job, known in jobs.items() if known} == before.keys()
    assert after.keys() == jobs.keys()
    assert listener.heard == Counter(dict.fromkeys(jobs, 1))


def test_the_state_server_is_killed_under_a_direct_client(prefix: str, tmp_path: Path) -> None:
    """A direct client asks again until the state server is back, and hears each event of its job once."""
    (tmp_path / "valkey").mkdir()
    with StateServer(tmp_path / "valkey") as server:
        world = Installation(server.url, prefix, tmp_path)
        world.read_array()
        settings = world.settings.model_copy(update={"redis_url": SecretStr(server.url)})
        with Client.direct(settings, patience=30) as client, Client.direct(settings, patience=30) as other:
            job = client.submit(delete("v")).job
            heard = client.events(job=job, after=OLDEST)
            ids = [next(heard).id]
            for order in (other.pause, other.resume, other.cancel):
                server.kill()
                threading.Thread(target=server.start).start()
                until(lambda: bool(other.job(job)))
                order(job)
                ids.append(next(heard).id)
            ids += [one.id for one in heard]
        assert ids == [id_ for id_, fields in world.server.events("0-0", 0.01) if fields["job"] == job]
        assert world.record(job).state is State.CANCELLED
        world.close()
