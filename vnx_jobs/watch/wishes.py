"""Which lists are wanted, since when, and which of them a number of commands pays for. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

from vnx_jobs.model.condition import ArrayBack, Condition, FreshList, SessionOver, TransferOver
from vnx_jobs.model.lists import ListKind
from vnx_jobs.ports import Readings

Wanted: TypeAlias = Literal["luns", "sessions", "pools"] | ListKind
"""A list that the watch reads."""
REFRESHED: Final[tuple[Wanted, ...]] = ("luns", "snapshots", "groups", "storage-groups", "pools")
"""The lists that are read now and then though no job waits for them."""
_ORDER: Final[tuple[Wanted, ...]] = ("snapshots", "luns", "sessions", "groups", "storage-groups", "ports", "pools")
"""Of lists that are wanted equally long. With the snapshots come the LUNs, which most jobs wait for."""


def wanted_by(parked: Iterable[Condition], readings: Readings) -> set[Wanted]:
    """Return the lists that parked jobs wait for, each judged by its own age."""
    found: set[Wanted] = set()
    for condition in parked:
        match condition:
            case FreshList(since, also):
                kinds: tuple[ListKind, ...] = also
                # since 0: the job was stored before its time was known, and wants whatever is begun from now on
                found |= {kind for kind in kinds if since == 0 or _begun(readings, kind) <= since}
                found |= {"luns"} if since == 0 or readings.luns <= since else set()
            case SessionOver():
                found.add("sessions")
            case ArrayBack():
                found.add("luns")
            case TransferOver():
                pass
    return found


def _begun(readings: Readings, kind: ListKind) -> int:
    begun: int = getattr(readings, kind.replace("-", "_"))
    return begun


def chosen(wanted: Mapping[Wanted, float], commands: int) -> tuple[set[Wanted], int]:
    """Return the lists that so many commands pay for, the one wanted longest first, and what they cost.

    Slots are repaired by lists of LUNs and of snapshots that were begun together: the second comes with the first. One
    that is too dear yet is saved for, and nothing that was wanted later goes before it.
    """
    lists, spent = set[Wanted](), 0
    for kind in sorted(wanted, key=lambda kind: (wanted[kind], _ORDER.index(kind))):
        more: set[Wanted] = {"luns", kind} if kind == "snapshots" else {kind}
        cost = sum(_cost(one) for one in more - lists)
        if spent + cost > commands:
            break
        lists |= more
        spent += cost
    return lists, spent


def _cost(kind: Wanted) -> int:
    """Return how many commands a list takes: ports are listed by two."""
    return 2 if kind == "ports" else 1
