"""Wiring: the one place that names concrete classes. Everything is built here from the settings, nothing at import."""

import os
import secrets
import socket
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .adapters.audit_file import AuditFile
from .adapters.clock import SystemClock
from .adapters.hosts.brick import BrickHost
from .adapters.hosts.by_array import HostByArray
from .adapters.hosts.plain import PlainHost
from .adapters.redis.authority import RedisAudit, RedisDeadLetters, RedisTokens
from .adapters.redis.catalogue import RedisCatalogue
from .adapters.redis.gates import RedisGates
from .adapters.redis.hooks import RedisHooks
from .adapters.redis.inventory import RedisInventory
from .adapters.redis.pages import RedisEvents, RedisPages
from .adapters.redis.schedules import RedisSchedules
from .adapters.redis.server import Server, connect
from .adapters.redis.slots import RedisCommandSlots
from .adapters.redis.store import RedisJobStore, digest
from .adapters.redis.transfers import RedisTransfers
from .adapters.redis.witness import WORKER_VARIABLE, witness
from .authority import Authority
from .copier.copier import HostCopier
from .engine import Surroundings, terms
from .hooks.addresses import Addresses
from .hooks.signing import Secret
from .model.errors import Code, Refused, StateServerError
from .model.step import steps_of
from .operations import OPERATIONS
from .ports import Array
from .ports.hosts import HostAttach
from .ports.mover import Repositories
from .reads import Reads
from .settings import Settings
from .watch import Watch

if TYPE_CHECKING:  # slow to import, storops and celery most of all: each is imported where it is built
    from celery import Celery

    from .adapters.array.vnx import VnxArray
    from .adapters.celery.bell import CeleryBell
    from .hooks.registry import Registry
    from .orders import Orders
    from .reconcile.run import Reconciler
    from .schedules.scheduler import Scheduler
    from .submission import Submission


def state_server_url(settings: Settings) -> str:
    """Return where the state server is: the one in the settings, else the embedded one if it runs.

    Raises StateServerError if there is none, saying what to do.
    """
    if settings.redis_url is not None:
        return settings.redis_url.get_secret_value()
    try:
        return settings.state_server_file.read_text().strip()
    except OSError:
        text = f"no stack runs in {settings.home}: start it with `vnx-jobs up`, or set VNX_JOBS_REDIS_URL"
        raise StateServerError(text) from None


