"""What a person may order a job to do."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Order(StrEnum):
    """Orders that the record scripts know."""

    CANCEL = "cancel"
    """Undo what was done and end CANCELLED; refused behind the point of no return."""
    PAUSE = "pause"
    """Stop at the next step boundary, keeping claims and place in the queues."""
    RESUME = "resume"
    """Let a paused job go on; let a stuck one try its step again."""
    UNDO = "undo"
    """Undo a stuck job; refused behind the point of no return."""
    ABANDON = "abandon"
    """Give a stuck job up: its claims are freed, its leftovers stay on the array and in the record."""


SO_ALREADY: Mapping[Order, frozenset[str]] = MappingProxyType(
    {
        Order.CANCEL: frozenset({"it is being undone already"}),
        Order.PAUSE: frozenset({"it is paused already"}),
        Order.RESUME: frozenset({"it is neither paused nor stuck"}),
        Order.UNDO: frozenset({"only a stuck job is undone by hand: cancel it"}),
        Order.ABANDON: frozenset(),
    }
)
"""Refusals that say that nothing is to be done: who gives an order again to many jobs need not hear of these."""
