"""What is known of an array: the last lists, but for what others changed since it was reconciled last. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from vnx_jobs.model.array import Group, HostLun, Lun, Snapshot, StorageGroup
from vnx_jobs.model.others import Altered, AlteredKind, Compared

T = TypeVar("T", Lun, Snapshot, Group)

_KINDS: Final[Mapping[type[Compared], AlteredKind]] = {Lun: "luns", Snapshot: "snapshots", Group: "groups"}

Mappings: TypeAlias = Mapping[tuple[str, int], int]
"""The number of the LUN that a storage group shows under a host LUN number."""


@dataclass(frozen=True, slots=True)
class Known:
    """What jobs, and lists that were reconciled, have left; None where no list was read yet."""

    volumes: tuple[Lun, ...] | None = None
    snapshots: tuple[Snapshot, ...] | None = None
    groups: tuple[Group, ...] | None = None
    mappings: Mappings | None = None


def before_others(things: Iterable[T], altered: Iterable[Altered], of: type[T]) -> tuple[T, ...]:
    """Return objects of a kind as they were before others changed them."""
    known = {one.name: one for one in things}
    for one in altered:
        if one.kind == _KINDS[of]:
            known.pop(one.name, None)
            if isinstance(one.before, of):
                known[one.name] = one.before
    return tuple(known[name] for name in sorted(known))


def mappings_before_others(groups: Iterable[StorageGroup], altered: Iterable[Altered]) -> Mappings:
    """Return what storage groups showed before others changed it."""
    known = mappings(groups)
    for one in altered:
        if isinstance(one.before, HostLun):
            known.pop((one.before.group, one.before.hlu), None)
            if one.before.lun is not None:
                known[one.before.group, one.before.hlu] = one.before.lun
    return known


def mappings(groups: Iterable[StorageGroup]) -> dict[tuple[str, int], int]:
    """Return what storage groups show; `~physical`, which shows every LUN of an array to nobody, is left out."""
    return {(one.name, hlu): lun for one in groups if one.name != "~physical" for hlu, lun in one.luns}
