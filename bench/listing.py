"""What sweeping and listing cost with few and with many records, and what a finished record takes."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench import cpu
from bench.figures import Figure
from bench.noops import NAMES, NOTHING, STEPS
from bench.stage import ARRAY, Stage
from bench.turns import Copies, in_process
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.ports import Entry

TITLE: Final = "Many records"
ABOUT: Final = (
    "Of each hundred records ninety are of jobs that have ended and ten of jobs that wait for a lock. A sweep "
    "asks what is due, and nothing is; a listing shows the newest hundred, of all jobs or of those in one state. "
    "CPU is the caller's and the state server's together. The bytes of a finished record are what the server's "
    "memory has grown by, a job, after snap copies have run to their end: everything that is kept of them, but "
    "for the event stream, which is bounded and stands by itself."
)
_MS: Final = 1000.0
_LIMIT: Final = 100


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Fill the state server step by step, and measure at each."""
    sizes, repeats = ((20, 200), 3) if quick else ((1_000, 10_000, 100_000), 15)
    with Stage(folder / "many") as stage, Stage(folder / "few") as few:
        figures = _bytes(stage, 20 if quick else 1_000)
        stage.clear()
        filled = 0
        for size in sizes:
            _fill(stage, size - filled)
            filled = size
            costs = {name: _cost(stage, run, repeats) for name, run in _asked(stage).items()}
            figures += [Figure(f"{name}, {size} records", value, "ms CPU") for name, value in costs.items()]
        _fill(few, sizes[0])
        last = f"a sweep with {sizes[-1]} records, over one with {sizes[0]}, in turns"
        return [Figure(last, _in_turns(stage, few, repeats), "x", at_most=1.5), *figures]


def _in_turns(many: Stage, few: Stage, repeats: int) -> float:
    """Return what a sweep costs with many records, over one with few: a machine is not as fast every minute."""
    return statistics.median(_cost(many, _sweep(many), 1) / _cost(few, _sweep(few), 1) for _ in range(repeats))


def _sweep(stage: Stage) -> Callable[[], object]:
    return partial(stage.house.store.due, 200)


def _asked(stage: Stage) -> dict[str, Callable[[], object]]:
    reads = stage.house.reads
    return {
        "a sweep": _sweep(stage),
        f"the newest {_LIMIT} jobs": partial(reads.jobs, limit=_LIMIT),
        f"the newest {_LIMIT} that wait": partial(reads.jobs, states=(State.WAITING,), limit=_LIMIT),
        f"the newest {_LIMIT} that were cancelled": partial(reads.jobs, states=(State.CANCELLED,), limit=_LIMIT),
    }


def _cost(stage: Stage, run: Callable[[], object], repeats: int) -> float:
    """Return the CPU milliseconds of a call, here and in the server. Cheap calls are made often: CPU comes in ticks."""
    run()
    began = time.perf_counter()
    run()
    times = max(1, min(100, round(0.05 / (time.perf_counter() - began))))
    repeats = repeats if times > 1 else min(repeats, 3)
    taken = []
    for _ in range(repeats):
        mine, server = time.process_time(), stage.usec()
        for _ in range(times):
            run()
        mine, spent = time.process_time() - mine, stage.usec()
        theirs = sum(spent.values()) - sum(server.values()) - (spent.get("info", 0) - server.get("info", 0))
        taken.append((mine + theirs / 1e6) / times * _MS)
    return statistics.median(taken)


def _fill(stage: Stage, count: int) -> None:
    """Add records: one holds a lock, and of each ten one waits for it and nine have been cancelled."""
    lock = Claim(Kind.EXCLUSIVE, f"volume:{ARRAY}:everybody's")
    spec = {"operation": NOTHING, "array": ARRAY, "name": "nothing"}
    records = [Record(id=new_job_id(), spec=spec, operation=NOTHING, steps=NAMES, array=ARRAY) for _ in range(count)]
    held = Record(id=new_job_id(), spec=spec, operation=NOTHING, steps=NAMES, array=ARRAY)
    stage.house.store.submit([Entry(held, (lock,))])
    stage.house.store.order(held.id, Order.PAUSE, "bench")
    stage.house.store.submit(Entry(record, () if place % 10 else (lock,)) for place, record in enumerate(records))
    with ThreadPoolExecutor(4) as pool:
        over = (record.id for place, record in enumerate(records) if place % 10)
        deque(pool.map(lambda job: stage.house.store.order(job, Order.CANCEL, "bench"), over), maxlen=0)


def _bytes(stage: Stage, jobs: int) -> list[Figure]:
    """Run snap copies, whose steps do nothing, to their end; see what has been kept of them."""
    copies = Copies(stage, max(4, -(-2 * jobs // 255)))
    in_process(stage, copies, jobs)  # whatever is made once, is made now
    before = _memory(stage)
    began = cpu.seconds(stage.server_pid)
    in_process(stage, copies, jobs)
    spent = cpu.seconds(stage.server_pid) - began
    events = int(stage.house.server.client.memory_usage(f"{stage.settings.prefix}events", samples=0) or 0)
    after = _memory(stage)
    return [
        Figure("a finished record of a snap copy", (after - before) / jobs, "bytes", at_most=2048),
        Figure("events of a job", events / jobs, "bytes"),
        Figure(
            "state server's CPU of a snap copy's turns, one after the other", spent / jobs / STEPS * _MS, "ms a step"
        ),
    ]


def _memory(stage: Stage) -> int:
    """Return the server's memory without the event stream."""
    client: Any = stage.house.server.client
    client.delete(f"{stage.settings.prefix}events")
    return int(client.info("memory")["used_memory"])
