"""An array spoken to in this process: fast, and through the same door as the program."""

from __future__ import annotations

import time
from pathlib import Path

from vnx_jobs.simulator import command, view
from vnx_jobs.simulator.answer import Answer
from vnx_jobs.simulator.call import Call
from vnx_jobs.simulator.cli import main as vnx_sim
from vnx_jobs.simulator.host import HostLun
from vnx_jobs.simulator.invocation import understand

LOGIN = ("-h", "10.0.0.1", "-user", "sysadmin", "-password", "sysadmin", "-scope", "0")
INSTANTLY = 1e9
NEVER = 1e-9


class Sim:
    """One simulated array. Array times pass at once, unless a test says otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.speed = INSTANTLY

    def run(self, said: str, *more: str, login: tuple[str, ...] = LOGIN, caller: str = "test") -> Answer:
        """Run a command: words divided by spaces, then words that may contain spaces."""
        invocation = understand([*login, *said.split(), *more])
        return command.serve(Call(str(self.folder), invocation, caller, self.speed, time.time()))

    def ok(self, said: str, *more: str) -> str:
        """Run a command that must succeed; return what it prints."""
        answer = self.run(said, *more)
        assert answer.status == 0, answer.text
        return answer.text

    def refused(self, said: str, *more: str) -> tuple[int, str]:
        """Run a command that must be refused; return status and text, and see that nothing changed."""
        before = self.seen()
        answer = self.run(said, *more)
        assert answer.status != 0
        after = self.seen()
        assert {**after, "commands": 0} == {**before, "commands": 0}
        return answer.status, answer.text.strip()

    def seen(self) -> dict[str, object]:
        """Return the whole array as `vnx-sim show --json` would."""
        return view.of(str(self.folder))

    def names(self) -> set[str]:
        """Return the names of all LUNs."""
        return {lun["name"] for lun in self.seen()["luns"]}  # type: ignore[attr-defined]

    def fault(self, *args: str) -> None:
        """Put a fault in force."""
        assert vnx_sim(["fault", str(self.folder), *args]) == 0

    def write(self, lun: str | int, offset: int, data: bytes) -> None:
        """Write to a LUN as a host."""
        with HostLun(self.folder, lun) as opened:
            opened.write(offset, data)

    def read(self, lun: str | int, offset: int, length: int) -> bytes:
        """Read from a LUN as a host."""
        with HostLun(self.folder, lun) as opened:
            return opened.read(offset, length)

    def digest(self, lun: str | int) -> str:
        """Return the digest of a LUN's bytes."""
        with HostLun(self.folder, lun) as opened:
            return opened.digest()

    def lun(self, number: int, name: str, gigabytes: int = 10, kind: str = "Thin") -> None:
        """Make a LUN that is ready."""
        self.ok(f"lun -create -type {kind} -capacity {gigabytes} -sq gb -poolName pool_1 -l {number} -name {name}")

    def mount(self, primary: int, number: int, name: str, snapshot: str) -> None:
        """Make a snap copy in the three commands it takes."""
        self.ok(f"snap -create -res {primary} -name {snapshot} -allowReadWrite yes")
        self.ok(f"lun -create -type snap -primaryLun {primary} -l {number} -name {name}")
        self.ok(f"lun -attach -l {number} -snapName {snapshot}")


def make(folder: Path, *options: str) -> Sim:
    """Make an array with `vnx-sim init`."""
    assert vnx_sim(["init", str(folder), *options]) == 0
    return Sim(folder)
