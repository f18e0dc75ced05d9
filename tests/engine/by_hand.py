"""An installation over a simulated VNX, and the hands of a person who types what a stuck job says."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.installation import ARRAY, Installation
from tests.simulator.arrays import INSTANTLY, NEVER, Sim, make
from vnx_jobs.adapters.array.process import Ending, Run
from vnx_jobs.adapters.array.verdicts import Judgement, Listing, judge_change, judge_read
from vnx_jobs.adapters.array.vnx import VnxArray
from vnx_jobs.adapters.array.words import Commands
from vnx_jobs.model.errors import ArrayError, Verdict
from vnx_jobs.ports import Array

_COMMAND: Final = ": naviseccli "


@dataclass
class InProcessRunner:
    """Sends words to a simulated array in this process, where the runner of the port starts a program."""

    sim: Sim
    refused: set[str] = field(default_factory=set)
    """Beginnings of the commands that are refused for good."""
    unanswered: set[str] = field(default_factory=set)
    """Beginnings of the commands that are carried out and get no answer, each once."""

    copies_end: bool = False
    """Whether a copy ends at once; else it goes on until it is cancelled."""

    def until(self, _: float) -> "InProcessRunner":
        """Give every command all the time it needs."""
        return self

    def change(self, words: Sequence[str]) -> None:
        """Send a changing command."""
        starts_copy = words[:2] == ("migrate", "-start")
        self.sim.speed = NEVER if starts_copy and not self.copies_end else INSTANTLY
        self._judged(words, judge_change(words, self._run(words)))
        for beginning in {one for one in self.unanswered if " ".join(words).startswith(one)}:
            self.unanswered.remove(beginning)
            raise ArrayError(Verdict.NO_ANSWER, "no answer")

    def read(self, words: Sequence[str], listing: Listing) -> str | None:
        """Send a reading command."""
        judgement = self._judged(words, judge_read(words, self._run(words), listing))
        return None if judgement.absent else judgement.text

    def _run(self, words: Sequence[str]) -> Run:
        if any(" ".join(words).startswith(one) for one in self.refused):
            raise ArrayError(Verdict.REFUSED, "held by the array")
        answer = self.sim.run("", *words)
        return Run(Ending.ANSWERED, 0.0, answer.status, answer.text)

    def _judged(self, words: Sequence[str], judgement: Judgement) -> Judgement:
        if judgement.verdict is not None:
            raise ArrayError(judgement.verdict, f"{' '.join(words)}: {judgement.text}", judgement.code)
        return judgement


class SimulatedInstallation(Installation):
    """An installation whose array is a simulated VNX: its commands are words, and its objects what a VNX has."""

    def __init__(self, url: str, prefix: str, folder: Path, **array: Any) -> None:
        super().__init__(url, prefix, folder, **array)
        self.sim = make(folder / "sim", "--pool", "pool:10000")
        self.runner = InProcessRunner(self.sim)
        self.port = VnxArray(self.runner, Commands())  # type: ignore[arg-type]  # the runner's twin in this process
        self.watch.port = self.port

    def _bound(self, name: str, deadline: float) -> Array:
        assert name == ARRAY
        return self.port.until(deadline)

    def type(self, *said: str) -> None:
        """Give array commands as an administrator does."""
        for line in said:
            self.sim.ok("", *shlex.split(line))

    def follow(self, leftovers: Sequence[str]) -> None:
        """Let the array refuse nothing more, and give every command that a stuck job names, in its order."""
        self.runner.refused.clear()
        self.type(*(line.partition(_COMMAND)[2] for line in leftovers))

    def stands(self) -> dict[str, list[str]]:
        """Return the names of what is on the array."""
        seen: dict[str, Any] = self.sim.seen()
        return {
            "luns": sorted(one["name"] for one in seen["luns"]),
            "snapshots": sorted(one["name"] for one in seen["snapshots"]),
            "migrations": [str(one["source"]) for one in seen["migrations"]],
            "mappings": [
                f"{one['name']} {lun['hlu']}: {lun['alu']}" for one in seen["storage_groups"] for lun in one["luns"]
            ],
            "groups": [f"{one['name']}: {one['members']}" for one in seen["consistency_groups"]],
        }
