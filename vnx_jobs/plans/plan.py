"""What planning answers: a plan, or a name that nothing is known of yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vnx_jobs.model.array import Session
from vnx_jobs.model.claim import Claim
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.things import ObjectKind


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job will do and hold."""

    operation: str
    facts: Facts = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    drops: tuple[tuple[str, str], ...] = ()
    makes: tuple[str, ...] = ()
    """What it is to make beside what its request names, as `vnx_jobs.model.things` writes it."""
    times: Mapping[str, int] = field(default_factory=dict)
    """How often a step of the table stands in this job's list, one place after the other; once if not named."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name that the inventory does not know: an unfinished job is to make it, or a fresh list must be read."""

    kind: ObjectKind
    name: str
    maker: str | None

    @property
    def waits(self) -> str:
        """What a job waits for that another one is to bring about."""
        does = f"detaches {self.name}" if self.kind == "detached" else f"is to make {self.kind} {self.name}"
        return f"waits for job {self.maker}, which {does}"


@dataclass(frozen=True, slots=True)
class Barred:
    """Others migrate a volume that the job is about: it can begin when the session is over."""

    session: Session
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Hosts see the snap copy that the job is about: it can begin when a list shows that none does."""

    why: str


class UnresolvedError(Exception):
    """Planning cannot go on without knowing more of a name."""

    def __init__(self, unresolved: Unresolved) -> None:
        super().__init__(unresolved.name)
        self.unresolved = unresolved
