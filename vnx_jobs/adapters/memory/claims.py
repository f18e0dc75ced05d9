"""Claims in memory, told as plainly as can be: every waiter is looked at again after every change.

A request has a ticket, which says who came first. A claim is open to a ticket if neither a holder nor an earlier place
in the queue stands in its way. A request is granted whole, as soon as all its claims are open; until then it stands in
the queue of what it was stopped by, and of everything that is taken before that (slots, numbers, then locks, then
permits), so that a free lock is not kept by somebody who waits elsewhere.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from vnx_jobs.model.claim import RANK, Claim, Kind
from vnx_jobs.ports import Holding, NotFree

SHOWN = 10
"""Holders that a refusal names."""
_TEMPORARY = re.compile(r"vj[a-z0-9]+-([0-9A-Za-z]+)-[a-z]+[0-9]*")
_UNUSED = 2**31
"""A fresh number is taken before one that was used; this many times smaller than a ticket keeps fresh ones in order."""


@dataclass(slots=True)
class Request:
    """A set of claims, granted or waiting."""

    name: str
    ticket: int
    claims: tuple[Claim, ...]
    granted: bool = False
    marks: set[int] = field(default_factory=set)
    """Which of the claims stand in their queues."""
    at: int = 0
    """Which claim it is tried again for."""
    numbers: dict[str, int] = field(default_factory=dict)

    def member(self, claim: Claim) -> str:
        """Return who is shown as the holder."""
        return claim.member or self.name


@dataclass(frozen=True, slots=True)
class Holder:
    """How, since when (as a ticket), and for whom a member holds a key."""

    kind: Kind
    ticket: int
    owner: str


def places(claim: Claim) -> int:
    """Return how many places a claim takes."""
    return len(claim.member.split(",")) if claim.kind is Kind.NUMBER else 1


class Claims:
    """Who holds what and who waits for it. Not thread-safe: whoever calls holds the state server's lock."""

    def __init__(self, granted: Callable[[Request], None], live: Callable[[str], bool]) -> None:
        """Tell `granted` of every waiter whose turn came; `live` says whether a job has not ended."""
        self._granted = granted
        self._live = live
        self.ticket = 0
        self.requests: dict[str, Request] = {}
        """Those that hold or wait, oldest first."""
        self.held: dict[str, dict[str, Holder]] = {}
        self.free: dict[str, dict[int, float]] = {}
        """Free numbers, each with the ticket of when it was given back."""
        self.given_back: dict[tuple[str, str], int] = {}
        """When slots were given back, so that an older list does not restore them."""
        self._limits: dict[str, int] = {}
        self._ranges: dict[str, range] = {}

    def next_ticket(self) -> int:
        """Give out a ticket."""
        self.ticket += 1
        return self.ticket

    def ask(self, name: str, claims: Sequence[Claim]) -> Request | NotFree:
        """Ask for claims in rank order. A refusal changes nothing."""
        for claim in claims:
            self._set_limit(claim)
            refused = self._refusal(claim) if claim.refuse else None
            if refused is not None:
                return refused
        request = self.requests[name] = Request(name, self.next_ticket(), tuple(claims))
        self._try(request)
        return request

    def leave(self, name: str, keep: Collection[str] = (), drops: Iterable[tuple[str, str]] = ()) -> None:
        """End a request; members of the keys in `keep` stay with what was made, `drops` are of what is gone."""
        request = self.requests.pop(name, None)
        if request is not None and request.granted:
            for claim in request.claims:
                self._give_back(request, claim, keep=claim.key in keep)
        for key, member in drops:
            self._drop(key, member)
        self.wake()

    def give_up(self, name: str, keys: Collection[str]) -> None:
        """Give back some claims of a request that was granted."""
        request = self.requests.get(name)
        if request is None:
            return
        for claim in request.claims:
            if claim.key in keys:
                self._give_back(request, claim, keep=False)
        request.claims = tuple(claim for claim in request.claims if claim.key not in keys)
        self.wake()

    def wake(self) -> None:
        """Try whoever waits at a claim that has opened, oldest first, until nobody can move."""
        while True:
            ready = (one for one in self.waiting() if self._open(one.claims[one.at], one.ticket))
            first = next(ready, None)
            if first is None:
                return
            self._try(first)
            if first.granted:
                self._granted(first)

    def waiting(self) -> list[Request]:
        """Return who waits, oldest first."""
        return [request for request in self.requests.values() if not request.granted]

    def blockers(self, name: str) -> list[NotFree]:
        """Say what a waiting request waits for."""
        request = self.requests.get(name)
        if request is None or request.granted:
            return []
        closed = (claim for claim in request.claims if not self._open(claim, request.ticket))
        return [self._taken(claim.key, self._earlier(claim.key, request.ticket)) for claim in closed]

    def holding(self, key: str) -> Holding:
        """Say who holds a key and who waits for it."""
        taken, held = self._taken(key, self._earlier(key, self.ticket + 1)), self.held.get(key, {})
        alone = sum(holder.kind is Kind.EXCLUSIVE for holder in held.values())
        lent = sum(self._is_lent(key, member) for member, one in held.items() if one.kind is not Kind.EXCLUSIVE)
        waits = sum(claim.kind is Kind.EXCLUSIVE for claim in self._before(key, self.ticket + 1))
        free = len(self.free.get(key, ()))
        counts = (taken.used, alone, lent, taken.limit, free, taken.waiting, waits)
        return Holding(*counts, taken.holders, self._waiters(key))

    def set_range(self, key: str, numbers: range) -> None:
        """Say which numbers there are; those that stay keep their place in the rotation."""
        if self._ranges.get(key) == numbers:
            return
        self._ranges[key] = numbers
        used, free = self.held.get(key, {}), self.free.get(key, {})
        self.free[key] = {number: free.get(number, number / _UNUSED) for number in numbers if str(number) not in used}

    def hold(self, key: str, member: str, kind: Kind, owner: str = "") -> None:
        """Let a member hold a key without asking."""
        self.held.setdefault(key, {})[member] = Holder(kind, self.next_ticket(), owner)

    def let_go(self, key: str, member: str) -> None:
        """Take a key from a member; a number goes to the end of the rotation."""
        holder = self.held.get(key, {}).pop(member, None)
        if holder is not None and holder.kind is Kind.NUMBER and int(member) in self._ranges[key]:
            self.free[key][int(member)] = self.next_ticket()

    def _open(self, claim: Claim, ticket: int) -> bool:
        held, before = self.held.get(claim.key, {}), self._before(claim.key, ticket)
        kinds = {*(holder.kind for holder in held.values()), *(one.kind for one in before)}
        queued = sum(places(one) for one in before)
        match claim.kind:
            case Kind.NUMBER:
                return len(self.free.get(claim.key, ())) >= places(claim) + queued
            case Kind.EXCLUSIVE:
                return not kinds
            case Kind.SHARED:
                return Kind.EXCLUSIVE not in kinds
            case Kind.SLOT | Kind.PERMIT:
                return Kind.EXCLUSIVE not in kinds and len(held) + queued < self._limit(claim.key)

    def _before(self, key: str, ticket: int) -> list[Claim]:
        older = [request for request in self.waiting() if request.ticket < ticket]
        return [one.claims[mark] for one in older for mark in one.marks if one.claims[mark].key == key]

    def _earlier(self, key: str, ticket: int) -> int:
        return sum(places(claim) for claim in self._before(key, ticket))

    def _refusal(self, claim: Claim) -> NotFree | None:
        """Say what stands in the way; a slot keeps to its own limit if that is smaller than the set's."""
        ticket = self.ticket + 1
        own = claim.limit if claim.kind is Kind.SLOT and isinstance(claim.limit, int) else None
        full = own is not None and len(self.held.get(claim.key, {})) + self._earlier(claim.key, ticket) >= own
        if (self._open(claim, ticket) and not full) or self._comes_free(claim, ticket, own):
            return None
        found, limit = self.holding(claim.key), self._limit(claim.key) if own is None else own
        holders = () if found.alone else found.holders  # the end of whoever holds it alone frees it
        return NotFree(claim.key, found.used - found.alone, limit, found.waiting, holders, found.waiters)

    def _comes_free(self, claim: Claim, ticket: int, own: int | None) -> bool:
        """Say whether what stands in the way comes free by itself: even a claim that refuses waits for that.

        So does a slot of a set that somebody holds alone, and a set alone that somebody else holds alone, or whose
        members are only lent.
        """
        held = [member for member, one in self.held.get(claim.key, {}).items() if one.kind is not Kind.EXCLUSIVE]
        queued = sum(one.kind is not Kind.EXCLUSIVE for one in self._before(claim.key, ticket))
        match claim.kind:
            case Kind.SLOT:
                return len(held) + queued < min(self._limit(claim.key), own or 0)
            case Kind.EXCLUSIVE:
                return not queued and all(self._is_lent(claim.key, member) for member in held)
            case _:
                return False

    def _is_lent(self, key: str, member: str) -> bool:
        """Say whether a slot is held by a job under way for a temporary object: its end gives the slot back."""
        name = _TEMPORARY.fullmatch(member)
        owner = self.requests.get(name[1]) if name else None
        return owner is not None and not any(one.key == key and one.keep for one in owner.claims)

    def _taken(self, key: str, waiting: int) -> NotFree:
        held = self.held.get(key, {})
        members = sorted(held, key=lambda member: (held[member].ticket, member))
        return NotFree(key, len(held), self._limit(key), waiting, tuple(members[:SHOWN]))

    def _waiters(self, key: str) -> tuple[str, ...]:
        marked = ((one.name, one.claims[mark]) for one in self.waiting() for mark in sorted(one.marks))
        return tuple(name for name, one in marked if one.key == key and one.kind is not Kind.EXCLUSIVE)[:SHOWN]

    def _limit(self, key: str) -> int:
        return len(self._ranges[key]) if key in self._ranges else self._limits.get(key, 0)

    def _set_limit(self, claim: Claim) -> None:
        """Take in the limit that a claim brings: for a set the largest ever given, for permits the last."""
        match claim.limit:
            case range():
                self.set_range(claim.key, claim.limit)
            case int():
                known = self._limits.get(claim.key, 0) if self._in_use(claim.key) else 0
                self._limits[claim.key] = claim.limit if claim.kind is Kind.PERMIT else max(known, claim.limit)
            case None:
                pass

    def _in_use(self, key: str) -> bool:
        return bool(self.held.get(key)) or self._earlier(key, self.ticket + 1) > 0

    def _try(self, request: Request) -> None:
        """Grant a request whole, or let it stand in the queues where it belongs."""
        blocked = [place for place, one in enumerate(request.claims) if not self._open(one, request.ticket)]
        if not blocked:
            self._grant(request)
            return
        ranks = [RANK[one.kind] for one in request.claims]
        lowest = min(ranks[place] for place in blocked)
        stops = {place for place in blocked if ranks[place] == lowest}
        stood = {place for place in request.marks if ranks[place] == lowest}
        request.marks = {place for place, rank in enumerate(ranks) if rank in {0, *range(lowest)}} | stops | stood
        request.at = min(stops)

    def _grant(self, request: Request) -> None:
        request.granted, request.marks = True, set()
        for claim in request.claims:
            if claim.kind is Kind.NUMBER:
                self._take_numbers(request, claim)
            else:
                holder = Holder(claim.kind, request.ticket, request.name)
                self.held.setdefault(claim.key, {})[request.member(claim)] = holder

    def _take_numbers(self, request: Request, claim: Claim) -> None:
        free = self.free[claim.key]
        for role in claim.member.split(","):
            number = min(free, key=lambda one: (free[one], one))
            del free[number]
            request.numbers[role] = number
            self.held.setdefault(claim.key, {})[str(number)] = Holder(claim.kind, request.ticket, request.name)

    def _give_back(self, request: Request, claim: Claim, *, keep: bool) -> None:
        if claim.kind is not Kind.NUMBER:
            self._end_holding(claim.key, request.member(claim), keep=keep)
            return
        for role in claim.member.split(","):
            self._end_holding(claim.key, str(request.numbers[role]), keep=keep and not role.startswith("target"))

    def _end_holding(self, key: str, member: str, *, keep: bool) -> None:
        """Give back what a request held; what stays with an object is as young as the end of its job."""
        holder = self.held.get(key, {}).get(member)
        if holder is not None and keep:
            self.held[key][member] = Holder(holder.kind, self.next_ticket(), "")
            return
        if holder is not None and holder.kind is Kind.SLOT:
            self.given_back[key, member] = self.next_ticket()
        self.let_go(key, member)

    def _drop(self, key: str, member: str) -> None:
        """Give back what an object held that is gone; a number may be another's by now."""
        if key not in self._ranges:
            self.given_back[key, member] = self.next_ticket()
            self.let_go(key, member)
        elif not self._live(self.owner(key, member)):
            self.let_go(key, member)

    def owner(self, key: str, member: str) -> str:
        """Return the job for which a member holds a key; empty if it belongs to no unfinished job."""
        holder = self.held.get(key, {}).get(member)
        return "" if holder is None else holder.owner
