"""What is asked for: a spec with what surrounds it, and how that is written in a request."""

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from vnx_jobs.documents.answers import KEY_FORM, MAX_KEY
from vnx_jobs.model.errors import Code
from vnx_jobs.model.specs import Spec

from .errors import Refused


@dataclass(frozen=True, slots=True)
class Ask:
    """A job that is asked for."""

    spec: Spec | Mapping[str, Any]
    """A spec of `vnx_jobs.model.specs`, or its fields, which are then checked where they arrive."""
    key: str = ""
    """Makes it repeatable: the same key with the same request is the same job."""
    after: tuple[str, ...] = ()
    """Ids of jobs that must have succeeded before it."""
    hooks: tuple[str, ...] = ()
    """Hooks that are told when it has ended."""

    @property
    def fields(self) -> dict[str, Any]:
        """The spec's fields: those that were given, as JSON has them."""
        if isinstance(self.spec, Mapping):
            return dict(self.spec)
        return {"operation": self.spec.operation, **self.spec.model_dump(mode="json", exclude_unset=True)}

    @property
    def body(self) -> dict[str, Any]:
        """What a request says of it, but for the key."""
        given = {"after": list(self.after), "hooks": list(self.hooks)}
        return self.fields | {name: value for name, value in given.items() if value}


Asked: TypeAlias = Spec | Mapping[str, Any] | Ask
"""How a job may be asked for. In a mapping, `key`, `after` and `hooks` may stand beside the spec's fields."""


def ask(asked: Asked, *, key: str = "", after: Collection[str] = (), hooks: Collection[str] = ()) -> Ask:
    """Return what is asked for; what it says itself stands before what is said beside it. Raises Refused(invalid)."""
    if isinstance(asked, Mapping):
        given = dict(asked)
        own = given.pop("key", "")
        if not isinstance(own, str):
            raise Refused(Code.INVALID, "key must be a text")
        asked = Ask(given, own, _texts(given, "after"), _texts(given, "hooks"))
    elif not isinstance(asked, Ask):
        asked = Ask(asked)
    if isinstance(after, str) or isinstance(hooks, str):  # it would be taken letter by letter
        raise Refused(Code.INVALID, "after and hooks must be lists of texts")
    found = Ask(asked.spec, asked.key or key, asked.after or tuple(after), asked.hooks or tuple(hooks))
    _need_key(found.key)
    return found


def _texts(given: dict[str, Any], field: str) -> tuple[str, ...]:
    found = given.pop(field, ())
    if not (isinstance(found, list | tuple) and all(isinstance(one, str) for one in found)):
        raise Refused(Code.INVALID, f"{field} must be a list of texts")
    return tuple(found)


def _need_key(key: str) -> None:
    if key and (len(key) > MAX_KEY or not re.fullmatch(KEY_FORM, key)):
        raise Refused(Code.INVALID, f"key must be a text of at most {MAX_KEY} printable ASCII characters")


def new_key() -> str:
    """Return a key that nobody else has."""
    return secrets.token_hex(16)
