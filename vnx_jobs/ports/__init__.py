"""The ports: what the house needs from the world, each method with its contract. Adapters implement them."""

from .array import Array, CommandSlots
from .bell import Bell, Clock
from .inventory import Inventory, Lists, Readings, Sighting
from .store import Accepted, Entry, JobStore, KeyConflict, NotFree, Ordered, Standing
from .turns import Change, Lease, NoTurn, Ring, Terms, Turn

__all__ = [
    "Accepted",
    "Array",
    "Bell",
    "Change",
    "Clock",
    "CommandSlots",
    "Entry",
    "Inventory",
    "JobStore",
    "KeyConflict",
    "Lease",
    "Lists",
    "NoTurn",
    "NotFree",
    "Ordered",
    "Readings",
    "Ring",
    "Sighting",
    "Standing",
    "Terms",
    "Turn",
]
