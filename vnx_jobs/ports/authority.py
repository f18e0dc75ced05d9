"""The ports of who may: tokens, by the hashes of their secrets, and the audit trail."""

from typing import Protocol

from vnx_jobs.model.authority import AuditEntry, DeadLetter, Token


class Tokens(Protocol):
    """The tokens of an installation. Every change is atomic and holds for all processes when it returns.

    The present is the state server's time. Costs no array command. All methods raise StateServerError; each costs one
    round trip.
    """

    def add(self, token: Token, digest: str) -> bool:
        """Keep a token under the hash of its secret; return False, and change nothing, if its id or hash is taken.

        The same token again changes nothing, and returns True.
        """
        ...

    def find(self, digest: str) -> tuple[int, Token] | None:
        """Return the present and the token whose secret has this hash, be it valid or not; None if there is none."""
        ...

    def all(self) -> tuple[int, tuple[Token, ...]]:
        """Return the present and all tokens, oldest first; those revoked too."""
        ...

    def revoke(self, token: str, by: str) -> bool:
        """Let a token of this id not be valid from now on; say whether there is one. May be repeated."""
        ...


class Audit(Protocol):
    """The audit trail: lines are added and read, and never changed; the oldest fall out of it.

    All methods raise StateServerError; each costs one round trip.
    """

    def append(self, entry: AuditEntry) -> AuditEntry:
        """Add a line, and return it with its time."""
        ...

    def read(self, *, since: int = 0, who: str = "", array: str = "", most: int = 100) -> tuple[AuditEntry, ...]:
        """Return the newest lines, oldest first: not older than a time in milliseconds, of somebody, on an array.

        Costs a round trip for each thousand lines that are looked at.
        """
        ...


class DeadLetters(Protocol):
    """Messages that could not be understood, newest first; the oldest fall out.

    All methods raise StateServerError; each costs one round trip.
    """

    def put(self, why: str, task: str, message: str) -> str:
        """Keep a message; return its id."""
        ...

    def find(self, most: int) -> tuple[DeadLetter, ...]:
        """Return the newest."""
        ...

    def get(self, letter: str) -> DeadLetter | None:
        """Return the one of an id; None if there is none, or it is no id."""
        ...

    def drop(self, letter: str = "") -> int:
        """Forget the one of an id, or all; return how many there were."""
        ...
