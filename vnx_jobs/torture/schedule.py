"""The schedule of misfortunes: what befalls the stack and the array, and when. Drawn whole from the seed."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias


class Kind(StrEnum):
    """What can befall a run."""

    KILL_CHILD = "pool child killed"
    KILL_WORKER = "worker killed"
    KILL_HEARTBEAT = "heartbeat killed"
    KILL_SERVER = "state server killed"
    STOP_CHILD = "pool child stopped"
    STOP_WORKER = "worker stopped, with all it started"
    STOP_HEARTBEAT = "heartbeat stopped"
    STOP_SERVER = "state server stopped"
    HOLD = "array held"
    FAULT = "array fault"
    OF_A_COPY = "fault of a copy"
    FOREIGN_SNAPSHOT = "foreign snapshot made"
    FOREIGN_LUN = "foreign LUN made"
    FOREIGN_END = "foreign object deleted"
    RING = "message doubled"
    DROP = "messages dropped"
    KILL_COPIERS = "copying processes killed"
    STOP_COPIERS = "copying processes stopped"
    KILL_BACKUP_WORKER = "backup worker killed"
    STOP_BACKUP_WORKER = "backup worker stopped"


@dataclass(frozen=True, slots=True)
class Misfortune:
    """One misfortune. Whom it meets among several is `pick`, a number that is taken modulo how many there are."""

    at: float
    """Seconds from the beginning."""
    kind: Kind
    pick: int = 0
    seconds: float = 0.0
    """How long it lasts, if it lasts."""
    fault: str = ""
    """The fault's name and arguments, as the simulated array takes them."""
    match: str = ""
    skip: int = 0

    def __str__(self) -> str:
        said = f"{self.fault} on `{self.match}`" if self.match else self.fault
        return f"{self.kind}{f': {said}' if said else ''}{f' for {self.seconds:.1f} s' if self.seconds else ''}"


_EVERY: Final = 1.7
"""Seconds between two misfortunes, on average."""
_REST: Final = {
    Kind.KILL_SERVER: 20.0,
    Kind.STOP_SERVER: 20.0,
    Kind.KILL_WORKER: 12.0,
    Kind.STOP_WORKER: 15.0,
    Kind.STOP_HEARTBEAT: 15.0,
    Kind.HOLD: 15.0,
    Kind.KILL_BACKUP_WORKER: 25.0,
    Kind.STOP_BACKUP_WORKER: 40.0,
}
"""Seconds between two of a kind: the supervisor waits longer each time, and a stack that never stands never works."""
_QUIET: Final = 2.0
"""Seconds at the beginning in which nothing happens."""
_LASTS: Final = {
    Kind.STOP_CHILD: (8.5, 11.0),  # longer than a lease, which is 7.5 s
    Kind.STOP_WORKER: (8.5, 11.0),
    Kind.STOP_HEARTBEAT: (8.5, 11.0),  # longer than its roles are kept for it
    Kind.STOP_SERVER: (0.5, 10.0),  # every third time longer than a lease
    Kind.HOLD: (1.0, 6.0),
    Kind.OF_A_COPY: (1.0, 5.0),
    Kind.STOP_COPIERS: (1.0, 6.0),
    Kind.STOP_BACKUP_WORKER: (16.0, 19.0),  # longer than a copier's lease, which is 15 s
}
_WEIGHTS: Final = {
    Kind.KILL_CHILD: 12,
    Kind.KILL_WORKER: 6,
    Kind.KILL_HEARTBEAT: 3,
    Kind.KILL_SERVER: 9,
    Kind.STOP_CHILD: 8,
    Kind.STOP_WORKER: 3,
    Kind.STOP_HEARTBEAT: 3,
    Kind.STOP_SERVER: 4,
    Kind.HOLD: 3,
    Kind.FAULT: 40,
    Kind.OF_A_COPY: 5,
    Kind.FOREIGN_SNAPSHOT: 4,
    Kind.FOREIGN_LUN: 3,
    Kind.FOREIGN_END: 4,
    Kind.RING: 8,
    Kind.DROP: 5,
}
_BACKUPS_EVERY: Final = 4.0
"""Seconds between two misfortunes of the backup host, on average."""
_OF_BACKUPS: Final = {
    Kind.KILL_COPIERS: 6,
    Kind.STOP_COPIERS: 4,
    Kind.KILL_BACKUP_WORKER: 3,
    Kind.STOP_BACKUP_WORKER: 2,
}
_CHANGES: Final = ("snap -create", "lun -create", "lun -attach", "lun -destroy", "snap -destroy", "migrate -start")
_READS: Final = ("lun -list", "snap -list", "migrate -list", "storagegroup -list")
_RARE: Final = (
    *("snap -copy", "snap -modify", "snap -restore", "migrate -cancel", "lun -expand", "lun -modify"),
    *("snap -group", "storagegroup -addhlu", "storagegroup -removehlu"),
)
_Draw: TypeAlias = Callable[[random.Random], str]


