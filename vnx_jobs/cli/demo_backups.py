"""The demo's last part: a volume is backed up while it is written, and given back from its backups."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from vnx_jobs.model.backup import Backup
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.record import Record
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.stack.places import Places, write_private
from vnx_jobs.stack.simulated import simulator
from vnx_jobs.submission import Request
from vnx_jobs.wiring import House

from .bars import progress_screen
from .waiting import wait

_HOST: Final = "backup-host"
_REPOSITORY: Final = "vault"
_VOLUME: Final = "ledger"
_BACK: Final = "ledger-back"
_POOL: Final = "pool_1"
_DATA: Final = 16_000_000
_CHANGED: Final = 400_000
_PATH: Final = (
    *("storagegroup", "-setpath", "-gname", _HOST, "-hbauid", "iqn.1993-08.org.debian:01:demo", "-host", _HOST),
    *("-sp", "a", "-spport", "4", "-spvport", "0", "-ip", "192.0.2.1", "-o"),
)


def equip(places: Places, array: str, say: Callable[[str], None]) -> None:
    """Make this machine a backup host of the simulated array, with a repository; borg's, if there is borg."""
    if borg := shutil.which("borg") is not None:
        write_private(places.home / "passphrase", "demo\n")
    else:
        say("borg is not installed (apt-get install borgbackup): backups are kept as plain images")
    folder, box = places.home / _REPOSITORY, places.array(array)
    folder.mkdir()
    passphrase = {"passphrase_file": str(places.home / "passphrase")} if borg else {}
    about = {"arrays": {array: _HOST}, "simulated": {array: str(box)}, "local": True}
    more = {
        "repositories": {_REPOSITORY: {"tool": "borg" if borg else "files", "path": str(folder), **passphrase}},
        "backup_hosts": {_HOST: about},
    }
    settings = yaml.safe_load(places.config.read_text())
    write_private(places.config, yaml.safe_dump({**settings, **more}, sort_keys=False))
    simulator("admin", str(box), "--", "storagegroup", "-create", "-gname", _HOST)
    simulator("admin", str(box), "--", *_PATH)


def play(house: House, array: str, box: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Back a volume up twice, the first time while it is written; give it back, and prove the first backup.

    The answer's `problems` is empty if what came back is right, and nothing temporary is left on the array.
    """
    asked = {"array": array, "host": _HOST}
    before = _shown(box)
    say(f"creating {_VOLUME}, and writing to it from now on")
    _do(house, operation="create-volume", name=_VOLUME, size_gb=1, pool=_POOL, provisioning="thin", array=array)
    simulator("write", str(box), _VOLUME, "--random", str(_DATA))
    backup = {"operation": "backup", "volumes": [_VOLUME], "repository": _REPOSITORY, **asked}
    with _writing(box):
        say(f"vnx-jobs backup {_VOLUME} --wait     # while it is written")
        first = _backup_of(house, _do(house, **backup))
    simulator("write", str(box), _VOLUME, "--offset", str(_DATA // 2), "--random", str(_CHANGED), "--seed", "1")
    say(f"vnx-jobs backup {_VOLUME} --wait     # what has changed since")
    second = _backup_of(house, _do(house, **backup))
    say(f"vnx-jobs restore {_VOLUME} --as {_BACK} --pool {_POOL} --wait")
    _do(house, operation="restore-backup", backup=second.archive, name=_BACK, pool=_POOL, **asked)
    say(f"vnx-jobs drill {first.archive} --pool {_POOL} --wait")
    _do(house, operation="drill", backup=first.archive, pool=_POOL, **asked)
    proved = house.catalogue.get(first.archive)
    return {
        "problems": [
            *_differences(before, _shown(box)),
            *[f"{_BACK} does not hold the bytes of {_VOLUME}"] * (_digest(box, _VOLUME) != _digest(box, _BACK)),
            *["the first backup was not proved"] * (proved is None or proved.proved is None),
        ],
        "tool": first.tool,
        "archives": [first.archive, second.archive],
        "added": [first.added, second.added],
    }


def told(backups: dict[str, Any]) -> str:
    """Say in a line what came of it."""
    first, second = (f"{added / 1e6:.1f} MB" for added in backups["added"])
    return (
        f"{_VOLUME} was backed up while it was written ({backups['tool']}: {first}), and once more ({second}); "
        f"the second backup came back as {_BACK}, bit for bit, and a drill proved the first"
    )


@contextmanager
def _writing(box: Path) -> Iterator[None]:
    """Write to the volume all along, as a host would."""
    over = threading.Event()

    def write() -> None:
        count = 0
        while not over.is_set():
            count += 1
            where = ("--offset", str(count * 8192 % _DATA), "--random", "4096", "--seed", str(count))
            simulator("write", str(box), _VOLUME, *where)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _do(house: House, **fields: Any) -> Record:  # noqa: ANN401 -- a spec's
    """Submit a job and wait for it. Raises Refused if it does not succeed."""
    job = house.submission.submit(Request(parse(fields), by="demo")).job
    with progress_screen(quiet=True) as screen:
        (record,) = wait(house.reads, [job], screen)
    if record.state is not State.SUCCEEDED:
        raise Refused(Code.ARRAY_REFUSED, f"{record.operation} {record.name} ended {record.state}: {record.error}")
    return record


def _backup_of(house: House, record: Record) -> Backup:
    return next(one for one in house.catalogue.find(volume=_VOLUME) if one.job == record.id)


def _shown(box: Path) -> dict[str, set[str]]:
    shown = json.loads(simulator("show", str(box), "--json"))
    return {
        "volumes": {lun["name"] for lun in shown["luns"]},
        "snapshots": {one["name"] for one in shown["snapshots"]},
        "volumes shown to hosts": {str(lun) for group in shown["storage_groups"] for lun in group["luns"]},
    }


def _differences(before: dict[str, set[str]], after: dict[str, set[str]]) -> list[str]:
    wanted = {**before, "volumes": before["volumes"] | {_VOLUME, _BACK}}
    return [
        f"{what} that differ from what was asked for: {', '.join(sorted(wanted[what] ^ after[what]))}"
        for what in wanted
        if wanted[what] != after[what]
    ]


def _digest(box: Path, volume: str) -> str:
    return simulator("digest", str(box), volume)
