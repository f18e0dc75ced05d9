"""Records of other versions: a job begun by an earlier program is finished, one of a later program is left alone.

`samples/clone-v1.json` holds every key of an installation in the middle of a full clone, as version 1 stored it: the
mount point shows its snapshot, the target does not exist yet. It is never written again by a program.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.terminal import run_here
from tests.installation import ARRAY, Installation
from tests.store.world import BOX, RedisWorld, World, entry
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.inventory import MemoryInventory
from vnx_jobs.adapters.memory.server import Job, Key, MemoryServer
from vnx_jobs.adapters.memory.store import MemoryJobStore
from vnx_jobs.adapters.redis import codec
from vnx_jobs.cli.exits import Exit
from vnx_jobs.model.array import THIN
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.condition import FreshList, from_json, to_json
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import VERSION
from vnx_jobs.model.states import State

SAMPLE: Final = Path(__file__).parent / "samples" / "clone-v1.json"
JOB: Final = "01M824CXFZFE90C0H42SSQGA0K"
HIDDEN: Final = f"vjt-{JOB}-snap"
NUMBERS: Final = range(500, 504)


@dataclass
class Sample:
    """Every key of the sample by its type, without the prefix."""

    hashes: dict[str, dict[Any, Any]]
    sorted_sets: dict[str, dict[str, float]]
    sets: dict[str, list[str]]
    strings: dict[str, str]


@pytest.fixture
def sample() -> Sample:
    """Read the sample."""
    stored: dict[str, Any] = json.loads(SAMPLE.read_text())
    return Sample(stored["hash"], stored["zset"], stored["set"], stored["string"])


@pytest.fixture
def installation(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Installation]:
    """Make an installation whose array stands as the sample's job left it."""
    made = Installation(valkey_url, prefix, tmp_path, numbers=f"{NUMBERS[0]}-{NUMBERS[-1]}")
    array = MemoryArray(made.vnx)
    array.create_lun(1, "gold", 2, "pool", THIN)
    made.vnx.write(1, "ore")
    array.create_snapshot(1, HIDDEN, writable=True)
    array.create_mount_point(500, "twin", 1)
    array.attach_snapshot(500, HIDDEN)
    yield made
    made.close()


def _load(installation: Installation, sample: Sample) -> None:
    """Put the sample into the state server as it stands."""
    client, prefix = installation.server.client, installation.server.prefix
    for key, fields in sample.hashes.items():
        client.hset(prefix + key, mapping=fields)
    for key, scores in sample.sorted_sets.items():
        client.zadd(prefix + key, scores)
    for key, members in sample.sets.items():
        client.sadd(prefix + key, *members)
    for key, text in sample.strings.items():
        client.set(prefix + key, text)


def _load_into_twin(installation: Installation, sample: Sample) -> None:
    """Let the installation use the twin in memory, and give it the sample's job with what that holds."""
    server = MemoryServer(installation.clock)
    stored = sample.hashes[f"job:{JOB}"]
    record = codec.record(JOB, stored)
    limits: dict[str, int | range] = {
        key: NUMBERS if "-" in limit else int(limit) for key, limit in sample.hashes["lim"].items()
    }
    claims = [Claim(Kind(kind), key, member, limits.get(key)) for kind, key, member in record.claims]
    asked = server.claims.ask(JOB, claims)
    assert getattr(asked, "numbers", None) == record.numbers
    server.jobs[JOB] = Job(record, tuple(json.loads(stored["keep"])), tuple(json.loads(stored["makes"])))
    server.keys[record.key] = Key(JOB, sample.hashes[f"key:{record.key}"]["digest"])
    server.makers[ARRAY, "volume:twin"] = JOB
    server.due[JOB] = 0
    store, inventory = MemoryJobStore(server, finished_days=1, key_days=2), MemoryInventory(server, "t")
    installation.store = store
    installation.inventory = inventory
    installation.watch = replace(installation.watch, store=store, inventory=inventory)
    installation.world = replace(installation.world, store=store, inventory=inventory)


