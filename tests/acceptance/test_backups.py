"""Backups over the whole stack: volumes that are written, processes that are killed, and many at one time."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.cellar import HOST, MIB, Cellar, Image, asleep, counting, need_borg, writing
from tests.acceptance.site import ARRAY
from tests.state_server import StateServer
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.model.transfer import Running

pytestmark = pytest.mark.real

NOTHING: Final[dict[str, list[str]]] = {"mount points": [], "snapshots": [], "migrations": [], "shown": []}


@pytest.fixture
def make_cellar(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Callable[..., Cellar]]:
    """Return what makes the test's site with a backup host; it is ended after the test."""
    need_borg()
    made: list[Cellar] = []

    def make(url: str = valkey_url, array: dict[str, Any] | None = None, **host: Any) -> Cellar:
        made.append(Cellar(tmp_path, url, prefix, host, **(array or {})))
        return made[-1]

    yield make
    for cellar in made:
        cellar.stop()


@pytest.mark.parametrize(
    "repositories",
    [
        ("plain", "sealed", "plain"),
        pytest.param(("sealed",) * 6 + ("plain",) * 4, marks=[pytest.mark.full, pytest.mark.timeout(1800)]),
    ],
    ids=["3", "10"],
)
def test_backups_of_a_volume_that_is_written(make_cellar: Callable[..., Cellar], repositories: tuple[str, ...]) -> None:
    """Each restores byte for byte what the array froze, though another process writes on; nothing temporary stays."""
    cellar = make_cellar()
    cellar.start_worker()
    copiers = cellar.start_copiers()
    cellar.source()
    frozen: dict[str, Image] = {}
    with writing(cellar, "gold"):
        for repository in repositories:
            with asleep(copiers):
                job = cellar.back_up(repository)
                cellar.until(lambda: bool(cellar.house.transfers.waiting(HOST, 9)))
                frozen[job] = cellar.image(cellar.window())
                assert cellar.image("gold") != frozen[job], "nobody wrote meanwhile"
            cellar.succeeded(job)
    assert cellar.left() == NOTHING
    back = {job: f"back-{place}" for place, job in enumerate(frozen)}
    restores = [
        cellar.submit("restore-backup", backup=cellar.backup_of(job).archive, name=name, pool="pool_1", host=HOST).job
        for job, name in back.items()
    ]
    cellar.succeeded(*restores, limit=240)
    for job, name in back.items():
        assert cellar.image(name) == frozen[job], f"{name} is not what was frozen"
    assert cellar.volumes() == sorted(["gold", *back.values()])
    assert cellar.left() == NOTHING
    assert len(cellar.archives()) == len(repositories)
    cellar.check_repositories()


@pytest.mark.parametrize(
    ("count", "sealed", "limit", "by_the_clock"),
    [(12, 2, 2, False), pytest.param(200, 12, 4, True, marks=[pytest.mark.full, pytest.mark.timeout(2400)])],
    ids=["12", "200"],
)
def test_many_volumes_at_the_same_minute(
    make_cellar: Callable[..., Cellar], count: int, sealed: int, limit: int, *, by_the_clock: bool
) -> None:
    """All snapshots are taken at once, all backups done, never more copies under way than the host may do."""
    cellar = make_cellar(copies=limit)
    for _ in range(2):
        cellar.start_worker()
    names = [f"{'sealed' if place < sealed else 'plain'}-{place}" for place in range(count)]
    for name in names:
        cellar.small(name, name.encode())
    cellar.until(lambda: len(cellar.house.inventory.volumes(ARRAY)) == count)
    due = time.gmtime(time.time() + (90 if by_the_clock else 43_200))
    for repository in ("plain", "sealed"):
        fields = ["volumes={volume}", f"repository={repository}", f"host={HOST}"]
        cron = f"{due.tm_min} {due.tm_hour} * * *"
        nightly = ["schedules", "add", repository, "backup", "--cron", cron, "--zone", "UTC"]
        cellar.run(*nightly, "--volumes", f"{repository}-*", *fields)
        if not by_the_clock:
            cellar.run("schedules", "run", repository)
    cellar.until(lambda: len(cellar.house.transfers.waiting(HOST, count + 1)) == count, limit=1200)
    assert len(cellar.shown()["snapshots"]) == count, "a snapshot waits for a copy"
    with counting(cellar) as most:
        cellar.start_copiers()
        cellar.until(lambda: all(one.state in ENDED for one in cellar.house.store.find()), limit=1200)
    ended = cellar.house.store.find(limit=count + 1)
    assert [(one.operation, one.state) for one in ended] == [("backup", State.SUCCEEDED)] * count
    assert 1 < max(most) <= limit
    assert cellar.commands_at_once(lists=False) <= cellar.settings.arrays[ARRAY].command_slots
    assert cellar.commands_at_once(lists=True) == 1, "the watch has a slot of its own"
    assert sorted(one.volume for one in cellar.house.catalogue.find(limit=0)) == sorted(names)
    assert len(cellar.archives()) == count
    assert cellar.left() == NOTHING
    assert cellar.volumes() == sorted(names)
    cellar.check_repositories()


