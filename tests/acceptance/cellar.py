"""A site with a backup host: two repositories, a copier's worker, and a process that writes to volumes meanwhile."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.site import ARRAY, BIN, Site
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.settings import load
from vnx_jobs.simulator.host import HostLun
from vnx_jobs.wiring import House

HOST: Final = "vault"
MIB: Final = 1 << 20
_PATH: Final = (
    *("storagegroup", "-setpath", "-gname", HOST, "-hbauid", "iqn.1993-08.org.debian:01:abc", "-host", HOST),
    *("-sp", "a", "-spport", "4", "-spvport", "0", "-ip", "1.2.3.4", "-o"),
)
_WRITER: Final = """
import random, sys, time
from vnx_jobs.simulator.host import HostLun
dice, count = random.Random(7), 0
with HostLun(sys.argv[1], sys.argv[2]) as volume:
    while True:
        count += 1
        volume.write(dice.randrange(4096) * 4096, dice.randbytes(4096))
        volume.write(0, count.to_bytes(512, "big"))
        if count == 1:
            print("writing", flush=True)
        time.sleep(0.01)
"""
"""Writes blocks of 4 KiB all over the first 16 MiB, and after each its number at the beginning."""

Image = list[tuple[int, bytes]]


class Cellar(Site):
    """A site whose array knows the backup host `vault`; `plain` keeps images, `sealed` is borg's."""

    def __init__(self, folder: Path, url: str, prefix: str, host: dict[str, Any], **array: Any) -> None:
        super().__init__(folder, url, prefix, **array)
        self.house.close()
        for name in ("plain", "sealed"):
            (folder / name).mkdir()
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text("correct horse\n")
        sealed = {"tool": "borg", "path": str(folder / "sealed"), "passphrase_file": str(self.passphrase)}
        about = {"arrays": {ARRAY: HOST}, "simulated": {ARRAY: str(self.box)}} | host
        config = folder / "config.yaml"
        more = {
            "repositories": {"plain": {"tool": "files", "path": str(folder / "plain")}, "sealed": sealed},
            "backup_hosts": {HOST: about},
        }
        config.write_text(json.dumps(json.loads(config.read_text()) | more))
        self.settings = load(self.environment)
        self.house = House(self.settings)
        self.sim("admin", str(self.box), "--", "storagegroup", "-create", "-gname", HOST)
        self.sim("admin", str(self.box), "--", *_PATH)

    def start_copiers(self) -> subprocess.Popen[bytes]:
        """Start the backup host's worker as systemd does, and wait until it serves."""
        number = len(self.workers)
        log = self.worker_log(number)
        with log.open("wb") as output:
            worker = subprocess.Popen(
                [sys.executable, "-m", "workers.backup_host", HOST, "--node", f"copier-{number}@%h"],
                env={**os.environ, **self.environment, "C_FORCE_ROOT": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
            )
        self.workers.append(worker)
        self.until(lambda: '"copiers_ready"' in log.read_text())
        return worker

    def back_up(self, repository: str, volume: str = "gold") -> str:
        """Submit the backup of a volume; return its job."""
        return self.submit("backup", volumes=[volume], repository=repository, host=HOST).job

    def succeeded(self, *jobs: str, limit: float = 120) -> list[Record]:
        """Wait for jobs, all of which must succeed."""
        ended = self.wait(*jobs, limit=limit)
        assert [(one.name, one.state, one.error) for one in ended if one.state is not State.SUCCEEDED] == []
        return ended

    def backup_of(self, job: str) -> Backup:
        """Return what the catalogue has of a job that backed one volume up."""
        (backup,) = (one for one in self.house.catalogue.find(limit=0) if one.job == job)
        return backup

    def small(self, name: str, data: bytes) -> None:
        """Put a volume of 16 MiB on the array as another administrator would, with bytes at its beginning."""
        create = ["lun", "-create", "-type", "Thin", "-capacity", "16", "-sq", "mb", "-poolName", "pool_1"]
        self.sim("admin", str(self.box), "--", *create, "-name", name)
        with HostLun(self.box, name) as lun:
            lun.write(0, data)

    def image(self, volume: str) -> Image:
        """Return all bytes of a volume that are not zeros, with their places, at one instant."""
        with HostLun(self.box, volume) as lun:
            return list(lun.extents())

    def window(self) -> str:
        """Return the name of the one mount point on the array."""
        (name,) = (str(lun["name"]) for lun in self.shown()["luns"] if lun["primary"] is not None)
        return name

    def left(self) -> dict[str, list[str]]:
        """Return what stands on the array beside ordinary volumes; all empty if nothing temporary is left."""
        shown = self.shown()
        (group,) = (one for one in shown["storage_groups"] if one["name"] == HOST)
        return {
            "mount points": [str(lun["name"]) for lun in shown["luns"] if lun["primary"] is not None],
            "snapshots": [str(one["name"]) for one in shown["snapshots"]],
            "migrations": [str(one) for one in shown["migrations"]],
            "shown": [str(one) for one in group["luns"]],
        }

    def volumes(self) -> list[str]:
        """Return the names of the array's LUNs."""
        return sorted(str(lun["name"]) for lun in self.shown()["luns"])

    def check_repositories(self) -> None:
        """Check all of borg's repositories by borg itself; each backup's archive must be in its repository."""
        environment = {**os.environ, "BORG_PASSCOMMAND": f"cat {self.passphrase}", "BORG_BASE_DIR": str(self.folder)}
        environment["BORG_RELOCATED_REPO_ACCESS_IS_OK"] = "yes"
        for config in (self.folder / "sealed").glob("*/*/config"):
            done = subprocess.run(
                [shutil.which("borg") or "borg", "check", "--verify-data", str(config.parent)],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        for backup in self.house.catalogue.find(limit=0):
            mover = self.house.repositories(backup.repository, self.folder / "look").of(backup.array, backup.uid)
            assert backup.archive in {one.archive for one in mover.archives()}, backup

    def archives(self) -> set[str]:
        """Return all complete archives of both repositories, as the repositories themselves tell."""
        found = set()
        for name in ("plain", "sealed"):
            repositories = self.house.repositories(name, self.folder / "look")
            uids = {sighting.lun.uid for sighting in self.house.inventory.volumes(ARRAY)}
            found |= {one.archive for uid in uids for one in repositories.of(ARRAY, uid).archives()}
        return found

    def run(self, *words: str) -> str:
        """Run vnx-jobs as a person does."""
        environment = {**os.environ, **self.environment}
        done = subprocess.run(
            [BIN / "vnx-jobs", *words], env=environment, capture_output=True, text=True, check=False, cwd=self.folder
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def commands_at_once(self, *, lists: bool) -> int:
        """Return the most commands that the array worked on at one moment, by its log: lists of all, or what is not.

        The log has a command begin with its process, whose birth the kernel tells in clock ticks, rounded down.
        """
        logged = [one for one in self.log() if _is_list(one["argv"]) is lists]
        tick = 1 / os.sysconf("SC_CLK_TCK")
        spans = [(float(one["time"]) + tick, float(one["time"]) + float(one["seconds"])) for one in logged]
        return max(sum(began <= at < ended for began, ended in spans) for at, _ in spans)


def _is_list(words: list[Any]) -> bool:
    """Say whether a command lists all objects of a kind, as the watch does, and not one of them."""
    if words[:2] == ["connection", "-getport"]:
        return True
    return "-list" in words[:3] and not {"-l", "-name", "-id", "-res", "-source", "-gname"} & set(words)


@contextmanager
def writing(cellar: Cellar, volume: str) -> Iterator[subprocess.Popen[str]]:
    """Have another process write to a volume all along."""
    words = [sys.executable, "-c", _WRITER, str(cellar.box), volume]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "writing\n"
            yield writer
            assert writer.poll() is None, "it could not write any more"
        finally:
            writer.kill()


@contextmanager
def counting(cellar: Cellar) -> Iterator[list[int]]:
    """Count all along how many copies are under way on the backup host."""
    counts, over = [0], threading.Event()

    def count() -> None:
        while not over.wait(0.02):
            counts.append(len(cellar.house.transfers.running(HOST)))

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield counts
    finally:
        over.set()
        thread.join()


@contextmanager
def asleep(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    """Have a worker and all its children stand still."""
    os.killpg(worker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGCONT)


def need_borg() -> None:
    """Fail the test if there is no borg."""
    if shutil.which("borg") is None:
        pytest.fail("borg is not installed: apt-get install borgbackup", pytrace=False)
