"""Where an installation under test keeps its records: a real Valkey, or its twins; both with a clock that is moved."""

import pickle
import time
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Final, Protocol, TypeAlias

from vnx_jobs.adapters.memory.catalogue import MemoryCatalogue
from vnx_jobs.adapters.memory.inventory import MemoryInventory
from vnx_jobs.adapters.memory.server import MemoryServer
from vnx_jobs.adapters.memory.store import MemoryJobStore
from vnx_jobs.adapters.memory.transfers import MemoryTransfers
from vnx_jobs.adapters.redis.catalogue import RedisCatalogue
from vnx_jobs.adapters.redis.inventory import RedisInventory
from vnx_jobs.adapters.redis.server import Server, connect
from vnx_jobs.adapters.redis.store import RedisJobStore
from vnx_jobs.adapters.redis.transfers import RedisTransfers
from vnx_jobs.model.claim import Kind
from vnx_jobs.model.condition import to_json
from vnx_jobs.ports import Catalogue, Inventory, JobStore
from vnx_jobs.ports.transfers import Transfers

WATCH_TICK: Final = 0.01
"""Seconds between two looks of the watch while something is parked."""
UNDER_WAY: Final = frozenset(
    {"q", "p", "own", "due", "live", "parked", "deps", "makes", "chains", "ready", "away"}
    | {"transfer", "transfers", "asked", "copying"}
)
"""The first words of the state server's keys that are there only while a job has not ended."""

Claims: TypeAlias = Mapping[str, Mapping[str, float]]
"""Key -> member -> ticket, below zero for a holder that holds alone."""


class MovedClock(Protocol):
    """The one time of array and state server, which stands still until it is moved."""

    def monotonic(self) -> float:
        """Return seconds that only go forward."""

    def advance(self, seconds: float) -> None:
        """Let time go by, at least a millisecond of it."""

    def until_due(self) -> float:
        """Return the seconds until something is due: a job, or the next look at what jobs are parked for."""


class Records(Protocol):
    """What an installation keeps, and how a test looks at it."""

    clock: MovedClock
    store: JobStore
    inventory: Inventory
    catalogue: Catalogue
    transfers: Transfers

    def claims(self) -> Claims:
        """Return every claim that is held."""

    def under_way(self) -> list[str]:
        """Say what is kept for jobs that have not ended; nothing if all have."""

    def close(self) -> None:
        """Let go of it."""


def _left(due: float | None, conditions: list[str]) -> float:
    watched = any("transfer-over" not in condition for condition in conditions)
    return min([*([] if due is None else [due]), *[WATCH_TICK] * watched], default=1.0)


class ValkeyClock:
    """The state server's present is the latest that it ever told: telling it tomorrow stops its clock."""

    def __init__(self, server: Server, array: str) -> None:
        """Stop the clock, or find it stopped."""
        self._server = server
        self._array = array
        self._told = f"{server.prefix}now"
        if not server.client.exists(self._told):
            server.client.set(self._told, round(time.time() + 86400) * 1000)
        self._ms = int(str(server.client.get(self._told)))

    def monotonic(self) -> float:
        """Return seconds that only go forward."""
        return self._ms / 1000

    def advance(self, seconds: float) -> None:
        """Let time go by, at least a millisecond of it."""
        self._ms = int(str(self._server.client.incrby(self._told, max(1, round(seconds * 1000)))))

    def until_due(self) -> float:
        """Return the seconds until something is due."""
        pipe = self._server.client.pipeline(transaction=False)
        pipe.zrange(f"{self._server.prefix}due", 0, 0, withscores=True)
        pipe.hvals(f"{self._server.prefix}parked:{self._array}")
        due, parked = pipe.execute()
        first = (float(due[0][1]) - self._ms) / 1000 if due else None
        return _left(first, parked)


