"""The stage: a fresh home folder with a stack of two workers, and a simulated array with volumes of somebody else's."""

import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from vnx_jobs.model.claim import MAX_SNAPSHOTS
from vnx_jobs.model.errors import Refused
from vnx_jobs.settings import CONFIG_VARIABLE, HOME_VARIABLE, REDIS_VARIABLE, Settings, load
from vnx_jobs.stack.children import Child
from vnx_jobs.stack.lifecycle import down, up
from vnx_jobs.stack.places import Places, read_status, write_private
from vnx_jobs.stack.simulated import pace, provide, simulator
from vnx_jobs.stack.supervisor import WORKER_READY, worker_command
from vnx_jobs.wiring import House

from .backup_load import BACKUP_HOST, REPOSITORY
from .drawing import CROWDED, HOST, SOURCES

ARRAY: Final = "box"
_PROCESSES: Final = 2
"""In each worker's pool."""
_SECOND: Final = "worker-2"
_FIRST_NUMBER: Final = 100
"""LUN number of the first volume that the other administrator makes."""
_LOOK: Final = 0.2
_ROOM: Final = 6
"""Snapshots that the crowded source has room for."""
_CROWD: Final = "crowd-"
_INITIATOR: Final = "iqn.1993-08.org.debian:01:torture"
_RATE: Final = 400_000_000
"""Bytes a second of each copy, so that it takes long enough to be met by something."""
_WRITTEN: Final = ((0, 2_000_000), (500_000_000, 300_000))
"""Offset and length of the bytes in each source."""


@dataclass(slots=True)
class Stage:
    """What a run plays on."""

    settings: Settings
    house: House
    second: Child
    """A worker beside the stack's own."""

    @property
    def places(self) -> Places:
        """The files of the home folder."""
        return Places(self.settings.home)

    @property
    def box(self) -> Path:
        """The folder of the simulated array."""
        return self.places.array(ARRAY)

    @property
    def mark(self) -> str:
        """What all processes of the stack bear."""
        return str(read_status(self.places).get("mark", ""))

    def child(self, name: str) -> tuple[str, int | None]:
        """Return the mark and the process id of one child of the stack; None while it does not run."""
        if name == _SECOND:
            return self.second.own_mark, self.second.pid
        status = read_status(self.places)
        pids = [one["pid"] for one in status.get("children", ()) if one["name"] == name]
        return f"{status.get('mark', '')}:{name}", pids[0] if pids else None

    def workers(self) -> list[tuple[str, int]]:
        """Return mark and process id of each worker that runs."""
        return [(mark, pid) for mark, pid in map(self.child, ("worker", _SECOND)) if pid is not None]

    def backup_worker(self) -> tuple[str, int | None]:
        """Return the mark and the process id of the backup host's worker; None while it does not run."""
        return self.child(f"copiers-{BACKUP_HOST}")

    @property
    def repository(self) -> Path:
        """The folder in which backups are kept."""
        return self.settings.repositories[REPOSITORY].path

    def admin(self, *words: str) -> bool:
        """Run a command as another administrator; False if the array did not confirm it."""
        try:
            simulator("admin", str(self.box), "--", *words)
        except Refused:
            return False
        return True

    def shown(self) -> dict[str, Any]:
        """Return what stands on the array, read from its state and not by a command."""
        shown: dict[str, Any] = json.loads(simulator("show", str(self.box), "--json"))
        return shown


@contextmanager
def staged(home: Path, seed: int, told: Callable[[str], None], *, crowded: bool) -> Iterator[Stage]:
    """Give a stage in a new folder, and end everything on it afterwards."""
    ours = {name: value for name, value in os.environ.items() if name not in {CONFIG_VARIABLE, REDIS_VARIABLE}}
    environment = {**ours, HOME_VARIABLE: str(home)}
    places = Places(home)
    places.make()
    told("making a simulated array with volumes of another administrator")
    provide(places, ARRAY, load(environment), config_exists=False)
    _furnish(places.array(ARRAY), seed, crowded=crowded)
    _make_backup_host(places)
    settings = load(environment)
    stage = None
    try:
        up(settings, _PROCESSES, told, environment)
        told("starting a second worker")
        stage = Stage(settings, House(settings), _second_worker(settings, str(read_status(places)["mark"])))
        stage.second.start()
        yield stage
    finally:
        told("stopping everything")
        if stage is not None:
            stage.second.stop()
            stage.house.close()
        down(settings)


