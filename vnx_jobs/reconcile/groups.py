"""Consistency groups that others made, removed, or gave other members since it was reconciled last."""

from collections.abc import Iterator
from typing import Final

from vnx_jobs.model.array import Group

from .evidence import Books, Shown
from .finding import Finding, Kind, Remedy

_SHOWN: Final = 5
"""Members that a sentence names."""


def changed_groups(shown: Shown, books: Books) -> Iterator[Finding]:
    """Compare the consistency groups with what is known."""
    if books.groups is None:
        return
    now, known = {one.name: one for one in shown.groups}, {one.name: one for one in books.groups}
    for name in sorted({*now, *known} - books.moved.names):
        before, after = known.get(name), now.get(name)
        if after is None:
            says, does = f"group {name} is on the array no more, and no job deleted it", "it is forgotten"
            yield Finding(Kind.GROUP_VANISHED, name, says, Remedy.ADOPT, does)
        elif before is None:
            says, does = f"group {name} is new, and no job made it", "it is known from now on"
            yield Finding(Kind.GROUP_APPEARED, name, says, Remedy.ADOPT, does)
        elif before.description not in {"", after.description}:
            says = f"group {name} is not the one that was known by that name: it has {_members(after, shown)}"
            does = "the new one is known from now on, and jobs that meant the old one stop"
            yield Finding(Kind.GROUP_REPLACED, name, f"{says}, and had {len(before.members)}", Remedy.ADOPT, does)
        elif set(before.members) != set(after.members):
            says = f"group {name} has {_members(after, shown)}, and had {len(before.members)}"
            yield Finding(Kind.GROUP_CHANGED, name, says, Remedy.ADOPT, "its members are known from now on")


def _members(group: Group, shown: Shown) -> str:
    names = [lun.name for lun in shown.luns if lun.number in group.members]
    return f"{len(group.members)} members ({', '.join(names[:_SHOWN])}{', ...' if len(names) > _SHOWN else ''})"
