"""What a parked job waits for, as values: what the array shows the watch answers, for many jobs with one reading."""

import json
from dataclasses import dataclass
from typing import TypeAlias

from .lists import ListKind


@dataclass(frozen=True, slots=True)
class FreshList:
    """A complete list of the array's LUNs, begun after `since` (milliseconds of the state server's clock)."""

    since: int
    also: tuple[ListKind, ...] = ()
    """The lists that are needed too, begun no earlier."""


@dataclass(frozen=True, slots=True)
class SessionOver:
    """The migration session of LUN number `source` is no longer running, in a session list begun after `since`.

    Or a list of LUNs that was begun after `since` lacks the session's target: that is gone when the copy is complete.
    """

    source: int
    since: int
    target: int | None = None


@dataclass(frozen=True, slots=True)
class ArrayBack:
    """The array, which did not answer or refused the login, answers again."""


@dataclass(frozen=True, slots=True)
class TransferOver:
    """A backup host has done what the job asked of it, or has failed; its copier resumes the job, not the watch."""


Condition: TypeAlias = FreshList | SessionOver | ArrayBack | TransferOver


def to_json(condition: Condition) -> str:
    """Write a condition as it stands in the state server."""
    match condition:
        case FreshList(since, also):
            return json.dumps({"kind": "fresh-list", "since": since, "also": also})
        case SessionOver(source, since, target):
            return json.dumps({"kind": "session-over", "source": source, "since": since, "target": target})
        case ArrayBack():
            return json.dumps({"kind": "array-back"})
        case TransferOver():
            return json.dumps({"kind": "transfer-over"})


def from_json(text: str) -> Condition:
    """Read a condition back; raises ValueError for a kind that this version does not know."""
    data = json.loads(text)
    match data["kind"]:
        case "fresh-list":
            return FreshList(int(data["since"]), tuple(data["also"]) if "also" in data else _as_before(data))
        case "session-over":
            return SessionOver(int(data["source"]), int(data["since"]), data.get("target"))
        case "array-back":
            return ArrayBack()
        case "transfer-over":
            return TransferOver()
        case unknown:
            raise ValueError(f"unknown condition {unknown!r}")


def _as_before(data: dict[str, object]) -> tuple[ListKind, ...]:
    """Read which lists the first version waited for: it knew one beside that of the LUNs."""
    return ("snapshots",) if data.get("snapshots") else ()
