"""The CPU of a durable step beside a step of a bare Celery chain, in one run and over one state server."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import structlog

from bench import cpu
from bench.bare import chain_of, make_app
from bench.durable import idle
from bench.figures import Figure
from bench.noops import NAMES, NOTHING, STEPS
from bench.stage import ARRAY, Stage, until
from bench.timed import Ear, Timed
from vnx_jobs import engine
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.record import Record
from vnx_jobs.model.specs import SnapCopy
from vnx_jobs.observability.logs import log_to
from vnx_jobs.ports import Accepted, Entry, Ring
from vnx_jobs.submission import Request

TITLE: Final = "A durable step beside a bare Celery step"
ABOUT: Final = (
    "Chains of four steps that do nothing, two prefork processes each, one state server that syncs every write. "
    "The bare chain has the same Celery settings and no log. The durable step has its real record, turn, commit "
    "and log line; the array is out of the picture. One process takes a chain's links for up to a second, so they "
    "need few messages. CPU is that of the worker with all its processes, of the "
    "state server, and of the producer that publishes the chains: all bare ones, of durable ones as many as the "
    "array has command slots, and the worker publishes the rest. Accepting the jobs is in neither figure. Rounds "
    "in which the four take turns."
)
_PROCESSES: Final = 2
_BARE, _RESULTS, _DURABLE, _CLAIMS = "bare", "with results", "durable", "snap copy's record"
_PREFIXES: Final = {_BARE: "bare", _RESULTS: "kept"}
_MS: Final = 1000.0


Begun: TypeAlias = tuple[Callable[[], None], Callable[[], bool]]
"""What publishes the chains, and what says whether all are done."""


@dataclass(frozen=True, slots=True)
class Parts:
    """CPU seconds of each part of a round, and what the round took on the clock."""

    by: Mapping[str, float]
    clock: float

    @property
    def cpu(self) -> float:
        """The CPU of all parts."""
        return sum(self.by.values())


@dataclass
class Contest:
    """Who takes turns in the rounds: how each begins its chains, and how it is seen that they are done."""

    stage: Stage
    chains: int
    workers: dict[str, int] = field(default_factory=dict)

    def processes(self, who: str) -> dict[str, list[int]]:
        """Return the processes that work for somebody, by part."""
        worker = self.workers[who]
        under = {pid: cpu.words(pid) for pid in cpu.children(worker)}
        return {
            "state server": [self.stage.server_pid],
            "worker, main process": [worker],
            "worker, pool": [pid for pid, words in under.items() if "workers.heartbeat" not in words],
            "worker, heartbeat": [pid for pid, words in under.items() if "workers.heartbeat" in words],
        }

    def round(self, who: str, begin: Callable[[], Begun]) -> Parts:
        """Publish everything, and measure until all is done."""
        parts = self.processes(who)
        publish, done = begin()
        before = {name: sum(map(cpu.seconds, pids)) for name, pids in parts.items()}
        producing, start = time.process_time(), time.monotonic()
        publish()
        producing = time.process_time() - producing
        until(done, 60)
        clock = time.monotonic() - start
        after = {name: sum(map(cpu.seconds, pids)) for name, pids in parts.items()}
        return Parts({name: after[name] - before[name] for name in parts} | {"producer": producing}, clock)

    def bare(self, app: Any, prefix: str) -> Begun:  # noqa: ANN401 -- celery is untyped
        """Begin bare chains; they are done when as many messages were sent as there are steps, and none waits."""
        sent = self.stage.calls("lpush")
        client = self.stage.house.server.client

        def publish() -> None:
            for number in range(self.chains):
                chain_of(app, f"job-{number:022}", STEPS).apply_async(retry=False)

        def done() -> bool:
            waiting = int(client.llen(f"{prefix}{app.conf.task_default_queue}"))
            return not waiting and self.stage.calls("lpush") - sent >= self.chains * STEPS

        return publish, done

    def durable(self, submit: Callable[[int], list[Ring]]) -> Begun:
        """Submit jobs, to ring for whom the state server says; they are done when as many have ended."""
        client, ended = self.stage.house.server.client, f"{self.stage.settings.prefix}ended"
        before = int(client.zcard(ended))
        rings = submit(self.chains)
        return partial(self.stage.house.bell.ring, rings), lambda: int(client.zcard(ended)) - before >= self.chains


def plain_jobs(stage: Stage, count: int) -> list[Ring]:
    """Submit jobs without claims whose steps do nothing."""
    spec = {"operation": NOTHING, "array": ARRAY, "name": "nothing"}
    entries = [
        Entry(Record(id=new_job_id(), spec=spec, operation=NOTHING, steps=NAMES, array=ARRAY)) for _ in range(count)
    ]
    return [
        ring for answer in stage.house.store.submit(entries) if isinstance(answer, Accepted) for ring in answer.rings
    ]


class Copies:
    """Submits snap copies as users do, with all claims that each takes, and hears whom their bell would ring."""

    def __init__(self, stage: Stage, sources: int) -> None:
        self._stage = stage
        self._sources = stage.seed(sources)
        self._number = 0

    def __call__(self, count: int) -> list[Ring]:
        """Submit so many; return whom to ring."""
        ear = Ear()
        requests = [self._request() for _ in range(count)]
        answers = replace(self._stage.house.submission, bell=ear).submit_many(requests)
        if not all(isinstance(answer, Accepted) for answer in answers):
            raise RuntimeError(f"a snap copy was refused: {answers[-1]}")
        return ear.heard

    def _request(self) -> Request:
        number, self._number = self._number, self._number + 1
        source = self._sources[number % len(self._sources)]
        return Request(SnapCopy(array=ARRAY, name=f"copy-{number}", source=source))


def in_process(stage: Stage, submit: Callable[[int], list[Ring]], jobs: int) -> dict[str, float]:
    """Take the turns of some jobs in this process; return the CPU seconds of one turn, whole and by store method."""
    timed = Timed(stage.house.store)
    world = replace(idle(stage.house.surroundings()), store=timed)
    ear = Ear()
    world = replace(world, bell=ear)
    ear.ring(submit(jobs))
    with (stage.folder / "turns.log").open("w") as log:
        log_to(log)
        began, turns = time.process_time(), 0
        while ear.heard:
            ring = ear.heard.pop(0)
            while engine.turn(world, ring.job, turns % STEPS):
                turns += 1
            turns += 1
        whole = time.process_time() - began
        began = time.process_time()
        for _ in range(jobs * STEPS):
            structlog.get_logger().info(
                "step", direction="forward", returning=False, outcome="Done", why="", seconds=0.0
            )
        spent_logging = time.process_time() - began
        structlog.reset_defaults()
        logging.getLogger().handlers.clear()  # whoever logs next in this process must not write into a closed file
    if turns != jobs * STEPS:
        raise RuntimeError(f"{turns} turns were taken for {jobs} jobs")
    parts = {f"store.{name}": spent / turns for name, spent in timed.cpu.items()}
    parts["log line"] = spent_logging / (jobs * STEPS)
    return {"a turn": whole / turns, **parts, "engine": whole / turns - sum(parts.values())}


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Let the four take turns."""
    chains, rounds = (20, 1) if quick else (40, 9)
    with Stage(folder) as stage:
        contest = Contest(stage, chains)
        bare = {name: make_app(stage.url, f"{prefix}:", results=name == _RESULTS) for name, prefix in _PREFIXES.items()}
        for name, prefix in _PREFIXES.items():
            more = {"BENCH_RESULTS": "1"} if name == _RESULTS else {}
            said = {"BENCH_URL": stage.url, "BENCH_PREFIX": f"{prefix}:", **more}
            contest.workers[name] = stage.worker(prefix, _PROCESSES, "bench.bare", **said)
        contest.workers[_DURABLE] = contest.workers[_CLAIMS] = stage.worker("durable", _PROCESSES, "bench.durable")
        until(lambda: stage.house.server.string("role:sweep") is not None)
        copies = Copies(stage, 10 if quick else 40)
        begins = {name: partial(contest.bare, app, f"{_PREFIXES[name]}:") for name, app in bare.items()}
        begins[_DURABLE] = partial(contest.durable, partial(plain_jobs, stage))
        begins[_CLAIMS] = partial(contest.durable, copies)
        taken: dict[str, list[Parts]] = {name: [] for name in begins}
        for turn in range(rounds + 1):
            for name, begin in begins.items():
                parts = contest.round(name, begin)
                if turn or quick:  # the first round warms up
                    taken[name].append(parts)
        alone = in_process(stage, partial(plain_jobs, stage), chains)
        stage.clear()
        with_claims = in_process(stage, Copies(stage, 10), chains)
    return _figures(taken, chains * STEPS, alone, with_claims)


