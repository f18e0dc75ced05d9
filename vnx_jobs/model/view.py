"""A view: what is known of some names of one array at one moment. Planning looks at nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from .access import AccessMode
from .array import Group, Lun, Session, Snapshot, StorageGroup
from .backup import Backup
from .hosts import FrontPort
from .lists import ListKind
from .things import last_counts


@dataclass(frozen=True, slots=True)
class View:
    """What is known of some names, and of the primary LUNs that they hang on.

    Asked for a name that was not looked up it raises KeyError: that nothing is known is no answer to another question.
    """

    names: frozenset[str]
    volumes: Mapping[str, Lun]
    """The volumes of these names, and the primaries of those that are mount points."""
    snapshots: Mapping[str, Snapshot]
    primaries: Mapping[int, Lun]
    """The primaries of these snapshots, and the members of these groups, by number."""
    makers: Mapping[str, str]
    """`volume:NAME`, `snapshot:NAME` and `group:NAME` -> the unfinished job that is to make it."""
    pools: frozenset[str]
    """Every pool that the last list showed; empty if none was read yet."""
    lists: frozenset[ListKind] = frozenset()
    """The whole lists that were looked up: groups, storage groups."""
    groups: Mapping[str, Group] = field(default_factory=lambda: MappingProxyType({}))
    """Every consistency group, if they were looked up."""
    storage_groups: Mapping[str, StorageGroup] = field(default_factory=lambda: MappingProxyType({}))
    """Every storage group, if they were looked up."""
    access: Mapping[str, AccessMode] = field(default_factory=lambda: MappingProxyType({}))
    """Access marks of these volumes, by UID, if the storage groups were looked up."""
    ports: tuple[FrontPort, ...] = ()
    """The front-end ports of the last list, if they were looked up."""

    sessions: tuple[Session, ...] = ()
    """The migration sessions of the last list; they may be over by now."""
    backups: Mapping[str, Backup | None] = field(default_factory=lambda: MappingProxyType({}))
    """These backups, by the names of their archives; None for one that the catalogue does not know."""
    called: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Names of what has a UID in it, by UID."""

    def volume(self, name: str) -> Lun | None:
        """Find a volume by name."""
        return self.volumes.get(self._looked_up(name))

    def snapshot(self, name: str) -> Snapshot | None:
        """Find a snapshot by name."""
        return self.snapshots.get(self._looked_up(name))

    def group(self, name: str) -> Group | None:
        """Find a consistency group by name."""
        self._need("groups")
        return self.groups.get(self._looked_up(name))

    def group_of(self, number: int) -> Group | None:
        """Find the consistency group that a LUN is in."""
        self._need("groups")
        return next((group for group in self.groups.values() if number in group.members), None)

    def mapped(self, number: int) -> tuple[str, ...]:
        """Return the names of the storage groups whose hosts see a LUN.

        `~physical`, which some arrays list, shows every LUN of an array to nobody.
        """
        self._need("storage-groups")
        groups = (group for group in self.storage_groups.values() if group.name != "~physical")
        return tuple(sorted(group.name for group in groups if number in group.maps))

    def maker(self, thing: str) -> str | None:
        """Return the unfinished job that is to make an object, known as `vnx_jobs.model.things` writes it."""
        self._looked_up(thing.partition(":")[2])
        return self.makers.get(thing)

    def with_backups(self, backups: Mapping[str, Backup | None]) -> "View":
        """Return the view with backups looked up, and what everything in it is called."""
        called = {one.uid: one.volume for one in backups.values() if one is not None}
        called |= {lun.uid: lun.name for lun in (*self.primaries.values(), *self.volumes.values())}
        return replace(self, backups=backups, called=called)

    def with_makers(self, makers: Mapping[str, str]) -> "View":
        """Return the view with jobs that are to make more objects; who was to make one before stays its maker.

        But of jobs that detach a volume the last one is waited for.
        """
        last = {made: job for made, job in makers.items() if last_counts(made)}
        return replace(self, makers={**makers, **self.makers, **last})

    def _need(self, kind: ListKind) -> None:
        if kind not in self.lists:
            raise KeyError(f"the list of {kind} was not looked up")

    def _looked_up(self, name: str) -> str:
        if name not in self.names:
            raise KeyError(f"{name} was not looked up")
        return name


def until_unmapped(snap_copy: str, groups: str) -> str:
    """Say what a job waits for that copies a snap copy which hosts see."""
    return f"waits until {snap_copy} is shown to no host: storage group {groups} shows it"


def numbers_behind(snapshots: Iterable[Snapshot], groups: Iterable[Group]) -> set[int]:
    """Return the LUN numbers that a view must know: primaries of snapshots, members of groups."""
    hung_on = {primary for snapshot in snapshots for _, primary in snapshot.images}
    return hung_on.union(*(group.members for group in groups))
