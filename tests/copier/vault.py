"""A backup host with real parts: a simulated array's devices, movers, and transfers in a real state server."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tests.simulator.arrays import Sim, make
from tests.store.world import BOX, RedisWorld, entry
from vnx_jobs.adapters.movers import processes
from vnx_jobs.copier.copier import HostCopier
from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.backup import Label
from vnx_jobs.model.hosts import Connection
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.transfer import Asked, Direction, Moved, Running, Standing, Transfer
from vnx_jobs.ports.mover import Mover
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

HOST: Final = "vault"
MIB: Final = 1 << 20
SIZE: Final = 16 * MIB
"""Bytes of a volume; most of it was never written."""
DATA: Final = 3 * MIB
NOON: Final = 1_700_000_000_000
LIMIT: Final = 30.0
"""Seconds after which what is waited for counts as not coming."""
COPY: Final = """
import sys
from vnx_jobs.settings import load
from vnx_jobs.wiring import House
House(load()).copier(sys.argv[1]).copy(sys.argv[2])
"""


@dataclass
class Vault:
    """The backup host `vault`, which the array knows as `esx`, and jobs that ask things of it."""

    folder: Path
    sim: Sim
    world: RedisWorld
    environment: dict[str, str]

    def __post_init__(self) -> None:
        """Read the settings as a worker does."""
        self.house = House(load(self.environment))
        self.transfers = self.house.transfers

    def copier(self, **other: Any) -> HostCopier:
        """Return a copier; `other` takes the place of what the settings say."""
        return replace(self.house.copier(HOST), **other)

    def volume(self, name: str, hlu: int, *, data: bytes = b"", number: int = 0) -> None:
        """Make a volume that the host sees, with some bytes at its beginning and a few at its end."""
        number = number or 100 + hlu
        self.sim.ok(f"lun -create -type Thin -capacity 16 -sq mb -poolName pool -l {number} -name {name}")
        self.sim.ok(f"storagegroup -addhlu -gname esx -hlu {hlu} -alu {number} -o")
        if data:
            self.sim.write(name, 0, data)
            self.sim.write(name, SIZE - 512, data[:512])

    def uid(self, name: str) -> str:
        """Return a volume's UID."""
        luns: Any = self.sim.seen()["luns"]
        (found,) = (str(one["uid"]) for one in luns if one["name"] == name)
        return found

    def connection(self, name: str, hlu: int, mode: AccessMode) -> Connection:
        """Return what the host must know to open a volume."""
        return Connection(BOX, "esx", name, self.uid(name), hlu, mode)

    def job(self) -> str:
        """Return a job that lives."""
        return self.world.accept(entry(new_job_id())).job

    def out(self, name: str = "gold", hlu: int = 1, *, repository: str = "plain", uid: str = "") -> Transfer:
        """Return a transfer out of a volume, in the repository of the volume or of another."""
        job = self.job()
        label = Label(BOX, name, uid or self.uid(name), "", job, NOON, SIZE)
        return Transfer(job, 0, Direction.OUT, HOST, repository, label, self.connection(name, hlu, "ro"))

    def backed_up(self, name: str = "gold", hlu: int = 1, *, repository: str = "plain") -> Transfer:
        """Back a volume up; return the transfer with the digest in its label."""
        transfer = self.out(name, hlu, repository=repository)
        self.done(transfer)
        return self.sealed(transfer)

    def sealed(self, transfer: Transfer) -> Transfer:
        """Seal what a transfer copied out, as its job would; return the transfer with the digest in its label."""
        copied = self.phase(transfer)
        assert isinstance(copied, Moved), copied
        self.done(self.again(transfer, Direction.SEAL, copied=copied), rate=None)
        return replace(transfer, label=transfer.label.with_digest(copied.digest))

    def again(self, transfer: Transfer, direction: Direction, **other: Any) -> Transfer:
        """Return what another job asks about the same archive."""
        return replace(transfer, job=self.job(), direction=direction, connection=None, **other)

    def done(self, transfer: Transfer, **other: Any) -> Moved:
        """Ask for a transfer, see it through, and return what came of it, which must be good."""
        phase = self.came_of(transfer, **other)
        assert isinstance(phase, Moved), phase
        return phase

    def came_of(self, transfer: Transfer, **other: Any) -> object:
        """Ask for a transfer, see it through, and return what came of it."""
        self.transfers.ask(transfer)
        assert self.copier(**other).copy(transfer.id)
        return self.phase(transfer)

    def standing(self, transfer: Transfer) -> Standing | None:
        """Return how a transfer stands."""
        return self.transfers.standing(transfer.job, transfer.place)

    def phase(self, transfer: Transfer) -> object:
        """Return the phase of a transfer that is known."""
        standing = self.standing(transfer)
        assert standing is not None
        return standing.phase

    def mover(self, transfer: Transfer) -> Mover:
        """Return the mover of a transfer's repository."""
        return self.house.repositories(transfer.repository).of(transfer.label.array, transfer.label.uid)

    def archives(self, transfer: Transfer) -> list[str]:
        """Return the complete archives of a transfer's repository."""
        return [one.archive for one in self.mover(transfer).archives()]

    def running(self, transfer: Transfer, *, after: int = 0) -> Running:
        """Wait until a copier is at it and has passed so many bytes; return how it stands then."""
        found: list[Running] = []

        def is_so() -> bool:
            phase = self.phase(transfer)
            assert isinstance(phase, Asked | Running), phase
            if isinstance(phase, Running) and phase.copier is not None and phase.done >= after:
                found.append(phase)
            return bool(found)

        until(is_so)
        return found[0]

    @contextmanager
    def process(self, transfer: Transfer) -> Iterator[subprocess.Popen[bytes]]:
        """Ask for a transfer, and run a copier in a process of its own, which is killed in the end."""
        self.transfers.ask(transfer)
        words = [sys.executable, "-c", COPY, HOST, transfer.id]
        with subprocess.Popen(words, env=self.environment, cwd=self.folder) as copier:
            try:
                yield copier
            finally:
                copier.kill()

    def traces(self) -> list[str]:
        """Return what copies have left in the movers' folder."""
        return [one.name for one in (self.folder / "home" / "copier" / "copies").glob("*")]

    def is_gone(self, running: Running) -> bool:
        """Say whether no process of a copy lives."""
        assert running.copier is not None
        return not processes.members(running.copier.pid)


