"""Reads: what users may look at, joined from records and inventory. Sends no array command."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .model.access import AccessMode
from .model.array import BLOCKS_PER_GB
from .model.claim import MAX_COPIES, MAX_MOUNTS, MAX_SNAPSHOTS
from .model.errors import Code, Refused
from .model.keys import copies_key, key_in_words, mounts_key, permit_key, snapshots_key
from .model.names import job_of
from .model.record import Record
from .model.slots import slots_by_luns, slots_by_snapshots
from .model.states import LIVE, State
from .model.step import Operation
from .ports import Holding, Inventory, JobStore, NotFree, Sighting, Standing
from .settings import Settings
from .steps.work import Work

_NEAR: Final = 0.9
"""The part of a source's places from which on it is near its limits."""
_FEW: Final = 20
"""So many jobs are read one by one: a call each costs less than reading all that live."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume as users see it."""

    array: str
    name: str
    number: int
    uid: str
    size_gb: float
    pool: str
    provisioning: str
    tiering: str
    """As for create-volume; empty if the array names none that has a word."""
    sp: str
    """The SP that owns it by now; empty if the array names none."""
    metadata: Mapping[str, str]
    """`snapcopy` is `True` exactly when the volume's LUN is a mount point."""
    readonly: bool | None
    """Whether hosts may only read it; None: nothing is known, and whoever attaches it must say."""
    source: str | None
    """The primary LUN of a snap copy."""
    snapshot: str | None
    """The snapshot attached to a snap copy."""
    state: str
    seen: int
    """When the array, or the job that made it, last showed it: milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Load:
    """How near to its limits an array is."""

    sessions: int
    """Migration sessions that jobs hold."""
    sessions_limit: int
    near: tuple[tuple[str, int, int], ...]
    """Sources that have used nine of ten places: name, mount points (of 255), snapshots (of 256)."""
    read: bool = True
    """Whether a list of its LUNs was ever read."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The places of one kind that a source has, and who holds them."""

    used: int
    limit: int
    """0 while nobody ever asked for one: it is the array's then."""
    waiting: int
    holders: tuple[str, ...]
    """Some of the snapshots that hold one, or jobs."""


@dataclass(frozen=True, slots=True)
class Source:
    """A primary LUN, with what stands on it."""

    array: str
    name: str
    uid: str
    snap_copies: tuple[str, ...]
    """Names of the volumes that are snap copies of it, by what the array showed last."""
    copies: Slots
    """Of snap copies, existing and being made."""
    mounts: Slots
    """Of mount points, hidden ones too."""
    snapshots: Slots


