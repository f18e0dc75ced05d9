"""Receivers of call backs, and what they have not been told yet, as documents."""

from collections.abc import Sequence
from typing import Self

from vnx_jobs.model.hooks import HookStanding, Kind, Pending

from .document import Document, Instant, instant


class HookDocument(Document):
    """A receiver, and how things stand with it."""

    hook: str
    """Its name."""
    url: str
    by: str
    delivered: int
    waiting: int
    given_up: int
    failures: int
    """Attempts that failed since the last one that did not."""
    tried: Instant | None
    answer: str | None
    """What came of the last attempt."""

    @classmethod
    def of(cls, standing: HookStanding) -> Self:
        """Tell of a receiver."""
        return cls(
            hook=standing.hook.name,
            url=standing.hook.url,
            by=standing.hook.by,
            delivered=standing.delivered,
            waiting=standing.waiting,
            given_up=standing.given_up,
            failures=standing.failures,
            tried=instant(standing.tried),
            answer=standing.answer or None,
        )


class NewHookDocument(Document):
    """A receiver that was registered just now."""

    hook: str
    url: str
    key: str
    """What it verifies messages with."""


class MessageDocument(Document):
    """A message that is not delivered."""

    id: str
    kind: Kind
    subject: str
    """The job's id, or the batch's name."""
    at: Instant | None
    attempts: int
    next: Instant | None
    given_up: bool
    answer: str | None

    @classmethod
    def of(cls, one: Pending) -> Self:
        """Tell of a message."""
        return cls(
            id=one.id,
            kind=one.kind,
            subject=one.subject,
            at=instant(one.at),
            attempts=one.attempts,
            next=instant(one.due),
            given_up=not one.due,
            answer=one.answer or None,
        )


class HookPendingDocument(HookDocument):
    """A receiver, and all that it has not been told."""

    messages: tuple[MessageDocument, ...]

    @classmethod
    def with_messages(cls, standing: HookStanding, pending: Sequence[Pending]) -> Self:
        """Tell of a receiver and of its messages."""
        return cls(**dict(HookDocument.of(standing)), messages=tuple(map(MessageDocument.of, pending)))
