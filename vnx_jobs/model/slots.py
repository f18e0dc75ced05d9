"""Who holds the capacity slots of primary LUNs, as an array's lists show it. Pure: both state servers repair by it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from .array import Lun, Snapshot
from .keys import KeyKind, copies_key, mounts_key, snapshots_key

Sets: TypeAlias = dict[str, list[str]]
"""The members of each set of slots, by the set's key."""

SLOT_KINDS: Final[tuple[KeyKind, ...]] = ("copies", "mounts", "snapshots")
"""What the keys of such sets begin with."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A slot or a LUN number that is held although the array does not show its object, or the other way round."""

    key: str
    member: str
    held: bool
    """Held for nothing; else the object stands on the array and holds nothing."""


def slots_by_luns(array: str, luns: Iterable[Lun]) -> Sets:
    """Return who holds the mount and copy slots of each primary LUN.

    The member is the attached snapshot: a mount point has one, and a snapshot is attached to one mount point. A mount
    point without a snapshot is known by its number, as `lun:<number>`.
    """
    listed = tuple(luns)
    primaries = {lun.name: lun for lun in listed if not lun.is_mount_point}
    sets: Sets = {key(array, lun.uid): [] for lun in primaries.values() for key in (mounts_key, copies_key)}
    for lun in listed:
        primary = primaries.get(lun.primary or "")
        if primary is not None:
            sets[mounts_key(array, primary.uid)].append(lun.attached or f"lun:{lun.number}")
            if lun.attached:
                sets[copies_key(array, primary.uid)].append(lun.attached)
    return sets


def slots_by_snapshots(array: str, luns: Iterable[Lun], snapshots: Iterable[Snapshot]) -> Sets:
    """Return who holds the snapshot slots of each primary LUN."""
    uids = {lun.number: lun.uid for lun in luns if not lun.is_mount_point}
    sets: Sets = {snapshots_key(array, uid): [] for uid in uids.values()}
    for snapshot in snapshots:
        for primary in {primary for _, primary in snapshot.images} & uids.keys():
            sets[snapshots_key(array, uids[primary])].append(snapshot.name)
    return sets


def slots_of_vanished(array: str, known: Iterable[Lun], listed: Iterable[Lun]) -> Sets:
    """Return the sets, all empty, of primary LUNs that were known and are listed no more."""
    uids = {lun.uid for lun in listed}
    vanished = [lun for lun in known if not lun.is_mount_point and lun.uid not in uids]
    return {key(array, lun.uid): [] for lun in vanished for key in (mounts_key, copies_key, snapshots_key)}
