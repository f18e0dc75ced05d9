"""What a step is given to work with, and what steps are made of beside their own words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from vnx_jobs.model.keys import EVERY_KIND
from vnx_jobs.model.names import job_mark, temporary_name
from vnx_jobs.model.outcome import (
    Absent,
    Anew,
    Broken,
    Done,
    Finding,
    GiveUp,
    NotYet,
    Outcome,
    Present,
    TooLate,
    Underway,
)
from vnx_jobs.model.record import Record
from vnx_jobs.model.step import SharedList, Step
from vnx_jobs.ports import Array, Inventory, Sighting
from vnx_jobs.ports.catalogue import Catalogue
from vnx_jobs.ports.reconciling import Reconciling
from vnx_jobs.ports.transfers import TransferRequests
from vnx_jobs.settings import Times


@dataclass(frozen=True, slots=True)
class Work:
    """One turn's surroundings: the job, its array (bound to the turn's deadline), and what is known beside it."""

    job: Record
    array: Array
    inventory: Inventory
    transfers: TransferRequests
    catalogue: Catalogue
    reconciling: Reconciling
    installation: str
    pace: Times
    rate: str
    """The rate at which this job migrates."""

    @property
    def mark(self) -> str:
        """What this job writes on an object that bears a user's name."""
        return job_mark(self.installation, self.job.id)

    def temporary(self, what: str) -> str:
        """Return the name of a temporary object of this job."""
        return temporary_name(self.installation, self.job.id, what)

    def number(self, role: str) -> int:
        """Return a LUN number that was granted to this job."""
        return self.job.numbers[role]

    def fact(self, name: str) -> str:
        """Return something that planning or an earlier step found out."""
        return str(self.job.facts[name])

    def fact_number(self, name: str) -> int:
        """Return a number that planning or an earlier step found out."""
        return int(self.job.facts[name])

    @property
    def unmarked(self) -> Mapping[str, None]:
        """The volume that this job made or meant, as one that has no access mark any more."""
        uid = self.job.facts.get("uid")
        return {str(uid): None} if uid else {}

    def sighting(self, name: str) -> Sighting | None:
        """Return what is known of one of the array's volumes."""
        return self.inventory.volume(self.job.array, name)


JobStep: TypeAlias = Step[Work]
Reading: TypeAlias = Done | NotYet | GiveUp | Anew
"""What a step that only reads lists can say."""


def nothing(_: Work) -> Outcome:
    """Undo of a step that leaves nothing behind, or whose effect another step's undo takes along."""
    return Done()


def nothing_left(_: Work) -> tuple[str, ...]:
    """By hand, for a step that leaves nothing of its own on the array, or what another step names."""
    return ()


def reading(
    name: str, says: str, check: Callable[[Work], Reading], lists: tuple[SharedList, ...] = ("luns",)
) -> JobStep:
    """Make a step that only reads lists: to look is to check once more, and nothing is left to undo."""
    return Step(
        name=name,
        says=says,
        do=check,
        look=_found(check),
        undo=nothing,
        undo_says="Nothing: reading leaves nothing behind.",
        by_hand=nothing_left,
        holds=(),
        writes=False,
        lists=lists,
    )


def _found(check: Callable[[Work], Reading]) -> Callable[[Work], Finding]:
    def look(work: Work) -> Finding:
        match check(work):
            case Done(facts, access=access):
                return Present(facts, access=access)
            case NotYet(condition, why, within):
                return Underway(condition, why, within)
            case GiveUp(why, code):
                return Broken(why, code)
            case Anew() as anew:
                return anew

    return look


def too_late_if_gone(look: Callable[[Work], Finding]) -> Callable[[Work], Outcome]:
    """Turn the look of a step that destroys into its undo: while the object stands there is nothing to undo.

    What is gone cannot be brought back: the job goes forward, and does not say that it left the object alone.
    """

    def undo(work: Work) -> Outcome:
        match look(work):
            case Present():
                return TooLate("it is destroyed already")
            case Underway(condition, why, within):
                return NotYet(condition, why, within)
            case Absent() | Broken() | Anew():
                return Done()

    return undo


def destroying(
    name: str,
    says: str,
    do: Callable[[Work], Outcome],
    gone: Callable[[Work], Finding],
    undo_says: str = "Nothing: what is destroyed stays destroyed, and the job goes forward.",
) -> JobStep:
    """Make a step that takes something of a user's away for good: `gone` finds it present when the thing is gone.

    It is done whoever did it, leaves nothing, and holds all claims while it is not known to be done.
    """
    return Step(
        name=name,
        says=says,
        do=do,
        look=gone,
        undo=too_late_if_gone(gone),
        undo_says=undo_says,
        by_hand=nothing_left,
        holds=EVERY_KIND,
        removes=True,
    )


def put_away(step: JobStep, *, reads: int = 0) -> JobStep:
    """Return the same undo as a step forward, so that clearing up is written once, by hand too.

    `reads` is how many reading commands of its own that undo sends while nothing disturbs it.
    """

    def look(work: Work) -> Finding:
        match step.look(work):
            case Absent():
                return Present()
            case Present():
                return Absent()
            case other:
                return other

    return replace(
        step,
        name=f"put-away-{step.name}",
        says=step.undo_says,
        do=step.undo,
        look=look,
        undo=nothing,
        undo_says="Nothing: what is put away stays away.",
        removes=True,
        permit=None,
        reads=reads,
        lists=(),
    )
