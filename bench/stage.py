"""What is measured stands on a stage of its own: a state server, workers and, where one is wanted, a simulated array.

Everything lies in one folder, listens on loopback only, and is ended with the stage.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from vnx_jobs.model.array import BLOCKS_PER_GB, Lun, Pool
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import ENDED, State
from vnx_jobs.ports import Lists
from vnx_jobs.settings import Settings, load
from vnx_jobs.stack.places import Places
from vnx_jobs.stack.simulated import simulator
from vnx_jobs.stack.state_server import prepare
from vnx_jobs.submission import Request
from vnx_jobs.wiring import House

ARRAY: Final = "box"
OTHER: Final = "other"
ROOT: Final = Path(__file__).parents[1]
NEVER: Final = 1e7
"""Seconds of a tick that is not to come."""
_PATIENCE: Final = 30.0
_LOGIN: Final = ("-user", "sysadmin", "-password", "sysadmin", "-scope", "0")


def until(done: Callable[[], bool], limit: float = 60.0, pause: float = 0.02) -> None:
    """Wait for a condition. Raises TimeoutError."""
    end = time.monotonic() + limit
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {limit:g} s in vain")
        time.sleep(pause)


class Stage:
    """A state server and the settings of one array; workers are started when asked for."""

    def __init__(self, folder: Path, *, other: bool = False, **array: Any) -> None:  # noqa: ANN401 -- as settings take
        """Start the state server; `array` are fields of the array's settings, which an `other` array has too."""
        self.folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        places = Places(folder / "home")
        places.make()
        server = prepare(places)
        self.url = server.url
        self.server_pid = self._start(server.command, "state-server", {}).pid
        password = folder / "password"
        password.write_text("sysadmin")
        fields = {
            "spa": "10.0.0.1",
            "naviseccli": "/nonexistent/naviseccli",
            "user": "sysadmin",
            "password_file": str(password),
            "numbers": "20000-59999",
            "times": {"watch_tick": NEVER, "idle_refresh": NEVER},
        }
        config = folder / "config.yaml"
        arrays = dict.fromkeys((ARRAY, OTHER), fields | array)
        config.write_text(json.dumps({"installation": "b", "arrays": arrays if other else {ARRAY: arrays[ARRAY]}}))
        self.environment = {
            "VNX_JOBS_CONFIG": str(config),
            "VNX_JOBS_HOME": str(places.home),
            "VNX_JOBS_REDIS_URL": self.url,
            "VNX_SIM_SPEED": str(array.get("speed", 1)),
        }
        self.settings: Settings = load(self.environment)
        self.house = House(self.settings)
        try:
            until(self._answers, _PATIENCE)
        except TimeoutError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _answers(self) -> bool:
        with suppress(StateServerError):
            return self.house.server.string("no-such-key") is None
        return False

    def _start(self, command: Iterable[str], log: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{log}.log").open("wb") as output:
            process = subprocess.Popen(
                tuple(command),
                env={**os.environ, **environment},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def worker(self, name: str, processes: int, app: str = "workers", **environment: str) -> int:
        """Start a Celery worker with a prefork pool, wait until it takes messages, and return its process id."""
        words = (sys.executable, "-m", "celery", "-A", app, "worker", "-P", "prefork", "-c", str(processes))
        quiet = ("-n", f"{name}@%h", "--without-gossip", "--without-mingle", "--without-heartbeat")
        more = {"C_FORCE_ROOT": "1", **environment}
        started = self._start((*words, *quiet), name, {**self.environment, **more})
        log = self.folder / f"{name}.log"
        try:
            until(lambda: started.poll() is not None or "worker_ready" in log.read_text(), _PATIENCE)
        finally:
            if started.poll() is not None:
                raise RuntimeError(f"worker {name} did not start: {log.read_text()[-2000:]}")
        return started.pid

    @contextmanager
    def service(self) -> Iterator[tuple[str, int]]:
        """Give the address and the process id of a new HTTP service, which asks for no token."""
        file = self.folder / "api.url"
        file.unlink(missing_ok=True)
        words = ("serve", "--open", "--port", "0", "--address-file", str(file))
        started = self._start((str(Path(sys.executable).with_name("vnx-jobs")), *words), "service", self.environment)
        try:
            until(lambda: started.poll() is not None or file.exists(), _PATIENCE)
            if started.poll() is not None:
                raise RuntimeError(f"the service did not start: {(self.folder / 'service.log').read_text()[-2000:]}")
            yield file.read_text().strip(), started.pid
        finally:
            started.terminate()
            started.wait(20)

    def seed(self, sources: int) -> list[str]:
        """Let the inventory know so many volumes of the array, as a list would; return their names."""
        names = [f"source-{number}" for number in range(sources)]
        luns = tuple(
            Lun(number, name, f"60:06:01:60:{number:08X}", 10 * BLOCKS_PER_GB, "pool", thin=True)
            for number, name in enumerate(names)
        )
        ticket, begun = self.house.inventory.ticket()
        lists = Lists(begun, ticket, luns=luns, snapshots=(), pools=(Pool("pool", 0, 1e6, 1e6),))
        self.house.inventory.store(ARRAY, lists, self.settings.array(ARRAY).number_range)
        return names

    def submit(self, operation: str, **fields: Any) -> str:  # noqa: ANN401 -- whatever a user may give
        """Submit one job; return its id."""
        return self.house.submission.submit(Request(parse({"operation": operation, "array": ARRAY, **fields}))).job

    def succeed(self, jobs: Iterable[str], limit: float = 60.0) -> None:
        """Wait until jobs have ended. Raises RuntimeError if one has not succeeded."""
        for job in jobs:
            until(lambda: self._state(job) in {*ENDED, State.STUCK}, limit, 0.05)  # noqa: B023 -- called at once
            if self._state(job) is not State.SUCCEEDED:
                raise RuntimeError(f"job {job} ended otherwise: {self.house.store.get(job)}")

    def _state(self, job: str) -> State | None:
        record = self.house.store.get(job)
        return record.state if record else None

    def usec(self) -> dict[str, float]:
        """Return the microseconds that the server has spent in each command since it was started."""
        stats = self.house.server.client.info("commandstats")
        return {name.removeprefix("cmdstat_"): float(one["usec"]) for name, one in stats.items()}

    def calls(self, command: str) -> int:
        """Return how often the server has run a command."""
        stats = self.house.server.client.info("commandstats")
        return int(stats.get(f"cmdstat_{command}", {}).get("calls", 0))

    def clear(self) -> None:
        """Forget every job, message and list."""
        self.house.server.client.flushdb()

    def close(self) -> None:
        """End all that was started, the state server last."""
        for process in reversed(self._started):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
        self.house.close()


class Site(Stage):
    """A stage with a simulated array behind real naviseccli processes."""

    def __init__(self, folder: Path, *options: str, **array: Any) -> None:  # noqa: ANN401 -- as settings take
        """Make the array by `vnx-sim init` with some options; `array` as for a stage."""
        self.box = folder / "box"
        simulator("init", str(self.box), *options)
        shown = json.loads(simulator("show", str(self.box), "--json"))["array"]
        cli = {"spa": shown["spa"], "spb": shown["spb"], "naviseccli": str(self.box / "bin" / "naviseccli")}
        self._numbers: dict[str, str] = {}
        super().__init__(folder, **{"times": {}, **cli, **array})

    def log(self) -> list[dict[str, Any]]:
        """Return the array's audit log."""
        return [json.loads(line) for line in simulator("log", str(self.box), "--json").splitlines()]

    def command(self, *words: str) -> tuple[str, ...]:
        """Return the command line of an array command, as another administrator would give it."""
        box = self.settings.array(ARRAY)
        return (str(box.naviseccli), "-h", box.spa, *_LOGIN, *words)

    def admin(self, *words: str) -> None:
        """Run one command on the array as another administrator; a LUN made by it is ready at once."""
        subprocess.run(
            self.command(*words), check=True, stdout=subprocess.DEVNULL, env={**os.environ, "VNX_SIM_SPEED": "1000000"}
        )

    def create_source(self, name: str, size_gb: int = 1) -> None:
        """Put a volume on the array."""
        number = self._numbers.setdefault(name, str(1 + len(self._numbers)))
        size = ("-capacity", str(size_gb), "-sq", "gb")
        self.admin("lun", "-create", "-type", "Thin", *size, "-poolName", "pool_1", "-l", number, "-name", name)

    def number(self, name: str) -> str:
        """Return the number of a volume that was put on the array."""
        return self._numbers[name]

    def know(self, *names: str) -> None:
        """Wait until a watch has read the array, and shows volumes as ready."""
        seen = self.house.inventory
        for name in names:
            until(lambda: (one := seen.volume(ARRAY, name)) is not None and one.lun.ready)  # noqa: B023 -- at once