def _fixed(text: str) -> _Draw:
    return lambda _: text


def _lasting(name: str, least: float, most: float, more: str = "") -> _Draw:
    return lambda chance: f"{name}:{chance.uniform(least, most):.1f}{more}"


_FAULTS: Final[Mapping[str, tuple[int, _Draw]]] = {
    "hang": (2, _lasting("hang", 1, 8)),
    "hang-after": (2, _lasting("hang-after", 1, 8)),
    "timeout": (2, _fixed("timeout")),
    "timeout-after": (4, _fixed("timeout-after")),
    "lost-answer": (4, _fixed("lost-answer")),
    "drop-connection": (2, _fixed("drop-connection")),
    "drop-connection-after": (3, _fixed("drop-connection-after")),
    "silent-failure": (2, _fixed("silent-failure")),
    "garbled": (2, _fixed("garbled")),
    "busy": (2, _fixed("busy")),
    "unknown-text": (2, _fixed("unknown-text")),
    "hold": (4, _lasting("hold", 0.5, 4, ":at-once")),
    "hold-long": (2, _lasting("hold", 0.5, 4)),
    "not-so-fast": (1, _lasting("not-so-fast", 0.5, 3)),
    "sp-down": (2, lambda chance: f"sp-down{chance.choice(('', ':a', ':b'))}"),
    "network-error": (1, lambda chance: f"network-error{chance.choice(('', ':a', ':b'))}"),
    "credentials": (1, _fixed("credentials")),
}
_OF_ALL: Final = {"sp-down": (0.5, 10.0), "network-error": (0.5, 10.0), "credentials": (0.5, 4.0)}
"""Faults that befall every command, and how many seconds they last."""
_OF_COPIES: Final = ("migrate-faulted", "migrate-stopped-full", "migrate-synced", "lun-preparing")


def draw(seed: int, seconds: float) -> tuple[Misfortune, ...]:
    """Draw the misfortunes of so many seconds, in order."""
    others = _drawn(f"misfortune {seed}", seconds, _WEIGHTS, _EVERY)
    # from a chance of their own, so that the rest stays as its seed draws it
    of_backups = _drawn(f"backup misfortune {seed}", seconds, _OF_BACKUPS, _BACKUPS_EVERY)
    return tuple(sorted((*others, *of_backups), key=lambda one: one.at))


def _drawn(seed: str, seconds: float, weights: Mapping[Kind, int], every: float) -> list[Misfortune]:
    chance = random.Random(seed)  # noqa: S311 -- not a secret: it must be replayable
    last: dict[Kind, float] = {}
    found: list[Misfortune] = []
    at = _QUIET
    while (at := at + chance.expovariate(1 / every)) < seconds:
        (kind,) = chance.choices(list(weights), list(weights.values()))
        if at - last.get(kind, -seconds) >= _REST.get(kind, 0.0):
            last[kind] = at
            found.append(_one(chance, at, kind))
    return found


def _one(chance: random.Random, at: float, kind: Kind) -> Misfortune:
    pick = chance.randrange(1 << 30)
    if kind is Kind.FAULT:
        return _fault(chance, at, pick)
    lasts = chance.uniform(*_LASTS[kind]) if kind in _LASTS else 0.0
    fault = chance.choice(_OF_COPIES) if kind is Kind.OF_A_COPY else ""
    return Misfortune(at, kind, pick, seconds=lasts, fault=fault)


def _fault(chance: random.Random, at: float, pick: int) -> Misfortune:
    (name,) = chance.choices(list(_FAULTS), [weight for weight, _ in _FAULTS.values()])
    fault = _FAULTS[name][1](chance)
    if name in _OF_ALL:
        return Misfortune(at, Kind.FAULT, pick, seconds=chance.uniform(*_OF_ALL[name]), fault=fault)
    match = chance.choice((*_CHANGES, *_CHANGES, *_CHANGES, *_RARE, *_READS))
    return Misfortune(at, Kind.FAULT, pick, fault=fault, match=match, skip=chance.randrange(3))
