"""Access marks of volumes that are on the array no more."""

from collections.abc import Iterable, Iterator

from .evidence import Books, Shown
from .finding import Finding, Kind, Remedy


def lost_marks(shown: Shown, books: Books, told: Iterable[Finding]) -> Iterator[Finding]:
    """Find marks that no volume stands behind, and that go with no other finding."""
    there = {lun.uid for lun in shown.luns} | {one.unmarks for one in told}
    for uid, mode in sorted(books.marks.items()):
        if uid not in there and uid not in books.moved.names:
            says = f"a volume of UID {uid} is marked {mode}, and the array has none"
            yield Finding(Kind.MARK_UNUSED, uid, says, Remedy.REPAIR, "the mark is forgotten", unmarks=uid)
