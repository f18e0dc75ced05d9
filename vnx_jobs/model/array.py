"""What an array shows: its objects as frozen values. Sizes are blocks of 512 bytes, as the array counts them."""

from dataclasses import dataclass
from typing import Final

BLOCKS_PER_GB: Final = 2 * 1024 * 1024
"""512-byte blocks of one of the array's gigabytes (2^30 bytes)."""


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
