"""What a plan is made on: the array's settings, what is known of the array, and the claims that many plans share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from vnx_jobs.model.array import Group, Lun, Snapshot
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.claim import MAX_MOUNTS, MAX_SNAPSHOTS, Claim, Kind
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.keys import mapping_key, mounts_key, name_key, numbers_key, snapshots_key, volume_key
from vnx_jobs.model.names import job_of, temporary_name
from vnx_jobs.model.things import ObjectKind, thing
from vnx_jobs.model.view import View
from vnx_jobs.settings import ArraySettings

from .plan import Unresolved, UnresolvedError


@dataclass(frozen=True, slots=True)
class Source:
    """A volume that a snapshot is to be taken of, and the primary LUN on which all its snapshots hang: often itself."""

    lun: Lun
    root: Lun
    array: str

    @property
    def is_snap_copy(self) -> bool:
        """Whether its snapshots are branches of another volume's."""
        return self.lun.number != self.root.number

    @property
    def facts(self) -> dict[str, str | int]:
        """What the steps must know of it; of a snap copy, also which one it is."""
        facts: dict[str, str | int] = {"source": self.root.name, "primary_number": self.root.number}
        facts["primary_uid"] = self.root.uid
        facts["source_number"] = self.lun.number
        return facts | ({"snap_copy": self.lun.name, "source_uid": self.lun.uid} if self.is_snap_copy else {})

    @property
    def locks(self) -> tuple[Claim, ...]:
        """Claims that keep it, and what it hangs on, as they are; and a snap copy from being shown to hosts."""
        kept = tuple(Claim(Kind.SHARED, volume_key(self.array, lun.uid)) for lun in (self.lun, self.root))
        return (*kept, Claim(Kind.SHARED, mapping_key(self.array, self.lun.uid))) if self.is_snap_copy else kept


