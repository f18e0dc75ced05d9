"""Rows of consistency groups, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from typing import Final

from .row import START, Row, without

_MEMBERS: Final = {"volume:north": "shared", "volume:east": "shared"}

ROWS: Final = (
    Row(
        "create-group",
        {"operation": "create-group", "name": "new", "members": "south,spare"},
        ("create_group",),
        START | {"group new": "spare, south"},
        {"group:new": "alone", "volume:south": "shared", "volume:spare": "shared"},
        {},
        reads=("luns", "groups"),
    ),
    Row(
        "delete-group",
        {"operation": "delete-group", "name": "wide"},
        ("destroy_group",),
        without("group wide"),
        {"group:wide": "alone"},
        {},
        reads=("luns", "groups"),
    ),
    Row(
        "add-to-group",
        {"operation": "add-to-group", "name": "wide", "members": ["south"]},
        ("add_to_group",),
        START | {"group wide": "north, east, south"},
        {"group:wide": "alone", "volume:south": "shared"},
        {},
        reads=("luns", "groups"),
    ),
    Row(
        "remove-from-group",
        {"operation": "remove-from-group", "name": "wide", "members": ["north"]},
        ("remove_from_group",),
        START | {"group wide": "east"},
        {"group:wide": "alone", "volume:north": "shared"},
        {},
        reads=("luns", "groups"),
    ),
    Row(
        "create-group-snapshot",
        {"operation": "create-group-snapshot", "name": "tuesday", "group": "wide"},
        ("create_group_snapshot",),
        START | {"snapshot tuesday of north, east": "ice, sand"},
        {"group:wide": "shared", "snapshot:tuesday": "alone", **_MEMBERS},
        {"snapshots:north": 1, "snapshots:east": 1},
    ),
    Row(
        "delete-group-snapshot",
        {"operation": "delete-group-snapshot", "name": "frozen"},
        ("destroy_snapshot",),
        without("snapshot frozen of north, east"),
        {"snapshot:frozen": "alone", **_MEMBERS},
        {"snapshots:north": -1, "snapshots:east": -1},
        reads=("luns", "snapshots"),
    ),
)

LOOKS: Final = {
    "create_group": ("group",),
    "destroy_group": ("group",),
    "add_to_group": ("group",),
    "remove_from_group": ("group",),
    "create_group_snapshot": ("snapshot",),
}
"""What is read to see whether a command without an answer was carried out."""

_NOTHING: Final[tuple[str, ...]] = ()

UNDONE: Final = {(row.operation, row.commands[0]): _NOTHING for row in ROWS}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    ("create-group", "create_group"): ("group", "destroy_group"),
    ("delete-group", "destroy_group"): ("group",),
    ("add-to-group", "add_to_group"): ("group", "remove_from_group"),
    ("remove-from-group", "remove_from_group"): ("group",),
    ("create-group-snapshot", "create_group_snapshot"): ("snapshot", "destroy_snapshot"),
    ("delete-group-snapshot", "destroy_snapshot"): ("snapshot",),
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""
