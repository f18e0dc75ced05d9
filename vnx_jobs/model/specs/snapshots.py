"""Specs of snapshots."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic import model_validator as check_whole

from vnx_jobs.model.keeping import HOURS_A_DAY, MAX_KEEP_DAYS, Keeping
from vnx_jobs.model.names import MAX_BACKUP_NAME, name_problem
from vnx_jobs.model.things import thing

from .fields import Flag, JobSpec, Name, SnapshotName


def _checked_time(time: object) -> object:
    if isinstance(time, str) and time.isascii() and time.isdigit():
        return int(time)
    if isinstance(time, bool) or not isinstance(time, int):
        raise ValueError("must be a whole number")  # noqa: TRY004 -- pydantic reports ValueError in place
    return time


def _checked_backup(name: str) -> str:
    if problem := name_problem(name, MAX_BACKUP_NAME):
        raise ValueError(problem)
    return name


Hours: TypeAlias = Annotated[int, BeforeValidator(_checked_time), Field(ge=1, le=MAX_KEEP_DAYS * HOURS_A_DAY)]
Days: TypeAlias = Annotated[int, BeforeValidator(_checked_time), Field(ge=1, le=MAX_KEEP_DAYS)]
BackupName: TypeAlias = Annotated[str, AfterValidator(_checked_backup)]


class _Kept(JobSpec):
    """A snapshot that is to be made, and how long it is kept."""

    keep_hours: Hours | None = None
    """Hours after which the array deletes it."""
    keep_days: Days | None = None
    """Days after which the array deletes it."""
    auto_delete: Flag = False
    """Whether the array may delete it when its pool runs full."""

    @check_whole(mode="after")
    def _one_end(self) -> "_Kept":
        if sum(map(bool, (self.keep_hours, self.keep_days, self.auto_delete))) > 1:
            raise ValueError("give one of keep_hours, keep_days and auto_delete: the array takes one")
        return self

    @property
    def keeping(self) -> Keeping:
        """How long it is kept."""
        return Keeping(self.keep_hours or (self.keep_days or 0) * HOURS_A_DAY, self.auto_delete)


class CreateSnapshot(_Kept):
    """Take a snapshot of a volume."""

    operation: Literal["create-snapshot"] = "create-snapshot"
    name: SnapshotName
    volume: Name

    @property
    def makes(self) -> tuple[str, ...]:
        """The snapshot."""
        return (thing("snapshot", self.name),)

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume."""
        return (thing("volume", self.volume),)

    @property
    def snapshot_of(self) -> str | None:
        """The volume."""
        return self.volume


class DeleteSnapshot(JobSpec):
    """Delete a snapshot; refused by the array while it is attached to a mount point."""

    operation: Literal["delete-snapshot"] = "delete-snapshot"
    name: SnapshotName

    @property
    def needs(self) -> tuple[str, ...]:
        """The snapshot."""
        return (thing("snapshot", self.name),)


class CopySnapshot(_Kept):
    """Copy a snapshot: a second one of the same moment, which has an end of its own."""

    operation: Literal["copy-snapshot"] = "copy-snapshot"
    name: SnapshotName
    snapshot: SnapshotName
    """The snapshot to copy."""

    @check_whole(mode="after")
    def _two_names(self) -> "CopySnapshot":
        if self.name == self.snapshot:
            raise ValueError("name and snapshot are the same snapshot")
        return self

    @property
    def makes(self) -> tuple[str, ...]:
        """The copy."""
        return (thing("snapshot", self.name),)

    @property
    def needs(self) -> tuple[str, ...]:
        """The snapshot."""
        return (thing("snapshot", self.snapshot),)


class RestoreSnapshot(JobSpec):
    """Put a snapshot's content back onto its volume; what the volume held before is kept in a backup snapshot."""

    operation: Literal["restore-snapshot"] = "restore-snapshot"
    name: SnapshotName
    volume: Name
    """The volume whose content is replaced."""
    backup: BackupName = "before"
    """The backup snapshot is called so, a dash and the job's id: by that the job knows it for its own."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The snapshot and the volume."""
        return (thing("snapshot", self.name), thing("volume", self.volume))


SnapshotSpec: TypeAlias = CreateSnapshot | DeleteSnapshot | CopySnapshot | RestoreSnapshot
SPECS: Final = (CreateSnapshot, DeleteSnapshot, CopySnapshot, RestoreSnapshot)
