"""The inventory's port: what is known of an array without asking it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.array import Group, Lun, Pool, Session, Snapshot, StorageGroup
from vnx_jobs.model.hosts import FrontPort
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.slots import Discrepancy
from vnx_jobs.model.states import State
from vnx_jobs.model.view import View

from .attachments import AttachmentInventory
from .others import OthersInventory


@dataclass(frozen=True, slots=True)
class Sighting:
    """An object of the array as some list, or the job that made it, last showed it."""

    lun: Lun
    seen: int
    """When the list was begun, or the job ended: milliseconds of the state server's clock."""


@dataclass(frozen=True, slots=True)
class Readings:
    """When the last complete list of each kind was begun (state server's milliseconds); 0 for never."""

    luns: int = 0
    snapshots: int = 0
    sessions: int = 0
    pools: int = 0
    groups: int = 0
    storage_groups: int = 0
    ports: int = 0
    ticket: int = 0
    """The last ticket given out before the older of the lists of LUNs and of storage groups was begun."""

    def oldest(self, also: Iterable[ListKind] = ()) -> int:
        """Return when the oldest of the list of LUNs and some other lists was begun."""
        begun = {
            "snapshots": self.snapshots,
            "groups": self.groups,
            "storage-groups": self.storage_groups,
            "ports": self.ports,
        }
        return min(self.luns, *(begun[kind] for kind in also)) if also else self.luns


@dataclass(frozen=True, slots=True)
class Lists:
    """What the watch read in one round, and when each list was begun. A list that was not read is None."""

    begun: int
    ticket: int
    """The last ticket given out before the first list was begun: claims that are younger are not judged by it."""
    luns: tuple[Lun, ...] | None = None
    snapshots: tuple[Snapshot, ...] | None = None
    sessions: tuple[Session, ...] | None = None
    pools: tuple[Pool, ...] | None = None
    groups: tuple[Group, ...] | None = None
    storage_groups: tuple[StorageGroup, ...] | None = None
    ports: tuple[FrontPort, ...] | None = None


class Inventory(AttachmentInventory, OthersInventory, Protocol):
    """What is known of an array without asking it. Costs no array command."""

    def readings(self, array: str) -> Readings:
        """Say how old the lists are."""
        ...

    def volume(self, array: str, name: str) -> Sighting | None:
        """Find a volume by name."""
        ...

    def volumes(self, array: str) -> tuple[Sighting, ...]:
        """Return every known volume, temporary ones too, by name."""
        ...

    def snapshot(self, array: str, name: str) -> Snapshot | None:
        """Find a snapshot by name."""
        ...

    def snapshots(self, array: str) -> tuple[Snapshot, ...]:
        """Return every known snapshot, by name."""
        ...

    def session(self, array: str, source: int) -> Session | None:
        """Find a migration session, in the last session list, by its source's number."""
        ...

    def pools(self, array: str) -> tuple[Pool, ...]:
        """Return the pools that the last list showed; empty if none was read yet."""
        ...

    def group(self, array: str, name: str) -> Group | None:
        """Find a consistency group by name."""
        ...

    def groups(self, array: str) -> tuple[Group, ...]:
        """Return every known consistency group, by name."""
        ...

    def storage_groups(self, array: str) -> tuple[StorageGroup, ...]:
        """Return every known storage group, by name."""
        ...

    def access(self, array: str, uid: str) -> AccessMode | None:
        """Return the access mark of a volume, by its UID; None if nothing is known of it."""
        ...

    def marks(self, array: str) -> Mapping[str, AccessMode]:
        """Return the access marks of all volumes, by UID."""
        ...

    def maker(self, array: str, thing: str) -> str | None:
        """Return the unfinished job that is to make an object, known as `vnx_jobs.model.things` writes it."""
        ...

    def fate(self, job: str) -> State | None:
        """Return a job's state, or None if there is no record of it (any more)."""
        ...

    def view(self, array: str, names: Collection[str], lists: Collection[ListKind] = ()) -> View:
        """Return what is known of objects of these names, of the primaries that they hang on, and of whole lists.

        A name `#NUMBER` stands for the volume of that LUN number, which is then known by its own name too.
        Consistency groups and storage groups are looked up if `lists` says so, then all of them; with the storage
        groups the access marks of the volumes.
        """
        ...

    def ticket(self) -> tuple[int, int]:
        """Return the last ticket given out and the state server's time, to begin a list with."""
        ...

    def store(self, array: str, lists: Lists, number_range: range) -> None:
        """Take in complete lists: replace what is older, and repair slots and numbers that the array contradicts.

        Left alone: claims whose ticket is younger than the lists, and claims of jobs that have not ended. What others
        changed is noted: see `OthersInventory`.
        """
        ...

    def discrepancies(self, array: str, lists: Lists, number_range: range) -> tuple[Discrepancy, ...]:
        """Say what `repair` would repair by these lists, and repair nothing. Looks at every key there is."""
        ...

    def repair(self, array: str, lists: Lists, number_range: range) -> None:
        """Repair slots and numbers as `store` does, and take nothing in.

        Given back too are slots of volumes, and host LUN numbers of storage groups, that were forgotten long ago. Looks
        at every key there is.
        """
        ...
