"""Schedulers as processes: for each line of its input this program forks one for each word, and says how each ended.

A word is the point at which that scheduler is killed: it sends SIGKILL to itself just before or after a step of firing,
or it is `-`, and the scheduler does what there is to do, and ends.
"""

import os
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from vnx_jobs.model.schedule import Decision, Firing, Past, Run, Schedule, Standing
from vnx_jobs.observability.logs import log_to
from vnx_jobs.ports import Accepted, Entry, KeyConflict, NotFree, Schedules
from vnx_jobs.ports.gates import Gate
from vnx_jobs.settings import load
from vnx_jobs.wiring import House


@dataclass
class Dying:
    """Kills its process at a point."""

    point: str

    def passes(self, point: str) -> None:
        """Die here, if this is the point."""
        if point == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalSchedules:
    """Schedules of a process that may die before or after a change of them."""

    def __init__(self, schedules: Schedules, dying: Dying) -> None:
        self._real, self._dying = schedules, dying

    def decide(self, standing: Standing, decision: Decision, firing: Firing | None) -> bool:
        """Decide, and die."""
        begins = firing is not None
        if begins:
            self._dying.passes("before-beginning")
        done = self._real.decide(standing, decision, firing)
        if begins:
            self._dying.passes("after-beginning")
        return done

    def fired(self, name: str, firing: Firing, jobs: Sequence[str], problems: Sequence[str]) -> bool:
        """Say that it fired, and die."""
        self._dying.passes("before-the-end")
        done = self._real.fired(name, firing, jobs, problems)
        self._dying.passes("after-the-end")
        return done

    def put(self, schedule: Schedule, *, replace: bool) -> bool:
        """Add or replace."""
        return self._real.put(schedule, replace=replace)

    def remove(self, name: str) -> bool:
        """Remove."""
        return self._real.remove(name)

    def pause(self, name: str, by: str) -> bool:
        """Pause."""
        return self._real.pause(name, by)

    def resume(self, name: str) -> bool:
        """Resume."""
        return self._real.resume(name)

    def ask(self, name: str, by: str) -> Run | None:
        """Ask."""
        return self._real.ask(name, by)

    def get(self, name: str) -> tuple[int, Standing] | None:
        """Get."""
        return self._real.get(name)

    def find(self) -> tuple[int, tuple[Standing, ...]]:
        """Find."""
        return self._real.find()

    def due(self, most: int) -> tuple[int, tuple[Standing, ...]]:
        """Find what is due."""
        return self._real.due(most)

    def history(self, name: str) -> tuple[Past, ...]:
        """Tell."""
        return self._real.history(name)


def schedule(word: str) -> None:
    """Fire all that is due, until nothing is, or death."""
    house, dying = House(load()), Dying(word)
    submit = house.store.submit

    def mortal(entries: Iterable[Entry], gate: Gate | None = None) -> list[Accepted | NotFree | KeyConflict]:
        if word != "between-two-jobs":
            return submit(entries, gate)
        submit([next(iter(entries))], gate)
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    house.store.submit = mortal  # type: ignore[method-assign]  # only what comes after its first job is cut off
    scheduler = replace(house.scheduler, schedules=MortalSchedules(house.scheduler.schedules, dying))
    for _ in range(10):
        now, due = scheduler.schedules.due(1000)
        for standing in due:
            scheduler.advance(standing, now)


def main() -> None:
    """Fork schedulers as told, and wait for them."""
    log_to(level="error")
    print("ready", flush=True)  # noqa: T201 -- for whoever started this
    for line in sys.stdin:
        children = []
        for word in line.split():
            child = os.fork()
            if child == 0:
                try:
                    schedule(word)
                finally:
                    os._exit(0 if sys.exc_info()[0] is None else 1)
            children.append(child)
        ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        print(*ends, flush=True)  # noqa: T201 -- as above


if __name__ == "__main__":
    main()