@dataclass(frozen=True)
class Blow:
    """What is killed with SIGKILL, and when: at a step of the job, or once so many bytes of its copy are through."""

    victim: str
    step: str
    after: int = 0


COPY_TWICE = (Blow("copy", "copy-out"), Blow("copy", "copy-out", 8 * MIB))
COPIER = (Blow("copier", "show-to-host"), Blow("copier", "copy-out", 1))
WORKER = (Blow("worker", "create-backup-mount"), Blow("worker", "copy-out", 1), Blow("worker", "put-away-show-to-host"))
SERVER = (Blow("server", "attach-backup-snapshot"), Blow("server", "copy-out", 1), Blow("server", "seal-copies"))


class Trial:
    """A cellar whose parts are killed, and started again as whoever looks after them does."""

    def __init__(self, cellar: Cellar, server: StateServer) -> None:
        self.cellar, self.server = cellar, server
        self.worker, self.copiers = cellar.start_worker(), cellar.start_copiers()
        self.jobs: list[str] = []
        """All backups that were begun."""

    def befall(self, blow: Blow) -> None:
        """Wait for the moment in some backup, strike, and have the job end.

        A moment may be shorter than the time between two looks on a machine that has much else to do: then the next
        backup is watched for it.
        """
        group: list[int] = []
        job = next(filter(None, (self._backup_at(blow, group) for _ in range(5))), "")
        assert job, f"{blow} never came"
        match blow.victim:
            case "copy":
                os.killpg(group[0], signal.SIGKILL)
            case "copier":
                self.cellar.kill_worker(self.copiers)
                self.copiers = self.cellar.start_copiers()
            case "worker":
                self.cellar.kill_worker(self.worker)
                self.worker = self.cellar.start_worker()
            case _:
                self.server.kill()
                self.server.start()
        (record,) = self.cellar.wait(job, limit=200)
        assert (blow, record.state, record.error) == (blow, State.SUCCEEDED, record.error)

    def _backup_at(self, blow: Blow, group: list[int]) -> str:
        """Begin a backup; return its job when the moment has come, or nothing if it ended first."""
        job, came = self.cellar.back_up("sealed"), [False]
        self.jobs.append(job)

        def has_come() -> bool:
            came[0] = self._has_come(job, blow, group)
            return came[0] or self.cellar.record(job).state in ENDED

        self.cellar.until(has_come)
        return job if came[0] else ""

    def _has_come(self, job: str, blow: Blow, group: list[int]) -> bool:
        record = self.cellar.record(job)
        standing = self.cellar.house.transfers.standing(job, 0)
        phase = None if standing is None else standing.phase
        if blow.victim != "copy" and not blow.after:
            return record.step == blow.step
        if isinstance(phase, Running) and phase.copier is not None and phase.done >= blow.after:
            group[:] = [phase.copier.pid]
        return bool(group)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "blows",
    [
        (COPIER[1],),
        pytest.param((*COPY_TWICE, *COPIER, *WORKER, *SERVER), marks=pytest.mark.full),
    ],
    ids=["1", "10"],
)
def test_kills(make_cellar: Callable[..., Cellar], tmp_path: Path, blows: tuple[Blow, ...]) -> None:
    """Whatever is killed, the backup succeeds, nothing temporary stays, and borg finds its repository clean."""
    (tmp_path / "server").mkdir()
    with StateServer(tmp_path / "server") as server:
        cellar = make_cellar(url=server.url, rate=4 * MIB)
        trial = Trial(cellar, server)
        cellar.small("gold", random.Random(1).randbytes(12 * MIB))
        cellar.until(lambda: cellar.house.inventory.volume(ARRAY, "gold") is not None)
        for blow in blows:
            trial.befall(blow)
            assert (blow, cellar.left()) == (blow, NOTHING)
            cellar.check_repositories()
        (last,) = cellar.succeeded(cellar.back_up("sealed"))
        assert cellar.left() == NOTHING
        assert cellar.volumes() == ["gold"]
        good = cellar.house.catalogue.find(limit=0)
        assert cellar.archives() == {one.archive for one in good}, (
            "the repository holds what is no backup, or lacks one"
        )
        assert [one.job for one in good] == [last.id, *reversed(trial.jobs)]
        cellar.check_repositories()
        cellar.stop()
