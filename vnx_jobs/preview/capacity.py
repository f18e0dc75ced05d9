"""Capacity: what rehearsed jobs would take of the limits of their sources, and of their pools."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from vnx_jobs.model.array import BLOCKS_PER_GB, Layout, Lun
from vnx_jobs.model.claim import Kind
from vnx_jobs.model.outcome import Facts
from vnx_jobs.ports import Inventory

from .ledger import Ledger
from .rehearsal import Rehearsed

SlotKind: TypeAlias = Literal["copies", "mounts", "snapshots"]


@dataclass(frozen=True, slots=True)
class SlotUse:
    """How many slots of a source are taken now, and how many would be at most while all the jobs run."""

    array: str
    source: str
    kind: SlotKind
    now: int
    peak: int
    """Never too small; too large where jobs that are told here to run beside each other cannot."""
    limit: int


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What jobs would take of a pool, in gigabytes without what the array adds for itself."""

    array: str
    pool: str
    thick_gb: int
    """Taken whole when they are created."""
    thin_gb: int
    """Only promised: taken as hosts write."""
    free_gb: float | None
    """As the last list of pools showed it; None if it showed no such pool."""
    capacity_gb: float | None
    subscribed_gb: float
    """What the LUNs that are there have been promised, thick and thin."""

    @property
    def fits(self) -> bool | None:
        """Whether the thick ones find room; None if nobody knows."""
        return None if self.free_gb is None else self.thick_gb <= self.free_gb


def slot_uses(jobs: Sequence[Rehearsed], ledger: Ledger, volumes: Mapping[str, str]) -> tuple[SlotUse, ...]:
    """Say what jobs take of each source's slots: a source a line for each kind; `volumes` are names by UID."""
    taken: dict[str, dict[str, tuple[int, int]]] = {}
    limits: dict[str, int] = {}
    names: dict[str, str] = {}
    for job in jobs:
        for claim in job.claims:
            if claim.kind is Kind.SLOT:
                slots, kept = taken.setdefault(claim.key, {}).get(job.job, (0, 0))
                taken[claim.key][job.job] = slots + 1, kept + claim.keep
                limits[claim.key] = max(limits.get(claim.key, 0), cast("int", claim.limit))
                names.setdefault(claim.key, str(job.facts.get("source", "")))
    order = _Order(jobs)
    uses = []
    for key, takers in taken.items():
        kind, array, uid = key.split(":", 2)
        now = ledger.used_now(key)
        peak = now + order.most(takers, {job.job: _dropped(job, key) for job in jobs if job.drops})
        source = volumes.get(uid) or names[key] or uid  # one that is still to be made is known by its name alone
        uses.append(SlotUse(array, source, cast("SlotKind", kind), now, peak, limits[key]))
    return tuple(sorted(uses, key=lambda use: (use.array, use.source, use.kind)))


def _dropped(job: Rehearsed, key: str) -> int:
    return sum(dropped == key for dropped, _ in job.drops)


class _Order:
    """Which jobs are over before others begin; all others may run beside each other."""

    def __init__(self, jobs: Iterable[Rehearsed]) -> None:
        self._before = {job.job: job.before for job in jobs}
        self._after: dict[str, set[str]] = {}
        for job, before in self._before.items():
            for one in before:
                self._after.setdefault(one, set()).add(job)

    def most(self, takers: Mapping[str, tuple[int, int]], drops: Mapping[str, int]) -> int:
        """Return the most that can be taken at one time: what each taker may meet, with its own."""
        everything = sum(slots for slots, _ in takers.values())
        return max(everything - self._not_beside(job, takers, drops) for job in takers)

    def _not_beside(self, job: str, takers: Mapping[str, tuple[int, int]], drops: Mapping[str, int]) -> int:
        later = sum(slots for slots, _ in _of(takers, self._after.get(job, ())))
        earlier = self._before[job]
        over = sum(slots - kept for slots, kept in _of(takers, earlier))
        return later + over + sum(drops.get(one, 0) for one in earlier)


def _of(takers: Mapping[str, tuple[int, int]], jobs: Collection[str]) -> list[tuple[int, int]]:
    return [takers[job] for job in jobs if job in takers]


def pool_uses(jobs: Iterable[Rehearsed], inventory: Inventory) -> tuple[PoolUse, ...]:
    """Say what jobs take of pools: new LUNs, and those that grow. Reads the inventory once for each array."""
    by_array: dict[str, list[Rehearsed]] = {}
    for job in jobs:
        if "size_gb" in job.facts:
            by_array.setdefault(job.entry.record.array, []).append(job)
    return tuple(use for array, them in sorted(by_array.items()) for use in _pools_of(array, them, inventory))


def _pools_of(array: str, jobs: Iterable[Rehearsed], inventory: Inventory) -> list[PoolUse]:
    pools = {pool.name: pool for pool in inventory.pools(array)}
    luns = [one.lun for one in inventory.volumes(array) if not one.lun.is_mount_point]
    by_uid = {lun.uid: lun for lun in luns}
    wanted = [one for job in jobs if (one := _wanted(job.facts, by_uid)) is not None]
    uses = []
    for name in sorted({pool for pool, *_ in wanted}):
        known = pools.get(name)
        uses.append(
            PoolUse(
                array,
                name,
                thick_gb=sum(size for pool, size, thin in wanted if pool == name and not thin),
                thin_gb=sum(size for pool, size, thin in wanted if pool == name and thin),
                free_gb=None if known is None else known.available_gb,
                capacity_gb=None if known is None else known.user_gb,
                subscribed_gb=sum(lun.blocks for lun in luns if lun.pool == name) / BLOCKS_PER_GB,
            )
        )
    return uses


def _wanted(facts: Facts, luns: Mapping[str, Lun]) -> tuple[str, int, bool] | None:
    """Return the pool of which a job takes something, how many gigabytes, and whether only when they are written."""
    size = int(facts["size_gb"])
    if "pool" in facts:
        return str(facts["pool"]), size, Layout.of(facts).thin
    grown = luns.get(str(facts.get("uid")))
    return None if grown is None else (grown.pool, size - grown.blocks // BLOCKS_PER_GB, grown.thin)
