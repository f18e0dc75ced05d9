"""What a client tells others than jobs to do, straight: arrays and schedules."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from vnx_jobs.documents.arrays import ArrayOrderDocument
from vnx_jobs.documents.asked import arrays_of
from vnx_jobs.documents.schedules import RunDocument, ScheduleDocument
from vnx_jobs.model import errors as told
from vnx_jobs.model.errors import Code
from vnx_jobs.model.schedule import Standing
from vnx_jobs.schedules.checking import read_as
from vnx_jobs.wiring import House

from .direct_backups import HouseBackups
from .local import alike, audited, translated, user

_NEXT: Final = 5
"""Runs to come that are told of one schedule."""


class HouseManaging(HouseBackups):
    """The managing part of a client's way straight to the state server."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._by = f"{user()}@client"

    def hold(self, array: str) -> ArrayOrderDocument:
        """Begin nothing on an array."""
        with translated(), audited(self._house, "client pause array", array):
            by = self._house.orders.hold(array, self._by)
        why = f"by {by}: what has begun goes on, nothing is begun"
        return ArrayOrderDocument(array=array, standing="held", why=why)

    def unhold(self, array: str) -> ArrayOrderDocument:
        """End the hold of an array."""
        with translated(), audited(self._house, "client resume array", array):
            self._house.orders.unhold(array, self._by)
        return ArrayOrderDocument(array=array, standing="at work", why="nobody holds it any more")

    def schedule(self, name: str) -> ScheduleDocument:
        """Return a schedule."""
        with translated():
            now, standing = self._known(name)
            history = self._house.scheduler.schedules.history(name)
            return alike(ScheduleDocument.of(standing, now, _NEXT, history))

    def _known(self, name: str) -> tuple[int, Standing]:
        found = self._house.scheduler.schedules.get(name)
        if found is None:
            raise told.Refused(Code.NO_SUCH_SCHEDULE, f"there is no schedule {name}")
        return found

    def _arrays_of(self, name: str) -> str:
        """Return the arrays of a schedule, for the audit trail; nothing if there is no such schedule."""
        found = self._house.scheduler.schedules.get(name)
        return "" if found is None else arrays_of(found[1].schedule.jobs)

    def put_schedule(self, name: str, fields: Mapping[str, Any], *, replace: bool) -> ScheduleDocument:
        """Add a schedule, or replace it."""
        with translated(), audited(self._house, "client put schedule", arrays_of(fields.get("jobs"))):
            arrays = self._house.settings.arrays
            wanted = read_as(name, fields, next(iter(arrays)) if len(arrays) == 1 else "")
            self._house.scheduler.put(wanted, replace=replace)
        return self.schedule(name)

    def remove_schedule(self, name: str) -> None:
        """Remove a schedule."""
        self._ordered(name, "remove", lambda: self._house.scheduler.remove(name))

    def pause_schedule(self, name: str) -> ScheduleDocument:
        """Let a schedule begin nothing by itself."""
        self._ordered(name, "pause", lambda: self._house.scheduler.pause(name, self._by))
        return self.schedule(name)

    def resume_schedule(self, name: str) -> ScheduleDocument:
        """End the pause of a schedule."""
        self._ordered(name, "resume", lambda: self._house.scheduler.resume(name))
        return self.schedule(name)

    def _ordered(self, name: str, word: str, order: Callable[[], object]) -> None:
        with translated(), audited(self._house, f"client {word} schedule", self._arrays_of(name)):
            self._known(name)
            order()

    def run_schedule(self, name: str) -> RunDocument:
        """Have a run begin now."""
        with translated(), audited(self._house, "client run schedule", self._arrays_of(name)) as entry:
            self._known(name)
            run, past = self._house.scheduler.run(name, self._by)
            if past is not None and past.batch:
                entry.jobs = tuple(one.id for one in self._house.reads.jobs(batch=past.batch))
        return alike(RunDocument.of(run, past, tuple(entry.jobs)))
