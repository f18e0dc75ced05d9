"""Rows of attachments, written by hand: what each operation sends, holds and leaves, and how it is undone."""

from typing import Final

from .row import START, Row, without

ROWS: Final = (
    Row(
        "attach-volume",
        {"operation": "attach-volume", "volumes": "spare", "host": "esx", "mode": "rw"},
        ("map_lun",),
        START | {"esx sees spare": "under 1"},
        {"volume:spare": "shared", "mapping:spare": "alone"},
        {},
        reads=("luns", "storage_groups"),
    ),
    Row(
        "detach-volume",
        {"operation": "detach-volume", "volumes": "iron", "host": "esx"},
        ("unmap_lun",),
        without("esx sees iron"),
        {"volume:iron": "shared", "mapping:iron": "alone"},
        {},
        reads=("luns", "storage_groups"),
    ),
)

LOOKS: Final = {
    "map_lun": ("storage_group",),
    "unmap_lun": ("storage_group",),
}
"""What is read to see whether a command without an answer was carried out."""

_NOTHING: Final[tuple[str, ...]] = ()

UNDONE: Final = {
    ("attach-volume", "map_lun"): _NOTHING,
    ("detach-volume", "unmap_lun"): _NOTHING,
}
"""What an operation sends when the array refuses that command for good at the first attempt."""

TAKEN_BACK: Final = {
    ("attach-volume", "map_lun"): ("storage_group", "unmap_lun"),
    ("detach-volume", "unmap_lun"): ("storage_group",),
}
"""What an operation sends when it is cancelled after that command was carried out and its answer lost."""
