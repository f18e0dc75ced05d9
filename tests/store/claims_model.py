"""What claims mean, told naively: no index, no parked queue; every waiter is looked at again after every change."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from vnx_jobs.model.claim import RANK, Claim, Kind


@dataclass
class Request:
    """A set of claims with its place in time."""

    name: str
    ticket: int
    claims: tuple[Claim, ...]
    granted: bool = False
    marks: set[int] = field(default_factory=set)
    """Places in the list of claims at which it stands in the queue."""
    at: int = 0
    """The claim that it is tried again for."""
    numbers: dict[str, int] = field(default_factory=dict)

    def member(self, claim: Claim) -> str:
        """Return who is shown as the holder."""
        return claim.member or self.name


def wanted(claim: Claim) -> int:
    """Return how many places a claim takes."""
    return len(claim.member.split(",")) if claim.kind is Kind.NUMBER else 1


class Model:
    """Who holds what, and who waits for it."""

    def __init__(self, numbers: range) -> None:
        self.tickets = 0
        self.requests: dict[str, Request] = {}
        """Those that hold or wait, oldest first."""
        self.held: dict[str, dict[str, Kind]] = {}
        self.limits: dict[str, int] = {}
        self.free = list(numbers)

    def waiting(self) -> list[Request]:
        """Return who waits, oldest first."""
        return [request for request in self.requests.values() if not request.granted]

    def earlier(self, key: str, ticket: int) -> list[Claim]:
        """Return the claims by which older requests stand in the queue of a key."""
        older = (one for one in self.waiting() if one.ticket < ticket)
        return [one.claims[place] for one in older for place in one.marks if one.claims[place].key == key]

    def open(self, claim: Claim, ticket: int) -> bool:
        """Say whether nothing but younger requests stands in the way of a claim."""
        held, before = self.held.get(claim.key, {}), self.earlier(claim.key, ticket)
        kinds = {*held.values(), *(one.kind for one in before)}
        places = sum(wanted(one) for one in before)
        match claim.kind:
            case Kind.NUMBER:
                return len(self.free) >= wanted(claim) + places
            case Kind.EXCLUSIVE:
                return not kinds
            case Kind.SHARED:
                return Kind.EXCLUSIVE not in kinds
            case Kind.SLOT | Kind.PERMIT:
                return Kind.EXCLUSIVE not in kinds and len(held) + places < self.limits[claim.key]

    def comes_free(self, claim: Claim) -> bool:
        """Say whether only somebody who is alone stands in the way of a slot, or of being alone."""
        before = [one.kind for one in self.earlier(claim.key, self.tickets + 1)]
        others = [kind for kind in (*self.held.get(claim.key, {}).values(), *before) if kind is not Kind.EXCLUSIVE]
        return len(others) < {Kind.SLOT: self.limits.get(claim.key, 0), Kind.EXCLUSIVE: 1}.get(claim.kind, 0)

    def ask(self, name: str, claims: tuple[Claim, ...]) -> bool | None:
        """Ask for claims: granted, waiting, or (None) refused."""
        for claim in claims:
            if isinstance(claim.limit, int):
                self.limits[claim.key] = claim.limit
            if claim.refuse and not self.open(claim, self.tickets + 1) and not self.comes_free(claim):
                return None
        self.tickets += 1
        request = self.requests[name] = Request(name, self.tickets, claims)
        self._try(request)
        return request.granted

    def _try(self, request: Request) -> None:
        blocked = [place for place, one in enumerate(request.claims) if not self.open(one, request.ticket)]
        if not blocked:
            self._grant(request)
            return
        ranks = [RANK[one.kind] for one in request.claims]
        lowest = min(ranks[place] for place in blocked)
        stops = {place for place in blocked if ranks[place] == lowest}
        stood = {place for place in request.marks if ranks[place] == lowest}
        request.marks = {place for place, rank in enumerate(ranks) if rank == 0 or rank < lowest} | stops | stood
        request.at = min(stops)

    def _grant(self, request: Request) -> None:
        request.granted, request.marks = True, set()
        for claim in request.claims:
            if claim.kind is not Kind.NUMBER:
                self.held.setdefault(claim.key, {})[request.member(claim)] = claim.kind
                continue
            for role in claim.member.split(","):
                request.numbers[role] = self.free.pop(0)
                self.held.setdefault(claim.key, {})[str(request.numbers[role])] = claim.kind

    def leave(self, name: str, keep: Collection[str] = (), drops: Iterable[tuple[str, str]] = ()) -> None:
        """End a request; `keep` are keys whose members stay, `drops` are members of objects that are gone."""
        request = self.requests.pop(name, None)
        if request is not None and request.granted:
            self._give_back(request, keep)
        for key, member in drops:
            self._drop(key, member)
        self._settle_down()

    def _give_back(self, request: Request, keep: Collection[str]) -> None:
        for claim in request.claims:
            if claim.kind is Kind.NUMBER:
                roles = [role for role in claim.member.split(",") if role != "volume" or claim.key not in keep]
                for role in roles:
                    self._free(claim.key, str(request.numbers[role]))
            elif claim.key not in keep:
                self.held[claim.key].pop(request.member(claim), None)

    def _free(self, key: str, member: str) -> None:
        if self.held.get(key, {}).pop(member, None) is Kind.NUMBER:
            self.free.append(int(member))

    def _drop(self, key: str, member: str) -> None:
        owners = (one for one in self.requests.values() if member in map(str, one.numbers.values()))
        if self.held.get(key, {}).get(member) is not Kind.NUMBER or not any(owners):
            self._free(key, member)

    def _settle_down(self) -> None:
        while True:
            ready = [one for one in self.waiting() if self.open(one.claims[one.at], one.ticket)]
            if not ready:
                return
            self._try(ready[0])
