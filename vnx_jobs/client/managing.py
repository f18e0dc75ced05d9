"""What a client tells others than jobs to do: arrays, backups, schedules, and a group as a whole."""

from collections.abc import Mapping
from typing import Any

from vnx_jobs.documents.arrays import ArrayOrderDocument
from vnx_jobs.documents.backups import BackupDocument
from vnx_jobs.documents.batches import ReportDocument
from vnx_jobs.documents.schedules import RunDocument, ScheduleDocument

from .asking import new_key
from .looking import Looking


class Managing(Looking):
    """The managing part of a client. What changes nothing the second time is repeated while nobody answers."""

    def pause_array(self, array: str) -> ArrayOrderDocument:
        """Begin nothing on an array: what has begun goes on."""
        return self._again(lambda: self._door.hold(array))

    def resume_array(self, array: str) -> ArrayOrderDocument:
        """End the hold of an array. Raises Refused(order-refused) if nobody holds it. Sent once."""
        return self._again(lambda: self._door.unhold(array), repeatable=False)

    def pin(self, archive: str) -> BackupDocument:
        """Have a backup stay, whatever a policy says."""
        return self._again(lambda: self._door.pin(archive, on=True))

    def unpin(self, archive: str) -> BackupDocument:
        """Let policies judge a backup again."""
        return self._again(lambda: self._door.pin(archive, on=False))

    def put_schedule(self, name: str, fields: Mapping[str, Any], *, replace: bool = True) -> ScheduleDocument:
        """Add a schedule, or replace the one of that name: `cron`, `jobs` and the other fields of a policy file.

        Raises Refused for one with mistakes, and with `replace=False` for a name that there is.
        """
        return self._again(lambda: self._door.put_schedule(name, fields, replace=replace), repeatable=replace)

    def remove_schedule(self, name: str) -> None:
        """Remove a schedule; its jobs go on. Raises Refused(no-such-schedule). Sent once."""
        self._again(lambda: self._door.remove_schedule(name), repeatable=False)

    def pause_schedule(self, name: str) -> ScheduleDocument:
        """Let a schedule begin nothing by itself."""
        return self._again(lambda: self._door.pause_schedule(name))

    def resume_schedule(self, name: str) -> ScheduleDocument:
        """End the pause of a schedule; what was due meanwhile is left out."""
        return self._again(lambda: self._door.resume_schedule(name))

    def run_schedule(self, name: str) -> RunDocument:
        """Have a run begin now; it waits for the one before. Sent once."""
        return self._again(lambda: self._door.run_schedule(name), repeatable=False)

    def clone_group(self, array: str, snapshot: str, names: str | Mapping[str, str], **more: Any) -> ReportDocument:  # noqa: ANN401 -- fields of the request
        """Make a full clone of each volume of a group's snapshot; return what became of each.

        `names` is a template with `{member}`, or the clone's name for each volume. `more` are `pool`, `rate` and so on,
        `hooks`, and `key`, which finds the same jobs again; one is made if none is given. Raises Refused if nothing was
        submitted.
        """
        key = str(more.pop("key", "") or new_key())
        fields = {"array": array, "snapshot": snapshot, "names": names, **more}
        return self._again(lambda: self._door.clone_group(fields, key))