def _second_worker(settings: Settings, mark: str) -> Child:
    places = Places(settings.home)  # whatever this user's own settings are
    home = {
        HOME_VARIABLE: str(settings.home),
        **pace(settings),
        CONFIG_VARIABLE: str(places.config),
        REDIS_VARIABLE: "",
    }
    command = worker_command(f"{mark}-2", _PROCESSES)
    return Child(
        _SECOND, command, mark, places.log(_SECOND), places.run, lambda it: it.says(WORKER_READY), 20, environment=home
    )


def _furnish(box: Path, seed: int, *, crowded: bool) -> None:
    """Make the other administrator's volumes, with bytes and a host, and crowd one of them with snapshots."""
    names = (*SOURCES, CROWDED) if crowded else SOURCES
    for place, name in enumerate(names):
        size = ("-type", "Thin", "-capacity", "1", "-sq", "gb", "-poolName", "pool_1")
        simulator("admin", str(box), "--", "lun", "-create", *size, "-l", str(_FIRST_NUMBER + place), "-name", name)
        for offset, length in _WRITTEN:
            where = ("--offset", str(offset), "--random", str(length), "--seed", str(seed + place))
            simulator("write", str(box), name, *where)
    _make_host(box, HOST, _INITIATOR)
    if not crowded:
        return

    def snapshot(number: int) -> None:
        source = str(_FIRST_NUMBER + len(SOURCES))
        simulator("admin", str(box), "--", "snap", "-create", "-res", source, "-name", f"{_CROWD}{number:03}")

    _await_ready(box)
    with ThreadPoolExecutor(2) as admins:
        list(admins.map(snapshot, range(MAX_SNAPSHOTS - _ROOM)))


def _make_host(box: Path, name: str, initiator: str) -> None:
    simulator("admin", str(box), "--", "storagegroup", "-create", "-gname", name)
    path = ("-hbauid", initiator, "-sp", "a", "-spport", "4", "-spvport", "0", "-ip", "10.0.9.9")
    host = ("-host", name, "-failovermode", "4", "-arraycommpath", "1", "-o")
    simulator("admin", str(box), "--", "storagegroup", "-setpath", "-gname", name, *path, *host)


def _make_backup_host(places: Places) -> None:
    """Make this machine a backup host of the array, with a repository of plain images."""
    folder, box = places.home / REPOSITORY, places.array(ARRAY)
    folder.mkdir()
    host = {"arrays": {ARRAY: BACKUP_HOST}, "simulated": {ARRAY: str(box)}, "local": True, "rate": _RATE}
    more = {
        "repositories": {REPOSITORY: {"tool": "files", "path": str(folder)}},
        "backup_hosts": {BACKUP_HOST: host},
    }
    settings = yaml.safe_load(places.config.read_text())
    write_private(places.config, yaml.safe_dump({**settings, **more}, sort_keys=False))
    _make_host(box, BACKUP_HOST, f"{_INITIATOR}-backup")


def make_room(stage: Stage) -> bool:
    """Let the other administrator delete one snapshot of the crowded source; False if there is none left."""
    theirs = [one["name"] for one in stage.shown()["snapshots"] if str(one["name"]).startswith(_CROWD)]
    return bool(theirs) and stage.admin("snap", "-destroy", "-id", theirs[0], "-o")


def _await_ready(box: Path) -> None:
    """Wait until the array has prepared its fresh volumes: until then it takes no snapshot of them."""
    while any(lun["operation"] == "Preparing" for lun in json.loads(simulator("show", str(box), "--json"))["luns"]):
        time.sleep(_LOOK)
