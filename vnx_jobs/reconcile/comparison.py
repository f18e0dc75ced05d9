"""The comparison: from a reading of the array, and the records of it, to findings. Pure: it asks nobody."""

from .attachments import lost_attachments
from .claims import wrong_claims
from .evidence import Books, Shown
from .finding import Finding
from .groups import changed_groups
from .leftovers import leftovers
from .mappings import changed_mappings
from .marks import lost_marks
from .snapshots import changed_snapshots
from .volumes import changed_volumes


def compare(shown: Shown, books: Books) -> tuple[Finding, ...]:
    """Find everything that differs; what must be removed stands in the order in which that must be done."""
    told = (
        *changed_volumes(shown, books),
        *changed_snapshots(shown, books),
        *changed_groups(shown, books),
        *lost_attachments(shown, books),
        *leftovers(shown, books),
    )
    told += (*changed_mappings(shown, books, told), *lost_marks(shown, books, told))
    return (*told, *wrong_claims(shown, books, told))
