"""Schedules, their twin in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vnx_jobs.model.schedule import Decision, Firing, Past, Run, Schedule, Standing
from vnx_jobs.model.states import State

from .server import MemoryServer

_KEPT = 20
_NEVER = 1 << 62


@dataclass(slots=True)
class _Stored:
    """A schedule, and what is known of it."""

    schedule: Schedule
    generation: int
    handled: int
    wake: int
    version: int = 0
    queue: tuple[Run, ...] = ()
    firing: Firing | None = None
    paused: str = ""
    asked: int = 0
    jobs: set[str] = field(default_factory=set)
    runs: list[Past] = field(default_factory=list)


class MemorySchedules:
    """Implements Schedules."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._stored: dict[str, _Stored] = {}
        self._generations = 0

    def put(self, schedule: Schedule, *, replace: bool) -> bool:
        """Add or replace a schedule."""
        with self._server.moment():
            now, one = self._server.now(), self._stored.get(schedule.name)
            if one is not None and one.schedule == schedule:
                return True
            if one is not None and not replace:
                return False
            self._generations += 1
            if one is None:
                self._stored[schedule.name] = _Stored(schedule, self._generations, handled=now, wake=now)
                return True
            if one.schedule.calendar != schedule.calendar:
                one.handled = now
            one.schedule, one.generation = schedule, self._generations
            self._changed(one)
            return True

    def remove(self, name: str) -> bool:
        """Remove a schedule, if it is not beginning a run."""
        with self._server.moment():
            if name in self._stored and self._stored[name].firing is not None:
                return False
            self._stored.pop(name, None)
            return True

    def pause(self, name: str, by: str) -> bool:
        """Let a schedule begin nothing by itself."""
        with self._server.moment():
            if (one := self._stored.get(name)) is None:
                return False
            one.paused = one.paused or by
            self._changed(one)
            return True

    def resume(self, name: str) -> bool:
        """End a pause."""
        with self._server.moment():
            if (one := self._stored.get(name)) is None:
                return False
            if one.paused:
                one.paused, one.handled = "", self._server.now()
            self._changed(one)
            return True

    def ask(self, name: str, by: str) -> Run | None:
        """Have a run begin."""
        with self._server.moment():
            if (one := self._stored.get(name)) is None:
                return None
            now = self._server.now()
            one.asked = max(now - now % 1000, one.asked + 1000)
            run = Run(one.asked, by)
            one.queue += (run,)
            self._changed(one)
            return run

    def get(self, name: str) -> tuple[int, Standing] | None:
        """Return where a schedule stands."""
        with self._server.moment():
            one = self._stored.get(name)
            return None if one is None else (self._server.now(), self._standing(one))

    def find(self) -> tuple[int, tuple[Standing, ...]]:
        """Return where all schedules stand, by name."""
        with self._server.moment():
            return self._server.now(), tuple(self._standing(one) for _, one in sorted(self._stored.items()))

    def due(self, most: int) -> tuple[int, tuple[Standing, ...]]:
        """Return schedules that are to be looked at by now."""
        with self._server.moment():
            now = self._server.now()
            wanted = sorted((one.wake, name) for name, one in self._stored.items() if one.wake <= now)
            return now, tuple(self._standing(self._stored[name]) for _, name in wanted[:most])

    def decide(self, standing: Standing, decision: Decision, firing: Firing | None) -> bool:
        """Do what was decided, if the schedule still stands so."""
        with self._server.moment():
            one = self._stored.get(standing.schedule.name)
            if one is None or one.version != standing.version or one.firing is not None:
                return False
            one.handled, one.queue, one.firing = decision.handled, decision.queue, firing
            for run, why in decision.given_up:
                self._tell(one, Past(run, problems=(why,), at=self._server.now()))
            self._changed(one)
            one.wake = _NEVER if decision.wake is None else decision.wake
            return True

    def fired(self, name: str, firing: Firing, jobs: Sequence[str], problems: Sequence[str]) -> bool:
        """Say that all jobs of a run are submitted."""
        with self._server.moment():
            one = self._stored.get(name)
            if one is None or one.firing != firing:
                return False
            one.firing = None
            one.jobs |= set(jobs)
            told = Past.of(firing, len(jobs), problems)
            self._tell(one, Past(told.run, told.jobs, told.batch, told.problems, self._server.now()))
            self._changed(one)
            return True

    def history(self, name: str) -> tuple[Past, ...]:
        """Return what became of a schedule's last runs."""
        with self._server.moment():
            return tuple(self._stored[name].runs) if name in self._stored else ()

    def _changed(self, one: _Stored) -> None:
        one.version += 1
        one.wake = self._server.now()

    def _tell(self, one: _Stored, past: Past) -> None:
        one.runs = [past, *one.runs][:_KEPT]

    def _standing(self, one: _Stored) -> Standing:
        one.jobs = {job for job in one.jobs if self._server.live(job)}
        moving = tuple(sorted(job for job in one.jobs if self._server.jobs[job].record.state is not State.STUCK))
        return Standing(
            one.schedule, one.generation, one.version, one.handled, one.queue, one.firing, one.paused, moving
        )
