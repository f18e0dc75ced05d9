"""Specs of backups: volumes copied into a repository, and given back from there."""

from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic import model_validator as check_whole

from vnx_jobs.model.array import Layout, Provisioning
from vnx_jobs.model.backup import MAX_ARCHIVE_NAME
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.names import name_problem
from vnx_jobs.model.retention import Policy
from vnx_jobs.model.things import thing

from .fields import Flag, JobSpec, Name, VolumeNames


def _checked_archive(name: str) -> str:
    if "/" in name:
        raise ValueError("holds a slash")
    if problem := name_problem(name, MAX_ARCHIVE_NAME):
        raise ValueError(problem)
    return name


def _checked_count(count: object) -> object:
    if isinstance(count, str) and count.removeprefix("-").isdecimal() and count.isascii():
        return int(count)
    if isinstance(count, bool) or not isinstance(count, int):
        raise ValueError("must be a whole number")  # noqa: TRY004 -- pydantic reports ValueError in place
    return count


def _divided(names: object) -> object:
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else names


MAX_PRUNED: Final = 200
"""Backups that one job removes, so that its record stays small; a policy's next run removes more."""

Kept: TypeAlias = Annotated[int, BeforeValidator(_checked_count)]
"""How many are kept."""

Archive: TypeAlias = Annotated[str, AfterValidator(_checked_archive)]
"""A backup, by the name of its archive."""


class BackUp(JobSpec):
    """Copy volumes, or all of a consistency group at one instant, into a repository while they are in use."""

    operation: Literal["backup"] = "backup"
    volumes: VolumeNames | tuple[()] = ()
    """One or several, as a list or divided by commas; each as it is at an instant of its own."""
    group: Name | None = None
    """A consistency group, instead: every member as it is at one instant."""
    repository: Name
    """Where to, by its name in the settings."""
    host: Name
    """The backup host, by its name in the settings."""

    @check_whole(mode="after")
    def _either(self) -> Self:
        if bool(self.volumes) == (self.group is not None):
            raise ValueError("name either volumes or a group")
        return self

    @property
    def name(self) -> str:
        """What is backed up, for people."""
        return self.group or ", ".join(self.volumes)

    @property
    def needs(self) -> tuple[str, ...]:
        """The volumes, or the group."""
        return (thing("group", self.group),) if self.group else tuple(thing("volume", one) for one in self.volumes)

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The storage groups, for the backup host's; and the groups, if one is named."""
        return ("storage-groups", "groups") if self.group else ("storage-groups",)

    @property
    def table(self) -> str:
        """A group has one snapshot of all members."""
        return "backup-of-group" if self.group else "backup"


class _OfBackup(JobSpec):
    backup: Archive
    """The backup, by the name of its archive."""
    host: Name
    """The backup host that is to do it, by its name in the settings."""

    @property
    def archives(self) -> tuple[str, ...]:
        """The backup."""
        return (self.backup,)


class RestoreBackup(_OfBackup):
    """Write a backup onto a new volume, onto one that exists, or into a file."""

    operation: Literal["restore-backup"] = "restore-backup"
    name: Name
    """The volume: a new one in `pool`, or else the one that is to be overwritten; or the file's name."""
    pool: Name | None = None
    provisioning: Provisioning = "thin"
    """Of a new volume."""
    overwrite: Flag = False
    """Say that the volume exists, and that what it holds may be lost."""
    to_file: Flag = False
    """Say that it is a file that is made, in the backup host's folder for them (`restores` in its settings)."""

    @check_whole(mode="after")
    def _either(self) -> Self:
        if (self.overwrite, self.to_file, self.pool is not None).count(True) != 1:
            raise ValueError("give a pool for a new volume, overwrite=true for one that exists, or to_file=true")
        if self.to_file and self.name.startswith("."):
            raise ValueError("a file's name does not begin with a dot")
        return self

    @property
    def makes(self) -> tuple[str, ...]:
        """The volume, if it is new."""
        return (thing("volume", self.name),) if self.pool is not None else ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The volume, if it exists, which no host sees any more."""
        return (thing("volume", self.name), thing("detached", self.name)) if self.overwrite else ()

    @property
    def into(self) -> str | None:
        """The pool."""
        return self.pool

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The storage groups; none for a file."""
        return () if self.to_file else ("storage-groups",)

    @property
    def layout(self) -> Layout:
        """How a new volume is to lie in its pool."""
        return Layout(self.provisioning)

    @property
    def table(self) -> str:
        """Onto a volume that exists there is no way back."""
        if self.to_file:
            return "restore-backup-to-file"
        return "restore-backup-onto" if self.overwrite else "restore-backup"


class Drill(_OfBackup):
    """Prove that a backup can be restored: write it onto a volume made for that, compare, and delete the volume."""

    operation: Literal["drill"] = "drill"
    pool: Name
    """Where the volume is made."""

    @property
    def name(self) -> str:
        """The backup, for people."""
        return self.backup

    @property
    def into(self) -> str:
        """The pool."""
        return self.pool

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The storage groups."""
        return ("storage-groups",)


class VerifyBackup(_OfBackup):
    """Check a backup in its repository."""

    operation: Literal["verify-backup"] = "verify-backup"
    whole: Flag = True
    """Read all its data and compare the digest; else its structure alone."""

    @property
    def name(self) -> str:
        """The backup, for people."""
        return self.backup


class PruneBackups(JobSpec):
    """Remove backups of one volume from their repository: those that are named, or that a policy does not keep."""

    operation: Literal["prune-backups"] = "prune-backups"
    backups: Annotated[tuple[Archive, ...], BeforeValidator(_divided), Field(max_length=MAX_PRUNED)] = ()
    """By the names of their archives. The newest one, a pinned one and the last one proved are not removed."""
    volume: Name | None = None
    """Instead: the volume, by its name at its newest backup, with how many are kept of what."""
    last: Kept = 0
    """The newest so many; -1 for all, here and below."""
    hourly: Kept = 0
    """The newest of each of so many hours, and so on."""
    daily: Kept = 0
    weekly: Kept = 0
    monthly: Kept = 0
    yearly: Kept = 0
    zone: str = "UTC"
    """By whose clocks hours, days and longer periods begin."""
    host: Name
    """The backup host that is to do it, by its name in the settings."""

    @check_whole(mode="after")
    def _either(self) -> Self:
        numbers = (self.last, self.hourly, self.daily, self.weekly, self.monthly, self.yearly)
        if bool(self.backups) == (self.volume is not None) or (self.backups and any(numbers)):
            raise ValueError("name either backups, or a volume and how many of its backups are kept")
        if self.volume is not None:
            Policy(*numbers, self.zone)
        return self

    @property
    def policy(self) -> Policy:
        """What is kept of the volume's backups."""
        return Policy(self.last, self.hourly, self.daily, self.weekly, self.monthly, self.yearly, self.zone)

    @property
    def name(self) -> str:
        """What is pruned, for people."""
        return self.volume or f"{len(self.backups)} backups"

    @property
    def archives(self) -> tuple[str, ...]:
        """The backups that are named."""
        return self.backups

    @property
    def backups_of(self) -> str | None:
        """The volume."""
        return self.volume


BackupSpec: TypeAlias = BackUp | RestoreBackup | Drill | VerifyBackup | PruneBackups
SPECS: Final = (BackUp, RestoreBackup, Drill, VerifyBackup, PruneBackups)
