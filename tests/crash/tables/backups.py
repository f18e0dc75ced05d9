"""Rows of backups, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from typing import Final

from tests.backup_host import HOST, REPOSITORY
from tests.crash.kept import BACKUPS, LAST, OLD

from .row import START, Row

_GROUP: Final = f"storage-group:{HOST}"
_SHOWN: Final = {_GROUP: "shared"}
_READS: Final = ("luns", "snapshot", "storage_group")
_TO: Final = {"repository": REPOSITORY, "host": HOST}
_MADE: Final = ("create_snapshot", "create_mount_point", "attach_snapshot", "map_lun")
_PUT_AWAY: Final = ("unmap_lun", "destroy_mount_point", "destroy_snapshot")
_OF: Final = {"backup": LAST, "host": HOST}
_HELD: Final = ("volume", "pin", "group")
_WHILE_SHOWN: Final = (*_HELD, "storage-group")
_KEEPS: Final = {
    "unmap_lun": _WHILE_SHOWN,
    "destroy_mount_point": _HELD,
    "destroy_snapshot": _HELD,
    "back storage_group": _WHILE_SHOWN,
    "back unmap_lun": _WHILE_SHOWN,
    "back lun": _HELD,
    "back destroy_mount_point": _HELD,
    "back destroy_snapshot": _HELD,
}


def _stuck(source: str, content: str, hidden: str) -> dict[str, dict[str, str]]:
    """Return what stands when a command that puts away is refused: the last of a source's own snapshots, and so on."""
    snapshot = START | {hidden: content}
    mount = snapshot | {"mount0 of a job": f"2 GB snap copy of {source}: {content}"}
    shown = mount | {f"{HOST} sees mount0 of a job": "under 1"}
    return {"unmap_lun": shown, "destroy_mount_point": mount, "destroy_snapshot": snapshot}


ROWS: Final = (
    Row(
        "backup",
        {"operation": "backup", "volumes": "gold", **_TO},
        (*_MADE, *_PUT_AWAY),
        START,
        {"volume:gold": "shared", "pin:gold": "shared", f"repository:gold {REPOSITORY}": "alone", **_SHOWN},
        {},
        reads=_READS,
        no_way_back=4,
        stuck_at=_stuck("gold", "slag", "snapshot hidden of gold (2)"),
        backups=BACKUPS | {"new of gold": "slag"},
        keeps=_KEEPS,
    ),
    Row(
        "backup-of-snap-copy",
        {"operation": "backup", "volumes": "copy", **_TO},
        (*_MADE, *_PUT_AWAY),
        START,
        {
            "volume:copy": "shared",
            "volume:gold": "shared",
            "pin:gold": "shared",
            f"repository:copy {REPOSITORY}": "alone",
            **_SHOWN,
        },
        {},
        reads=(*_READS, "storage_groups"),
        no_way_back=4,
        stuck_at=_stuck("gold", "ore", "snapshot hidden of gold (2)"),
        backups=BACKUPS | {"new of copy": "ore"},
        brief={"mapping:copy": ("alone", 3)},
        keeps=_KEEPS,
    ),
    Row(
        "backup-of-group",
        {"operation": "backup", "group": "lone", **_TO},
        ("create_group_snapshot", *_MADE[1:], *_PUT_AWAY),
        START,
        {
            "group:lone": "shared",
            "volume:gold": "shared",
            "pin:gold": "shared",
            f"repository:gold {REPOSITORY}": "alone",
            **_SHOWN,
        },
        {},
        reads=_READS,
        no_way_back=4,
        stuck_at=_stuck("gold", "slag", "snapshot hidden of gold (2)"),
        backups=BACKUPS | {"new of gold": "slag"},
        keeps=_KEEPS,
    ),
    Row(
        "restore-backup",
        {"operation": "restore-backup", "name": "again", "pool": "other", **_OF},
        ("create_lun", "map_lun", "unmap_lun"),
        START | {"again": "2 GB full: zinc"},
        {"name:again": "alone", f"repository:spare {REPOSITORY}": "alone", **_SHOWN},
        {},
        reads=("luns", "storage_group"),
        no_way_back=2,
        stuck_at={"unmap_lun": START | {"again": "2 GB full: zinc", f"{HOST} sees again": "under 1"}},
        moved={"again": "thin in other"},
        keeps={
            "unmap_lun": ("storage-group",),
            "back storage_group": ("name", "storage-group"),
            "back unmap_lun": ("name", "storage-group"),
            "back lun": ("name",),
            "back destroy_lun": ("name",),
        },
    ),
    Row(
        "restore-backup-onto",
        {"operation": "restore-backup", "name": "spare", "overwrite": True, **_OF},
        ("map_lun", "unmap_lun"),
        START | {"spare": "2 GB full: zinc"},
        {
            "volume:spare": "alone",
            "mapping:spare": "alone",
            "copies:spare": "alone",
            f"repository:spare {REPOSITORY}": "alone",
            **_SHOWN,
        },
        {},
        reads=("luns", "storage_groups", "storage_group"),
        no_way_back=1,
        stuck_at={"unmap_lun": START | {"spare": "2 GB full: zinc", f"{HOST} sees spare": "under 1"}},
        keeps=dict.fromkeys(
            ("unmap_lun", "back storage_group", "back unmap_lun"), ("volume", "mapping", "storage-group")
        ),
    ),
    Row(
        "restore-backup-to-file",
        {"operation": "restore-backup", "name": "again.img", "to_file": True, **_OF},
        (),
        START,
        {f"repository:spare {REPOSITORY}": "alone"},
        {},
        backups=BACKUPS | {"file again.img": "zinc"},
    ),
    Row(
        "drill",
        {"operation": "drill", "pool": "other", **_OF},
        ("create_lun", "map_lun", "unmap_lun", "destroy_lun"),
        START,
        {f"repository:spare {REPOSITORY}": "alone", **_SHOWN},
        {},
        reads=("luns", "storage_group", "lun"),
        no_way_back=2,
        stuck_at={
            "unmap_lun": START | {"drill of a job": "2 GB full: zinc", f"{HOST} sees drill of a job": "under 1"},
            "destroy_lun": START | {"drill of a job": "2 GB full: zinc"},
        },
        backups=BACKUPS | {"last of spare": "zinc, proved"},
        keeps={
            "unmap_lun": ("storage-group",),
            "destroy_lun": (),
            "back storage_group": ("storage-group",),
            "back unmap_lun": ("storage-group",),
            "back lun": (),
            "back destroy_lun": (),
        },
    ),
    Row(
        "verify-backup",
        {"operation": "verify-backup", **_OF},
        (),
        START,
        {f"repository:spare {REPOSITORY}": "alone"},
        {},
        backups=BACKUPS | {"last of spare": "zinc, verified"},
    ),
    Row(
        "prune-backups",
        {"operation": "prune-backups", "backups": [OLD], "host": HOST},
        (),
        START,
        {f"repository:spare {REPOSITORY}": "alone"},
        {},
        backups={"last of spare": "zinc"},
    ),
)

