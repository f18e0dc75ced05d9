"""Rows of migrations, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from typing import Final

from tests.backup_host import HOST

from .row import START, Row, without

_SHOWN: Final = ("volume", "mapping", "storage-group")
_ALL: Final = (*_SHOWN, "name")
_THROUGH: Final = "promote-through-host"

ROWS: Final = (
    Row(
        "migrate-volume",
        {"operation": "migrate-volume", "name": "spare", "pool": "other", "provisioning": "thick"},
        ("create_lun", "migrate"),
        START,
        {"volume:spare": "alone", "pin:spare": "alone", "copies:spare": "alone", "snapshots:spare": "alone"},
        {},
        reads=("luns", "sessions"),
        moved={"spare": "thick in other"},
    ),
    Row(
        "migrate-compressed-volume",
        {"operation": "retype-volume", "name": "spare", "provisioning": "compressed"},
        ("create_lun", "compress_lun", "migrate"),
        START,
        {"volume:spare": "alone", "pin:spare": "alone", "copies:spare": "alone", "snapshots:spare": "alone"},
        {},
        reads=("luns", "sessions"),
        moved={"spare": "compressed in pool"},
    ),
    Row(
        "promote-volume",
        {"operation": "promote-volume", "name": "copy", "pool": "other"},
        ("create_lun", "migrate", "destroy_snapshot"),
        without("snapshot hidden of gold") | {"copy": "2 GB full: ore"},
        {"volume:copy": "alone", "volume:gold": "shared"},
        {"copies:gold": -1, "mounts:gold": -1, "snapshots:gold": -1},
        reads=("luns", "snapshots", "sessions"),
        no_way_back=2,
        stuck=START | {"copy": "2 GB full: ore"},
        moved={"copy": "thin in other"},
    ),
    Row(
        "promote-mount-point",
        {"operation": "promote-volume", "name": "foreign"},
        ("create_lun", "migrate"),
        START | {"foreign": "2 GB full: rust"},
        {"volume:foreign": "alone", "volume:iron": "shared"},
        {"copies:iron": -1, "mounts:iron": -1},
        reads=("luns", "snapshots", "sessions"),
    ),
    Row(
        _THROUGH,
        {"operation": "promote-volume", "name": "copy", "host": HOST, "pool": "other"},
        (
            "create_lun",
            "map_lun 1",
            "map_lun 2",
            "unmap_lun 1",
            "unmap_lun 2",
            "destroy_mount_point",
            "rename_lun",
            "destroy_snapshot",
        ),
        without("snapshot hidden of gold") | {"copy": "2 GB full: ore"},
        {
            "volume:copy": "alone",
            "volume:gold": "shared",
            "mapping:copy": "alone",
            "name:copy": "alone",
            f"storage-group:{HOST}": "shared",
        },
        {"copies:gold": -1, "mounts:gold": -1, "snapshots:gold": -1},
        reads=("luns", "snapshots", "storage_groups", "storage_group"),
        no_way_back=3,
        stuck_at={
            "unmap_lun 1": START
            | {
                "new of a job": "2 GB full: ore",
                f"{HOST} sees copy": "under 1",
                f"{HOST} sees new of a job": "under 2",
            },
            "unmap_lun 2": START | {"new of a job": "2 GB full: ore", f"{HOST} sees new of a job": "under 2"},
            "destroy_mount_point": START | {"new of a job": "2 GB full: ore"},
            "rename_lun": without("copy") | {"new of a job": "2 GB full: ore"},
            "destroy_snapshot": START | {"copy": "2 GB full: ore"},
        },
        moved={"copy": "thin in other"},
        twice=("show-to-host", "put-away-show-to-host"),
        keeps={
            "unmap_lun 1": _ALL,
            "unmap_lun 2": _ALL,
            "destroy_mount_point": _ALL,
            "rename_lun": ("volume", "name"),
            "destroy_snapshot": ("volume",),
            "back storage_group": _SHOWN,
            "back unmap_lun": _SHOWN,
            "back lun": (),
            "back destroy_lun": (),
        },
    ),
)

LOOKS: Final[dict[str, tuple[str, ...]]] = {}
"""What is read to see whether a command without an answer was carried out: as for clones and volumes."""

_NOTHING: Final[tuple[str, ...]] = ()
_TARGET: Final = ("lun", "destroy_lun")
_SESSION: Final = ("cancel_migration", *_TARGET)
_TABLES: Final = tuple(row.operation for row in ROWS if row.operation != _THROUGH)
_LUN: Final = ("lun", "destroy_lun")
_HIDDEN: Final = ("storage_group", "unmap_lun", *_LUN)
_BOTH_HIDDEN: Final = ("storage_group", "unmap_lun", *_HIDDEN)

UNDONE: Final = {
    **{(table, "create_lun"): _NOTHING for table in _TABLES},
    **{(table, "migrate"): _TARGET for table in _TABLES},
    ("migrate-compressed-volume", "compress_lun"): _TARGET,
    (_THROUGH, "create_lun"): _NOTHING,
    (_THROUGH, "map_lun 1"): _LUN,
    (_THROUGH, "map_lun 2"): _HIDDEN,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    **{(table, "create_lun"): _TARGET for table in _TABLES},
    **{(table, "migrate"): _SESSION for table in _TABLES},
    ("migrate-compressed-volume", "compress_lun"): _TARGET,
    (_THROUGH, "create_lun"): _LUN,
    (_THROUGH, "map_lun 1"): _HIDDEN,
    (_THROUGH, "map_lun 2"): _BOTH_HIDDEN,
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""

FAULTED: Final = {(table, "migrate"): _SESSION for table in _TABLES}
"""What an operation sends when its migration session has faulted."""
