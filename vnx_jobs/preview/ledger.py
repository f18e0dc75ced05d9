"""The ledger: which claims requests would be granted if they were made now, one after the other. Stores nothing.

It judges as the state server's script does for requests that are younger than every other one: see lua/claims.lua.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vnx_jobs.model.claim import RANK, Claim, Kind
from vnx_jobs.ports import Holding, NotFree

_SHOWN: Final = 10
"""Holders that are named."""
_CHUNK: Final = 500
"""Keys that are read at a time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim as a request would find it."""

    claim: Claim
    open: bool
    taken: NotFree
    """Who holds it and how many wait for it, whether it is open or not."""


class Ledger:
    """Keeps who would hold and who would wait for each key."""

    def __init__(self, read: Callable[[Sequence[str]], list[Holding]]) -> None:
        """Read what holds now by `read`, each key when it is first asked for."""
        self._read = read
        self._before: dict[str, Holding] = {}
        self._keys: dict[str, Holding] = {}

    def load(self, keys: Iterable[str]) -> None:
        """Read who holds some keys, as far as it was not read before; many at a time cost less than one by one."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._keys]
        for start in range(0, len(missing), _CHUNK):
            part = missing[start : start + _CHUNK]
            found = dict(zip(part, self._read(part), strict=True))
            self._before |= found
            self._keys |= found

    def used_now(self, key: str) -> int:
        """Return how many places of a key are taken now, before any request of the ledger; alone nobody takes one."""
        self.load([key])
        return self._before[key].used - self._before[key].alone

    def look(self, claim: Claim) -> Seen:
        """Say how a claim would be found, without asking for it."""
        self.load([claim.key])
        self._widen(claim)
        return Seen(claim, self._open(claim), self._taken(claim, self._keys[claim.key].limit))

    def ask(self, job: str, claims: Sequence[Claim]) -> NotFree | list[Seen]:
        """Ask for a job's claims, in rank order: the claim that refuses it, or how it finds each of them.

        It is granted all of them if all are open; else it stands in the queues, as it would in the state server's.
        """
        self.load(claim.key for claim in claims)
        for claim in claims:
            self._widen(claim)
            bound = self._bound(claim)
            if claim.refuse and not (self._open(claim, bound) or self._comes_free(claim, bound)):
                return self._refused(claim, bound)
        seen = [Seen(claim, self._open(claim), self._taken(claim, self._keys[claim.key].limit)) for claim in claims]
        closed = [RANK[one.claim.kind] for one in seen if not one.open]
        for one in seen:
            if not closed:
                self._hold(one.claim, job)
            elif RANK[one.claim.kind] == 0 or (RANK[one.claim.kind] == min(closed) and not one.open):
                self._mark(one.claim, job)
        return seen

    def _widen(self, claim: Claim) -> None:
        """Take in the limit that a claim brings: for a set the largest ever given, for permits and numbers the last."""
        key = self._keys[claim.key]
        match claim.limit:
            case range() as numbers if len(numbers) != key.limit:
                free = max(0, len(numbers) - key.used)
                self._keys[claim.key] = replace(key, limit=len(numbers), free=free)
            case int(limit):
                widest = limit if claim.kind is Kind.PERMIT else max(limit, key.limit)
                self._keys[claim.key] = replace(key, limit=widest)
            case _:
                pass

    def _bound(self, claim: Claim) -> int:
        """Return how many may hold a claim that refuses: its own limit, if that is smaller than the set's."""
        limit = self._keys[claim.key].limit
        return min(limit, claim.limit) if claim.kind is Kind.SLOT and isinstance(claim.limit, int) else limit

    def _open(self, claim: Claim, bound: int | None = None) -> bool:
        key = self._keys[claim.key]
        match claim.kind:
            case Kind.NUMBER:
                return key.free >= _places(claim) + key.waiting
            case Kind.EXCLUSIVE:
                return key.used == key.waiting == 0
            case Kind.SHARED:
                return not (key.alone or key.waiting_alone)
            case Kind.SLOT | Kind.PERMIT:
                full = key.used + key.waiting >= (key.limit if bound is None else bound)
                return not (key.alone or key.waiting_alone or full)

    def _comes_free(self, claim: Claim, bound: int) -> bool:
        """Say whether what stands in the way comes free by itself: even a claim that refuses waits for that."""
        key = self._keys[claim.key]
        held, queued = key.used - key.alone, key.waiting - key.waiting_alone
        match claim.kind:
            case Kind.SLOT:
                return held + queued < bound
            case Kind.EXCLUSIVE:
                return not queued and held == key.lent
            case _:
                return False

    def _taken(self, claim: Claim, limit: int) -> NotFree:
        key = self._keys[claim.key]
        return NotFree(claim.key, key.used, limit, key.waiting, key.holders)

    def _refused(self, claim: Claim, bound: int) -> NotFree:
        """Say what is in the way of a claim that refuses: not who holds it alone, for that one's end frees it."""
        key = self._keys[claim.key]
        holders = () if key.alone else key.holders
        return NotFree(claim.key, key.used - key.alone, bound, key.waiting, holders, key.waiters)

    def _hold(self, claim: Claim, job: str) -> None:
        key, places = self._keys[claim.key], _places(claim)
        numbers = claim.kind is Kind.NUMBER
        self._keys[claim.key] = replace(
            key,
            used=key.used + places,
            free=key.free - places if numbers else key.free,
            alone=key.alone + (claim.kind is Kind.EXCLUSIVE),
            lent=key.lent + (claim.kind is Kind.SLOT and not claim.keep and claim.member not in {"", job}),
            holders=key.holders if numbers else (*key.holders, claim.member or job)[:_SHOWN],
        )

    def _mark(self, claim: Claim, job: str) -> None:
        key = self._keys[claim.key]
        alone = claim.kind is Kind.EXCLUSIVE
        self._keys[claim.key] = replace(
            key,
            waiting=key.waiting + _places(claim),
            waiting_alone=key.waiting_alone + alone,
            waiters=key.waiters if alone else (*key.waiters, job)[:_SHOWN],
        )


def _places(claim: Claim) -> int:
    return len(claim.member.split(",")) if claim.kind is Kind.NUMBER else 1
