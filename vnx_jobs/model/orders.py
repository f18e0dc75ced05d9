"""What a person may order a job to do."""

from enum import StrEnum


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
