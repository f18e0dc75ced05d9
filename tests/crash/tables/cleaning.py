"""Rows of cleaning up, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from typing import Final

from tests.crash.left import LEFT_SCRATCH, LEFT_SNAPSHOT, LEFT_TARGET

from .row import START, Row, without

ROWS: Final = (
    Row(
        "reconcile",
        {"operation": "reconcile"},
        (),
        START,
        {},
        {},
        reads=("luns", "snapshots", "groups", "storage_groups"),
    ),
    Row(
        "clean-up",
        {"operation": "clean-up", "name": LEFT_SNAPSHOT},
        ("destroy_snapshot",),
        without("snapshot hidden of ruin (2)"),
        {"volume:ruin": "shared", f"snapshot:{LEFT_SNAPSHOT}": "alone"},
        {"snapshots:ruin": -1},
        reads=("luns", "snapshots"),
    ),
    Row(
        "clean-up-mount-point",
        {"operation": "clean-up", "kind": "mount-point", "name": "wreck"},
        ("destroy_mount_point",),
        without("wreck"),
        {"volume:wreck": "alone", "name:wreck": "alone", "volume:ruin": "shared"},
        {"copies:ruin": -1, "mounts:ruin": -1},
        reads=("luns",),
    ),
    Row(
        "clean-up-lun",
        {"operation": "clean-up", "kind": "lun", "name": LEFT_TARGET},
        ("destroy_lun",),
        without(LEFT_TARGET),
        {f"{kind}:{LEFT_TARGET}": "alone" for kind in ("volume", "name", "pin", "copies", "snapshots")},
        {},
        reads=("luns",),
    ),
    Row(
        "clean-up-session",
        {"operation": "clean-up", "kind": "session", "name": LEFT_TARGET, "source": "spare"},
        ("cancel_migration",),
        START,
        {f"volume:{LEFT_TARGET}": "alone", "volume:spare": "alone"},
        {},
        reads=("luns", "sessions"),
        stopped=(2,),
    ),
    Row(
        "clean-up-mapping",
        {"operation": "clean-up", "kind": "mapping", "name": LEFT_SCRATCH, "storage_group": "esx"},
        ("unmap_lun",),
        without("esx sees drill of a job"),
        {f"volume:{LEFT_SCRATCH}": "shared", f"mapping:{LEFT_SCRATCH}": "alone", "storage-group:esx": "shared"},
        {},
        reads=("luns", "storage_group"),
    ),
)

LOOKS: Final = {"cancel_migration": ("sessions",)}
"""What is read to see whether a command without an answer was carried out; the rest as for volumes and snapshots."""

_NOTHING: Final[tuple[str, ...]] = ()

UNDONE: Final = {(row.operation, row.commands[0]): _NOTHING for row in ROWS if row.commands}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    ("clean-up", "destroy_snapshot"): ("snapshot",),
    ("clean-up-mount-point", "destroy_mount_point"): ("lun",),
    ("clean-up-lun", "destroy_lun"): ("lun",),
    ("clean-up-session", "cancel_migration"): _NOTHING,
    ("clean-up-mapping", "unmap_lun"): ("storage_group",),
}
"""What an operation sends, but for lists, when it is cancelled after that command was carried out unheard."""
