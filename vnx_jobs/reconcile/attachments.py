"""Attachments on record that the array's storage groups show no more."""

from collections.abc import Iterator

from .evidence import Books, Shown
from .finding import Attached, Finding, Kind, Remedy


def lost_attachments(shown: Shown, books: Books) -> Iterator[Finding]:
    """Find what jobs let hosts see, and somebody else took away since."""
    numbers = {lun.uid: lun.number for lun in shown.luns}
    names = {lun.uid: lun.name for lun in (*(books.volumes or ()), *shown.luns)}
    groups = {group.name: group for group in shown.storage_groups}
    for uid, attachments in sorted(books.attached.items()):
        for one in attachments:
            group = groups.get(one.group)
            seen = group is not None and numbers.get(uid) in group.maps
            if not seen and uid not in books.moved.names:
                name = names.get(uid, uid)
                says = f"storage group {one.group} shows {name} no more, and no job detached it"
                does = f"the record of its attachment under host LUN number {one.hlu} is forgotten"
                attached = Attached(uid, one)
                yield Finding(Kind.MAPPING_VANISHED, name, says, Remedy.ADOPT, does, forgets=attached)
