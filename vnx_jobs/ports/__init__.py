"""The ports: what the house needs from the world, each method with its contract. Adapters implement them."""

from .array import Array, CommandSlots
from .bell import Bell, Clock
from .catalogue import BackedUp, Catalogue
from .inventory import Inventory, Lists, Readings, Sighting
from .schedules import Schedules
from .store import Accepted, Entry, Holding, JobStore, KeyConflict, NotFree, Ordered, Records, Standing
from .transfers import Transfers
from .turns import Change, Lease, NoTurn, Ring, Terms, Turn

__all__ = [
    "Accepted",
    "Array",
    "BackedUp",
    "Bell",
    "Catalogue",
    "Change",
    "Clock",
    "CommandSlots",
    "Entry",
    "Holding",
    "Inventory",
    "JobStore",
    "KeyConflict",
    "Lease",
    "Lists",
    "NoTurn",
    "NotFree",
    "Ordered",
    "Readings",
    "Records",
    "Ring",
    "Schedules",
    "Sighting",
    "Standing",
    "Terms",
    "Transfers",
    "Turn",
]
