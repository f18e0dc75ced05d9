"""A program of the test's own in naviseccli's place."""

from pathlib import Path
from typing import Any

from tests.array.sites import OpenSlots, eventually
from vnx_jobs.adapters.array.vnx import vnx_array
from vnx_jobs.settings import ArraySettings, Times

PASSWORD = "tell-nobody-5up3r"  # noqa: S105 -- a password made to be looked for


class StandIn:
    """A program of the test's own in naviseccli's place: a shell script that notes each start and its words."""

    def __init__(self, folder: Path, script: str, **settings: Any) -> None:
        self.folder = folder
        self.program = folder / "naviseccli"
        self.answers(script)
        self.slots = OpenSlots()
        password = folder / "password"
        password.write_text(f"{PASSWORD}\nonly the first line counts\n")
        self.settings = ArraySettings(
            spa="10.0.0.1",
            spb="10.0.0.2",
            naviseccli=self.program,
            user="jobs",
            password_file=password,
            numbers=(1, 999),
            times=Times(**({"read_limit": 5, "write_limit": 5, "down_time": 0.5} | settings)),
        )
        self.array = vnx_array("stand-in", self.settings, self.slots)

    def answers(self, script: str) -> None:
        """Put another script in its place. `$0.starts` has a line with all words for each start."""
        fresh = self.folder / "fresh"
        fresh.write_text(f'#!/bin/sh\necho "$*" >> "$0.starts"\n{script}\n')
        fresh.chmod(0o755)
        fresh.rename(self.program)

    @property
    def starts(self) -> list[str]:
        """The words of each start so far."""
        noted = Path(f"{self.program}.starts")
        return noted.read_text().splitlines() if noted.exists() else []

    def pid(self, name: str = "pid") -> int:
        """Wait for a process id that the script writes into a file, and return it."""
        noted = self.folder / name
        eventually(lambda: noted.exists() and noted.read_text().endswith("\n"))
        return int(noted.read_text())
