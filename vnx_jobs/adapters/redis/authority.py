"""Tokens, audit trail and dead letters in the state server: see lua/authority.lua."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final

from vnx_jobs.model.authority import AuditEntry, DeadLetter, Role, Token

from .server import Server, patiently

_PART: Final = 1000
_ID: Final = re.compile(r"\d{1,15}-\d{1,15}")


class RedisTokens:
    """Implements Tokens."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def add(self, token: Token, digest: str) -> bool:
        """Keep a token under the hash of its secret."""
        kept = asdict(token) | {"arrays": None if token.arrays is None else sorted(token.arrays)}
        document = json.dumps(kept, separators=(",", ":"))
        result, _ = patiently(lambda: self._server.call("tokenadd", digest, token.id, document, durable=True))
        return bool(result[0])

    def find(self, digest: str) -> tuple[int, Token] | None:
        """Return the present and the token whose secret has this hash."""
        (now, *found), _ = self._server.call("tokenof", digest)
        return (int(now), _token(found[0], found[1])) if found else None

    def all(self) -> tuple[int, tuple[Token, ...]]:
        """Return the present and all tokens, oldest first."""
        (now, found), _ = self._server.call("tokenall")
        tokens = [_token(document, revoked) for document, revoked in found]
        return int(now), tuple(sorted(tokens, key=lambda one: (one.made, one.id)))

    def revoke(self, token: str, by: str) -> bool:
        """Let a token not be valid from now on."""
        result, _ = patiently(lambda: self._server.call("tokenend", token, by, durable=True))
        return bool(result[0])


class RedisAudit:
    """Implements Audit."""

    def __init__(self, server: Server, lines: int) -> None:
        self._server = server
        self._lines = lines

    def append(self, entry: AuditEntry) -> AuditEntry:
        """Add a line. Not repeated when its answer is lost: that could be two."""
        told = {"who": entry.who, "origin": entry.origin, "what": entry.what, "outcome": entry.outcome}
        told |= {"array": entry.array, "jobs": " ".join(entry.jobs), "count": str(entry.count)}
        fields = [word for pair in told.items() for word in pair]
        (at, _), _ = self._server.call("audited", self._lines, fields, durable=True)
        return replace(entry, when=int(at))

    def read(self, *, since: int = 0, who: str = "", array: str = "", most: int = 100) -> tuple[AuditEntry, ...]:
        """Return the newest lines, oldest first."""
        found: list[AuditEntry] = []
        before = ""
        while len(found) < most:
            (part,), _ = self._server.call("auditof", before, _PART)
            lines = [_line(fields) for _, fields in part]
            found += [one for one in lines if one.when >= since and who in {"", one.who} and one.is_about(array)]
            if len(part) < _PART or lines[-1].when < since:
                break
            before = part[-1][0]
        return tuple(reversed(found[:most]))


class RedisDeadLetters:
    """Implements DeadLetters."""

    def __init__(self, server: Server, most: int) -> None:
        self._server = server
        self._most = most

    def put(self, why: str, task: str, message: str) -> str:
        """Keep a message."""
        fields = ["why", why, "task", task, "message", message]
        (_, letter), _ = self._server.call("deadput", self._most, fields, durable=True)
        return str(letter)

    def find(self, most: int) -> tuple[DeadLetter, ...]:
        """Return the newest."""
        return self._of("", most)

    def get(self, letter: str) -> DeadLetter | None:
        """Return the one of an id."""
        return next(iter(self._of(letter, 1)), None) if _ID.fullmatch(letter) else None

    def drop(self, letter: str = "") -> int:
        """Forget the one of an id, or all."""
        if letter and not _ID.fullmatch(letter):
            return 0
        return int(self._server.call("deaddrop", letter, durable=True)[0][0])

    def _of(self, letter: str, most: int) -> tuple[DeadLetter, ...]:
        (found,), _ = self._server.call("deadof", letter, most)
        told = [(id_, _pairs(fields)) for id_, fields in found]
        return tuple(DeadLetter(id_, int(one["at"]), one["why"], one["task"], one["message"]) for id_, one in told)


def _token(document: str, revoked: str) -> Token:
    fields = json.loads(document)
    arrays = None if fields["arrays"] is None else frozenset(fields["arrays"])
    at, _, by = revoked.partition(" ")
    ended = {"revoked": int(at or 0), "revoked_by": by}
    return Token(**fields | {"role": Role(fields["role"]), "arrays": arrays} | ended)


def _line(fields: Sequence[str]) -> AuditEntry:
    told = _pairs(fields)
    jobs = tuple(told["jobs"].split())
    said = (told["who"], told["origin"], told["what"], told["outcome"], told["array"])
    return AuditEntry(*said, jobs, int(told["count"]), int(told["at"]))


def _pairs(fields: Sequence[str]) -> dict[str, str]:
    return dict(zip(fields[::2], fields[1::2], strict=True))
