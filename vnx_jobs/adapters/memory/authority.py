"""Tokens, audit trail and dead letters, their twins in memory."""

from dataclasses import replace
from itertools import count

from vnx_jobs.model.authority import AuditEntry, DeadLetter, Token

from .server import MemoryServer


class MemoryTokens:
    """Implements Tokens."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._tokens: dict[str, Token] = {}

    def add(self, token: Token, digest: str) -> bool:
        """Keep a token under the hash of its secret."""
        with self._server.moment():
            if digest in self._tokens:
                return replace(self._tokens[digest], revoked=0, revoked_by="") == token
            if any(one.id == token.id for one in self._tokens.values()):
                return False
            self._tokens[digest] = token
            return True

    def find(self, digest: str) -> tuple[int, Token] | None:
        """Return the present and the token whose secret has this hash."""
        with self._server.moment():
            return (self._server.now(), self._tokens[digest]) if digest in self._tokens else None

    def all(self) -> tuple[int, tuple[Token, ...]]:
        """Return the present and all tokens, oldest first."""
        with self._server.moment():
            return self._server.now(), tuple(sorted(self._tokens.values(), key=lambda one: (one.made, one.id)))

    def revoke(self, token: str, by: str) -> bool:
        """Let a token not be valid from now on."""
        with self._server.moment():
            for digest, one in self._tokens.items():
                if one.id == token:
                    if not one.revoked:
                        self._tokens[digest] = replace(one, revoked=self._server.now(), revoked_by=by)
                    return True
            return False


class MemoryAudit:
    """Implements Audit."""

    def __init__(self, server: MemoryServer, lines: int) -> None:
        self._server = server
        self._lines = lines
        self._entries: list[AuditEntry] = []

    def append(self, entry: AuditEntry) -> AuditEntry:
        """Add a line."""
        with self._server.moment():
            told = replace(entry, when=self._server.now())
            self._entries = [*self._entries, told][-self._lines :]
            return told

    def read(self, *, since: int = 0, who: str = "", array: str = "", most: int = 100) -> tuple[AuditEntry, ...]:
        """Return the newest lines, oldest first."""
        with self._server.moment():
            meant = [one for one in self._entries if one.when >= since and who in {"", one.who} and one.is_about(array)]
            return tuple(meant[max(0, len(meant) - most) :])


class MemoryDeadLetters:
    """Implements DeadLetters."""

    def __init__(self, server: MemoryServer, most: int) -> None:
        self._server = server
        self._most = most
        self._letters: dict[str, DeadLetter] = {}
        self._ids = count(1)

    def put(self, why: str, task: str, message: str) -> str:
        """Keep a message."""
        with self._server.moment():
            at = self._server.now()
            letter = DeadLetter(f"{at}-{next(self._ids)}", at, why, task, message)
            self._letters[letter.id] = letter
            while len(self._letters) > self._most:
                del self._letters[next(iter(self._letters))]
            return letter.id

    def find(self, most: int) -> tuple[DeadLetter, ...]:
        """Return the newest."""
        with self._server.moment():
            return tuple(reversed(self._letters.values()))[:most]

    def get(self, letter: str) -> DeadLetter | None:
        """Return the one of an id."""
        with self._server.moment():
            return self._letters.get(letter)

    def drop(self, letter: str = "") -> int:
        """Forget the one of an id, or all."""
        with self._server.moment():
            meant = [letter] if letter else list(self._letters)
            return sum(self._letters.pop(one, None) is not None for one in meant)
