"""What others changed of an array: how an object was before a list showed it otherwise, and no job had done that."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from .array import Group, HostLun, Lun, Snapshot

AlteredKind: TypeAlias = Literal["luns", "snapshots", "groups", "mappings"]
"""What is compared; a mapping is what a storage group shows under one host LUN number."""

Compared: TypeAlias = Lun | Snapshot | Group

COUNTS: Final[Mapping[type[Compared], tuple[str, ...]]] = MappingProxyType(
    {
        Lun: ("number", "uid", "blocks", "pool", "thin", "primary", "attached", "deduplicated", "compressed"),
        Snapshot: ("source", "primary", "created"),
        Group: ("members", "description"),
    }
)
"""The fields in which a difference is a change: the others say how an object fares, not what it is."""


@dataclass(frozen=True, slots=True)
class Altered:
    """One object that a list showed otherwise than jobs, and lists that were reconciled, had left it."""

    kind: AlteredKind
    name: str
    """Of a mapping, its host LUN number and its storage group, with a blank between."""
    before: Compared | HostLun | None
    """None: it was not there. A mapping of nothing stands for itself."""
    seen: int
    """When the list was begun that showed it first: milliseconds of the state server's clock."""


def differs(before: Compared, after: Compared) -> bool:
    """Say whether an object is another one than before, or was changed. What was not known yet differs in nothing."""
    return any(
        (was := _plain(getattr(before, name))) != "" and was != _plain(getattr(after, name))
        for name in COUNTS[type(before)]
    )


def _plain(value: object) -> object:
    return tuple(sorted(value)) if isinstance(value, tuple) else value


def place(hlu: int, group: str) -> str:
    """Name what a storage group shows under a host LUN number."""
    return f"{hlu} {group}"


def at_place(name: str, lun: int | None) -> HostLun:
    """Return what a storage group showed at a place."""
    hlu, _, group = name.partition(" ")
    return HostLun(group, int(hlu), lun)
