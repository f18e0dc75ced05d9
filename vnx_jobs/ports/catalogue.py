"""The catalogue's port: which backups there are, and what is known of each."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from vnx_jobs.model.backup import Backup


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A volume of which the catalogue has backups."""

    array: str
    uid: str
    volume: str
    """The name that it bore when its newest backup was made."""
    first: int
    """When its oldest known backup was made, though that may be removed since: milliseconds."""
    proved: int | None = None
    """When any backup of it was last restored bit for bit, though that one may be removed since: milliseconds."""


class Catalogue(Protocol):
    """The backups of an installation. Every change is atomic, durable when it returns, and may be repeated.

    Costs no array command. All methods raise StateServerError; the cost of each is in round trips.
    """

    def enter(self, backup: Backup) -> None:
        """Enter a backup. One round trip.

        An archive that is entered already keeps its marks: the later of both times, and pinned if either is.
        """
        ...

    def get(self, archive: str) -> Backup | None:
        """Find a backup by its archive's name. One round trip."""
        ...

    def of(self, array: str, uid: str) -> tuple[Backup, ...]:
        """Return all backups of a volume, newest first. Two round trips, and one more for each further 500."""
        ...

    def find(self, array: str | None = None, volume: str | None = None, limit: int = 100) -> tuple[Backup, ...]:
        """Return the newest backups, newest first, of one array or all, of the volumes of one name or all.

        `limit` is how many at most, 0 for all. A volume goes by the name that it bore at its newest backup. Two round
        trips, and one more for each further 500.
        """
        ...

    def volumes(self, array: str | None = None) -> tuple[BackedUp, ...]:
        """Return the volumes that have backups, by array, name and UID. One round trip."""
        ...

    def verified(self, archive: str, at: int) -> bool:
        """Note that an archive was found sound, at a time in milliseconds; an earlier time than it has changes nothing.

        Say whether the catalogue knows it. One round trip.
        """
        ...

    def proved(self, archive: str, at: int) -> bool:
        """Note that an archive was restored bit for bit; the rest is as with `verified`. One round trip."""
        ...

    def pin(self, archive: str, *, on: bool) -> bool:
        """Have a backup stay whatever its policy says, or no longer. One round trip.

        Say whether the catalogue knows it.
        """
        ...

    def forget(self, archives: Collection[str]) -> None:
        """Take out backups whose archives are gone; unknown ones are left out. One round trip for each 500."""
        ...
