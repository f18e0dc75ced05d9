"""How long 255 snap copies of one source take, beside what the array's own sessions need for their commands."""

from __future__ import annotations

import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from bench.figures import Figure
from bench.stage import ARRAY, Site
from vnx_jobs.model.specs import SnapCopy
from vnx_jobs.ports import Accepted
from vnx_jobs.submission import Request

TITLE: Final = "255 snap copies of one source"
ABOUT: Final = (
    "A simulated array on which a command takes 200 ms and four run at one time; one worker with six processes, "
    "two more than slots, which keep the books; settings as they come. From the first submission to the last end, "
    "beside the ideal: commands, times the wall time of one, over four. That wall time is measured in the same run, "
    "before and after, on commands of the same kinds, four at a time."
)
_SESSIONS: Final = 4
_BAR: Final = 1.15


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Make all copies at once and wait for the last."""
    copies, probes = (6, 1) if quick else (255, 8)
    latency = "50" if quick else "200"
    options = ("--latency", latency, "--sessions", str(_SESSIONS))
    times = {"watch_tick": 0.5} if quick else {}
    with Site(folder, *options, command_slots=_SESSIONS, times=times) as site:
        for name in ("gold", "probe"):
            site.create_source(name)
        before = _wall(site, "before", probes)
        site.worker("worker", _SESSIONS + 2)
        site.know("gold")
        logged = len(site.log())
        began = time.monotonic()
        requests = [Request(SnapCopy(array=ARRAY, name=f"copy-{number}", source="gold")) for number in range(copies)]
        answers = site.house.submission.submit_many(requests)
        site.succeed([one.job for one in answers if isinstance(one, Accepted)], 400)
        makespan = time.monotonic() - began
        log = site.log()[logged:]
        commands, busy = len(log), sum(entry["seconds"] for entry in log)
        wall = statistics.fmean((before, _wall(site, "after", probes)))
    ideal = commands * wall / _SESSIONS
    return [
        Figure(f"{copies} copies, over the ideal", makespan / ideal, "x", at_most=_BAR),
        Figure("the same, over the time that the array's log says of its commands", makespan * _SESSIONS / busy, "x"),
        Figure("makespan", makespan, "s"),
        Figure("the ideal", ideal, "s"),
        Figure("wall time of one command", wall, "s"),
        Figure("array commands a copy, lists included", commands / copies, at_most=3.05),
    ]


def _wall(site: Site, when: str, probes: int) -> float:
    """Return the median wall time of a command while as many run as the array has sessions."""

    def some(lane: int) -> list[float]:
        taken = []
        for number in range(probes):
            name, mount = f"probe-{when}-{lane}-{number}", str(1000 + 500 * (when == "after") + 100 * lane + number)
            for words in (
                ("snap", "-create", "-res", site.number("probe"), "-name", name, "-allowReadWrite", "yes"),
                ("lun", "-create", "-type", "snap", "-primaryLun", site.number("probe"), "-l", mount, "-name", name),
                ("lun", "-attach", "-l", mount, "-snapName", name),
            ):
                began = time.monotonic()
                subprocess.run(site.command(*words), check=True, stdout=subprocess.DEVNULL)
                taken.append(time.monotonic() - began)
        return taken

    with ThreadPoolExecutor(_SESSIONS) as lanes:
        return statistics.median(one for taken in lanes.map(some, range(_SESSIONS)) for one in taken)
