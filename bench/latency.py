"""The time from a submission to the start of the job's first array command."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from bench.figures import Figure, percentile
from bench.noops import NAMES, NOTHING
from bench.stage import ARRAY, NEVER, OTHER, Site, until
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.ports import Entry

TITLE: Final = "From submission to the first array command"
ABOUT: Final = (
    "A snapshot is asked for, and nothing else happens; the command's own process says when it was started (to 10 "
    "ms). First on an idle installation; then while other jobs wait for one lock; then while as many are ready, "
    "on another array, which is held. One worker with two processes. Calls before the submission's own, such as "
    "connecting, are made."
)
_BAR_MS: Final = 100.0
_MS: Final = 1000.0


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Take snapshots one by one, with nobody and with many waiting."""
    shots, crowd = (3, 20) if quick else (80, 5_000)
    with Site(folder, other=True, speed=20, times={"idle_refresh": NEVER}) as site:
        site.create_source("gold")
        site.worker("worker", 2)
        site.know("gold")
        figures = _taken(site, "idle", shots, _BAR_MS)
        crowds: dict[str, Callable[[], None]] = {
            f"{crowd} jobs wait for a lock": partial(_at_a_lock, site, crowd),
            f"{crowd} more are ready on an array that is held": partial(_on_hold, site, crowd),
        }
        for name, gather in crowds.items():
            gather()
            figures += _taken(site, name, shots)
    return figures


def _taken(site: Site, when: str, shots: int, bar: float | None = None) -> list[Figure]:
    """Take snapshots one after the other; the first one is not counted."""
    submitted: dict[str, float] = {}
    for number in range(shots + 1):
        name = f"{when.replace(' ', '-')}-{number}"
        began = time.time()
        job = site.submit("create-snapshot", name=name, volume="gold")
        if number:
            submitted[name] = began
        site.succeed([job])
    waits = [
        (entry["time"] - submitted[entry["argv"][place]]) * _MS
        for entry in site.log()
        if tuple(entry["argv"][:2]) == ("snap", "-create")
        and entry["argv"][place := entry["argv"].index("-name") + 1] in submitted
    ]
    if len(waits) != shots:
        raise RuntimeError(f"{len(waits)} of {shots} snapshots were found in the array's log")
    return [
        Figure(f"99 of 100, {when}", percentile(waits, 99), "ms", at_most=bar),
        Figure(f"50 of 100, {when}", percentile(waits, 50), "ms"),
    ]


def _entries(array: str, count: int, claims: tuple[Claim, ...]) -> list[Entry]:
    spec = {"operation": NOTHING, "array": array, "name": "nothing"}
    return [
        Entry(Record(id=new_job_id(), spec=spec, operation=NOTHING, steps=NAMES, array=array), claims)
        for _ in range(count)
    ]


def _at_a_lock(site: Site, count: int) -> None:
    """Let jobs wait for a lock whose holder is paused."""
    store, lock = site.house.store, (Claim(Kind.EXCLUSIVE, f"volume:{ARRAY}:crowded"),)
    store.hold(OTHER, "bench")
    (holder,) = _entries(OTHER, 1, lock)
    store.submit([holder])
    store.order(holder.record.id, Order.PAUSE, "bench")
    store.submit(_entries(ARRAY, count, lock))


def _on_hold(site: Site, count: int) -> None:
    """Let jobs be ready on an array that is held."""
    site.house.store.submit(_entries(OTHER, count, ()))
    until(lambda: site.house.store.standing(OTHER).ready >= count)
