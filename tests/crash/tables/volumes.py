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
        "create-compressed-volume",
        {"operation": "create-volume", "name": "new", "size_gb": 3, "pool": "pool", "provisioning": "compressed"},
        ("create_lun", "compress_lun"),
        START | {"new": "3 GB full: "},
        {"name:new": "alone"},
        {},
        reads=("luns",),
        moved={"new": "compressed in pool"},
    ),
    Row(
        "extend-volume",
        {"operation": "extend-volume", "name": "spare", "size_gb": 5},
        ("expand_lun",),
        START | {"spare": "5 GB full: tin"},
        {"volume:spare": "alone"},
        {},
        reads=("luns",),
    ),
    Row(
        "rename-volume",
        {"operation": "rename-volume", "name": "iron", "new_name": "steel"},
        ("rename_lun",),
        {name.replace("iron", "steel"): what.replace("iron", "steel") for name, what in START.items()},
        {"volume:iron": "alone", "name:iron": "alone", "name:steel": "alone"},
        {},
        reads=("luns",),
    ),
    Row(
        "set-readonly",
        {"operation": "set-readonly", "name": "spare", "readonly": True},
        (),
        START,
        {"volume:spare": "alone"},
        {},
        reads=("luns", "storage_groups"),
    ),
    Row(
        "manage-volume",
        {"operation": "manage-volume", "existing": "iron", "name": "iron"},
        (),
        START,
        {"volume:iron": "alone"},
        {},
        reads=("luns", "storage_groups"),
    ),
    Row(
        "manage-and-rename-volume",
        {"operation": "manage-volume", "number": 90, "name": "ours"},
        ("rename_lun",),
        without("foreign") | {"ours": "2 GB snap copy of iron: rust"},
        {"volume:foreign": "alone", "name:foreign": "alone", "name:ours": "alone", "volume:iron": "shared"},
        {},
        reads=("luns", "storage_groups"),
    ),
    Row(
        "unmanage-volume",
        {"operation": "unmanage-volume", "name": "copy"},
        (),
        START,
        {"volume:copy": "alone"},
        {},
        reads=("luns",),
    ),
    Row(
        "delete-volume",
        {"operation": "delete-volume", "name": "spare"},
        ("destroy_lun",),
        without("spare"),
        {
            "volume:spare": "alone",
            "name:spare": "alone",
            "pin:spare": "alone",
            "copies:spare": "alone",
            "snapshots:spare": "alone",
        },
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
    "compress_lun": ("lun",),
    "expand_lun": ("lun",),
    "rename_lun": ("lun",),
    "destroy_lun": ("lun",),
    "destroy_mount_point": ("lun",),
}
"""What is read to see whether a command without an answer was carried out."""

_NOTHING: Final[tuple[str, ...]] = ()

UNDONE: Final = {
    ("create-volume", "create_lun"): _NOTHING,
    ("create-compressed-volume", "create_lun"): _NOTHING,
    ("create-compressed-volume", "compress_lun"): ("lun", "destroy_lun"),
    ("extend-volume", "expand_lun"): _NOTHING,
    ("rename-volume", "rename_lun"): _NOTHING,
    ("manage-and-rename-volume", "rename_lun"): _NOTHING,
    ("delete-volume", "destroy_lun"): _NOTHING,
    ("delete-snap-copy", "destroy_mount_point"): _NOTHING,
    ("delete-mount-point", "destroy_mount_point"): _NOTHING,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    ("create-volume", "create_lun"): ("lun", "destroy_lun"),
    ("create-compressed-volume", "create_lun"): ("lun", "destroy_lun"),
    ("create-compressed-volume", "compress_lun"): ("lun", "destroy_lun"),
    ("extend-volume", "expand_lun"): ("lun",),
    ("rename-volume", "rename_lun"): ("lun", "rename_lun"),
    ("manage-and-rename-volume", "rename_lun"): ("lun", "rename_lun"),
    ("delete-volume", "destroy_lun"): ("lun",),
    ("delete-snap-copy", "destroy_mount_point"): ("lun",),
    ("delete-mount-point", "destroy_mount_point"): ("lun",),
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""
