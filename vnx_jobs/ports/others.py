"""The inventory's port for what others changed: it is noted when a list shows it, and kept until it is settled."""

from collections.abc import Iterable
from typing import Protocol

from vnx_jobs.model.others import Altered


class OthersInventory(Protocol):
    """What lists showed otherwise than jobs had left it. Costs no array command.

    A list that is taken in is compared with what is known; an object that differs is noted, with what it was before,
    unless a job that has not ended may be changing it: holds it alone, is to make it, or was given its number. The
    first list of a kind is compared with nothing, and so is the first one after changes were lost. What jobs show
    of an object, and lists that show it as it was before, take its note away. So there are never more notes than
    there were objects when they were settled last, and are by now.
    """

    def altered(self, array: str) -> tuple[Altered, ...]:
        """Return what was noted and is not settled, by kind and name."""
        ...

    def settle(self, array: str, changes: Iterable[Altered], until: int) -> None:
        """Forget notes of lists that were begun up to a moment: what the last list showed is known to be so."""
        ...

    def unmark(self, array: str, uid: str) -> None:
        """Forget the access mark of a volume that is no more. Idempotent."""
        ...
