"""The schedules' port: what is to be submitted again and again, and where each schedule stands."""

from collections.abc import Sequence
from typing import Protocol

from vnx_jobs.model.schedule import Decision, Firing, Past, Run, Schedule, Standing


class Schedules(Protocol):
    """The schedules of an installation. Every change is atomic, and durable when it returns.

    A change that is decided on what was read holds only if nobody changed anything of that schedule meanwhile, so any
    number of schedulers may decide beside each other. The present is the state server's time, which never goes back.
    Costs no array command. All methods raise StateServerError; each costs one round trip, if nothing else is said.
    """

    def put(self, schedule: Schedule, *, replace: bool) -> bool:
        """Add a schedule, or replace the one of its name; return False if there is one and it is not to be replaced.

        One that is replaced stays paused, and keeps the runs that wait. If its timetable is another, what was due by
        now is dealt with. The same schedule again changes nothing, and returns True.
        """
        ...

    def remove(self, name: str) -> bool:
        """Remove a schedule; its jobs go on. Return False, and change nothing, while it is beginning a run.

        Removing one that there is not changes nothing, and returns True.
        """
        ...

    def pause(self, name: str, by: str) -> bool:
        """Let a schedule begin nothing by itself. Say whether there is such a schedule. May be repeated."""
        ...

    def resume(self, name: str) -> bool:
        """End a pause: what was due meanwhile is left out. Say whether there is such a schedule. May be repeated."""
        ...

    def ask(self, name: str, by: str) -> Run | None:
        """Have a run begin as soon as the one before is over; return it, or None if there is no such schedule.

        It is due now: at a whole second that no other run that was asked for has.
        """
        ...

    def get(self, name: str) -> tuple[int, Standing] | None:
        """Return the present, and where a schedule stands; None if there is none."""
        ...

    def find(self) -> tuple[int, tuple[Standing, ...]]:
        """Return the present, and where all schedules stand, by name."""
        ...

    def due(self, most: int) -> tuple[int, tuple[Standing, ...]]:
        """Return the present, and schedules that are to be looked at by now, those that wait longest first."""
        ...

    def decide(self, standing: Standing, decision: Decision, firing: Firing | None) -> bool:
        """Do what was decided, if the schedule still stands so; say whether it was done.

        `firing` is the run that begins by it. It stands there until `fired`, for anybody to see through.
        """
        ...

    def fired(self, name: str, firing: Firing, jobs: Sequence[str], problems: Sequence[str]) -> bool:
        """Say that all jobs of a run are submitted, if it is still the one that is beginning; say whether it was.

        `problems`: what was refused.
        """
        ...

    def history(self, name: str) -> tuple[Past, ...]:
        """Return what became of a schedule's last runs, newest first: 20 of them."""
        ...
