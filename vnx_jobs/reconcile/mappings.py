"""What storage groups show otherwise than before, and no job attached or detached it."""

from collections.abc import Iterable, Iterator

from .baseline import mappings
from .evidence import Books, Shown
from .finding import Finding, Kind, Remedy


def changed_mappings(shown: Shown, books: Books, told: Iterable[Finding]) -> Iterator[Finding]:
    """Compare what hosts are shown; what was attached by a job and is gone is told already."""
    if books.mappings is None:
        return
    known, now = books.mappings, mappings(shown.storage_groups)
    lost = {(one.forgets.attachment.group, one.forgets.attachment.hlu) for one in told if one.forgets is not None}
    for group, hlu in sorted({*known, *now}):
        before, after = known.get((group, hlu)), now.get((group, hlu))
        if before == after or (group, hlu) in lost or not all(_untold(one, shown, books) for one in (before, after)):
            continue
        if after is not None:
            instead = "" if before is None else f", instead of {_name(before, shown)}"
            says = f"storage group {group} shows {_name(after, shown)} under {hlu}{instead}, and no job attached it"
            yield Finding(Kind.MAPPING_APPEARED, _name(after, shown), says, Remedy.ADOPT, "that is known from now on")
        elif before is not None and shown.lun(before) is not None:
            says = f"storage group {group} shows {_name(before, shown)} no more under {hlu}, and no job detached it"
            yield Finding(Kind.MAPPING_VANISHED, _name(before, shown), says, Remedy.ADOPT, "that is known from now on")


def _untold(number: int | None, shown: Shown, books: Books) -> bool:
    lun = None if number is None else shown.lun(number)
    return lun is None or not (books.moved.has(lun) or books.ours(lun.name))


def _name(number: int, shown: Shown) -> str:
    lun = shown.lun(number)
    return f"LUN {number}" if lun is None else lun.name