@dataclass(frozen=True, slots=True)
class BackupPlaces:
    """Where backups are kept, and who makes them, as the settings say it."""

    hosts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Backup hosts that reach the array, and how it knows each."""
    tools: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Repositories, and the tool that keeps each."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What one job is planned on. Nothing here asks anybody: the view was read before."""

    array: str
    settings: ArraySettings
    installation: str
    view: View
    job: str
    places: BackupPlaces = BackupPlaces()

    def temporary(self, what: str) -> str:
        """Return the name of a temporary object of this job."""
        return temporary_name(self.installation, self.job, what)

    def volume(self, name: str) -> Lun:
        """Return a volume. Raises UnresolvedError."""
        lun = self.view.volume(name)
        if lun is None:
            raise self.unresolved("volume", name)
        return lun

    def source(self, name: str) -> Source:
        """Return a volume that a snapshot is to be taken of. Raises UnresolvedError, Refused(not-supported)."""
        lun = root = self.volume(name)
        if lun.primary is not None:
            self.need_finished(lun)
            if lun.attached is None:
                raise Refused(Code.NOT_SUPPORTED, f"{name} has no snapshot attached: there is nothing to copy")
            root = self.volume(lun.primary)
        if root.compressed:
            raise Refused(Code.NOT_SUPPORTED, f"{root.name} is compressed: the array takes no snapshots of it")
        return Source(lun, root, self.array)

    def snapshot(self, name: str) -> tuple[Snapshot, Lun]:
        """Return a snapshot of one volume, and the primary LUN that it hangs on.

        Raises UnresolvedError, and Refused(not-supported) for a snapshot of a consistency group.
        """
        snapshot = self.any_snapshot(name)
        if snapshot.of_group:
            group = snapshot.group or "(deleted)"
            text = f"{name} is of the consistency group {group}, of several volumes at once"
            raise Refused(Code.NOT_SUPPORTED, f"{text}: clone them by clone-group, delete it by delete-group-snapshot")
        return snapshot, self.primary(snapshot)

    def primary(self, snapshot: Snapshot) -> Lun:
        """Return the LUN that a snapshot hangs on, of a group's the first. Raises UnresolvedError."""
        found = self.view.primaries.get(snapshot.primary)
        if found is None:
            what = f"of snapshot {snapshot.name} (LUN number {snapshot.primary})"
            raise UnresolvedError(Unresolved("volume", what, None))
        return found

    def any_snapshot(self, name: str) -> Snapshot:
        """Return a snapshot, of one volume or of a group. Raises UnresolvedError."""
        snapshot = self.view.snapshot(name)
        if snapshot is None:
            raise self.unresolved("snapshot", name)
        return snapshot

    def group(self, name: str) -> Group:
        """Return a consistency group. Raises UnresolvedError."""
        group = self.view.group(name)
        if group is None:
            raise self.unresolved("group", name)
        return group

    def backup_host(self, name: str) -> str:
        """Return how the array knows a backup host. Raises Refused(unknown-backup-host)."""
        if name not in self.places.hosts:
            known = ", ".join(sorted(self.places.hosts)) or "none is configured for it"
            raise Refused(Code.UNKNOWN_HOST, f"no backup host {name!r} reaches {self.array} (backup hosts: {known})")
        return self.places.hosts[name]

    def tool(self, repository: str) -> str:
        """Return the tool that keeps a repository. Raises Refused(unknown-repository)."""
        if repository not in self.places.tools:
            known = ", ".join(sorted(self.places.tools)) or "none is configured"
            raise Refused(Code.UNKNOWN_REPOSITORY, f"there is no repository {repository!r} (repositories: {known})")
        return self.places.tools[repository]

    def backup(self, archive: str) -> Backup:
        """Return a backup. Raises Refused(no-such-backup)."""
        backup = self.view.backups[archive]
        if backup is None:
            raise Refused(Code.NO_SUCH_BACKUP, f"the catalogue has no backup {archive}: see `vnx-jobs backups list`")
        return backup

    def need_in_no_group(self, lun: Lun) -> None:
        """Raise Refused(in-group) for a volume that is in a consistency group."""
        group = self.view.group_of(lun.number)
        if group is not None:
            text = f"{lun.name} is in the consistency group {group.name}: take it out first (remove-from-group)"
            raise Refused(Code.IN_GROUP, text)

    def need_unmapped(self, lun: Lun) -> None:
        """Raise Refused(in-use) for a volume that hosts see, UnresolvedError if a job is to detach it."""
        groups = self.view.mapped(lun.number)
        if groups and self.view.maker(thing("detached", lun.name)) is not None:
            raise self.unresolved("detached", lun.name)
        if groups:
            text = f"{lun.name} is shown to hosts by storage group {', '.join(groups)}: detach it first (detach-volume)"
            raise Refused(Code.IN_USE, text)

    def unresolved(self, kind: ObjectKind, name: str) -> UnresolvedError:
        """Return the error that says who is to make an object."""
        return UnresolvedError(Unresolved(kind, name, self.view.maker(thing(kind, name))))

    def need_free(self, kind: ObjectKind, name: str) -> None:
        """Raise Refused(name-in-use) for an object that exists, or that another job is to make."""
        find = {"volume": self.view.volume, "snapshot": self.view.snapshot, "group": self.view.group}[kind]
        if find(name) is not None:
            raise Refused(Code.NAME_IN_USE, f"a {kind} {name} exists on {self.array} already")
        maker = self.view.maker(thing(kind, name))
        if maker not in {None, self.job}:
            raise Refused(Code.NAME_IN_USE, f"{kind} {name} is being made on {self.array} by job {maker}")

    def need_finished(self, lun: Lun) -> None:
        """Raise UnresolvedError for a mount point that a job is still at: bare so far, or a full clone under way.

        A job that is to make another volume of that name, once this one is gone, is not at it.
        """
        unfinished = self.unresolved("volume", lun.name)
        bare = lun.attached is None and lun.number in self.settings.number_range
        at_it = bare or job_of(lun.attached or "", self.installation) == unfinished.unresolved.maker
        if unfinished.unresolved.maker is not None and at_it:
            raise unfinished

    def need_pool(self, name: str) -> None:
        """Raise Refused(unknown-pool) for a pool that the array is known not to have."""
        pools = self.view.pools
        if pools and name not in pools:
            raise Refused(Code.UNKNOWN_POOL, f"{self.array} has no pool {name!r} (pools: {', '.join(sorted(pools))})")

    def numbers(self, roles: str) -> Claim:
        """Claim LUN numbers, one for each role."""
        return Claim(Kind.NUMBER, numbers_key(self.array), roles, self.settings.number_range, refuse=True, keep=True)

    def new_name(self, name: str) -> Claim:
        """Claim the name of a volume that is to be made."""
        return Claim(Kind.EXCLUSIVE, name_key(self.array, name))

    def branch(self, primary: Lun, hidden: str, *, keep: bool, refuse: bool) -> tuple[Claim, Claim]:
        """Claim the slots of a mount point with its own snapshot."""
        mounts, snapshots = mounts_key(self.array, primary.uid), snapshots_key(self.array, primary.uid)
        return (
            Claim(Kind.SLOT, mounts, hidden, MAX_MOUNTS, refuse=refuse, keep=keep),
            Claim(Kind.SLOT, snapshots, hidden, MAX_SNAPSHOTS, refuse=refuse, keep=keep),
        )
