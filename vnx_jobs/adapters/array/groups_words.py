"""The words of commands on consistency groups and storage groups, and what is read of their listings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from .storops_cli import CommandBuilder, Fields, Words, parse, parser_of


class GroupCommands(CommandBuilder):
    """The words of commands on consistency groups and storage groups. Sends nothing."""

    def groups(self) -> Words:
        """List every consistency group."""
        return self._words("get_cg")

    def group(self, name: str) -> Words:
        """List one consistency group."""
        return self._words("get_cg", name)

    def storage_groups(self) -> Words:
        """List every storage group."""
        return self._words("get_sg")

    def create_group(self, name: str, members: Sequence[int], description: str) -> Words:
        """Make a consistency group; the description, which storops lacks, is added."""
        return (*self._words("create_cg", name, members, auto_delete=False), "-descr", description)

    def destroy_group(self, name: str) -> Words:
        """Destroy a consistency group."""
        return self._words("delete_cg", name)

    def add_to_group(self, name: str, members: Sequence[int]) -> Words:
        """Add members."""
        return self._words("add_cg_member", name, *members)

    def remove_from_group(self, name: str, members: Sequence[int]) -> Words:
        """Remove members."""
        return self._words("delete_cg_member", name, *members)

    def create_group_snapshot(self, group: str, name: str, description: str, *, writable: bool = False) -> Words:
        """Snapshot a consistency group; storops takes a group whose name is a number for the LUN of that number."""
        words = list(self._words("create_snap", "group", name, allow_rw=writable, auto_delete=False))
        words[words.index("-res") + 1] = group
        return (*words, "-descr", description)


def group_fields(text: str) -> list[Fields]:
    """Parse the answer of `snap -group -list -detail`."""
    return parse(_GROUP, text)


_GROUP: Final = parser_of("name", name="Name:", description="Description:", members="Member LUN ID(s):")


@dataclass(frozen=True, slots=True)
class StorageGroupText:
    """The block of one storage group in the listing, divided into its parts."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    """Host LUN number and LUN number."""
    paths: tuple[Fields, ...]
    """An initiator each: uid, sp, port, host, address."""
    whole: bool
    """Whether the block has the line that every block has near its end."""


_BLOCK: Final = re.compile(r"^(?=Storage Group Name:)", re.MULTILINE)
_PATH: Final = re.compile(r"^ +(?P<uid>\S.*?) *SP +(?P<sp>[AB]) *(?P<port>\d+) *$", re.MULTILINE)
"""A long IQN leaves no blank before its SP (recorded)."""
_PAIR: Final = re.compile(r"^ +(\d+) +(\d+) *$", re.MULTILINE)


def storage_group_texts(text: str) -> Iterator[StorageGroupText]:
    """Divide the answer of `storagegroup -list -host -iscsiAttributes`; storops loses an SP that follows a long IQN."""
    for block in _BLOCK.split(text)[1:]:
        places = [match.start() for match in _PATH.finditer(block)] + [len(block)]
        yield StorageGroupText(
            name=_label(block, "Storage Group Name") or "",
            pairs=tuple(match.groups() for match in _PAIR.finditer(block)),  # type: ignore[misc]  # two groups each
            paths=tuple(_path(block[start:end]) for start, end in pairwise(places)),
            whole=_label(block, "Shareable") is not None,
        )


def _path(text: str) -> Fields:
    found = _PATH.match(text)
    if found is None:
        raise ValueError(f"not a path: {text[:80]}")
    return {**found.groupdict(), "host": _label(text, "Host name"), "address": _label(text, "Initiator IP")}


def _label(text: str, label: str) -> str | None:
    found = re.search(rf"^{label}: *(.*?) *$", text, re.MULTILINE)
    return found[1] if found else None
