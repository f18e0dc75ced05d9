"""What stands on the array before each row of consistency groups: two volumes in a group, and one in none."""

from typing import Any, Final

from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.array import THIN

_CONTENT: Final = {96: ("north", "ice"), 97: ("east", "sand"), 98: ("south", "reef")}

START: Final = {
    "north": "2 GB full: ice",
    "east": "2 GB full: sand",
    "south": "2 GB full: reef",
    "snapshot frozen of north, east": "ice, sand",
    "group wide": "north, east",
}
HELD: Final = {"snapshots:north": 1, "snapshots:east": 1}
UIDS: Final = ("north", "east", "south")
"""In the order in which the array gives them their UIDs."""


def make_groups(made: Any) -> None:
    """Make them as another administrator would."""
    array = MemoryArray(made.vnx)
    for number, (name, content) in _CONTENT.items():
        array.create_lun(number, name, 2, "pool", THIN)
        made.vnx.write(number, content)
    array.create_group("wide", (96, 97), "theirs")
    array.create_group_snapshot("wide", "frozen", "theirs")
