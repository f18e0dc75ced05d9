"""Who may do what: tokens are issued and known again, and what was done is written to the audit trail."""

import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from .model.authority import MAX_ARRAYS, MAX_AUDITED, MAX_WHAT, Action, AuditEntry, Caller, Role, Token
from .model.errors import Code, Refused
from .ports.authority import Audit, Tokens

PREFIX: Final = "vnxj_"
"""What every secret begins with, so that scanners of leaked secrets can know it."""
_BYTES: Final = 32
_LONGEST: Final = 200
_DAY: Final = 86_400_000
_MOST_DAYS: Final = 36_500
_ID: Final = re.compile(r"[0-9a-f]{8}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


class Sink(Protocol):
    """Takes a copy of each line of the audit trail."""

    def write(self, entry: AuditEntry) -> None:
        """Take a line. Raises nothing: what cannot be kept is logged."""
        ...


@dataclass(frozen=True, slots=True)
class Authority:
    """Issues tokens, knows callers by them, says what they may, and writes down what they did.

    A secret has 256 random bits, so its SHA-256 needs neither salt nor many rounds. It is looked up by that hash: how
    long the search takes tells at most of the hash, from which nobody gets nearer to a secret.
    """

    tokens: Tokens
    audit: Audit
    arrays: Collection[str]
    """The arrays that there are."""
    sink: Sink | None = None
    """Where the audit trail is copied to."""

    def issue(
        self, name: str, role: Role, arrays: Iterable[str] | None, days: float | None, by: str
    ) -> tuple[Token, str]:
        """Make a token that is valid for some days, or until it is revoked; return it and its secret.

        Nobody can be told the secret again. Raises Refused(invalid), Refused(unknown-array).
        """
        scope = None if arrays is None else frozenset(arrays)
        self._check(name, scope, days)
        now, _ = self.tokens.all()
        expires = 0 if days is None else now + round(days * _DAY)
        token = Token(secrets.token_hex(4), name, role, scope, now, by, expires)
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        if not self.tokens.add(token, digest(secret)):
            raise Refused(Code.INVALID, "the token's id is taken: try again")
        return token, secret

    def _check(self, name: str, scope: frozenset[str] | None, days: float | None) -> None:
        if not _NAME.fullmatch(name):
            text = f"name {name!r} may hold only letters, digits, _, ., @ and -, at most 64, and begins with no sign"
            raise Refused(Code.INVALID, text)
        if _ID.fullmatch(name):
            raise Refused(Code.INVALID, f"name {name!r} reads like the id of a token: call it otherwise")
        if scope is not None and not scope:
            raise Refused(Code.INVALID, "a token that sees no array is of no use: name one, or none for all")
        if strange := sorted((scope or frozenset()) - set(self.arrays)):
            known = ", ".join(sorted(self.arrays)) or "none is configured"
            raise Refused(Code.UNKNOWN_ARRAY, f"there is no array {strange[0]!r} (arrays: {known})")
        if days is not None and not 0 < days <= _MOST_DAYS:
            raise Refused(Code.INVALID, f"a token is valid for more than 0 and at most {_MOST_DAYS} days")

    def revoke(self, meant: str, by: str) -> tuple[Token, ...]:
        """Revoke the token of an id, or all of a name, at once for all processes; return which were valid till now.

        Raises Refused(invalid) if there is none.
        """
        now, known = self.tokens.all()
        found = [one for one in known if meant in {one.id, one.name}]
        if not found:
            raise Refused(Code.INVALID, f"there is no token {meant!r}: see `vnx-jobs tokens list`")
        for one in found:
            self.tokens.revoke(one.id, by)
        return tuple(one for one in found if one.valid(now))

    def identify(self, secret: str, origin: str) -> Caller:
        """Return who bears a secret. Raises Refused(unauthorized). It is looked up each time: one round trip."""
        known = self.tokens.find(digest(secret)) if secret.startswith(PREFIX) and len(secret) <= _LONGEST else None
        if known is None:
            raise Refused(Code.UNAUTHORIZED, "the token is not known")
        now, token = known
        if not token.valid(now):
            raise Refused(Code.UNAUTHORIZED, f"the token {'was revoked' if token.revoked else 'has expired'}")
        return Caller(token.name, token.role, token.arrays, origin)

    def need(self, caller: Caller, action: Action, array: str = "") -> None:
        """Raise Refused(forbidden) if somebody's role is too small.

        Raise Refused(unknown-array) if he does not see the array, as if there were none of that name.
        """
        if not caller.may(action):
            raise Refused(Code.FORBIDDEN, f"{caller.name} is {_a(caller.role)} and may not {action.value}")
        if array and not caller.sees(array):
            raise Refused(Code.UNKNOWN_ARRAY, f"there is no array {array!r}")

    def wrote(self, caller: Caller, what: str, *, array: str = "", jobs: Collection[str] = (), outcome: str) -> None:
        """Write a line of the audit trail. Raises StateServerError; its copy is written all the same."""
        named, what, array = tuple(jobs), what[:MAX_WHAT], array[:MAX_ARRAYS]
        entry = AuditEntry(caller.name, caller.origin, what, outcome, array, named[:MAX_AUDITED], len(named))
        told = entry
        try:
            told = self.audit.append(entry)
        finally:
            if self.sink is not None:
                self.sink.write(told)


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def _a(role: Role) -> str:
    return f"{'a' if role is Role.VIEWER else 'an'} {role}"