class House:
    """All parts of one process, each built when it is first asked for. `close` lets go of connections."""

    def __init__(self, settings: Settings, app: "Celery | None" = None) -> None:
        self.settings = settings
        self._app = app
        self._arrays: dict[str, VnxArray] = {}
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    @cached_property
    def url(self) -> str:
        """The state server's address; it may hold a password: never show it."""
        return state_server_url(self.settings)

    @cached_property
    def server(self) -> Server:
        """The state server."""
        replicas = 1 if self.settings.durability == "replicated" else 0
        worker = os.environ.get(WORKER_VARIABLE, "")
        return Server(connect(self.url), self.settings.prefix, witness(os.environ), replicas=replicas, worker=worker)

    @cached_property
    def store(self) -> RedisJobStore:
        """The job store."""
        days = self.settings
        # one more than its slots, so that the next command is ready when a slot is given back
        chains = {name: array.command_slots + 1 for name, array in days.arrays.items()}
        return RedisJobStore(self.server, finished_days=days.finished_days, key_days=days.key_days, chains=chains)

    @cached_property
    def inventory(self) -> RedisInventory:
        """The inventory."""
        return RedisInventory(self.server, self.settings.installation)

    @cached_property
    def catalogue(self) -> RedisCatalogue:
        """The catalogue of backups."""
        return RedisCatalogue(self.server)

    @cached_property
    def transfers(self) -> RedisTransfers:
        """What backup hosts are asked for."""
        return RedisTransfers(self.server, self._ring_copiers)

    def _ring_copiers(self, host: str, transfers: tuple[str, ...]) -> None:
        self.bell.ring_copiers(host, transfers)  # asked for here, so that who never rings needs no bell

    @cached_property
    def bell(self) -> "CeleryBell":
        """The doorbell."""
        from .adapters.celery.bell import CeleryBell, producer  # noqa: PLC0415 -- slow, and only producers need it

        return CeleryBell(self._app or producer(self.url, self.settings.prefix))

    @cached_property
    def submission(self) -> "Submission":
        """The producers' one road."""
        from .submission import Submission  # noqa: PLC0415 -- slow, and whoever only reads needs no plans

        stored = (self.store, self.inventory, self.catalogue)
        return Submission(*stored, self.bell, self.settings, OPERATIONS, digest, RedisHooks(self.server).known)

    @cached_property
    def hooks(self) -> "Registry":
        """The receivers of call backs."""
        from .hooks.posting import Poster  # noqa: PLC0415 -- HTTP, which only who calls back needs
        from .hooks.registry import Registry  # noqa: PLC0415 -- as above

        about, secret = self.settings.callbacks, Secret(self.settings.hooks_secret_file)
        poster = Poster(Addresses(about.allow_networks), about.allow_http, about.ca_file)
        return Registry(RedisHooks(self.server), secret, poster, self.settings.installation)

    @cached_property
    def orders(self) -> "Orders":
        """What people may tell jobs to do."""
        from .orders import Orders  # noqa: PLC0415 -- as the submission, which it needs

        return Orders(self.store, self.bell, self.submission)

    @cached_property
    def authority(self) -> Authority:
        """Who may do what, and what was done."""
        about = self.settings.access
        sink = None if about.audit_file is None else AuditFile(about.audit_file)
        audit = RedisAudit(self.server, about.audit_lines)
        return Authority(RedisTokens(self.server), audit, tuple(self.settings.arrays), sink)

    @cached_property
    def dead_letters(self) -> RedisDeadLetters:
        """Messages that could not be understood."""
        return RedisDeadLetters(self.server, self.settings.access.dead_letters)

    @cached_property
    def scheduler(self) -> "Scheduler":
        """What keeps schedules and fires them."""
        from .schedules.scheduler import Scheduler  # noqa: PLC0415 -- as the submission, which it needs

        return Scheduler(RedisSchedules(self.server), self.store, self.submission, self.orders)

    @cached_property
    def reads(self) -> Reads:
        """What users may look at."""
        return Reads(self.store, self.inventory, self.settings, OPERATIONS)

    @cached_property
    def pages(self) -> RedisPages:
        """What lists many jobs in parts."""
        return RedisPages(self.server)

    @cached_property
    def gates(self) -> RedisGates:
        """What has batches accepted whole or not at all."""
        return RedisGates(self.server)

    @cached_property
    def events(self) -> RedisEvents:
        """What happens to jobs."""
        return RedisEvents(self.server)

    @cached_property
    def reconciler(self) -> "Reconciler":
        """What compares arrays with their records."""
        from .reconcile.run import Reconciler  # noqa: PLC0415 -- slow, and only who reconciles needs it

        return Reconciler(self.store, self.inventory, self.submission, self.settings, self.array)

    def repositories(self, name: str, folder: Path | None = None) -> Repositories:
        """Return the repositories of a place; `folder` is for the movers' caches and the traces of copies under way.

        Raises Refused(unknown-repository).
        """
        from .adapters.movers.borg import BorgRepositories  # noqa: PLC0415 -- only who reads repositories needs movers
        from .adapters.movers.files import FilesRepositories  # noqa: PLC0415 -- as above
        from .adapters.movers.passphrase import Passphrase  # noqa: PLC0415 -- as above

        if name not in self.settings.repositories:
            known = ", ".join(sorted(self.settings.repositories)) or "none is configured"
            raise Refused(Code.UNKNOWN_REPOSITORY, f"there is no repository {name!r} (repositories: {known})")
        place, state = self.settings.repositories[name], folder or self.settings.home / "copier"
        if place.tool == "files":
            return FilesRepositories(place.path, state)
        passphrase = Passphrase(place.passphrase_file, place.passphrase_command or ())
        return BorgRepositories(place.path, passphrase, state, chunk=place.chunks)

    def host(self, name: str) -> HostAttach:
        """Return what opens volumes on a backup host, which is this machine. Raises Refused(unknown-backup-host)."""
        about = self.settings.backup_host(name)
        if about.attach == "os-brick":
            return HostByArray(dict.fromkeys(about.arrays, BrickHost(multipath=about.multipath, helper=about.helper)))
        beside = Path(sys.executable).with_name("vnx-sim")
        program = about.program or (beside if beside.exists() else Path(beside.name))
        return HostByArray({array: PlainHost(folder, program) for array, folder in about.simulated.items()})

    def copier(self, name: str, stops: Callable[[], bool] = lambda: False) -> HostCopier:
        """Return what copies on a backup host, which is this machine, until `stops` says that it is to stop.

        Raises Refused(unknown-backup-host).
        """
        from .adapters.movers.devices import HostDevices  # noqa: PLC0415 -- only copiers need movers

        about = self.settings.backup_host(name)
        folder = about.folder or self.settings.home / "copier"
        return HostCopier(
            host=name,
            machine=socket.gethostname(),
            transfers=self.transfers,
            attach=self.host(name),
            repositories=lambda repository: self.repositories(repository, folder),
            devices=HostDevices(folder),
            bell=self.bell,
            clock=SystemClock(),
            copies=about.copies,
            copies_of=lambda array: self.settings.array(array).copies,
            rate=about.rate,
            restores=about.restores,
            stall=about.stall,
            stops=stops,
        )

    def array(self, name: str, *, watching: bool = False) -> "VnxArray":
        """Return the port of an array, not yet bound to a turn. The watch has a command slot of its own."""
        from .adapters.array.vnx import vnx_array  # noqa: PLC0415 -- slow, and only workers and checks need it

        key = f"{name}/watch" if watching else name
        if key not in self._arrays:
            mine = 1 if watching else self.settings.array(name).command_slots
            slots = RedisCommandSlots(self.server, {name: mine}, "/watch" if watching else "")
            self._arrays[key] = vnx_array(name, self.settings.array(name), slots)
        return self._arrays[key]

    def surroundings(self) -> Surroundings:
        """Return what a turn needs."""

        def bound(name: str, deadline: float) -> Array:
            return self.array(name).until(deadline)

        return Surroundings(
            store=self.store,
            inventory=self.inventory,
            transfers=self.transfers,
            catalogue=self.catalogue,
            reconciling=self.reconciler,
            bell=self.bell,
            array=bound,
            arrays=self.settings.arrays,
            steps=steps_of(OPERATIONS),
            terms=terms(self.settings.arrays, steps_of(OPERATIONS)),
            admit=self.submission.admit,
            renew=self.submission.renew,
            installation=self.settings.installation,
        )

    def watch(self, name: str) -> Watch:
        """Return the watch of an array."""
        return Watch(
            array=name,
            settings=self.settings.array(name),
            store=self.store,
            inventory=self.inventory,
            bell=self.bell,
            port=self.array(name, watching=True),
            clock=SystemClock(),
            owner=self.owner,
            installation=self.settings.installation,
        )

    def close(self) -> None:
        """Let go of the state server."""
        if "server" in self.__dict__:
            self.server.client.close()
