"""A whole installation in one process: records in Valkey or its twins, an array in memory, a bell that a test hears."""

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.backup_host import HOST, REPOSITORY, BackupHost
from tests.records import TwinRecords, ValkeyRecords
from vnx_jobs import engine
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import MemoryVnx
from vnx_jobs.adapters.redis.server import Server
from vnx_jobs.adapters.redis.store import digest
from vnx_jobs.model.array import BLOCKS_PER_GB, THIN
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.record import Record
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.model.step import steps_of
from vnx_jobs.operations import OPERATIONS
from vnx_jobs.ports import Accepted, Array, Lists, Ring
from vnx_jobs.reads import Reads
from vnx_jobs.reconcile.run import Reconciler
from vnx_jobs.settings import ArraySettings, Settings
from vnx_jobs.submission import Request, Submission
from vnx_jobs.sweep import sweep
from vnx_jobs.watch import Watch
from vnx_jobs.watch.wishes import REFRESHED

ARRAY = "box"
SPEED = 1000.0
"""The array's times, divided: a worker that dies is settled in a fifth of a second of the moved clock."""


class WorkerKilledError(BaseException):
    """Stands for kill -9: nothing of the worker's own code runs after it."""


@dataclass
class QueueBell:
    """A bell whose rings wait until the test runs them."""

    rings: list[Ring] = field(default_factory=list)
    carry: Callable[[Iterable[Ring]], Iterable[Ring]] = list
    """What becomes of rings on their way: a test may lose or double them."""

    def ring(self, rings: Iterable[Ring]) -> None:
        """Keep the rings."""
        self.rings += self.carry(rings)