@dataclass(frozen=True, slots=True)
class Reads:
    """Answers questions."""

    store: JobStore
    inventory: Inventory
    settings: Settings
    operations: Mapping[str, Operation[Work]]

    def job(self, job: str) -> Record:
        """Return a job. Raises Refused(no-such-job)."""
        record = self.store.get(job)
        if record is None:
            raise Refused(Code.NO_SUCH_JOB, f"there is no job {job} (ended jobs are kept for a setting's time)")
        return record

    def these(self, jobs: Sequence[str]) -> list[Record]:
        """Return jobs in the order of their ids. Raises Refused(no-such-job).

        Many are looked for among all that live, in pipelined calls; only those that have ended are then read singly.
        """
        live = {one.id: one for one in self.store.find(states=LIVE)} if len(jobs) > _FEW else {}
        return [live.get(job) or self.job(job) for job in jobs]

    def jobs(self, *, batch: str = "", states: tuple[State, ...] = (), array: str = "", limit: int = 0) -> list[Record]:
        """List jobs, newest first; those of a batch in the order of its rows."""
        return self.store.find(batch=batch, states=states, array=array, limit=limit)

    def array_of_jobs(self, name: str) -> str:
        """Return the name of an array of the settings, or of one that is in them no more and has jobs still.

        Raises Refused(unknown-array).
        """
        if name not in self.settings.arrays and not self.store.find(array=name, limit=1):
            self.settings.array(name)
        return name

    def standing(self, array: str) -> Standing:
        """Say how things stand with an array. Raises Refused(unknown-array)."""
        self.settings.array(array)
        return self.store.standing(array)

    def halted(self) -> dict[str, str]:
        """Return the arrays on which nothing goes on by itself, or nothing begins, and why."""
        found = {}
        for array in sorted(self.settings.arrays):
            now = self.store.standing(array)
            why = now.frozen or (f"{array} is away: {now.away}" if now.away else "")
            if now.held and not why:
                why = f"{array} is held by {now.held}: nothing is begun"
            if why:
                found[array] = why
        return found

    def load(self, array: str) -> Load:
        """Say how near to its limits an array is, by what lists showed last. Raises Refused(unknown-array)."""
        limit = self.settings.array(array).migrations
        (sessions,) = self.store.holdings([permit_key("migrations", array)])
        luns = [one.lun for one in self.inventory.volumes(array)]
        mounts, images = slots_by_luns(array, luns), slots_by_snapshots(array, luns, self.inventory.snapshots(array))
        used = [
            (lun.name, len(mounts[mounts_key(array, lun.uid)]), len(images[snapshots_key(array, lun.uid)]))
            for lun in luns
            if not lun.is_mount_point
        ]
        near = (one for one in used if one[1] >= _NEAR * MAX_MOUNTS or one[2] >= _NEAR * MAX_SNAPSHOTS)
        return Load(sessions.used, limit, tuple(near), read=self.inventory.readings(array).luns > 0)

    def waits_for(self, record: Record) -> str:
        """Say what a waiting job waits for: its reason, and who holds the claims it needs."""
        if record.state is State.QUEUED:
            return self._waits_for_its_array(record.array) or record.why
        if record.state is not State.WAITING:
            return record.why
        blockers = self.store.blockers(record.id)
        seen = self.inventory.volumes(record.array) if blockers else ()
        names = {one.lun.uid: one.lun.name for one in seen}
        held = [self._blocker(one, names) for one in blockers]
        return "; ".join(held) or record.why

    def _waits_for_its_array(self, array: str) -> str:
        now = self.store.standing(array)
        if now.frozen or now.away:
            return now.frozen or f"{array} is away: {now.away}"
        if now.held:
            return f"{array} is held by {now.held}: nothing is begun"
        return f"jobs ready: {now.ready}, under way: {now.under_way}" if now.ready else ""

    def _blocker(self, taken: NotFree, names: Mapping[str, str]) -> str:
        jobs = [job for holder in taken.holders if (job := self._job_behind(holder))]
        by = ", ".join(f"{one.operation} of {one.name} (job {one.id}{_left(one)})" for one in jobs[:3])
        used = f", {taken.used} of {taken.limit} in use" if taken.limit else ""
        queue = f", {taken.waiting} before it" if taken.waiting else ""
        return f"waits for {key_in_words(taken.key, names)}{used}{queue}{f', held by {by}' if by else ''}"

    def _job_behind(self, holder: str) -> Record | None:
        return self.store.get(job_of(holder, self.settings.installation) or holder)

    def volumes(self, array: str) -> list[Volume]:
        """List the volumes of an array by name, leaving out temporary objects of unfinished jobs."""
        self.settings.array(array)
        ours = self.settings.installation
        seen = self.inventory.volumes(array)
        marks = self.inventory.marks(array)
        return [_volume(array, one, marks.get(one.lun.uid)) for one in seen if job_of(one.lun.name, ours) is None]

    def sources(self, array: str, names: Sequence[str] | None = None) -> list[Source]:
        """List the primary LUNs of an array by name, or those of some names. Raises Refused(unknown-array)."""
        every = self.volumes(array)
        primaries = [one for one in every if one.source is None and (names is None or one.name in names)]
        copies: dict[str, list[str]] = {}
        for one in every:
            if one.source is not None:
                copies.setdefault(one.source, []).append(one.name)
        kinds = {copies_key: MAX_COPIES, mounts_key: MAX_MOUNTS, snapshots_key: MAX_SNAPSHOTS}
        held = iter(self.store.holdings([key(array, one.uid) for one in primaries for key in kinds]))
        return [
            Source(
                array,
                one.name,
                one.uid,
                tuple(copies.get(one.name, ())),
                *(_slots(next(held), most) for most in kinds.values()),
            )
            for one in primaries
        ]

    def volume(self, array: str, name: str) -> Volume:
        """Return one volume. Raises Refused(no-such-volume), saying how old the knowledge is."""
        self.settings.array(array)
        sighting = self.inventory.volume(array, name)
        if sighting is None:
            read = "was never read" if not self.inventory.readings(array).luns else "shows none in its last LUN list"
            raise Refused(Code.NO_SUCH_VOLUME, f"there is no volume {name}: {array} {read}")
        return _volume(array, sighting, self.inventory.access(array, sighting.lun.uid))


def _left(record: Record) -> str:
    """Say how long what a job waits for on the array may still take, if the array told."""
    seconds = max(0.0, record.eta / 1000 - time.time()) if record.eta else 0.0
    return f", about {seconds / 60:.0f} min left" if seconds >= 60 else ", done soon" if record.eta else ""  # noqa: PLR2004


def _slots(holding: Holding, most: int) -> Slots:
    """Say how many places are taken of how many: of what nobody holds, the state server knows no limit."""
    return Slots(holding.used, holding.limit or most, holding.waiting, holding.holders)


def _volume(array: str, sighting: Sighting, mark: AccessMode | None) -> Volume:
    lun = sighting.lun
    return Volume(
        array=array,
        name=lun.name,
        number=lun.number,
        uid=lun.uid,
        size_gb=round(lun.blocks / BLOCKS_PER_GB, 3),
        pool=lun.pool,
        provisioning=lun.provisioning,
        tiering=lun.tiering,
        sp=lun.sp,
        metadata={"snapcopy": str(lun.is_mount_point)},
        readonly=None if mark is None else mark == "ro",
        source=lun.primary,
        snapshot=lun.attached,
        state=lun.state,
        seen=sighting.seen,
    )