class ValkeyRecords:
    """Records in a real Valkey, under a prefix."""

    def __init__(self, url: str, prefix: str, array: str, chains: int) -> None:
        """Connect; `chains` is how many jobs of the array are rung at one time."""
        self._array = array
        self.server = Server(connect(url), prefix)
        self.clock: MovedClock = ValkeyClock(self.server, array)
        self.store: JobStore = RedisJobStore(self.server, finished_days=1, key_days=2, chains={array: chains})
        self.inventory: Inventory = RedisInventory(self.server, "t")
        self.catalogue: Catalogue = RedisCatalogue(self.server)
        self.transfers: Transfers = RedisTransfers(self.server, lambda _, __: None)

    def copy(self, other: "ValkeyRecords") -> None:
        """Take over what stands under another prefix of the same server, and its time."""
        stem = other.server.prefix
        pipe = self.server.client.pipeline(transaction=False)
        for key in self.server.client.scan_iter(match=f"{stem}*", count=1000):
            pipe.copy(key, self.server.prefix + str(key).removeprefix(stem), replace=True)
        pipe.execute()
        self.clock = ValkeyClock(self.server, self._array)

    def claims(self) -> Claims:
        """Return every claim that is held."""
        stem = f"{self.server.prefix}h:"
        keys = sorted(self.server.client.scan_iter(match=f"{stem}*", count=1000))
        pipe = self.server.client.pipeline(transaction=False)
        for key in keys:
            pipe.zrange(key, 0, -1, withscores=True)
        return {str(key).removeprefix(stem): dict(members) for key, members in zip(keys, pipe.execute(), strict=True)}

    def under_way(self) -> list[str]:
        """Return the keys that are there only while a job has not ended."""
        stem = self.server.prefix
        keys = [str(key).removeprefix(stem) for key in self.server.client.scan_iter(match=f"{stem}*", count=1000)]
        return [key for key in keys if key.split(":")[0] in UNDER_WAY or key.endswith("/p")]

    def close(self) -> None:
        """Let go of the state server."""
        self.server.client.close()


class TwinClock:
    """The time of a state server in memory."""

    def __init__(self) -> None:
        """Begin late enough that nothing is younger than the beginning."""
        self.ms = 86_400_000
        self.twins: TwinRecords | None = None

    def monotonic(self) -> float:
        """Return seconds that only go forward."""
        return self.ms / 1000

    def advance(self, seconds: float) -> None:
        """Let time go by, at least a millisecond of it."""
        self.ms += max(1, round(seconds * 1000))

    def until_due(self) -> float:
        """Return the seconds until something is due."""
        assert self.twins is not None
        server = self.twins.twin
        due = min(server.due.values(), default=None)
        left = None if due is None else (due - server.now()) / 1000
        return _left(left, [to_json(one) for one in server.parked.values()])


_PARTS: Final = frozenset({"clock", "ends", "sweeps", "claims", "_lock", "_rings"})
"""What a state server in memory has besides its contents."""


class TwinRecords:
    """Records in the twins of all that is kept in Valkey."""

    def __init__(self, array: str, chains: int) -> None:
        """Begin empty; `chains` is how many jobs of the array are rung at one time."""
        self._time = TwinClock()
        self._time.twins = self
        self._contents: bytes | None = None
        self.clock: MovedClock = self._time
        self.twin = MemoryServer(self.clock)
        self._catalogue = MemoryCatalogue()
        self._transfers = MemoryTransfers(self.twin, lambda _, __: None)
        self.store: JobStore = MemoryJobStore(self.twin, finished_days=1, key_days=2, chains={array: chains})
        self.inventory: Inventory = MemoryInventory(self.twin, "t")
        self.catalogue: Catalogue = self._catalogue
        self.transfers: Transfers = self._transfers

    def _parts(self) -> list[tuple[object, list[str]]]:
        """Return where the contents stand: an object, and names of its attributes."""
        return [
            (self.twin, [field.name for field in fields(MemoryServer) if field.name not in _PARTS]),
            (self.twin.claims, [name for name in vars(self.twin.claims) if name not in {"_granted", "_live"}]),
            (self._catalogue, ["_entries", "_volumes"]),
            (self._transfers, ["_kept"]),
            (self._time, ["ms"]),
        ]

    def copy(self, other: "TwinRecords") -> None:
        """Take over what stands in other twins that nobody changes any more, and their time."""
        if other._contents is None:
            contents = [[getattr(part, name) for name in names] for part, names in other._parts()]
            other._contents = pickle.dumps(contents)
        for (part, names), values in zip(self._parts(), pickle.loads(other._contents), strict=True):  # noqa: S301  # ours
            for name, value in zip(names, values, strict=True):
                setattr(part, name, value)

    def claims(self) -> Claims:
        """Return every claim that is held."""
        return {
            key: {
                member.removesuffix("/p"): -one.ticket if one.kind is Kind.EXCLUSIVE else one.ticket
                for member, one in sorted(members.items(), key=lambda item: (item[1].ticket, item[0]))
            }
            for key, members in sorted(self.twin.claims.held.items())
            if members
        }

    def under_way(self) -> list[str]:
        """Return what stands where only jobs stand that have not ended."""
        twin = self.twin
        kept: dict[str, Iterable[object]] = {
            "requests": twin.claims.requests,
            "due": twin.due,
            "parked": twin.parked,
            "dependents": twin.dependents,
            "makers": twin.makers,
            "transfers": self._transfers._kept,
        }
        found = [f"{name}: {one}" for name, ones in kept.items() for one in ones]
        for array, chains in twin.chains.items():
            found += [f"chains of {array}"] * bool(chains.under_way or chains.ready or chains.away)
        return found

    def close(self) -> None:
        """Let go of nothing."""