class Installation:
    """Everything of a small installation; `run` plays worker, sweep and watch until jobs end.

    Its records are in the state server at `url`, under the prefix; without an address, in the twins in memory.
    """

    def __init__(self, url: str, prefix: str, tmp_path: Path, **array: Any) -> None:
        password = tmp_path / "password"
        password.write_text("unused")
        fields = {
            "spa": "10.0.0.1",
            "user": "admin",
            "password_file": password,
            "numbers": "500-899",
            "speed": SPEED,
            "times": {"idle_refresh": 1e9},  # a test says when everything is read
        }
        self.box = ArraySettings.model_validate(fields | array)
        self.settings = Settings(
            installation="t",
            home=tmp_path,
            prefix=prefix,
            arrays={ARRAY: self.box},
            repositories={REPOSITORY: {"tool": "files", "path": tmp_path}},
            backup_hosts={HOST: {"arrays": {ARRAY: None}, "simulated": {ARRAY: tmp_path}}},
        )
        slots = self.box.command_slots
        self.records = ValkeyRecords(url, prefix, ARRAY, slots) if url else TwinRecords(ARRAY, slots)
        self.clock = self.records.clock
        self.vnx = MemoryVnx(self.clock, {"pool": 10_000, "other": 1_000}, seconds_per_gb=0.002)
        self.store, self.inventory = self.records.store, self.records.inventory
        self.catalogue, self.transfers = self.records.catalogue, self.records.transfers
        self.bell = QueueBell()
        self.backup_host = BackupHost(self.transfers, self.vnx, self.bell.ring)
        self.submission = Submission(
            self.store, self.inventory, self.catalogue, self.bell, self.settings, OPERATIONS, digest
        )
        self.reads = Reads(self.store, self.inventory, self.settings, OPERATIONS)
        self.watch = Watch(
            ARRAY, self.box, self.store, self.inventory, self.bell, MemoryArray(self.vnx), self.clock, "test", "t"
        )
        self.world = engine.Surroundings(
            store=self.store,
            inventory=self.inventory,
            transfers=self.transfers,
            catalogue=self.catalogue,
            reconciling=Reconciler(
                self.store, self.inventory, self.submission, self.settings, lambda _: MemoryArray(self.vnx)
            ),
            bell=self.bell,
            array=self._bound,
            arrays={ARRAY: self.box},
            steps=steps_of(OPERATIONS),
            terms=engine.terms({ARRAY: self.box}, steps_of(OPERATIONS)),
            admit=self.submission.admit,
            renew=self.submission.renew,
            installation="t",
        )

    def _bound(self, name: str, deadline: float) -> Array:
        assert name == ARRAY
        return MemoryArray(self.vnx).until(self.clock.monotonic() + deadline - time.monotonic())

    @property
    def server(self) -> Server:
        """The real state server."""
        assert isinstance(self.records, ValkeyRecords)
        return self.records.server

    def close(self) -> None:
        """Let go of the state server."""
        self.records.close()

    def copy(self, other: "Installation") -> None:
        """Take over, while new, what stands in another installation over the same state server, and on its array."""
        if isinstance(self.records, ValkeyRecords):
            assert isinstance(other.records, ValkeyRecords)
            self.records.copy(other.records)
        else:
            assert isinstance(other.records, TwinRecords)
            self.records.copy(other.records)
        self.clock = self.records.clock
        self.backup_host.archives = dict(other.backup_host.archives)
        self.vnx.clock = self.watch.clock = self.clock
        self.vnx.apply(lambda _, __: other.vnx.world)
        self.watch._read = dict.fromkeys(REFRESHED, self.clock.monotonic())

    def make(self, name: str, *, size_gb: int = 2, content: str = "") -> None:
        """Put a volume on the array as another administrator would, and let the inventory see it."""
        number = 1 + max((number for number in self.vnx.world.volumes if number < 500), default=0)
        MemoryArray(self.vnx).create_lun(number, name, size_gb, "pool", THIN)
        self.vnx.write(number, content)
        self.read_array()

    def read_array(self) -> None:
        """Let a watch that has just begun read everything, a moment later, as after a restart."""
        self.clock.advance(0.001)
        self.watch = replace(self.watch)
        self.watch.tick()

    def read_ports(self) -> None:
        """Let the inventory know the array's front-end ports, as after the first attachment of all."""
        ticket, begun = self.inventory.ticket()
        array = MemoryArray(self.vnx)
        lists = Lists(begun, ticket, ports=array.fibre_ports() + array.iscsi_portals())
        self.inventory.store(ARRAY, lists, self.box.number_range)

    def submit(self, operation: str, after: tuple[str, ...] = (), key: str = "", **fields: Any) -> Accepted:
        """Submit one job."""
        spec = parse({"operation": operation, "array": ARRAY, **fields})
        return self.submission.submit(Request(spec, after=after, key=key))

    def do(self, operation: str, **fields: Any) -> Record:
        """Submit one job and run until it ends."""
        return self.run(self.submit(operation, **fields).job)[0]

    def turns(self) -> None:
        """Be a worker: run every chain that was rung; a killed worker leaves its chain where it is."""
        while self.bell.rings:
            ring = self.bell.rings.pop(0)
            onward = 1 if ring.last >= ring.cursor else -1
            try:
                for place in range(ring.cursor, ring.last + onward, onward):
                    self.clock.advance(0.001)
                    if not engine.turn(self.world, ring.job, place):
                        break
            except (WorkerKilledError, StateServerError):
                continue

    def run(self, *jobs: str, limit: float = 20.0) -> list[Record]:
        """Be workers, sweep and watch until the jobs have ended or are stuck; fail after `limit` seconds."""
        self.until(lambda: all(self.ended(job) for job in jobs), limit)
        return [self.record(job) for job in jobs]

    def until(self, done: Callable[[], bool], limit: float = 20.0) -> None:
        """Be workers, sweep and watch until a condition holds."""
        end = time.monotonic() + limit
        while True:
            self.turns()
            self.backup_host.work()
            if done():
                return
            self.clock.advance(self.clock.until_due())
            self.beat()
            assert time.monotonic() < end, [
                (one.id, one.operation, one.state, one.step, one.why)
                for one in self.store.find()
                if one.state not in ENDED
            ]

    def beat(self) -> None:
        """Be the heartbeat once: one sweep and one look of the watch. What fails is tried again at the next beat."""
        for tick in (self._sweep, self.watch.tick):
            with contextlib.suppress(WorkerKilledError, StateServerError):
                tick()

    def _sweep(self) -> int:
        return sweep(self.store, self.bell, "test", {ARRAY: self.box.landing})

    def ended(self, job: str) -> bool:
        """Say whether a job will not move again by itself."""
        return self.record(job).state in {*ENDED, State.STUCK}

    def record(self, job: str) -> Record:
        """Return a job's record."""
        record = self.store.get(job)
        assert record is not None
        return record

    def array_shows(self) -> dict[str, str]:
        """Return what stands on the array: volumes with size, kind and content, snapshots with content, and groups.

        Snapshots that jobs took for themselves are called hidden, hidden (2), and so on; backups lack the job's id, and
        what a backup host is shown is called by what it is for.
        """
        world = self.vnx.world
        names = {
            one.number: re.sub(r"^vjt-\w{26}-(mount\d+|drill|new)$", r"\1 of a job", one.name)
            for one in world.volumes.values()
        }
        shown = {}
        for volume in world.volumes.values():
            kind = "full" if volume.primary is None else f"snap copy of {world.volumes[volume.primary].name}"
            shown[names[volume.number]] = f"{volume.blocks // BLOCKS_PER_GB} GB {kind}: {self.vnx.read(volume.number)}"
        for group in world.storage_groups.values():
            paths = [f"{one.uid} of {one.host} at {one.sp}-{one.port}" for one in group.initiators]
            shown[f"storage group {group.name}"] = ", ".join(paths)
            for hlu, number in group.luns:
                shown[f"{group.name} sees {names[number]}"] = f"under {hlu}"
        for image in world.images.values():
            name = "hidden" if image.name.startswith("vjt-") else re.sub(r"-[0-9A-Z]{26}$", "", image.name)
            line = f"snapshot {name} of {', '.join(world.volumes[number].name for number in image.contents)}"
            again = sum(one == line or one.startswith(f"{line} (") for one in shown)
            shown[f"{line} ({again + 1})" if again else line] = ", ".join(image.contents.values())
        for name, members in ((group.name, group.members) for group in world.groups.values()):
            shown[f"group {name}"] = ", ".join(world.volumes[number].name for number in members)
        return shown

    def held(self) -> Mapping[str, list[str]]:
        """Return every claim that is held: key -> members; the slots of hidden snapshots are called so."""
        return {
            key: ["hidden" if one.startswith("vjt-") else one for one in members]
            for key, members in self.records.claims().items()
        }

    def slots(self, source: str) -> dict[str, int]:
        """Return how many slots of a source are taken."""
        sighting = self.inventory.volume(ARRAY, source)
        assert sighting is not None
        keys = {kind: f"{kind}:{ARRAY}:{sighting.lun.uid}" for kind in ("copies", "mounts", "snapshots")}
        held = self.held()
        return {kind: len(held.get(key, [])) for kind, key in keys.items()}
