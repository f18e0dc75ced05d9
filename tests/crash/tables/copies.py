"""Rows of copies, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from typing import Final

from .row import START, UNSHOWN, Row

_SHARED_GOLD: Final = {"volume:gold": "shared", "pin:gold": "shared"}
_TWIN: Final = {"name:twin": "alone", **_SHARED_GOLD}

ROWS: Final = (
    Row(
        "snap-copy",
        {"operation": "snap-copy", "name": "second", "source": "spare"},
        ("create_snapshot", "create_mount_point", "attach_snapshot"),
        START | {"second": "2 GB snap copy of spare: tin", "snapshot hidden of spare": "tin"},
        {"name:second": "alone", "volume:spare": "shared"},
        {"copies:spare": 1, "mounts:spare": 1, "snapshots:spare": 1},
        reads=("luns",),
    ),
    Row(
        "snap-copy-of-snap-copy",
        {"operation": "snap-copy", "name": "second", "source": "copy"},
        ("create_snapshot", "create_mount_point", "attach_snapshot"),
        START | {"second": "2 GB snap copy of gold: ore", "snapshot hidden of gold (2)": "ore"},
        {"name:second": "alone", "volume:copy": "shared", "volume:gold": "shared"},
        {"copies:gold": 1, "mounts:gold": 1, "snapshots:gold": 1},
        reads=("luns", "storage_groups"),
        brief=UNSHOWN,
    ),
    Row(
        "snap-copy-of-snapshot",
        {"operation": "snap-copy", "name": "second", "snapshot": "monday"},
        ("copy_snapshot", "allow_writes", "create_mount_point", "attach_snapshot"),
        START | {"second": "2 GB snap copy of gold: ore", "snapshot hidden of gold (2)": "ore"},
        {"name:second": "alone", "snapshot:monday": "shared", "volume:gold": "shared"},
        {"copies:gold": 1, "mounts:gold": 1, "snapshots:gold": 1},
        reads=("luns",),
    ),
    Row(
        "clone",
        {"operation": "clone", "name": "twin", "source": "gold", "pool": "other"},
        ("create_snapshot", "create_mount_point", "attach_snapshot", "create_lun", "migrate", "destroy_snapshot"),
        START | {"twin": "2 GB full: slag"},
        _TWIN,
        {},
        reads=("luns", "sessions"),
        no_way_back=5,
        stuck=START | {"twin": "2 GB full: slag", "snapshot hidden of gold (2)": "slag"},
        moved={"twin": "thin in other"},
    ),
    Row(
        "clone-of-snap-copy",
        {"operation": "clone", "name": "twin", "source": "copy"},
        ("create_snapshot", "create_mount_point", "attach_snapshot", "create_lun", "migrate", "destroy_snapshot"),
        START | {"twin": "2 GB full: ore"},
        {"volume:copy": "shared", **_TWIN},
        {},
        reads=("luns", "sessions", "storage_groups"),
        brief=UNSHOWN,
        no_way_back=5,
        stuck=START | {"twin": "2 GB full: ore", "snapshot hidden of gold (2)": "ore"},
    ),
    Row(
        "clone-of-snapshot",
        {"operation": "clone", "name": "twin", "snapshot": "monday"},
        (
            "copy_snapshot",
            "allow_writes",
            "create_mount_point",
            "attach_snapshot",
            "create_lun",
            "migrate",
            "destroy_snapshot",
        ),
        START | {"twin": "2 GB full: ore"},
        {"snapshot:monday": "shared", **_TWIN},
        {},
        reads=("luns", "sessions"),
        no_way_back=6,
        stuck=START | {"twin": "2 GB full: ore", "snapshot hidden of gold (2)": "ore"},
    ),
    Row(
        "clone-of-group-snapshot",
        {"operation": "clone", "name": "twin", "snapshot": "frozen", "member": "east", "pool": "other"},
        (
            "copy_snapshot",
            "allow_writes",
            "create_mount_point",
            "attach_snapshot",
            "create_lun",
            "migrate",
            "destroy_snapshot",
        ),
        START | {"twin": "2 GB full: sand"},
        {
            "name:twin": "alone",
            "snapshot:frozen": "shared",
            "volume:north": "shared",
            "pin:north": "shared",
            "volume:east": "shared",
            "pin:east": "shared",
        },
        {},
        reads=("luns", "sessions"),
        no_way_back=6,
        stuck=START | {"twin": "2 GB full: sand", "snapshot hidden of north, east": "ice, sand"},
        moved={"twin": "thin in other"},
    ),
)

LOOKS: Final = {
    "copy_snapshot": ("snapshot",),
    "allow_writes": ("snapshot",),
    "create_mount_point": ("lun",),
    "attach_snapshot": ("lun",),
    "migrate": ("sessions", "luns"),
}
"""What is read to see whether a command without an answer was carried out."""

_NOTHING: Final[tuple[str, ...]] = ()
_SNAPSHOT: Final = ("destroy_snapshot",)
_COPY: Final = ("lun", "destroy_mount_point", "destroy_snapshot")
_TARGET: Final = ("lun", "destroy_lun", *_COPY)
_SESSION: Final = ("cancel_migration", *_TARGET)

UNDONE: Final = {
    ("snap-copy", "create_snapshot"): _NOTHING,
    ("snap-copy", "create_mount_point"): _SNAPSHOT,
    ("snap-copy", "attach_snapshot"): _COPY,
    ("snap-copy-of-snap-copy", "create_snapshot"): _NOTHING,
    ("snap-copy-of-snap-copy", "create_mount_point"): _SNAPSHOT,
    ("snap-copy-of-snap-copy", "attach_snapshot"): _COPY,
    ("snap-copy-of-snapshot", "copy_snapshot"): _NOTHING,
    ("snap-copy-of-snapshot", "allow_writes"): _SNAPSHOT,
    ("snap-copy-of-snapshot", "create_mount_point"): _SNAPSHOT,
    ("snap-copy-of-snapshot", "attach_snapshot"): _COPY,
    ("clone", "create_snapshot"): _NOTHING,
    ("clone", "create_mount_point"): _SNAPSHOT,
    ("clone", "attach_snapshot"): _COPY,
    ("clone", "create_lun"): _COPY,
    ("clone", "migrate"): _TARGET,
    ("clone-of-snap-copy", "create_snapshot"): _NOTHING,
    ("clone-of-snap-copy", "create_mount_point"): _SNAPSHOT,
    ("clone-of-snap-copy", "attach_snapshot"): _COPY,
    ("clone-of-snap-copy", "create_lun"): _COPY,
    ("clone-of-snap-copy", "migrate"): _TARGET,
    ("clone-of-snapshot", "copy_snapshot"): _NOTHING,
    ("clone-of-snapshot", "allow_writes"): _SNAPSHOT,
    ("clone-of-snapshot", "create_mount_point"): _SNAPSHOT,
    ("clone-of-snapshot", "attach_snapshot"): _COPY,
    ("clone-of-snapshot", "create_lun"): _COPY,
    ("clone-of-snapshot", "migrate"): _TARGET,
    ("clone-of-group-snapshot", "copy_snapshot"): _NOTHING,
    ("clone-of-group-snapshot", "allow_writes"): _SNAPSHOT,
    ("clone-of-group-snapshot", "create_mount_point"): _SNAPSHOT,
    ("clone-of-group-snapshot", "attach_snapshot"): _COPY,
    ("clone-of-group-snapshot", "create_lun"): _COPY,
    ("clone-of-group-snapshot", "migrate"): _TARGET,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    ("snap-copy", "create_snapshot"): _SNAPSHOT,
    ("snap-copy", "create_mount_point"): _COPY,
    ("snap-copy", "attach_snapshot"): _COPY,
    ("snap-copy-of-snap-copy", "create_snapshot"): _SNAPSHOT,
    ("snap-copy-of-snap-copy", "create_mount_point"): _COPY,
    ("snap-copy-of-snap-copy", "attach_snapshot"): _COPY,
    ("snap-copy-of-snapshot", "copy_snapshot"): _SNAPSHOT,
    ("snap-copy-of-snapshot", "allow_writes"): _SNAPSHOT,
    ("snap-copy-of-snapshot", "create_mount_point"): _COPY,
    ("snap-copy-of-snapshot", "attach_snapshot"): _COPY,
    ("clone", "create_snapshot"): _SNAPSHOT,
    ("clone", "create_mount_point"): _COPY,
    ("clone", "attach_snapshot"): _COPY,
    ("clone", "create_lun"): _TARGET,
    ("clone", "migrate"): _SESSION,
    ("clone-of-snap-copy", "create_snapshot"): _SNAPSHOT,
    ("clone-of-snap-copy", "create_mount_point"): _COPY,
    ("clone-of-snap-copy", "attach_snapshot"): _COPY,
    ("clone-of-snap-copy", "create_lun"): _TARGET,
    ("clone-of-snap-copy", "migrate"): _SESSION,
    ("clone-of-snapshot", "copy_snapshot"): _SNAPSHOT,
    ("clone-of-snapshot", "allow_writes"): _SNAPSHOT,
    ("clone-of-snapshot", "create_mount_point"): _COPY,
    ("clone-of-snapshot", "attach_snapshot"): _COPY,
    ("clone-of-snapshot", "create_lun"): _TARGET,
    ("clone-of-snapshot", "migrate"): _SESSION,
    ("clone-of-group-snapshot", "copy_snapshot"): _SNAPSHOT,
    ("clone-of-group-snapshot", "allow_writes"): _SNAPSHOT,
    ("clone-of-group-snapshot", "create_mount_point"): _COPY,
    ("clone-of-group-snapshot", "attach_snapshot"): _COPY,
    ("clone-of-group-snapshot", "create_lun"): _TARGET,
    ("clone-of-group-snapshot", "migrate"): _SESSION,
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""

FAULTED: Final = {
    (operation, "migrate"): _SESSION
    for operation in ("clone", "clone-of-snap-copy", "clone-of-snapshot", "clone-of-group-snapshot")
}
"""What an operation sends when its migration session has faulted."""
