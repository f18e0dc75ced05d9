"""What is on the in-memory array at one instant, as a frozen value, and the questions that can be asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from vnx_jobs.model.array import BLOCKS_PER_GB, Group, Lun, Pool, Session, Snapshot, StorageGroup

_NEVER: Final = float("-inf")
_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Volume:
    """A LUN or mount point. A mount point's content is that of the snapshot attached to it."""

    number: int
    name: str
    uid: str
    blocks: int
    pool: str
    thin: bool
    content: str = ""
    primary: int | None = None
    attached: str | None = None
    ready_at: float = _NEVER
    deduplicated: bool = False
    compressed: bool = False
    tiering: str = ""
    sp: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A snapshot: the content of its source at one instant, or what was written to it since."""

    name: str
    source: int
    primary: int
    created: str
    content: str
    writable: bool = False
    modified: bool = False
    auto_delete: bool = True
    description: str = ""
    expires: float | None = None
    group: str | None = None
    """Name of the consistency group that it is of."""
    beside: tuple[tuple[int, int, str], ...] = ()
    """Source, primary and content of the group's other members."""

    @property
    def contents(self) -> dict[int, str]:
        """Content by primary LUN: of one, or of each member of a group."""
        return {self.primary: self.content} | {primary: shown for _, primary, shown in self.beside}

    def written(self, primary: int, shown: str) -> "Image":
        """Return the snapshot with other content of one primary LUN."""
        if primary == self.primary:
            return replace(self, content=shown, modified=True)
        beside = tuple((one[0], one[1], shown if one[1] == primary else one[2]) for one in self.beside)
        return replace(self, beside=beside, modified=True)


@dataclass(frozen=True, slots=True)
class Copying:
    """A migration session. `trouble` is the state of a session that stopped and will not go on."""

    source: int
    destination: int
    began: float
    seconds: float
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """Everything on the array at one instant."""

    pools: Mapping[str, int]
    """User capacity in gigabytes, by name."""
    volumes: Mapping[int, Volume] = field(default_factory=lambda: MappingProxyType({}))
    images: Mapping[str, Image] = field(default_factory=lambda: MappingProxyType({}))
    copies: Mapping[int, Copying] = field(default_factory=lambda: MappingProxyType({}))
    groups: Mapping[str, Group] = field(default_factory=lambda: MappingProxyType({}))
    storage_groups: Mapping[str, StorageGroup] = field(default_factory=lambda: MappingProxyType({}))
    serial: int = 0
    """How many UIDs were given out; none is given twice."""


def content(world: World, number: int) -> str | None:
    """Return what a host reads from a LUN; None from a mount point that has nothing attached."""
    volume = world.volumes[number]
    if volume.primary is None:
        return volume.content
    return None if volume.attached is None else world.images[volume.attached].contents[volume.primary]


def mounts_of(world: World, primary: int) -> tuple[int, ...]:
    """Return the numbers of a primary LUN's mount points."""
    return tuple(volume.number for volume in world.volumes.values() if volume.primary == primary)


def images_of(world: World, primary: int) -> tuple[str, ...]:
    """Return the names of a primary LUN's snapshots, all branches."""
    return tuple(image.name for image in world.images.values() if primary in image.contents)


def mount_of(world: World, snapshot: str) -> int | None:
    """Return the number of the mount point that a snapshot is attached to."""
    return next((volume.number for volume in world.volumes.values() if volume.attached == snapshot), None)


def is_ready(volume: Volume, now: float) -> bool:
    """Say whether a LUN's preparing is over."""
    return now >= volume.ready_at


def available_gb(world: World, pool: str) -> float:
    """Return what thick LUNs leave of a pool."""
    thick = sum(volume.blocks for volume in world.volumes.values() if volume.pool == pool and not volume.thin)
    return world.pools[pool] - thick / BLOCKS_PER_GB


def in_sessions(world: World) -> set[int]:
    """Return the numbers of the LUNs that take part in a migration session."""
    return {number for copying in world.copies.values() for number in (copying.source, copying.destination)}


def as_lun(world: World, volume: Volume, now: float) -> Lun:
    """Show a volume as the array's listing does."""
    ready = is_ready(volume, now)
    return Lun(
        number=volume.number,
        name=volume.name,
        uid=volume.uid,
        blocks=volume.blocks,
        pool=volume.pool,
        thin=volume.thin,
        primary=None if volume.primary is None else world.volumes[volume.primary].name,
        attached=volume.attached,
        ready=ready,
        state="Ready" if ready else "Ready, Preparing",
        deduplicated=volume.deduplicated,
        compressed=volume.compressed,
        tiering=volume.tiering,
        sp=volume.sp,
    )


def as_snapshot(world: World, image: Image) -> Snapshot:
    """Show a snapshot as the array's listing does."""
    return Snapshot(
        name=image.name,
        source=image.source,
        primary=image.primary,
        created=image.created,
        attached=mount_of(world, image.name),
        writable=image.writable,
        modified=image.modified,
        auto_delete=image.auto_delete,
        description=image.description,
        expires=None if image.expires is None else stamp(image.expires),
        group=image.group,
        beside=tuple((source, primary) for source, primary, _ in image.beside),
    )


def stamp(seconds: float) -> str:
    """Write a time as the array does."""
    return f"{_EPOCH + timedelta(seconds=seconds):%m/%d/%y %H:%M:%S}"


def as_session(copying: Copying, now: float) -> Session:
    """Show a migration session as the array's listing does; a stopped one has no time left to tell."""
    passed = now - copying.began
    return Session(
        source=copying.source,
        destination=copying.destination,
        state=copying.trouble or "MIGRATING",
        percent=min(99, int(100 * passed / copying.seconds)) if copying.seconds else 99,
        seconds_left=0 if copying.trouble else max(0, int(copying.seconds - passed)),
    )


def as_pool(world: World, name: str) -> Pool:
    """Show a pool as the array's listing does; pools are numbered in the order they were given."""
    return Pool(name, list(world.pools).index(name), float(world.pools[name]), available_gb(world, name))
