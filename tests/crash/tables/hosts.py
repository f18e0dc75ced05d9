"""Rows of attachments, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from typing import Final

from .row import START, Row, without

_NEW: Final = "iqn.1993-08.org.debian:01:new"
_IDLE: Final = "iqn.1993-08.org.debian:01:idle"
_READ: Final = ("luns", "storage_groups")

ROWS: Final = (
    Row(
        "attach-volume",
        {"operation": "attach-volume", "volumes": "spare", "host": "esx", "mode": "rw"},
        ("map_lun",),
        START | {"esx sees spare": "under 1"},
        {"volume:spare": "shared", "mapping:spare": "alone", "storage-group:esx": "shared"},
        {},
        reads=("luns", "storage_groups"),
    ),
    Row(
        "register-and-attach",
        {
            "operation": "attach-volume",
            "volumes": "spare",
            "host": "new",
            "mode": "rw",
            "initiators": _NEW,
            "ports": "B-4",
        },
        ("create_storage_group", "set_path", "map_lun"),
        START | {"storage group new": f"{_NEW} of new at B-4", "new sees spare": "under 1"},
        {"volume:spare": "shared", "mapping:spare": "alone", "storage-group:new": "alone"},
        {},
        reads=_READ,
    ),
    Row(
        "connect-and-attach",
        {
            "operation": "attach-volume",
            "volumes": "spare",
            "host": "idle",
            "mode": "rw",
            "initiators": [_NEW, _IDLE],
            "ports": "A-4-0",
        },
        ("create_storage_group", "connect_host", "set_path", "map_lun"),
        without("storage group ~management")
        | {
            "storage group ~management": "",
            "storage group idle": f"{_IDLE} of idle at A-4, {_NEW} of idle at A-4",
            "idle sees spare": "under 1",
        },
        {"volume:spare": "shared", "mapping:spare": "alone", "storage-group:idle": "alone"},
        {},
        reads=_READ,
    ),
    Row(
        "detach-volume",
        {"operation": "detach-volume", "volumes": "iron", "host": "esx"},
        ("unmap_lun",),
        without("esx sees iron"),
        {"volume:iron": "shared", "mapping:iron": "alone", "storage-group:esx": "shared"},
        {},
        reads=("luns", "storage_groups"),
    ),
)

LOOKS: Final = {
    "map_lun": ("storage_group",),
    "unmap_lun": ("storage_group",),
    "create_storage_group": ("storage_group",),
    "connect_host": ("storage_group",),
    "set_path": ("storage_group",),
}
"""What is read to see whether a command without an answer was carried out."""

_NOTHING: Final[tuple[str, ...]] = ()
_GROUP: Final = ("storage_group", "destroy_storage_group")
_CONNECTION: Final = ("storage_group", "disconnect_host", *_GROUP)
_INITIATOR: Final = ("storage_group", "remove_initiator")

UNDONE: Final = {
    ("attach-volume", "map_lun"): _NOTHING,
    ("register-and-attach", "create_storage_group"): _NOTHING,
    ("register-and-attach", "set_path"): _GROUP,
    ("register-and-attach", "map_lun"): (*_INITIATOR, *_GROUP),
    ("connect-and-attach", "create_storage_group"): _NOTHING,
    ("connect-and-attach", "connect_host"): _GROUP,
    ("connect-and-attach", "set_path"): _CONNECTION,
    ("connect-and-attach", "map_lun"): (*_INITIATOR, *_CONNECTION),
    ("detach-volume", "unmap_lun"): _NOTHING,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    ("attach-volume", "map_lun"): ("storage_group", "unmap_lun"),
    ("register-and-attach", "create_storage_group"): _GROUP,
    ("register-and-attach", "set_path"): (*_INITIATOR, *_GROUP),
    ("register-and-attach", "map_lun"): ("storage_group", "unmap_lun", *_INITIATOR, *_GROUP),
    ("connect-and-attach", "create_storage_group"): _GROUP,
    ("connect-and-attach", "connect_host"): _CONNECTION,
    ("connect-and-attach", "set_path"): (*_INITIATOR, *_CONNECTION),
    ("connect-and-attach", "map_lun"): ("storage_group", "unmap_lun", *_INITIATOR, *_CONNECTION),
    ("detach-volume", "unmap_lun"): ("storage_group",),
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""
