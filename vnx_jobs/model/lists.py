"""The lists that an array gives beside that of its LUNs, and what planning must have read of them."""

from typing import Literal, TypeAlias

from .things import ObjectKind

ListKind: TypeAlias = Literal["snapshots", "groups", "storage-groups", "ports"]
"""Kinds of lists that a job may wait for beside that of the LUNs."""


def lists_of(kind: ObjectKind) -> tuple[ListKind, ...]:
    """Return the lists beside that of the LUNs that show whether an object exists."""
    match kind:
        case "volume":
            return ()
        case "snapshot":
            return ("snapshots",)
        case "group":
            return ("groups",)
        case "storage-group" | "detached":
            return ("storage-groups",)
        case "port":
            return ("ports", "storage-groups")
