"""What a client gets."""

from __future__ import annotations

from .record import record


@record
class Answer:
    """A text on stdout and an exit status. `changed` says whether the array has changed."""

    text: str
    status: int = 0
    changed: bool = False
