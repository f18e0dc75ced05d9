"""A site as an admin has one: a state server, workers, and a simulated array behind real naviseccli processes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from vnx_jobs.model.record import Record
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports import Accepted
from vnx_jobs.settings import Settings, load
from vnx_jobs.submission import Request
from vnx_jobs.wiring import House

BIN: Final = Path(sys.executable).parent
ARRAY: Final = "box"


class Site:
    """Starts and ends everything; only processes that it started itself are ever signalled."""

    def __init__(
        self,
        folder: Path,
        url: str,
        prefix: str,
        others: Mapping[str, dict[str, Any]] | None = None,
        config: Mapping[str, Any] | None = None,
        **array: Any,
    ) -> None:
        self.folder = folder
        self.box = folder / "box"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.sim("init", str(self.box))
        shown = self.shown()["array"]
        password = folder / "password"
        password.write_text("sysadmin")
        fields = {
            "spa": shown["spa"],
            "spb": shown["spb"],
            "naviseccli": str(self.box / "bin" / "naviseccli"),
            "user": "sysadmin",
            "password_file": str(password),
            "numbers": "20000-29999",
            "speed": 20,
        }
        arrays = {ARRAY: fields | array} | {name: fields | array | own for name, own in (others or {}).items()}
        whole = {"installation": "t", "prefix": prefix, "arrays": arrays, **(config or {})}
        (folder / "config.yaml").write_text(json.dumps(whole))
        self.environment = {
            "VNX_JOBS_CONFIG": str(folder / "config.yaml"),
            "VNX_JOBS_HOME": str(folder),
            "VNX_JOBS_REDIS_URL": url,
            "VNX_SIM_SPEED": str((fields | array)["speed"]),
        }
        self.settings: Settings = load(self.environment)
        self.house = House(self.settings)

    def sim(self, *words: str) -> str:
        """Run vnx-sim."""
        done = subprocess.run([BIN / "vnx-sim", *words], capture_output=True, text=True, check=False, env=os.environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shown(self) -> dict[str, Any]:
        """Return what stands on the array, asked of its state and not by a command."""
        shown: dict[str, Any] = json.loads(self.sim("show", str(self.box), "--json"))
        return shown

    def log(self) -> list[dict[str, Any]]:
        """Return the array's audit log."""
        return [json.loads(line) for line in self.sim("log", str(self.box), "--json").splitlines()]

    def commands(self, *words: str) -> list[dict[str, Any]]:
        """Return the commands of the audit log that begin with some words."""
        return [entry for entry in self.log() if tuple(entry["argv"][: len(words)]) == words]

    def start_worker(
        self, processes: int = 2, host: str = "%h", include: tuple[str, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Start one Celery worker as on a host of that name: in a session and a working directory of its own."""
        number = len(self.workers)
        folder = self.folder / f"host-{number}"
        folder.mkdir()
        words = ["celery", "-A", "workers", "worker", "-c", str(processes), "-n", f"w{number}@{host}"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        with self.worker_log(number).open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", *words, *quiet, *include],
                env={**os.environ, **self.environment, "C_FORCE_ROOT": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def worker_log(self, number: int) -> Path:
        """Return the log of the worker that was started as that one, from 0."""
        return self.folder / f"worker-{number}.log"

    def logged(self, number: int, event: str) -> list[dict[str, Any]]:
        """Return what a worker has logged of one kind."""
        lines = self.worker_log(number).read_text().splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [entry for entry in entries if entry["event"] == event]

    def clients(self) -> list[int]:
        """Return the processes that speak to the array now."""
        program = os.fsencode(self.box)
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _names(entry, program)]

    def fault(self, *words: str) -> None:
        """Let something befall the array."""
        self.sim("fault", str(self.box), *words)

    def kill_worker(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill -9 a worker and all its children at once, as a failing host does."""
        if worker.poll() is None:
            os.killpg(worker.pid, 9)
        worker.wait(10)

    def submit(self, operation: str, after: tuple[str, ...] = (), key: str = "", **fields: Any) -> Accepted:
        """Submit one job."""
        spec = parse({"operation": operation, "array": ARRAY, **fields})
        return self.house.submission.submit(Request(spec, after=after, key=key))

    def wait(self, *jobs: str, limit: float = 120) -> list[Record]:
        """Wait until jobs have ended or are stuck."""
        still = set(jobs)

        def over() -> bool:
            over_now = {one.id for one in self.house.store.find(states=(*ENDED, State.STUCK)) if one.id in still}
            still.difference_update(over_now)
            return not still

        self.until(over, limit)
        return [self.record(job) for job in jobs]

    def until(self, done: Callable[[], bool], limit: float = 60) -> None:
        """Wait for a condition."""
        end = time.monotonic() + limit
        while not done():
            assert time.monotonic() < end, self.trouble()
            time.sleep(0.25)

    def trouble(self) -> str:
        """Say what has not ended, and the ends of the workers' logs."""
        open_jobs = [
            f"{one.id} {one.operation} {one.name} {one.state} {one.step} {one.attempts} {one.why}"
            for one in self.house.store.find()
            if one.state not in ENDED
        ]
        logs = [f"{path.name}: {path.read_text()[-2000:]}" for path in self.folder.glob("worker-*.log")]
        return "\n".join([f"{len(open_jobs)} jobs have not ended", *open_jobs[:10], *logs])

    def record(self, job: str) -> Record:
        """Return a job's record."""
        record = self.house.store.get(job)
        assert record is not None
        return record

    def admin(self, *words: str) -> str:
        """Run one command on the array as another administrator would; return what it says."""
        program = [str(self.box / "bin" / "naviseccli"), "-h", self.settings.arrays[ARRAY].spa]
        login = ["-user", "sysadmin", "-password", "sysadmin", "-scope", "0"]
        done = subprocess.run([*program, *login, *words], capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def source(self, name: str = "gold", size_gb: int = 1) -> None:
        """Put a volume on the array as another administrator would; wait until it is made and the watch has read it."""
        size = ["-capacity", str(size_gb), "-sq", "gb"]
        self.admin("lun", "-create", "-type", "Thin", *size, "-poolName", "pool_1", "-name", name)
        self.until(lambda: "Preparing" not in self.admin("lun", "-list", "-name", name))
        self.until(lambda: self.house.inventory.volume(ARRAY, name) is not None)

    def stop(self) -> None:
        """End every worker that is still there, and all that it started."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.terminate()
        for worker in self.workers:
            try:
                worker.wait(15)
            except subprocess.TimeoutExpired:
                self.kill_worker(worker)
        self.house.close()


def _names(process: Path, text: bytes) -> bool:
    """Say whether a process bears a text in its arguments or its environment."""
    try:
        return text in (process / "cmdline").read_bytes() or text in (process / "environ").read_bytes()
    except OSError:
        return False


def heartbeat(worker: int) -> int:
    """Return the process id of a worker's heartbeat; 0 if it has none."""
    children = Path("/proc", str(worker), "task", str(worker), "children").read_text().split()
    return next((int(pid) for pid in children if b"workers.heartbeat" in Path("/proc", pid, "cmdline").read_bytes()), 0)
