"""Answers to a request for many jobs as documents: what became of each, in a few words."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Self

from vnx_jobs.model.errors import Refused
from vnx_jobs.model.states import State

from .document import Document
from .problems import ProblemDocument

if TYPE_CHECKING:  # the parts: see __init__
    from vnx_jobs.ports import Accepted

MAX_KEY: Final = 200
"""Characters of an idempotency key."""
KEY_FORM: Final = r"^[\x21-\x7e][\x20-\x7e]*$"
"""What an idempotency key may hold: what a line of an HTTP request can carry."""
MAX_MANY: Final = 1000
"""Jobs that one request may ask for."""


class AcceptedDocument(Document):
    """A job that was accepted, now or by an earlier request with the same key."""

    job: str
    """Its id."""
    state: State
    known: bool
    """Whether an earlier request made it."""
    why: str
    """The reason of its state."""

    @classmethod
    def of(cls, accepted: "Accepted") -> Self:
        """Tell of an accepted job."""
        return cls(job=accepted.job, state=accepted.state, known=accepted.known, why=accepted.why)


class AnswerDocument(Document):
    """What became of one of many: it was accepted, or refused."""

    accepted: AcceptedDocument | None
    refused: ProblemDocument | None

    @classmethod
    def of(cls, answer: "Accepted | Refused") -> Self:
        """Tell of one."""
        if isinstance(answer, Refused):
            return cls(accepted=None, refused=ProblemDocument.of(answer))
        return cls(accepted=AcceptedDocument.of(answer), refused=None)


class AnswersDocument(Document):
    """What became of each of many, in their order."""

    answers: tuple[AnswerDocument, ...]

    @classmethod
    def of(cls, answers: "Iterable[Accepted | Refused]") -> Self:
        """Tell of all."""
        return cls(answers=tuple(map(AnswerDocument.of, answers)))
