"""Rows of snapshots, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from typing import Final

from .row import START, UNSHOWN, Row, without

ROWS: Final = (
    Row(
        "create-snapshot",
        {"operation": "create-snapshot", "name": "tuesday", "volume": "gold"},
        ("create_snapshot",),
        START | {"snapshot tuesday of gold": "slag"},
        {"volume:gold": "shared", "snapshot:tuesday": "alone"},
        {"snapshots:gold": 1},
    ),
    Row(
        "create-snapshot-of-snap-copy",
        {"operation": "create-snapshot", "name": "tuesday", "volume": "copy"},
        ("create_snapshot",),
        START | {"snapshot tuesday of gold": "ore"},
        {"volume:copy": "shared", "volume:gold": "shared", "snapshot:tuesday": "alone"},
        {"snapshots:gold": 1},
        reads=("luns", "storage_groups"),
        brief=UNSHOWN,
    ),
    Row(
        "copy-snapshot",
        {"operation": "copy-snapshot", "name": "tuesday", "snapshot": "monday"},
        ("copy_snapshot", "name_snapshot"),
        START | {"snapshot tuesday of gold": "ore"},
        {"volume:gold": "shared", "snapshot:monday": "shared", "snapshot:tuesday": "alone"},
        {"snapshots:gold": 1},
    ),
    Row(
        "restore-snapshot",
        {"operation": "restore-snapshot", "name": "monday", "volume": "gold"},
        ("restore_snapshot",),
        START | {"gold": "2 GB full: ore", "snapshot before of gold": "slag"},
        {"volume:gold": "alone", "mapping:gold": "shared", "snapshot:monday": "shared", "snapshot:before": "alone"},
        {"snapshots:gold": 1},
        reads=("luns", "snapshots", "storage_groups"),
    ),
    Row(
        "delete-snapshot",
        {"operation": "delete-snapshot", "name": "monday"},
        ("destroy_snapshot",),
        without("snapshot monday of gold"),
        {"volume:gold": "shared", "snapshot:monday": "alone"},
        {"snapshots:gold": -1},
        reads=("luns", "snapshots"),
    ),
)

LOOKS: Final = {
    "create_snapshot": ("snapshot",),
    "name_snapshot": ("snapshot",),
    "restore_snapshot": ("snapshot",),
    "destroy_snapshot": ("snapshot",),
}
"""What is read to see whether a command without an answer was carried out."""

_NOTHING: Final[tuple[str, ...]] = ()
_COPY_BY_ITS_OWN_NAME: Final = ("snapshot", "snapshot", "destroy_snapshot")

UNDONE: Final = {
    ("create-snapshot", "create_snapshot"): _NOTHING,
    ("create-snapshot-of-snap-copy", "create_snapshot"): _NOTHING,
    ("copy-snapshot", "copy_snapshot"): _NOTHING,
    ("copy-snapshot", "name_snapshot"): _COPY_BY_ITS_OWN_NAME,
    ("restore-snapshot", "restore_snapshot"): _NOTHING,
    ("delete-snapshot", "destroy_snapshot"): _NOTHING,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    ("create-snapshot", "create_snapshot"): ("snapshot", "destroy_snapshot"),
    ("create-snapshot-of-snap-copy", "create_snapshot"): ("snapshot", "destroy_snapshot"),
    ("copy-snapshot", "copy_snapshot"): _COPY_BY_ITS_OWN_NAME,
    ("copy-snapshot", "name_snapshot"): ("snapshot", "destroy_snapshot"),
    ("restore-snapshot", "restore_snapshot"): ("snapshot",),
    ("delete-snapshot", "destroy_snapshot"): ("snapshot",),
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""
