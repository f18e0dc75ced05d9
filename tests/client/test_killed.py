"""The service dies while a client speaks to it: the same call again gives the same jobs, and no event is missed."""

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from pydantic import SecretStr

from tests.api.service import Service
from tests.api.site import volume
from tests.client.ground import PATIENCE, until
from tests.client.test_contract import delete
from tests.installation import ARRAY, Installation
from tests.state_server import StateServer, free_port
from vnx_jobs import Client
from vnx_jobs.client import OLDEST, UnreachableError
from vnx_jobs.documents.answers import AcceptedDocument
from vnx_jobs.model.states import State
from vnx_jobs.ports.gates import SILENCE

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


@pytest.fixture
def service(world: Installation, valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Service]:
    """Give the service over that installation's state server, always at the same address."""
    del world
    with Service(tmp_path, valkey_url, prefix, port=free_port()) as service:
        yield service


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


class Poster(threading.Thread):
    """Posts a batch in a thread of its own, once."""

    def __init__(self, service: Service, form: str) -> None:
        super().__init__(daemon=True)
        self.status = 0
        """Of its answer; 0 if none came."""
        self.jobs: dict[str, str] = {}
        """What it was told: row -> job."""
        self._ask = (f"{service.url}/v1/batches", FORMS[form])

    def run(self) -> None:
        """Post."""
        url, asked = self._ask
        try:
            answer = httpx.post(url, json=BATCH, params=asked, timeout=PATIENCE, trust_env=False)
        except httpx.HTTPError:
            return
        self.status = answer.status_code
        self.jobs = {row["row"]: row["job_id"] for row in answer.json()["rows"]}


LUNS: Final = 399
"""Rows that make volumes: with one more they are as many as there are LUN numbers. The others delete volumes."""
ROW_NAMES: Final = [*NAMES, "late"]
BATCH: Final = {
    "batch": "delivery",
    "defaults": {"array": ARRAY},
    "jobs": [
        *map(volume, NAMES[:LUNS]),
        *({"operation": "delete-volume", "name": name, "row": name} for name in NAMES[LUNS:]),
        {**volume("late"), "after": NAMES[0]},
    ],
}
SHARES: Final = (0.0, 0.3, 0.6, 0.999)
"""The service is killed as soon as more than this share of the rows is on record."""
FORMS: Final[dict[str, dict[str, Any]]] = {"whole": {"atomic": True}, "in part": {"partial": True}, "as it comes": {}}
QUICK: Final = {("whole", 0.6), ("in part", 0.0)}


@pytest.mark.parametrize(
    ("form", "share"),
    [
        pytest.param(form, share, marks=[pytest.mark.full] * ((form, share) not in QUICK))
        for form in FORMS
        for share in SHARES
    ],
)
def test_the_service_is_killed_in_the_middle_of_a_batch(
    world: Installation, service: Service, form: str, share: float
) -> None:
    """The same request again finds each row's one job, or makes it; a whole batch runs when all are there, or not."""
    live = f"{world.server.prefix}live"
    first, second, third = (Poster(service, form) for _ in range(3))
    first.start()
    until(lambda: int(str(world.server.client.scard(live))) > share * len(ROW_NAMES))
    service.kill()
    first.join(PATIENCE)
    before = {one.row: one.id for one in world.store.find()}
    assert share * len(ROW_NAMES) < len(before) < len(ROW_NAMES) + (share == SHARES[-1])
    assert form != "whole" or len(before) == len(ROW_NAMES) or not can_run(world)
    with service:
        second.start()
        world.clock.advance(SILENCE + 1)  # who was killed counts as dead
        second.join(PATIENCE)
        third.start()
        third.join(PATIENCE)
    assert list(second.jobs) == ROW_NAMES
    assert (third.status, third.jobs) == (200, second.jobs)
    assert sorted((one.row, one.id) for one in world.store.find()) == sorted(second.jobs.items())
    assert form == "whole" or before.items() <= second.jobs.items()
    assert can_run(world)


def can_run(world: Installation) -> bool:
    """Say whether any job is under way, or waits for nothing but its turn."""
    standing = world.store.standing(ARRAY)
    return bool(standing.under_way or standing.ready)


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
