"""A state server for contract tests, with a clock that a test moves; and jobs small enough to read."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from vnx_jobs.adapters.memory.inventory import MemoryInventory
from vnx_jobs.adapters.memory.server import MemoryServer
from vnx_jobs.adapters.memory.store import MemoryJobStore
from vnx_jobs.adapters.redis.inventory import RedisInventory
from vnx_jobs.adapters.redis.script import source
from vnx_jobs.adapters.redis.server import Server, connect
from vnx_jobs.adapters.redis.store import RedisJobStore
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Change, Entry, Inventory, JobStore, Lease, NoTurn, Ring, Terms, Turn

BOX: Final = "box"
"""The array of every job here."""
NUMBERS: Final = range(500, 504)
"""The private LUN numbers."""
DAY: Final = 86400.0
CHAINS: Final = 1000
"""Jobs of the array that are rung at one time: as many as there are, unless a test says otherwise."""


def locked(key: str) -> Claim:
    """Return an exclusive lock."""
    return Claim(Kind.EXCLUSIVE, key)


def shared(key: str) -> Claim:
    """Return a shared lock."""
    return Claim(Kind.SHARED, key)


def slot(key: str, limit: int, member: str = "", *, refuse: bool = False, keep: bool = False) -> Claim:
    """Return one of a limited number."""
    return Claim(Kind.SLOT, key, member, limit, refuse=refuse, keep=keep)


def numbers(roles: str = "volume", *, refuse: bool = False, span: range = NUMBERS) -> Claim:
    """Return LUN numbers; the volume's stays with the volume."""
    return Claim(Kind.NUMBER, f"numbers:{BOX}", roles, span, refuse=refuse, keep=True)


def permit(key: str = "migrations", limit: int = 1) -> Claim:
    """Return one of a limited number at a time."""
    return Claim(Kind.PERMIT, key, limit=limit)


def entry(
    job: str, *claims: Claim, makes: tuple[str, ...] = (), digest: str = "", place: int = 0, **fields: Any
) -> Entry:
    """Return a job of two steps with some claims; `fields` are the record's."""
    whole = {"spec": {"name": f"volume-of-{job}"}, "operation": "work", "steps": ("one", "two"), "array": BOX}
    return Entry(Record(id=job, **whole | fields), claims, digest, place=place, makes=makes)


def held_back(job: str, *, after: tuple[str, ...] = (), behind: tuple[str, ...] = (), **fields: Any) -> Entry:
    """Return a job that does not ask for its claims yet."""
    return entry(job, after=after, behind=behind, admitted=False, state=State.WAITING, **fields)


def terms(lease: float, busy: float = 0.0, *steps: str) -> Terms:
    """Return a worker's terms; if `busy` is given its steps send commands that could land so long after their begin."""
    known = dict.fromkeys(steps or ("one", "two", "three"), busy > 0)
    return Terms({BOX: Lease(lease, lease, busy)}, known)


ADVANCED: Final = Change(State.RUNNING, "advanced", cursor=1)
SUCCEEDED: Final = Change(State.SUCCEEDED, "ended", cursor=2)
FAILED: Final = Change(State.FAILED, "ended", "it broke", code="array-refused", error="it broke")
BACKED_OFF: Final = Change(State.WAITING, "backed-off", "busy", wait=3.0)
SETTLING: Final = Change(State.WAITING, "settling", "no answer", settle=True)


