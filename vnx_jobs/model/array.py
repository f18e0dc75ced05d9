"""What an array shows: its objects as frozen values. Sizes are blocks of 512 bytes, as the array counts them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, Self, TypeAlias, cast

BLOCKS_PER_GB: Final = 2 * 1024 * 1024
"""512-byte blocks of one of the array's gigabytes (2^30 bytes)."""

Provisioning: TypeAlias = Literal["thick", "thin", "deduplicated", "compressed"]
"""How a LUN takes its blocks from its pool. Deduplicated and compressed LUNs are thin underneath."""
Tiering: TypeAlias = Literal["StartHighThenAuto", "Auto", "HighestAvailable", "LowestAvailable", "NoMovement"]
"""Where a LUN's blocks begin and whether the array moves them, in the words of Cinder's VNX driver."""
StorageProcessor: TypeAlias = Literal["A", "B"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a new LUN is to lie in its pool. A compressed one is created thin, and compressed when it is ready."""

    provisioning: Provisioning = "thick"
    tiering: Tiering | None = None
    """None: as the array chooses."""
    sp: StorageProcessor | None = None
    """The SP that is to own it; None: as the array chooses."""
    ignore_thresholds: bool = False
    """Whether it may take its pool beyond the pool's own threshold."""

    @property
    def thin(self) -> bool:
        """Whether blocks are taken only when they are written."""
        return self.provisioning != "thick"

    @property
    def facts(self) -> dict[str, str | int]:
        """The layout as a job's facts keep it."""
        sometimes = {"tiering": self.tiering, "sp": self.sp, "ignore_thresholds": int(self.ignore_thresholds)}
        facts: dict[str, str | int] = {name: value for name, value in sometimes.items() if value}
        return {"provisioning": self.provisioning, **facts}

    @classmethod
    def of(cls, facts: Mapping[str, str | int]) -> Self:
        """Read a layout from a job's facts; the first jobs kept only whether the LUN was to be thin."""
        kept = facts.get("provisioning") or ("thin" if facts.get("thin") else "thick")
        return cls(
            cast("Provisioning", kept),
            cast("Tiering | None", facts.get("tiering")),
            cast("StorageProcessor | None", facts.get("sp")),
            bool(facts.get("ignore_thresholds")),
        )


THICK: Final = Layout()
THIN: Final = Layout("thin")


@dataclass(frozen=True, slots=True)
class Lun:
    """A pool LUN or, when `primary` is set, a snapshot mount point."""

    number: int
    name: str
    uid: str
    blocks: int
    pool: str
    thin: bool
    primary: str | None = None
    """Name of the primary LUN if this is a mount point."""
    attached: str | None = None
    """Name of the snapshot attached to this mount point."""
    ready: bool = True
    """State is Ready (or Faulted, which still serves I/O) and no operation such as Preparing is under way."""
    state: str = "Ready"
    """The array's own words: state and operation."""
    deduplicated: bool = False
    compressed: bool = False
    tiering: str = ""
    """A `Tiering`; empty if the array names none that has a word."""
    sp: str = ""
    """The SP that owns it by now, `A` or `B`; empty if the array names none."""

    @property
    def provisioning(self) -> Provisioning:
        """How it takes its blocks."""
        if self.compressed:
            return "compressed"
        if self.deduplicated:
            return "deduplicated"
        return "thin" if self.thin else "thick"

    @property
    def layout(self) -> Layout:
        """How it lies in its pool, whichever SP owns it."""
        return Layout(self.provisioning, cast("Tiering | None", self.tiering or None))

    @property
    def is_mount_point(self) -> bool:
        """A volume is a snap copy exactly when its LUN is a mount point."""
        return self.primary is not None

    @property
    def size_gb(self) -> int:
        """Size in whole gigabytes, rounded up: what a destination must have to take all of it."""
        return -(-self.blocks // BLOCKS_PER_GB)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot. `source` and `primary` are LUN numbers: the LUN it was taken of, and the LUN all branches hang on."""

    name: str
    source: int
    primary: int
    created: str
    """The array's own time stamp, MM/DD/YY HH:MM:SS in the array's zone."""
    attached: int | None = None
    """Number of the mount point it is attached to."""
    writable: bool = False
    modified: bool = False
    auto_delete: bool = True
    description: str = ""
    """What was written there when it was made: by a job of ours its mark, by others anything."""
    expires: str | None = None
    """When the array deletes it, as `created` is written; None for never."""
    group: str | None = None
    """Name of the consistency group that it is of."""
    beside: tuple[tuple[int, int], ...] = ()
    """Source and primary of the group's other members, of which it holds the same moment."""

    @property
    def images(self) -> tuple[tuple[int, int], ...]:
        """Source and primary of each LUN that it holds: of one, or of every member of a group."""
        return ((self.source, self.primary), *self.beside)

    @property
    def of_group(self) -> bool:
        """Whether it is of a consistency group, which may have been deleted since."""
        return self.group is not None or bool(self.beside)


@dataclass(frozen=True, slots=True)
class Session:
    """A migration session as the array lists it."""

    source: int
    destination: int
    state: str
    """The array's word: MIGRATING, MIGRATED, STOPPED..., FAULTED..., TRANSITIONING."""
    percent: int
    seconds_left: int | None = None

    @property
    def failed(self) -> bool:
        """A stopped or faulted session stays listed, and will not go on, until it is cancelled."""
        return any(word in self.state.upper() for word in ("FAULTED", "STOPPED"))


@dataclass(frozen=True, slots=True)
class Pool:
    """A storage pool. Capacities are gigabytes as the array prints them."""

    name: str
    number: int
    user_gb: float
    available_gb: float
    state: str = "Ready"


@dataclass(frozen=True, slots=True)
class Group:
    """A consistency group: LUNs that are snapshotted at one moment. A LUN is in one group at most."""

    name: str
    members: tuple[int, ...]
    """LUN numbers."""
    description: str = ""
    """What was written there when it was made: by a job of ours its mark, by others anything."""


@dataclass(frozen=True, slots=True)
class Initiator:
    """One path on which a host reaches the array: its port (WWN or IQN) logged in at a port of an SP."""

    uid: str
    host: str
    sp: StorageProcessor
    port: int
    address: str | None
    """The host's address if it is an iSCSI initiator that shows one."""


@dataclass(frozen=True, slots=True)
class StorageGroup:
    """A storage group: the LUNs that its hosts see, each under a host LUN number."""

    name: str
    luns: tuple[tuple[int, int], ...] = ()
    """Host LUN number and LUN number of each."""
    initiators: tuple[Initiator, ...] = ()

    @property
    def maps(self) -> frozenset[int]:
        """Return the numbers of the LUNs that its hosts see."""
        return frozenset(lun for _, lun in self.luns)

    def showing(self, changes: Iterable["HostLun"]) -> "StorageGroup":
        """Return the group as it is after what is under some of its host LUN numbers has changed."""
        under = {one.hlu: one.lun for one in changes if one.group == self.name}
        kept = [(hlu, lun) for hlu, lun in self.luns if hlu not in under]
        fresh = [(hlu, lun) for hlu, lun in under.items() if lun is not None]
        return replace(self, luns=tuple(sorted(kept + fresh))) if under else self


@dataclass(frozen=True, slots=True)
class HostLun:
    """What a storage group shows under one host LUN number."""

    group: str
    hlu: int
    lun: int | None
    """The LUN's number; None for nothing."""