LOOKS: Final = {"unmap_lun": ("storage_group",)}
"""What is read to see whether a command without an answer was carried out; the rest as for other operations."""

_NOTHING: Final[tuple[str, ...]] = ()
_SNAPSHOT: Final = ("destroy_snapshot",)
_MOUNT: Final = ("lun", "destroy_mount_point", "destroy_snapshot")
_LEARNT: Final = ("destroy_mount_point", "destroy_snapshot")
_UNMAPPED: Final = ("storage_group", "unmap_lun")
_LUN: Final = ("lun", "destroy_lun")
_BACKUPS: Final = ("backup", "backup-of-snap-copy", "backup-of-group")
_RESTORES: Final = ("restore-backup", "drill")

UNDONE: Final = {
    **{(operation, "create_snapshot"): _NOTHING for operation in _BACKUPS[:2]},
    ("backup-of-group", "create_group_snapshot"): _NOTHING,
    **{(operation, "create_mount_point"): _SNAPSHOT for operation in _BACKUPS},
    **{(operation, "attach_snapshot"): _MOUNT for operation in _BACKUPS},
    **{(operation, "map_lun"): _LEARNT for operation in _BACKUPS},
    **{(operation, "create_lun"): _NOTHING for operation in _RESTORES},
    **{(operation, "map_lun"): _LUN for operation in _RESTORES},
    ("restore-backup-onto", "map_lun"): _NOTHING,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    **{(operation, "create_snapshot"): _SNAPSHOT for operation in _BACKUPS[:2]},
    ("backup-of-group", "create_group_snapshot"): _SNAPSHOT,
    **{(operation, "create_mount_point"): _MOUNT for operation in _BACKUPS},
    **{(operation, "attach_snapshot"): _MOUNT for operation in _BACKUPS},
    **{(operation, "map_lun"): (*_UNMAPPED, *_LEARNT) for operation in _BACKUPS},
    **{(operation, "create_lun"): _LUN for operation in _RESTORES},
    **{(operation, "map_lun"): (*_UNMAPPED, *_LUN) for operation in _RESTORES},
    ("restore-backup-onto", "map_lun"): _UNMAPPED,
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""
