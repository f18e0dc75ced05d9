"""Gives the fields of listings of groups their types."""

import re
from typing import Final

from vnx_jobs.model.array import Group, Initiator, StorageGroup

from .groups_words import StorageGroupText, group_fields, storage_group_texts
from .listings import ListingError
from .storops_cli import Fields

_NOTHING: Final = frozenset({"", "N/A", "None"})


def groups(text: str) -> tuple[Group, ...]:
    """Read the answer of `snap -group -list -detail`. Raises ListingError."""
    return tuple(_group(fields) for fields in group_fields(text))


def storage_groups(text: str) -> tuple[StorageGroup, ...]:
    """Read the answer of `storagegroup -list -host -iscsiAttributes`. Raises ListingError."""
    return tuple(_storage_group(block) for block in storage_group_texts(text))


def _group(fields: Fields) -> Group:
    name, members = fields.get("name"), fields.get("members")
    if name is None or members is None:
        raise ListingError(f"the listing is not whole: it has no members of {name or 'a consistency group'}")
    numbers = tuple(int(number) for number in re.findall(r"\d+", members))
    if not numbers and members not in _NOTHING:
        raise ListingError(f"members of {name} are no LUN numbers: {members!r}")
    return Group(name, numbers, fields.get("description") or "")


def _storage_group(block: StorageGroupText) -> StorageGroup:
    if not block.whole:
        raise ListingError(f"the listing is not whole: storage group {block.name} is cut off")
    pairs = tuple((int(hlu), int(alu)) for hlu, alu in block.pairs)
    return StorageGroup(block.name, pairs, tuple(_initiator(path) for path in block.paths))


def _initiator(path: Fields) -> Initiator:
    address = path.get("address") or ""
    return Initiator(
        uid=path["uid"] or "",
        host=path.get("host") or "",
        sp="A" if path["sp"] == "A" else "B",
        port=int(path["port"] or 0),
        address=None if address in _NOTHING else address,
    )
