"""Rows of volumes, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from typing import Final

from .row import START, Row, without

ROWS: Final = (
    Row(
        "create-volume",
        {"operation": "create-volume", "name": "new", "size_gb": 3, "pool": "pool"},
        ("create_lun",),
        START | {"new": "3 GB full: "},
        {"name:new": "alone"},
        {},
        reads=("luns",),
    ),
    Row(
        "delete-volume",
        {"operation": "delete-volume", "name": "spare"},
        ("destroy_lun",),
        without("spare"),
        {"volume:spare": "alone", "name:spare": "alone", "pin:spare": "alone", "copies:spare": "alone"},
        {},
        reads=("luns",),
    ),
    Row(
        "delete-snap-copy",
        {"operation": "delete-volume", "name": "copy"},
        ("destroy_mount_point", "destroy_snapshot"),
        without("copy", "snapshot hidden of gold"),
        {"volume:copy": "alone", "name:copy": "alone", "volume:gold": "shared"},
        {"copies:gold": -1, "mounts:gold": -1, "snapshots:gold": -1},
        reads=("luns",),
        no_way_back=1,
        stuck=without("copy"),
    ),
    Row(
        "delete-mount-point",
        {"operation": "delete-volume", "name": "foreign"},
        ("destroy_mount_point",),
        without("foreign"),
        {"volume:foreign": "alone", "name:foreign": "alone", "volume:iron": "shared"},
        {"copies:iron": -1, "mounts:iron": -1},
        reads=("luns",),
    ),
)

LOOKS: Final = {
    "create_lun": ("lun",),
    "destroy_lun": ("lun",),
    "destroy_mount_point": ("lun",),
}
"""What is read to see whether a command without an answer was carried out."""

_NOTHING: Final[tuple[str, ...]] = ()

UNDONE: Final = {
    ("create-volume", "create_lun"): _NOTHING,
    ("delete-volume", "destroy_lun"): _NOTHING,
    ("delete-snap-copy", "destroy_mount_point"): _NOTHING,
    ("delete-mount-point", "destroy_mount_point"): _NOTHING,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    ("create-volume", "create_lun"): ("lun", "destroy_lun"),
    ("delete-volume", "destroy_lun"): ("lun",),
    ("delete-snap-copy", "destroy_mount_point"): ("lun",),
    ("delete-mount-point", "destroy_mount_point"): ("lun",),
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""