def _figures(
    taken: Mapping[str, list[Parts]], steps: int, alone: Mapping[str, float], claims: Mapping[str, float]
) -> list[Figure]:
    mean = statistics.fmean  # CPU is counted in ticks: single rounds are coarse, their mean is not
    cost = {name: mean(one.cpu for one in rounds) / steps * _MS for name, rounds in taken.items()}
    speed = {name: statistics.median(steps / one.clock for one in rounds) for name, rounds in taken.items()}
    figures = [
        Figure("CPU of a durable step, in bare steps", cost[_DURABLE] / cost[_BARE], "x", at_most=1.6),
        Figure("the same for a snap copy's record, with all its claims", cost[_CLAIMS] / cost[_BARE], "x"),
        Figure(
            "durable steps a second, over a bare chain with results", speed[_DURABLE] / speed[_RESULTS], "x", at_least=1
        ),
        Figure("the same for a snap copy's record", speed[_CLAIMS] / speed[_RESULTS], "x"),
        *(Figure(f"CPU of a step, {name}", value, "ms") for name, value in cost.items()),
        *(Figure(f"steps a second, {name}", value) for name, value in speed.items()),
    ]
    for part in taken[_DURABLE][0].by:
        for name in (_BARE, _DURABLE, _CLAIMS):
            spent = mean(one.by[part] for one in taken[name])
            figures.append(Figure(f"{part}, a step, {name}", spent / steps * _MS, "ms"))
    for name, parts in ((_DURABLE, alone), (_CLAIMS, claims)):
        figures += [Figure(f"client CPU of {part}, {name}", spent * _MS, "ms") for part, spent in parts.items()]
    return figures
