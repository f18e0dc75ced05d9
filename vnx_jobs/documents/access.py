"""Tokens, lines of the audit trail and dead letters as documents."""

from typing import Self

from vnx_jobs.model.authority import AuditEntry, DeadLetter, Role, Token

from .document import Document, Instant, instant


class TokenDocument(Document):
    """A token, without what it is used by."""

    token: str
    """Its id."""
    name: str
    role: Role
    arrays: tuple[str, ...] | None
    """The arrays that its bearer sees; None for all."""
    made: Instant | None
    by: str
    expires: Instant | None
    revoked: Instant | None
    revoked_by: str | None
    valid: bool

    @classmethod
    def of(cls, token: Token, now: int) -> Self:
        """Tell of a token; `now` is the present in milliseconds."""
        return cls(
            token=token.id,
            name=token.name,
            role=token.role,
            arrays=None if token.arrays is None else tuple(sorted(token.arrays)),
            made=instant(token.made),
            by=token.by,
            expires=instant(token.expires),
            revoked=instant(token.revoked),
            revoked_by=token.revoked_by or None,
            valid=token.valid(now),
        )


class NewTokenDocument(TokenDocument):
    """A token that was made just now."""

    secret: str
    """What its bearer shows; it is told this one time."""

    @classmethod
    def made_now(cls, token: Token, secret: str) -> Self:
        """Tell of a new token."""
        return cls(**dict(TokenDocument.of(token, token.made)), secret=secret)


class AuditDocument(Document):
    """A line of the audit trail."""

    when: Instant | None
    who: str
    origin: str
    what: str
    array: str | None
    jobs: tuple[str, ...]
    """The first of its jobs."""
    count: int
    """How many jobs it was about."""
    outcome: str
    """`done`, or the code of the refusal."""

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Tell of a line."""
        return cls(
            when=instant(entry.when),
            who=entry.who,
            origin=entry.origin,
            what=entry.what,
            array=entry.array or None,
            jobs=entry.jobs,
            count=entry.count,
            outcome=entry.outcome,
        )


class LetterDocument(Document):
    """A message that could not be understood."""

    letter: str
    """Its id."""
    at: Instant | None
    task: str
    why: str
    message: str

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        """Tell of a message."""
        return cls(letter=letter.id, at=instant(letter.at), task=letter.task, why=letter.why, message=letter.message)