@dataclass
class World:
    """A store, an inventory over the same state server, and its clock."""

    store: JobStore
    inventory: Inventory
    now: Callable[[], int]
    """The state server's time in milliseconds."""
    advance: Callable[[float], None]
    """Let seconds go by."""
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_id(self) -> str:
        """Return a job id that no other job of the test has."""
        return f"probe-{next(self._ids)}"

    def accept(self, one: Entry) -> Accepted:
        """Submit a job that must be accepted."""
        (answer,) = self.store.submit([one])
        assert isinstance(answer, Accepted), answer
        return answer

    def state(self, job: str) -> State:
        """Return a job's state."""
        return self.record(job).state

    def record(self, job: str) -> Record:
        """Return a job's record, which must exist."""
        record = self.store.get(job)
        assert record is not None
        return record

    def turn(self, job: str, *, lease: float = 10.0, busy: float = 0.0) -> Turn:
        """Take the turn that the job is at."""
        record = self.record(job)
        taken = self.store.take(job, record.cursor, terms(lease, busy, *record.steps))
        assert isinstance(taken, Turn), taken
        return taken

    def refused(self, job: str, cursor: int = 0) -> str:
        """Return why no turn is given."""
        taken = self.store.take(job, cursor, terms(10.0))
        assert isinstance(taken, NoTurn), taken
        return taken.why

    def permit(self, job: str, wish: Claim) -> bool:
        """Ask for a permit in the turn that the job is at; say whether it was given."""
        return self.store.permit(self.turn(job), wish) is None

    def commit(self, job: str, change: Change) -> tuple[Ring, ...]:
        """Take a turn and commit a change."""
        rings = self.store.commit(self.turn(job), change)
        assert rings is not None
        return rings

    def succeed(self, job: str) -> tuple[Ring, ...]:
        """Let a job succeed; return whom to ring."""
        return self.commit(job, SUCCEEDED)

    def fail(self, job: str) -> tuple[Ring, ...]:
        """Let a job fail; return whom to ring."""
        return self.commit(job, FAILED)


class RedisWorld(World):
    """A world over a real state server. Only `advance` moves its clock: the present is the latest time ever told."""

    def __init__(self, url: str, prefix: str, *, wake_budget: int = 200, chains: int = CHAINS) -> None:
        self.client = connect(url)
        self.server = Server(self.client, prefix)
        self.server.use(source().replace("WAKE_BUDGET = 200", f"WAKE_BUDGET = {wake_budget}"))
        self.prefix = prefix
        store = RedisJobStore(self.server, finished_days=7, key_days=14, chains={BOX: chains})
        super().__init__(store, RedisInventory(self.server, "t"), self._told, self._later)
        seconds, _ = self.client.time()
        self.client.set(f"{prefix}now", (seconds + round(DAY)) * 1000)

    def _told(self) -> int:
        return int(str(self.client.get(f"{self.prefix}now")))

    def _later(self, seconds: float) -> None:
        self.client.incrby(f"{self.prefix}now", round(seconds * 1000))

    def keys(self) -> dict[str, Any]:
        """Return every key without the prefix, with what it holds."""
        keys = sorted(str(key) for key in self.client.scan_iter(match=f"{self.prefix}*", count=1000))
        with self.client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.type(key)
            for key, kind in zip(keys, pipe.execute(), strict=True):
                _READ[kind](pipe, key)
            return {key.removeprefix(self.prefix): _plain(one) for key, one in zip(keys, pipe.execute(), strict=True)}


_READ: Final[dict[str, Callable[[Any, str], object]]] = {
    "string": lambda pipe, key: pipe.get(key),
    "hash": lambda pipe, key: pipe.hgetall(key),
    "set": lambda pipe, key: pipe.smembers(key),
    "zset": lambda pipe, key: pipe.zrange(key, 0, -1, withscores=True),
    "stream": lambda pipe, key: pipe.xrange(key),
}


def _plain(content: Any) -> Any:
    """Return sorted sets as member -> score, and a stream as its entries."""
    return dict(content) if isinstance(content, list) else content


@dataclass
class HandClock:
    """A clock that is moved by hand."""

    seconds: float = 1000.0

    def monotonic(self) -> float:
        """Return the seconds that were set."""
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Let seconds go by."""
        self.seconds += seconds


class MemoryWorld(World):
    """A world over the state server's twin."""

    def __init__(self, *, chains: int = CHAINS) -> None:
        clock = HandClock()
        server = MemoryServer(clock)
        store = MemoryJobStore(server, finished_days=7, key_days=14, chains={BOX: chains})
        super().__init__(store, MemoryInventory(server, "t"), server.now, clock.advance)


@contextlib.contextmanager
def redis_world(url: str, prefix: str, *, wake_budget: int = 200, chains: int = CHAINS) -> Iterator[RedisWorld]:
    """Open a world over a real state server, and let go of it."""
    world = RedisWorld(url, prefix, wake_budget=wake_budget, chains=chains)
    try:
        yield world
    finally:
        world.client.close()
