"""Slots and LUN numbers that disagree with the array's lists, for no reason that was told already."""

from collections.abc import Iterable, Iterator, Mapping

from vnx_jobs.model.keys import kind_of
from vnx_jobs.model.slots import Discrepancy

from .evidence import Books, Shown
from .finding import Finding, Kind, Remedy

_WORDS: Mapping[str, str] = {
    "copies": "place of a snap copy",
    "mounts": "place of a mount point",
    "snapshots": "place of a snapshot",
}


def wrong_claims(shown: Shown, books: Books, told: Iterable[Finding]) -> Iterator[Finding]:
    """Find what is held for nothing, and what stands and holds nothing."""
    explained = {member for finding in told for member in finding.members}
    names = {lun.uid: lun.name for lun in (*(books.volumes or ()), *shown.luns)}
    for one in books.discrepancies:
        if one.member not in explained and not books.moved.has_member(one):
            match kind_of(one.key):
                case "numbers":
                    yield _number(one, shown)
                case "hlus":
                    yield _host_lun(one)
                case _:
                    yield _slot(one, names)


def _number(one: Discrepancy, shown: Shown) -> Finding:
    if one.held:
        says, does = f"LUN number {one.member} is held, and the array has no such LUN", "it is given back"
        return Finding(Kind.NUMBER_UNUSED, one.member, says, Remedy.REPAIR, does)
    lun = shown.lun(int(one.member))
    name = one.member if lun is None else lun.name
    says = f"LUN number {one.member} ({name}) is in use, and counts as free"
    return Finding(Kind.NUMBER_TAKEN, name, says, Remedy.REPAIR, "it is held, so that no job is given it")


def _host_lun(one: Discrepancy) -> Finding:
    group = one.key.split(":", 2)[2]
    says = f"host LUN number {one.member} of storage group {group} is held, and the array has no such group"
    return Finding(Kind.NUMBER_UNUSED, group, says, Remedy.REPAIR, "it is given back")


def _slot(one: Discrepancy, names: Mapping[str, str]) -> Finding:
    uid = one.key.split(":", 2)[2]
    word, source = _WORDS[kind_of(one.key)], names.get(uid, uid)
    if one.held:
        says = f"a {word} at {source} is held for {one.member}, which the array does not show"
        return Finding(Kind.SLOT_UNUSED, source, says, Remedy.REPAIR, "it is given back")
    says = f"{one.member} stands at {source} without the {word}"
    return Finding(Kind.SLOT_MISSING, source, says, Remedy.REPAIR, "it takes one")