def until(done: Callable[[], bool]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + LIMIT
    while not done():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def noise(count: int = DATA, seed: int = 1) -> bytes:
    """Return bytes that no tool makes smaller."""
    return random.Random(seed).randbytes(count)


def made(folder: Path, world: RedisWorld, url: str, **host: Any) -> Vault:
    """Make a backup host over an array of its own with a volume `gold`; `host` are settings of it."""
    sim = make(folder / "box", "--pool", "pool:10000")
    sim.ok("storagegroup -create -gname esx")
    sim.ok("storagegroup -setpath -gname esx -hbauid iqn.1993-08.org.debian:01:abc -sp a -spport 4 -host esx -o")
    for name in ("plain", "sealed", "home"):
        (folder / name).mkdir()
    for name in ("password", "passphrase"):
        (folder / name).write_text("correct horse\n")
    array = {"spa": "10.0.0.1", "user": "sysadmin", "password_file": str(folder / "password"), "numbers": "500-899"}
    sealed = {"tool": "borg", "path": str(folder / "sealed"), "passphrase_file": str(folder / "passphrase")}
    about = {"arrays": {BOX: "esx"}, "simulated": {BOX: str(sim.folder)}, "local": True} | host
    config = {
        "prefix": world.prefix,
        "arrays": {BOX: array},
        "repositories": {"plain": {"tool": "files", "path": str(folder / "plain")}, "sealed": sealed},
        "backup_hosts": {HOST: about},
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    environment = {
        "PATH": "/usr/bin:/bin",
        "VNX_JOBS_CONFIG": str(folder / "config.yaml"),
        "VNX_JOBS_HOME": str(folder / "home"),
        "VNX_JOBS_REDIS_URL": url,
    }
    vault = Vault(folder, sim, world, environment)
    vault.volume("gold", 1, data=noise())
    return vault
