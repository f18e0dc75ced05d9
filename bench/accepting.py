"""Accepted jobs a second, and what the end of a job costs that others wait for."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench import cpu
from bench.bare import TASK, make_app
from bench.figures import Figure
from bench.noops import NAMES, NOTHING, noops
from bench.stage import ARRAY, Stage
from bench.timed import Timed
from vnx_jobs.engine import terms
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.record import Record
from vnx_jobs.model.specs import Spec, parse
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted, Change, Entry, Turn
from vnx_jobs.submission import Request

TITLE: Final = "Accepting jobs"
ABOUT: Final = (
    "Snap copies of 40 volumes, with all claims that each takes, from checked requests to records on disk "
    "and bells rung. Beside them stand pipelined SETs of as many bytes as the submissions sent, and one "
    "`apply_async` each. Then a job ends that others wait for, all at one exclusive lock: one commit, at whose "
    "end the next holds the lock. Medians."
)
_SOURCES: Final = 40
_PIPELINE: Final = 500
_MS: Final = 1000.0


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Accept batches and single jobs, then end jobs that others wait for."""
    jobs, singles, repeats = (200, 20, 1) if quick else (10_000, 300, 3)
    crowds = (0, 20, 100) if quick else (0, 100, 10_000)
    with Stage(folder) as stage:
        figures = _accepting(stage, jobs, singles, repeats)
        stage.clear()
        return figures + [figure for waiters in crowds for figure in _ending(stage, waiters)]


def _accepting(stage: Stage, jobs: int, singles: int, repeats: int) -> list[Figure]:
    whole, server, client, parts, sets, celery, alone = [], [], [], [], [], [], []
    size = 0
    for _ in range(repeats):  # in turns, so that a busy moment falls on all of them
        stage.clear()
        requests = _requests(stage, jobs + singles)
        timed = Timed(stage.house.bell)
        submission = replace(stage.house.submission, bell=timed)
        received, before, began = _received(stage), cpu.seconds(stage.server_pid), time.process_time()
        whole.append(_clock(lambda: _accept(submission.submit_many, requests[singles:])))  # noqa: B023 -- called at once
        client.append(time.process_time() - began)
        server.append(cpu.seconds(stage.server_pid) - before)
        size = (_received(stage) - received) // jobs
        parts.append(timed.clock["ring"])
        alone.append(_clock(lambda: [submission.submit(one) for one in requests[:singles]]))  # noqa: B023
        sets.append(_clock(lambda: _sets(stage, jobs, size)))  # noqa: B023
        celery.append(_clock(lambda: _publish(stage, jobs // 10)))
    middle = statistics.median
    return [
        Figure(f"{jobs} jobs in one call", middle(whole), "s", at_most=4 * jobs / 10_000),
        Figure("jobs a second, in one call", jobs / middle(whole)),
        Figure("jobs a second, one a call", singles / middle(alone)),
        Figure("pipelined SETs of the same bytes, a second", jobs / middle(sets)),
        Figure("a job in one call, in pipelined SETs", middle(whole) / middle(sets), "x"),
        Figure("apply_async, a second", jobs // 10 / middle(celery)),
        Figure("a job in one call, in apply_async", middle(whole) / jobs / (middle(celery) / (jobs // 10)), "x"),
        Figure("bytes sent for a job", size, "bytes"),
        Figure("producer's CPU of a job", middle(client) / jobs * _MS, "ms"),
        Figure("state server's CPU of a job", middle(server) / jobs * _MS, "ms"),
        Figure("ringing, of the whole call", middle(parts) / middle(whole) * 100, "%"),
    ]


def _requests(stage: Stage, count: int) -> list[Request]:
    sources = stage.seed(-(-count // 255) if count > _SOURCES * 255 else _SOURCES)
    specs: list[Spec] = [
        parse(
            {
                "operation": "snap-copy",
                "array": ARRAY,
                "name": f"copy-{number}",
                "source": sources[number % len(sources)],
            }
        )
        for number in range(count)
    ]
    return [Request(spec) for spec in specs]


def _accept(submit: Callable[[Sequence[Request]], Sequence[object]], requests: Sequence[Request]) -> None:
    answers = submit(requests)
    if not all(isinstance(answer, Accepted) for answer in answers):
        raise RuntimeError(f"a snap copy was refused: {answers[-1]}")


def _clock(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _received(stage: Stage) -> int:
    return int(stage.house.server.client.info("stats")["total_net_input_bytes"])


def _sets(stage: Stage, count: int, size: int) -> None:
    value = "x" * size
    for start in range(0, count, _PIPELINE):
        with stage.house.server.client.pipeline(transaction=False) as pipe:
            for number in range(start, min(count, start + _PIPELINE)):
                pipe.set(f"bench:set:{number}", value)
            pipe.execute()


def _publish(stage: Stage, count: int) -> None:
    app = make_app(stage.url, "bare:", results=False)
    for number in range(count):
        app.signature(TASK, args=(f"job-{number:022}", 0), immutable=True).apply_async(retry=False)


def _ending(stage: Stage, waiters: int) -> list[Figure]:
    """Let so many wait for one lock; end the holder, then each next one, so that the crowd hardly changes."""
    lock = (Claim(Kind.EXCLUSIVE, f"volume:{ARRAY}:crowd-{waiters}"),)
    spec = {"operation": NOTHING, "array": ARRAY, "name": "nothing"}
    rounds = 11
    jobs = [new_job_id() for _ in range(waiters + rounds)]
    records = (Record(id=job, spec=spec, operation=NOTHING, steps=NAMES[:1], array=ARRAY) for job in jobs)
    stage.house.store.submit([Entry(record, lock) for record in records])
    taken, known = [], terms(stage.settings.arrays, noops())
    for job in jobs[:rounds]:
        turn = stage.house.store.take(job, 0, known)
        if not isinstance(turn, Turn):
            raise RuntimeError(f"job {job} does not hold the lock: {turn.why}")  # noqa: TRY004 -- no mistake of a type
        taken.append(_clock(lambda: stage.house.store.commit(turn, Change(State.SUCCEEDED, "ended", cursor=1))))  # noqa: B023
    return [Figure(f"ending a job that {waiters} wait for, of one lock", statistics.median(taken) * _MS, "ms")]
