"""Where the tests of the array port meet an array: in memory, or on a simulated VNX."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from vnx_jobs.adapters.array.vnx import VnxArray, vnx_array
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import MemoryVnx
from vnx_jobs.model.array import THICK, THIN, Lun
from vnx_jobs.model.errors import ArrayError, Verdict
from vnx_jobs.ports import Array
from vnx_jobs.settings import ArraySettings, Times

POOL = "gold"
SPEED = 50
"""How many times as fast as a real one the simulated array prepares and migrates."""
WAITING_LIMIT = 20.0


class Site(Protocol):
    """An array, the port onto it, and the hands of a host and of time."""

    @property
    def array(self) -> Array:
        """The port under test."""
        ...

    def bound(self, deadline: float) -> Array:
        """Return the port, bound to a deadline so many seconds from now."""
        ...

    def write(self, number: int, text: str) -> None:
        """Write to a LUN as a host does."""
        ...

    def content(self, number: int) -> str:
        """Return something that is equal for equal contents."""
        ...

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let time pass until a condition holds; fail if it never does."""
        ...

    def slow_down(self) -> None:
        """Let time pass as on a real array, so that a new LUN is still preparing when it is looked at."""
        ...


class Ticker:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


class MemorySite:
    """The in-memory twin: a LUN is not ready for three seconds, and a gigabyte migrates in one."""

    def __init__(self) -> None:
        self.clock = Ticker()
        self.vnx = MemoryVnx(self.clock, {POOL: 4000, "silver": 4000}, preparing=3)
        self.array = MemoryArray(self.vnx)

    def bound(self, deadline: float) -> Array:
        """Return the port, bound to a deadline."""
        return self.array.until(self.clock.now + deadline)

    def write(self, number: int, text: str) -> None:
        """Write to a LUN."""
        self.vnx.write(number, text)

    def content(self, number: int) -> str:
        """Return a LUN's content."""
        return str(self.vnx.read(number))

    def wait(self, condition: Callable[[], bool]) -> None:
        """Move the clock on, a second at a time."""
        for _ in range(100):
            if condition():
                return
            self.clock.now += 1
        raise AssertionError("it did not happen in 100 seconds of the array's clock")

    def slow_down(self) -> None:
        """Leave the clock alone: it stands still until it is told to move."""


@dataclass
class OpenSlots:
    """Command slots without end, which notes who holds one."""

    held: list[str] = field(default_factory=list)
    most: int = 0

    @contextmanager
    def hold(self, array: str, seconds: float) -> Iterator[None]:
        """Hold a slot."""
        assert seconds > 0
        self.held.append(array)
        self.most = max(self.most, len(self.held))
        try:
            yield
        finally:
            self.held.remove(array)


class NoSlots:
    """Command slots of which none is free."""

    def hold(self, array: str, seconds: float) -> AbstractContextManager[None]:
        """Refuse."""
        raise ArrayError(Verdict.NO_SLOT, f"{array} has no free slot for {seconds} seconds")


class SimulatedSite:
    """A simulated VNX in a folder, reached through its naviseccli as any VNX is."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder / "vnx"
        self.sim("init", "--pool", f"{POOL}:4000", "--pool", "silver:4000", said=str(self.folder))
        self.slots = OpenSlots()
        password = folder / "password"
        password.write_text("sysadmin\n")
        self.settings = ArraySettings(
            spa="10.0.0.1",
            spb="10.0.0.2",
            naviseccli=self.folder / "bin" / "naviseccli",
            user="sysadmin",
            password_file=password,
            numbers=(1, 999),
            times=Times(**({"down_time": 0.5} | settings)),
        )
        self.array: VnxArray = vnx_array("sim", self.settings, self.slots)

    def with_times(self, **times: float) -> VnxArray:
        """Return another port onto the same array, with other times."""
        settings = self.settings.model_dump() | {"times": self.settings.times.model_dump() | times}
        return vnx_array("sim", ArraySettings.model_validate(settings), self.slots)

    def sim(self, *words: str, said: str = "") -> str:
        """Run `vnx-sim WORD... FOLDER`."""
        command = [str(Path(sys.executable).with_name("vnx-sim")), *words, *([said] if said else [])]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def fault(self, name: str, *options: str) -> None:
        """Put a fault in force."""
        self.sim("fault", *options, str(self.folder), name)

    def mend(self) -> None:
        """End every fault."""
        self.sim("fault", str(self.folder), "--clear")

    def log(self) -> list[dict[str, Any]]:
        """Return the audit: every command that reached the array."""
        return [json.loads(line) for line in self.sim("log", "--json", str(self.folder)).splitlines()]

    def bound(self, deadline: float) -> Array:
        """Return the port, bound to a deadline."""
        return self.array.until(time.monotonic() + deadline)

    def write(self, number: int, text: str) -> None:
        """Write to a LUN."""
        self.sim("write", "--data", text, str(self.folder), str(number))

    def content(self, number: int) -> str:
        """Return a digest of a LUN's bytes."""
        return self.sim("digest", str(self.folder), str(number)).split()[0]

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait for the simulated array's clock, which is the wall's."""
        eventually(condition)

    def slow_down(self) -> None:
        """Let the simulated array take as long as a real one."""
        os.environ["VNX_SIM_SPEED"] = "1"  # the fixture `simulated` puts back what was there


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail if it never does."""
    limit = time.monotonic() + WAITING_LIMIT
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Say whether a process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def verdict_of(call: Callable[[], object]) -> Verdict:
    """Return the verdict of the ArrayError that a call raises."""
    try:
        call()
    except ArrayError as error:
        return error.verdict
    raise AssertionError("no ArrayError was raised")


def lun(site: Site, number: int) -> Lun:
    """Return a LUN that must be there."""
    found = site.array.lun(number)
    assert found is not None
    return found


def make_lun(site: Site, number: int, name: str, size_gb: int = 1, *, thin: bool = False) -> Lun:
    """Make a LUN and wait until it is ready."""
    site.array.create_lun(number, name, size_gb, POOL, THIN if thin else THICK)
    site.wait(lambda: lun(site, number).ready)
    return lun(site, number)


def make_snap_copy(site: Site, number: int, source: int) -> Lun:
    """Make a mount point named after its number that shows its own snapshot of a LUN."""
    site.array.create_snapshot(source, f"of-{number}", writable=True)
    site.array.create_mount_point(number, f"copy-{number}", source)
    site.array.attach_snapshot(number, f"of-{number}")
    return lun(site, number)


def numbers(site: Site) -> set[int]:
    """Return the numbers of all LUNs."""
    return {one.number for one in site.array.luns()}


def snapshot_names(site: Site) -> set[str]:
    """Return the names of all snapshots."""
    return {one.name for one in site.array.snapshots()}
