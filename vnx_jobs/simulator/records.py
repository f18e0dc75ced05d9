"""The rows of the state, as records: the fields stand in the order of the table's columns."""

from __future__ import annotations

from .record import record

GB_BLOCKS = 2 * 1024 * 1024
"""Blocks of 512 bytes in one GB, as the array counts."""


MIXED = (("SAS Flash VP", "r_5", 2.0), ("SAS", "r_5", 6.0), ("NL SAS", "r_6", 92.0))
"""Disk type, RAID type and percentage of a mixed pool's tiers, much as recorded."""


DISK_GB, SLOTS = 536, 25
"""What a disk holds for its users, and how many disks an enclosure has."""


@record
class Tier:
    """One tier of a pool; `share` is its percentage of the pool."""

    name: str
    disk_type: str
    raid: str
    share: float
    disks: tuple[str, ...]


@record
class Pool:
    """A storage pool."""

    id: int
    name: str
    user_blocks: int
    raid: str
    disk_type: str
    tier: str
    threshold: int
    description: str
    disks: str

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The pool's tiers: one, or the three of a mixed pool."""
        names = self.tier.split(",")
        every = self.disks.split(",")
        if len(names) == 1:
            return (Tier(self.tier, self.disk_type, self.raid, 100.0, tuple(every)),)
        first, second = max(1, len(every) // 8), max(2, len(every) // 3)
        parts = (every[:first], every[first:second], every[second:])
        return tuple(
            Tier(name, kind, raid, share, tuple(part))
            for name, part, (kind, raid, share) in zip(names, parts, MIXED, strict=True)
        )


@record
class Lun:
    """A pool LUN, or a snapshot mount point, which is a LUN with a primary. `blocks` are 512 bytes each."""

    id: int
    number: int
    name: str
    uid: str
    pool: int
    blocks: int
    thin: int
    primary_id: int | None
    attached: int | None
    owner: str
    tiering: str
    initial_tier: str
    compressed: int
    deduplicated: int
    created: float
    ready_at: float
    top: int | None
    device: int

    @property
    def is_mount_point(self) -> bool:
        """Whether this is a LUN of type snap."""
        return self.primary_id is not None

    @property
    def root(self) -> int:
        """The id of the primary LUN that this LUN's snapshots count for."""
        return self.id if self.primary_id is None else self.primary_id


@record
class Snapshot:
    """A snapshot: of one LUN, or of the members of a consistency group."""

    id: int
    name: str
    description: str
    created: float
    modified_at: float | None
    modified_by: str | None
    source_group: str | None
    writable: int
    modified: int
    auto_delete: int
    expires: float | None


@record
class Image:
    """What a snapshot froze of one LUN.

    `source` is a LUN's number; `depth` counts the snapshots of snapshots from the primary on; `mount` is the id of the
    mount point that shows it.
    """

    snapshot: int
    source: int
    primary_number: int
    primary_id: int
    blocks: int
    depth: int
    layer: int | None
    mount: int | None


@record
class ConsistencyGroup:
    """A consistency group."""

    id: int
    name: str
    description: str
    auto_delete: int


@record
class Migration:
    """A migration session. Times are seconds since the epoch; source and dest are LUN ids."""

    source: int
    dest: int
    rate: str
    started: float
    synced_at: float
    ends_at: float
    shown_at: float
    state: str
    percent: int


@record
class StorageGroup:
    """A storage group."""

    id: int
    name: str
    uid: str
    special: int


@record
class Initiator:
    """A registered path of a host's initiator to an SP port."""

    uid: str
    sp: str
    port: int
    vport: int
    host: str
    ip: str | None


@record
class Port:
    """A front-end port of an SP."""

    sp: str
    number: int
    kind: str
    wwn: str
    mac: str
    speed: str
    mtu: int


@record
class VirtualPort:
    """An address on an iSCSI port."""

    sp: str
    port: int
    number: int
    vlan: int | None
    address: str
    mask: str
    gateway: str


@record
class Account:
    """A user of the array."""

    name: str
    scope: str
    password: str
    role: str
    kind: str
