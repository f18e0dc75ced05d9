"""Submission: spec -> checked -> planned -> admitted -> record. The one road of all producers."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .admission import Admission
from .model.errors import Refused
from .model.outcome import Facts
from .model.record import Record
from .model.specs import Spec
from .model.states import UNSUCCESSFUL
from .model.step import Operation
from .model.view import View
from .planning import Planning, Request
from .ports import Accepted, Bell, Catalogue, Change, Entry, Inventory, JobStore, KeyConflict, NotFree, Ring
from .ports.gates import Gate
from .refusals import Refusals, conflict
from .settings import Settings
from .steps.work import Work

__all__ = ["Request", "Submission"]

_ROUND: Final = 5_000
"""Requests that are planned and stored in one go: some 3.5 KB each, and each further go costs about 0.2 s."""


def _no_hooks(names: Collection[str]) -> frozenset[str]:
    del names
    return frozenset()


def _anything(job: str) -> bool:
    del job
    return True


@dataclass(frozen=True, slots=True)
class Submission:
    """Accepts or refuses jobs. Sends no array command; every refusal leaves nothing behind."""

    store: JobStore
    inventory: Inventory
    catalogue: Catalogue
    bell: Bell
    settings: Settings
    operations: Mapping[str, Operation[Work]]
    digest: Callable[[str], str]
    """What an idempotency key stands for, shortened."""
    known_hooks: Callable[[Collection[str]], frozenset[str]] = _no_hooks
    """Which of some names are hooks'."""
    may_name: Callable[[str], bool] = _anything
    """Whether its sender may be told of a job: of one that has his key, and is on an array that he does not see."""
    gate: Gate | None = None
    """That of the batch whose rows it is submitting, if they are to be accepted whole or not at all."""

    @property
    def planning(self) -> Planning:
        """What plans its requests."""
        return Planning(self.inventory, self.catalogue, self.settings, self.operations, self.digest)

    def planning_of(self, requests: Iterable[Request]) -> Planning:
        """Return what plans some requests: it knows the hooks that they name, which are looked up once."""
        named = {name for request in requests for name in request.hooks}
        return replace(self.planning, hooks=self.known_hooks(named)) if named else self.planning

    @property
    def refusals(self) -> Refusals:
        """What puts its refusals into words."""
        return Refusals(self.store, self.inventory, self.settings.installation)

    def submit(self, request: Request) -> Accepted:
        """Submit one job. Raises Refused with a code and one line; a known key returns the job it stands for."""
        (answer,) = self.submit_many([request])
        if isinstance(answer, Refused):
            raise answer
        return answer

    def submit_many(self, requests: Sequence[Request]) -> list[Accepted | Refused]:
        """Submit many jobs, each for itself: the answers stand in the order of the requests.

        Each is planned knowing what became of those before it that are to make something it names. Planning looks at
        one view of the inventory, and goes on while what is planned is being stored.
        """
        answers: dict[int, Accepted | Refused] = {}
        planning = self.planning_of(requests)
        views = planning.views(request.spec for request in requests)
        waiting = deque(enumerate(requests))
        while waiting:
            entries: dict[int, Entry] = {}
            stored = self.store.submit(self._run(planning, waiting, views, entries, answers), self.gate)
            for (place, entry), answer in zip(entries.items(), stored, strict=True):
                answers[place] = self._answer(entry, answer)
            self._note_makers(views, zip(entries.values(), stored, strict=True))
            self.bell.ring(ring for answer in stored if isinstance(answer, Accepted) for ring in answer.rings)
        self._answer_by_key(requests, answers)
        return [answers[place] for place in range(len(requests))]

    def check(self, requests: Sequence[Request]) -> list[Accepted | Refused | None]:
        """Say which requests are known by their key, and which would be refused now and no waiting can mend.

        Stores nothing, counts no limits. A request with predecessors is judged as far as they cannot change the
        answer: by its array and its pool.
        """
        planning = self.planning_of(requests)
        views = planning.views(request.spec for request in requests)
        found: list[Accepted | Refused | None] = []
        for request, known in zip(requests, self.known(requests), strict=True):
            try:
                if known is None:
                    planning.check(request, views)
                found.append(known)
            except Refused as refused:
                found.append(refused)
        return found

    def known(self, requests: Sequence[Request]) -> list[Accepted | Refused | None]:
        """Return what the requests' keys stand for already; not what ended badly of one that is to be tried again."""
        digest_of = self.planning.digest_of
        keyed = [request for request in requests if request.key]
        found = iter(self.store.known([(request.key, digest_of(request)) for request in keyed]) if keyed else ())
        answers = [next(found) if request.key else None for request in requests]
        return [
            self._conflict(request.key, answer.job, request.batch, request.row)
            if isinstance(answer, KeyConflict)
            else answer
            for request, answer in zip(requests, map(_unless_renewed, requests, answers), strict=True)
        ]

    def _conflict(self, key: str, job: str, batch: str, row: str) -> Refused:
        return conflict(key, job if self.may_name(job) else "", batch, row)

    def renew(self, record: Record) -> Change | Facts:
        """Plan a job anew that waited for its claims: the facts that hold now, or how it goes on instead."""
        return Admission(self.store, self.planning, self.refusals).renew(record)

    def admit(self, record: Record) -> Change | tuple[Ring, ...]:
        """Plan a job that could not be planned when it was submitted; say whom to ring, or how it goes on instead."""
        return Admission(self.store, self.planning, self.refusals).admit(record)

    def _run(
        self,
        planning: Planning,
        waiting: deque[tuple[int, Request]],
        views: Mapping[str, View],
        entries: dict[int, Entry],
        answers: dict[int, Accepted | Refused],
    ) -> Iterator[Entry]:
        """Plan requests one by one, up to the first that names what one before it may be about to make.

        A round is bounded, since what was planned is kept until all of it has been answered.
        """
        undecided: set[tuple[str, str]] = set()
        while waiting and len(entries) < _ROUND and undecided.isdisjoint(_things(waiting[0][1].spec)):
            place, request = waiting.popleft()
            try:
                entries[place] = planning.entry(request, views)
            except Refused as refused:
                answers[place] = refused
            else:
                undecided |= {(request.spec.array, made) for made in (*request.spec.makes, *entries[place].makes)}
                yield entries[place]

    @staticmethod
    def _note_makers(views: dict[str, View], stored: Iterable[tuple[Entry, Accepted | NotFree | KeyConflict]]) -> None:
        """Let those that come after see what jobs just accepted are to make."""
        makers: dict[str, dict[str, str]] = {}
        for entry, answer in stored:
            if isinstance(answer, Accepted) and not answer.known:
                makers.setdefault(entry.record.array, {}).update(dict.fromkeys(entry.makes, answer.job))
        for array, made in makers.items():
            views[array] = views[array].with_makers(made)

    def _answer_by_key(self, requests: Sequence[Request], answers: dict[int, Accepted | Refused]) -> None:
        """Answer what was refused before it reached the store, and is known by its key, as the store would have."""
        refused = [place for place, answer in answers.items() if isinstance(answer, Refused) and requests[place].key]
        known = self.known([requests[place] for place in refused])
        answers.update((place, answer) for place, answer in zip(refused, known, strict=True) if answer is not None)

    def _answer(self, entry: Entry, answer: Accepted | NotFree | KeyConflict) -> Accepted | Refused:
        match answer:
            case Accepted():
                return answer
            case KeyConflict(job):
                record = entry.record
                return self._conflict(record.key, job, record.batch, record.row)
            case NotFree():
                return self.refusals.not_free(entry, answer)


def _unless_renewed(request: Request, answer: Accepted | KeyConflict | None) -> Accepted | KeyConflict | None:
    """Return what a key stands for; None if the request is a new attempt at what ended badly."""
    again = request.renews and answer is not None and answer.state in UNSUCCESSFUL
    return None if again else answer


def _things(spec: Spec) -> set[tuple[str, str]]:
    """Return the objects that a spec names."""
    return {(spec.array, thing) for thing in (*spec.makes, *spec.needs)}
