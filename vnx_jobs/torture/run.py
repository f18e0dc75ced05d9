"""One run: load and misfortune side by side, then peace, then judgement."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from vnx_jobs.model.errors import Refused, StateServerError
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import LIVE, State

from . import load, schedule
from .backup_load import with_backups
from .gathering import gather, write
from .inflict import Inflictor
from .producing import Producer
from .stage import ARRAY, Stage, make_room, staged
from .verdict import Figures, Verdict, judge

_TICK: Final = 0.1
_LOOK: Final = 1.0
"""Seconds between two looks at whether all jobs are over."""
_PEACE: Final = 300.0
"""Seconds that the jobs are given to end when all misfortune is over."""
_PATIENCE: Final = 20.0
"""Seconds that a misfortune of copying processes waits for there to be any."""
_QUIET: Final = 15.0
"""Seconds until the last lease of a command slot has ended, and the array was listed once more."""
_TELL: Final = 15.0
"""Seconds between two lines of progress."""
_CROWDED: Final = 100
"""Jobs from which on one source is nearly full: filling it takes half a minute."""
_FULL: Final = "waits for its turn at snapshots of "
_BY: Final = "torture"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is asked for."""

    jobs: int
    seconds: float
    seed: int


@dataclass(slots=True)
class _Run:
    stage: Stage
    producer: Producer
    inflictor: Inflictor
    plan: Plan
    told: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    story: list[str] = field(default_factory=list)

    @property
    def now(self) -> float:
        return time.monotonic() - self.began

    def suffer(self) -> None:
        """Let load and misfortune take their course. Raises StateServerError if the load is not taken for minutes."""
        coming, next_word = list(schedule.draw(self.plan.seed, self.plan.seconds)), 0.0
        while self.now < self.plan.seconds or not self.producer.done:
            self._tick()
            if self.now > self.plan.seconds + _PEACE:
                raise StateServerError(f"the load was not taken: {self.producer.complaint}")
            for one in [one for one in coming if one.at <= self.now and not self._waits(one)]:
                coming.remove(one)
                met = self.inflictor.inflict(one)
                self._note(f"{one}{'' if met else ' (met nothing)'}")
            if self.now >= next_word:
                next_word += _TELL
                self._say(f"{len(self.producer.accepted)} jobs accepted, {self.inflictor.done.total()} misfortunes")
            time.sleep(_TICK)

    def _waits(self, one: schedule.Misfortune) -> bool:
        """Whether a misfortune is to befall a copy and none is under way yet: they are few, and short."""
        befalls = one.kind in {schedule.Kind.KILL_COPIERS, schedule.Kind.STOP_COPIERS}
        return befalls and self.now < one.at + _PATIENCE and not self.inflictor.copies()

    def recover(self) -> None:
        """End all misfortune and wait until all jobs are over, and what processes held has run out."""
        self.inflictor.stop()
        self._say("misfortune is over")
        limit, next_word = self.now + _PEACE, self.now + _TELL
        while (left := self._left()) != 0 and self.now < limit:
            if self.now >= next_word:
                next_word += _TELL
                self._say(f"{'?' if left is None else left} jobs are not over")
            self._wait(_LOOK)
        self._say(f"all jobs are over; waiting {_QUIET:.0f} s for the last list and the last lease")
        self._wait(_QUIET)

    def _left(self) -> int | None:
        """Return how many jobs are not over, letting those go on that wait for a person; None if nobody knows."""
        try:
            open_jobs = self.stage.house.store.find(states=LIVE - {State.STUCK})
            for job in open_jobs:
                if job.state is State.PAUSED or job.order == Order.PAUSE:
                    self.stage.house.orders.give(job.id, Order.RESUME, _BY)
            if any(job.state is State.WAITING and _FULL in job.why for job in open_jobs):
                make_room(self.stage)
        except Refused:
            return None  # it went on by itself meanwhile
        except StateServerError:
            return None
        return len(open_jobs) + self.producer.following

    def _wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self._tick()
            time.sleep(_TICK)

    def _tick(self) -> None:
        self.producer.tick(self.now)
        self.stage.second.look()

    def _note(self, text: str) -> None:
        moment = time.strftime("%H:%M:%S", time.gmtime())
        self.story.append(f"{moment} {self.now:7.2f} {text}")

    def _say(self, text: str) -> None:
        self._note(text)
        self.told(f"{self.now:5.0f} s: {text}")

    def judged(self) -> Verdict:
        """Gather the evidence, write it down, and judge."""
        evidence = gather(self.stage, self.producer.accepted)
        write(self.stage, evidence, self.story)
        misfortunes = Counter(self.inflictor.done)
        figures = Figures(
            seconds=self.now,
            refused=self.producer.refused,
            orders=self.producer.orders,
            misfortunes=misfortunes,
            missed=self.inflictor.missed,
            outages=self.producer.outages,
        )
        return judge(evidence, figures)


def torture(home: Path, plan: Plan, told: Callable[[str], None]) -> Verdict:
    """Run in a new folder, which holds all evidence afterwards. Raises StackFailedError or StateServerError."""
    crowded = plan.jobs >= _CROWDED
    others = load.draw(plan.seed, plan.jobs, plan.seconds, crowded=crowded)
    asked = with_backups(others, plan.seed, plan.seconds)
    with staged(home, plan.seed, told, crowded=crowded) as stage:
        run = _Run(stage, Producer(stage.house, ARRAY, asked), Inflictor(stage), plan, told)
        try:
            run.suffer()
        finally:
            run.inflictor.stop()  # whatever comes: nothing stays stopped
        run.recover()
        verdict = run.judged()
    (home / "verdict.txt").write_text("".join(f"{line}\n" for line in verdict.lines))
    return verdict
