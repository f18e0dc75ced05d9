"""What may become of a row of a manifest that is submitted."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What became of a row."""

    SUBMITTED = "submitted"
    KNOWN = "known"
    """An earlier submission of the same row made its job."""
    REFUSED = "refused"
    """By submission, at a limit of the array for instance."""
    WRONG = "wrong"
    """The row has a mistake."""
    HELD_BACK = "held back"
    """The row is fine, and was not submitted because of others."""


@dataclass(frozen=True, slots=True)
class RowFate:
    """One row of the answer."""

    line: int
    row: str
    operation: str
    array: str
    name: str
    fate: Fate
    job: str = ""
    message: str = ""

    @property
    def has_job(self) -> bool:
        """Whether there is a job for the row."""
        return bool(self.job)


def is_accepted(fates: Iterable[RowFate], *, atomic: bool) -> bool:
    """Whether any row has a job; of a batch that is accepted whole, whether all rows have."""
    return (all if atomic else any)(fate.has_job for fate in fates)
