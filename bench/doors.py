"""A large batch by each of the doors: seconds, and how much memory the client and the service take for it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias
from urllib.error import HTTPError
from urllib.request import urlopen

from bench import cpu
from bench.figures import Figure
from bench.sender import DOORS, SOURCES, peak
from bench.stage import ROOT, Stage

TITLE: Final = "Large batches by HTTP and by the client"
ABOUT: Final = (
    "Snap copies of 40 volumes, sent by a process of its own: by `submit_many` of the Python client, over HTTP and "
    "straight to the state server, and by one `POST /v1/batches`. Memory is the most that a process ever had, less "
    "that of the same with one row; the service is a new one each time. Meanwhile somebody asks again and again how "
    "the batch stands: how many different numbers of jobs he saw is told. The service starts on an installation "
    "without jobs, and answers `/readyz` first. Medians."
)
Beside: TypeAlias = Callable[[str], AbstractContextManager[object]]
_MB: Final = 60.0
_START: Final = 2.0
BATCH: Final = "many"


@dataclass(frozen=True, slots=True)
class Sent:
    """What it took to send a batch by a door."""

    accepted: int
    seconds: float
    client_cpu: float
    service_cpu: float
    client: float
    """The most memory that the client ever had, in MB."""
    service: float
    """The same of the service."""
    counts: Sequence[int]
    """How many jobs the batch had whenever it was asked, while it was sent; each number once."""


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Send a batch by each door, several times, beside one of one row."""
    count, repeats = (40, 1) if quick else (10_000, 3)
    figures: list[Figure] = []
    with Stage(folder) as stage:
        starts = [_seconds_to_start(stage) for _ in range(repeats)]
        figures.append(
            Figure("the service, from its start to its first answer", statistics.median(starts), "s", at_most=_START)
        )
        for door in list(DOORS)[: 1 if quick else None]:
            one = sent(stage, door, 1)
            many = [sent(stage, door, count) for _ in range(repeats)]
            figures += _told(f"{count} rows by {door}", one, many)
    return figures


def _told(what: str, one: Sent, many: Sequence[Sent]) -> Iterator[Figure]:
    def median(name: str) -> float:
        return float(statistics.median(getattr(each, name) for each in many))

    yield Figure(what, median("seconds"), "s")
    yield Figure(f"client's CPU, {what}", median("client_cpu"), "s")
    yield Figure(f"client's memory, {what}", median("client") - one.client, "MB", at_most=_MB)
    if "straight" not in what:
        yield Figure(f"service's CPU, {what}", median("service_cpu"), "s")
        yield Figure(f"service's memory, {what}", median("service") - one.service, "MB")
        yield Figure(f"numbers of jobs seen meanwhile, {what}", statistics.median(len(each.counts) for each in many))


def _seconds_to_start(stage: Stage) -> float:
    began = time.monotonic()
    with stage.service() as (url, _):
        urlopen(f"{url}/readyz", timeout=10).close()  # noqa: S310 -- ours
        return time.monotonic() - began


def sent(stage: Stage, door: str, count: int, beside: Beside = nullcontext) -> Sent:
    """Send a batch by a door on empty records, with a new service. Raises RuntimeError if it was not accepted whole.

    `beside` is entered with the service's address meanwhile.
    """
    stage.clear()
    stage.seed(SOURCES)
    with stage.service() as (url, pid), beside(url):
        counts: list[int] = []
        over = threading.Event()
        looking = threading.Thread(target=_look, args=(url, counts, over))
        looking.start()
        began = cpu.seconds(pid)
        try:
            told = _run(stage, door, url, count)
        finally:
            over.set()
            looking.join()
        used = cpu.seconds(pid) - began
        if told["accepted"] != count or counts[-1] != count:
            raise RuntimeError(f"{told['accepted']} of {count} were accepted, {counts[-1]} are seen")
        return Sent(count, told["seconds"], told["cpu"], used, told["peak"], peak(pid), counts)


def _run(stage: Stage, door: str, url: str, count: int) -> dict[str, float]:
    words = [sys.executable, "-m", "bench.sender", door, BATCH, str(count)]
    environment = {**os.environ, **stage.environment, "API": url}
    done = subprocess.run(words, env=environment, check=True, cwd=ROOT, stdout=subprocess.PIPE)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _look(url: str, counts: list[int], over: threading.Event) -> None:
    """Ask how many jobs the batch has until it is over, and once more."""
    while True:
        last = over.is_set()
        try:
            with urlopen(f"{url}/v1/batches/{BATCH}", timeout=60) as answer:  # noqa: S310 -- ours
                count = int(json.load(answer)["jobs"])
        except HTTPError:  # there is no job of it yet
            count = 0
        if not counts or counts[-1] != count:
            counts.append(count)
        if last:
            return
        over.wait(0.1)
