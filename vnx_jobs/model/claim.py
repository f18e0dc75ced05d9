"""Claims: what a job holds so that others cannot break what it does. They belong to jobs, never to processes."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_COPIES: Final = 255
"""Snap copies of one source at one time (EMC's Cinder driver documentation)."""
MAX_MOUNTS: Final = 255
"""Mount points of one primary LUN."""
MAX_SNAPSHOTS: Final = 256
"""Snapshots of one primary LUN, all branches counted (VNX Snapshots)."""


class Kind(StrEnum):
    """The kinds of claims, with the letters that the scripts use."""

    SLOT = "c"
    """A member of a set of limited size: snap copies, mount points, snapshots of one primary LUN."""
    NUMBER = "n"
    """A LUN number of the private range, chosen by the script: last used longest ago."""
    SHARED = "s"
    EXCLUSIVE = "x"
    """Alone. On a set of slots it means: the set must be empty."""
    PERMIT = "t"
    """One of a limited number at a time, asked for at the step that needs it."""


RANK: Final = {Kind.SLOT: 0, Kind.NUMBER: 0, Kind.SHARED: 1, Kind.EXCLUSIVE: 1, Kind.PERMIT: 2}
"""Claims are taken in rank order; nothing above the first blocked rank is held or queued for."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a request.

    `member` is who is shown as the holder (the job's id if empty). `limit` is the size of a limited set, or the
    range of LUN numbers. `refuse` means: if it is not free for a new request, refuse the request instead of queueing
    it. `keep` means: a success leaves it with the object that was made. `told` is what people call what it is about,
    for the reason of whoever waits for it.
    """

    kind: Kind
    key: str
    member: str = ""
    limit: int | range | None = None
    refuse: bool = False
    keep: bool = False
    told: str = ""

    @property
    def words(self) -> str:
        """What it is about, as far as that was put into words."""
        return self.told or self.key

    def called(self, told: str) -> "Claim":
        """Return it put into words. Thousands are at a time: `dataclasses.replace` takes ten times as long."""
        return Claim(self.kind, self.key, self.member, self.limit, self.refuse, self.keep, told)


def in_rank(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Sort claims by rank and key; a lock claimed twice is held once, in its stronger mode.

    Raises ValueError if one key is claimed in two different ways that cannot be merged.
    """
    merged: dict[str, Claim] = {}
    for claim in claims:
        old = merged.get(claim.key)
        if old is None or (old.kind is Kind.SHARED and claim.kind is Kind.EXCLUSIVE):
            merged[claim.key] = claim
        elif {old.kind, claim.kind} - {Kind.SHARED, Kind.EXCLUSIVE}:
            raise ValueError(f"{claim.key} is claimed twice")
    return tuple(sorted(merged.values(), key=lambda claim: (RANK[claim.kind], claim.key)))