@pytest.mark.parametrize("where", ["redis", "memory"])
def test_a_clone_begun_by_version_1_is_finished(installation: Installation, sample: Sample, where: str) -> None:
    """A worker takes the stored job on from its cursor: a full clone stands, nothing is made twice or left."""
    if where == "redis":
        _load(installation, sample)
    else:
        _load_into_twin(installation, sample)
    sent = len(installation.vnx.audit)
    (record,) = installation.run(JOB)
    assert (record.state, record.version) == (State.SUCCEEDED, 1), record.why
    assert installation.array_shows() == {"gold": "2 GB full: ore", "twin": "2 GB full: ore"}
    changes = [one.verb for one in installation.vnx.audit[sent:] if one.change]
    assert changes == ["create_lun", "migrate", "destroy_snapshot"]


def test_what_the_clone_of_version_1_held_is_given_back(installation: Installation, sample: Sample) -> None:
    """Of all that the stored job held only its volume's number stays."""
    _load(installation, sample)
    installation.run(JOB)
    assert installation.held() == {"numbers:box": ["500"]}


def _make_newer(world: World, job: str, **fields: str) -> None:
    """Let a job's record be of a version that this program does not know."""
    if isinstance(world, RedisWorld):
        newer: dict[Any, Any] = {"v": VERSION + 1, **fields}
        world.client.hset(f"{world.prefix}job:{job}", mapping=newer)
    else:
        assert isinstance(world.store, MemoryJobStore)
        world.store._server.change(job, version=VERSION + 1)


def test_a_newer_record_gets_no_turn_and_is_rung_again(world: World) -> None:
    """A worker that does not know a record's version leaves it to another, which the sweep rings."""
    world.accept(entry("J"))
    _make_newer(world, "J")
    before = world.record("J")
    assert world.refused("J") == "the record is of a newer version"
    world.advance(3)
    assert [ring.job for ring in world.store.due(10)] == ["J"]
    assert world.record("J") == before


@pytest.mark.parametrize("order", Order)
def test_a_newer_record_takes_no_orders(world: World, order: Order) -> None:
    """A person's order to a job of a later version is refused, and changes nothing."""
    world.accept(entry("J"))
    _make_newer(world, "J")
    before = world.record("J")
    answer = world.store.order("J", order, "ada")
    assert (answer.taken, answer.why) == (False, "its record is of a newer version")
    assert world.record("J") == before


def test_a_newer_record_is_listed_with_what_can_be_read(redis_only: RedisWorld) -> None:
    """A record whose state and plan nobody here knows is shown as such, beside the others, instead of failing all."""
    for job in ("J", "K"):
        redis_only.accept(entry(job))
    _make_newer(redis_only, "J", state="HOVERING", plan="<plan/>")
    known, unknown = redis_only.store.find()
    assert (known.id, known.state, known.why) == ("K", State.QUEUED, "")
    assert (unknown.id, unknown.array, unknown.version) == ("J", BOX, VERSION + 1)
    assert unknown.why == f"its record is of version {VERSION + 1}, which this program does not know"


def test_jobs_of_a_newer_version_are_shown(
    redis_only: RedisWorld,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    valkey_url: str,
) -> None:
    """`vnx-jobs jobs` shows a line for a job whose record it cannot read, and `job` says why it shows no more."""
    redis_only.accept(entry("J"))
    _make_newer(redis_only, "J", state="HOVERING", plan="<plan/>")
    monkeypatch.setenv("VNX_JOBS_REDIS_URL", valkey_url)
    monkeypatch.setenv("VNX_JOBS_HOME", str(tmp_path))
    (tmp_path / "config.yaml").write_text(f"prefix: '{redis_only.prefix}'\n")
    listed, shown = run_here(["jobs", "-o", "wide"], capsys), run_here(["job", "J"], capsys)
    assert (listed.status, shown.status) == (Exit.WELL, Exit.WELL)
    assert listed.output.splitlines()[1].split()[:3] == ["J", "WAITING", "unknown"]
    for answer in (listed, shown):
        assert f"its record is of version {VERSION + 1}, which this program does not know" in answer.output


def test_what_jobs_of_before_are_parked_for_is_known() -> None:
    """The first form of a wait for lists, which knew one list beside that of the LUNs, is read as it was meant."""
    before = '{"kind": "fresh-list", "since": 5, "snapshots": %s}'
    assert from_json(before % "true") == FreshList(5, ("snapshots",))
    assert from_json(before % "false") == FreshList(5)
    now = FreshList(7, ("groups", "snapshots"))
    assert from_json(to_json(now)) == now
