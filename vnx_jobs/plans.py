"""Plans: from a checked spec to the table it runs, the facts it starts with, and the claims it asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .model.array import Lun, Snapshot
from .model.claim import MAX_COPIES, MAX_MOUNTS, MAX_SNAPSHOTS, Claim, Kind, in_rank
from .model.errors import Code, Refused
from .model.keys import copies_key, mounts_key, name_key, numbers_key, pin_key, snapshot_key, snapshots_key, volume_key
from .model.names import job_of, temporary_name
from .model.outcome import Facts
from .model.specs import Clone, CreateSnapshot, CreateVolume, DeleteSnapshot, DeleteVolume, SnapCopy, Spec
from .ports import Inventory
from .settings import ArraySettings

ObjectKind: TypeAlias = Literal["volume", "snapshot"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job will do and hold."""

    operation: str
    facts: Facts = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    drops: tuple[tuple[str, str], ...] = ()
    makes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name that the inventory does not know: an unfinished job is to make it, or a fresh list must be read."""

    kind: ObjectKind
    name: str
    maker: str | None


class _UnresolvedError(Exception):
    def __init__(self, unresolved: Unresolved) -> None:
        super().__init__(unresolved.name)
        self.unresolved = unresolved


def _made(kind: ObjectKind, name: str) -> str:
    """Return how an object that a job is to make is known to others: volumes and snapshots may share a name."""
    return f"{kind}:{name}"


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the jobs of one array. Costs no array command: it reads the inventory."""

    array: str
    settings: ArraySettings
    inventory: Inventory
    installation: str

    def plan(self, spec: Spec, job: str) -> Plan | Unresolved:
        """Plan one job. Raises Refused for what no waiting can mend."""
        try:
            match spec:
                case CreateVolume():
                    return self._create_volume(spec, job)
                case CreateSnapshot():
                    return self._create_snapshot(spec, job)
                case DeleteSnapshot():
                    return self._delete_snapshot(spec)
                case SnapCopy():
                    return self._snap_copy(spec, job)
                case Clone():
                    return self._snap_copy(spec, job) if spec.snapcopy else self._full_clone(spec, job)
                case DeleteVolume():
                    return self._delete_volume(spec)
        except _UnresolvedError as error:
            return error.unresolved

    def check_pool(self, spec: Spec) -> None:
        """Raise Refused(unknown-pool) for a pool that the array is known not to have."""
        if isinstance(spec, CreateVolume | Clone) and spec.pool is not None:
            self._need_pool(spec.pool)

    def _create_volume(self, spec: CreateVolume, job: str) -> Plan:
        self._need_free_name(spec.name, job)
        self._need_pool(spec.pool)
        return Plan(
            "create-volume",
            {"size_gb": spec.size_gb, "pool": spec.pool, "thin": int(spec.provisioning == "thin")},
            in_rank([self._numbers("volume"), self._new_name(spec.name)]),
            makes=(_made("volume", spec.name),),
        )

    def _create_snapshot(self, spec: CreateSnapshot, job: str) -> Plan:
        if self.inventory.snapshot(self.array, spec.name) is not None:
            raise Refused(Code.NAME_IN_USE, f"a snapshot {spec.name} exists on {self.array} already")
        self._need_nobody_making("snapshot", spec.name, job)
        source = self._primary_named(spec.volume)
        return Plan(
            "create-snapshot",
            {"source_number": source.number, "primary_number": source.number, "source": source.name},
            in_rank(
                [
                    self._slot(snapshots_key(self.array, source.uid), spec.name, MAX_SNAPSHOTS, keep=True),
                    Claim(Kind.SHARED, volume_key(self.array, source.uid)),
                    Claim(Kind.EXCLUSIVE, snapshot_key(self.array, spec.name)),
                ]
            ),
            makes=(_made("snapshot", spec.name),),
        )

    def _delete_snapshot(self, spec: DeleteSnapshot) -> Plan:
        snapshot = self._snapshot(spec.name)
        primary = self._numbered(snapshot.primary, spec.name)
        return Plan(
            "delete-snapshot",
            {"source": primary.name, "source_number": snapshot.source, "created": snapshot.created},
            in_rank(
                [
                    Claim(Kind.SHARED, volume_key(self.array, primary.uid)),
                    Claim(Kind.EXCLUSIVE, snapshot_key(self.array, spec.name)),
                ]
            ),
            drops=((snapshots_key(self.array, primary.uid), spec.name),),
        )

    def _snap_copy(self, spec: SnapCopy | Clone, job: str) -> Plan:
        self._need_free_name(spec.name, job)
        primary, locks, facts = self._source(spec)
        hidden = temporary_name(self.installation, job, "snap")
        refuse = spec.on_limit == "refuse"
        claims = [
            self._slot(copies_key(self.array, primary.uid), hidden, MAX_COPIES, keep=True, refuse=refuse),
            *self._branch(primary, hidden, keep=True, refuse=refuse),
            self._numbers("volume"),
            self._new_name(spec.name),
            *locks,
        ]
        table = "snap-copy" if spec.snapshot is None else "snap-copy-of-snapshot"
        return Plan(table, facts, in_rank(claims), makes=(_made("volume", spec.name),))

    def _full_clone(self, spec: Clone, job: str) -> Plan:
        self._need_free_name(spec.name, job)
        primary, locks, facts = self._source(spec)
        if spec.pool is not None:
            self._need_pool(spec.pool)
        hidden = temporary_name(self.installation, job, "snap")
        thin = primary.thin if spec.provisioning is None else spec.provisioning == "thin"
        target: Facts = {"size_gb": primary.size_gb, "pool": spec.pool or primary.pool, "thin": int(thin)}
        claims = [
            *self._branch(primary, hidden, keep=False, refuse=spec.on_limit == "refuse"),
            self._numbers("volume,target"),
            self._new_name(spec.name),
            *locks,
        ]
        table = "clone" if spec.snapshot is None else "clone-of-snapshot"
        return Plan(table, {**facts, **target}, in_rank(claims), makes=(_made("volume", spec.name),))

    def _delete_volume(self, spec: DeleteVolume) -> Plan:
        lun = self._volume(spec.name)
        if lun.is_mount_point:
            self._need_finished(lun)
        facts: Facts = {"uid": lun.uid, "number": lun.number}
        locks = [
            Claim(Kind.EXCLUSIVE, volume_key(self.array, lun.uid)),
            Claim(Kind.EXCLUSIVE, name_key(self.array, lun.name)),
        ]
        number = (numbers_key(self.array), str(lun.number))
        if lun.is_mount_point:
            return self._delete_mount_point(lun, facts, locks, number)
        claims = [
            *locks,
            Claim(Kind.EXCLUSIVE, pin_key(self.array, lun.uid)),
            Claim(Kind.EXCLUSIVE, copies_key(self.array, lun.uid), refuse=True),
        ]
        return Plan("delete-volume", facts, in_rank(claims), drops=(number,))

    def _need_finished(self, lun: Lun) -> None:
        """Wait for a mount point that a job is still at: it has no snapshot yet, or is a full clone under way.

        A job that is to make another volume of that name, once this one is gone, is not at it.
        """
        unfinished = self._unresolved("volume", lun.name)
        bare = lun.attached is None and lun.number in self.settings.number_range
        at_it = bare or job_of(lun.attached or "", self.installation) == unfinished.unresolved.maker
        if unfinished.unresolved.maker is not None and at_it:
            raise unfinished

    def _delete_mount_point(self, lun: Lun, facts: Facts, locks: Sequence[Claim], number: tuple[str, str]) -> Plan:
        primary = self._volume(lun.primary or "")
        claims = in_rank([*locks, Claim(Kind.SHARED, volume_key(self.array, primary.uid))])
        member = lun.attached or f"lun:{lun.number}"
        slots = ((mounts_key(self.array, primary.uid), member), (copies_key(self.array, primary.uid), member))
        if lun.attached is None or job_of(lun.attached, self.installation) is None:
            attached = {"attached": lun.attached} if lun.attached else {}
            return Plan("delete-mount-point", {**facts, **attached}, claims, drops=(number, *slots))
        behind = (snapshots_key(self.array, primary.uid), member)
        drops = (number, *slots, behind)
        return Plan("delete-snap-copy", {**facts, "hidden_snapshot": lun.attached}, claims, drops=drops)

    def _source(self, spec: SnapCopy | Clone) -> tuple[Lun, list[Claim], Facts]:
        """Return the primary LUN that a copy hangs on, the locks that keep the source, and the facts to copy it by."""
        facts: Facts
        if spec.snapshot is None:
            primary = self._primary_named(spec.source or "")
            locks, facts = [], {"source_number": primary.number, "source": primary.name}
        else:
            snapshot = self._snapshot(spec.snapshot)
            primary = self._numbered(snapshot.primary, spec.snapshot)
            locks = [Claim(Kind.SHARED, snapshot_key(self.array, snapshot.name))]
            facts = {"snapshot": snapshot.name, "source": primary.name}
        locks += [
            Claim(Kind.SHARED, volume_key(self.array, primary.uid)),
            Claim(Kind.SHARED, pin_key(self.array, primary.uid)),
        ]
        return primary, locks, {**facts, "primary_number": primary.number}

    def _branch(self, primary: Lun, hidden: str, *, keep: bool, refuse: bool) -> list[Claim]:
        """Return the slots of a mount point with its own snapshot."""
        return [
            self._slot(mounts_key(self.array, primary.uid), hidden, MAX_MOUNTS, keep=keep, refuse=refuse),
            self._slot(snapshots_key(self.array, primary.uid), hidden, MAX_SNAPSHOTS, keep=keep, refuse=refuse),
        ]

    def _slot(self, key: str, member: str, limit: int, *, keep: bool, refuse: bool = True) -> Claim:
        return Claim(Kind.SLOT, key, member, limit, refuse=refuse, keep=keep)

    def _numbers(self, roles: str) -> Claim:
        return Claim(Kind.NUMBER, numbers_key(self.array), roles, self.settings.number_range, refuse=True, keep=True)

    def _new_name(self, name: str) -> Claim:
        return Claim(Kind.EXCLUSIVE, name_key(self.array, name))

    def _need_free_name(self, name: str, job: str) -> None:
        if self.inventory.volume(self.array, name) is not None:
            raise Refused(Code.NAME_IN_USE, f"a volume {name} exists on {self.array} already")
        self._need_nobody_making("volume", name, job)

    def _need_nobody_making(self, kind: ObjectKind, name: str, job: str) -> None:
        maker = self.inventory.maker(self.array, _made(kind, name))
        if maker not in {None, job}:
            raise Refused(Code.NAME_IN_USE, f"{kind} {name} is being made on {self.array} by job {maker}")

    def _need_pool(self, name: str) -> None:
        pools = [pool.name for pool in self.inventory.pools(self.array)]
        if pools and name not in pools:
            raise Refused(Code.UNKNOWN_POOL, f"{self.array} has no pool {name!r} (pools: {', '.join(sorted(pools))})")

    def _volume(self, name: str) -> Lun:
        sighting = self.inventory.volume(self.array, name)
        if sighting is None:
            raise self._unresolved("volume", name)
        return sighting.lun

    def _primary_named(self, name: str) -> Lun:
        lun = self._volume(name)
        if lun.is_mount_point:
            unfinished = self._unresolved("volume", name)
            if unfinished.unresolved.maker is not None:  # a full clone under way looks like a snap copy
                raise unfinished
            text = f"{name} is a snap copy of {lun.primary}: snapshots and copies of a snap copy are not supported"
            raise Refused(Code.NOT_SUPPORTED, f"{text}; name {lun.primary} instead")
        return lun

    def _snapshot(self, name: str) -> Snapshot:
        snapshot = self.inventory.snapshot(self.array, name)
        if snapshot is None:
            raise self._unresolved("snapshot", name)
        return snapshot

    def _unresolved(self, kind: ObjectKind, name: str) -> _UnresolvedError:
        return _UnresolvedError(Unresolved(kind, name, self.inventory.maker(self.array, _made(kind, name))))

    def _numbered(self, number: int, snapshot: str) -> Lun:
        for sighting in self.inventory.volumes(self.array):
            if sighting.lun.number == number:
                return sighting.lun
        raise _UnresolvedError(Unresolved("volume", f"of snapshot {snapshot} (LUN number {number})", None))
