"""Gives the fields of a listing their types: what the array shows, as values of the model.

A label that is missing means that the answer is not whole, and nothing of it is believed. Labels whose value is N/A are
what an array shows of an object that is coming or going.
"""

import re
from collections.abc import Mapping
from typing import Final

from vnx_jobs.model.array import Lun, Pool, Session, Snapshot, Tiering

from .storops_cli import Fields
from .words import lun_fields, pool_fields, session_fields, snapshot_fields

UNKNOWN_LUN: Final = -1
"""Stands for the LUN of a snapshot whose listing names none; no LUN has this number."""

_NOTHING: Final = frozenset({"", "N/A", "None"})
_SERVING: Final = frozenset({"Ready", "Faulted"})
"""States in which a LUN serves I/O (EMC's Cinder driver); a faulted one is degraded."""
_TIERINGS: Final[Mapping[tuple[str, str], Tiering]] = {
    ("auto tier", "highest available"): "StartHighThenAuto",
    ("auto tier", "optimize pool"): "Auto",
    ("highest available", "highest available"): "HighestAvailable",
    ("lowest available", "lowest available"): "LowestAvailable",
}
"""Policy and initial tier, as they are listed. A LUN that is not to be moved may begin in any tier."""
_OWNERS: Final = {"SP A": "A", "SP B": "B"}
_UNITS: Final = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}


class ListingError(ValueError):
    """A listing lacks a label, or a value is not of its kind."""


def luns(text: str) -> tuple[Lun, ...]:
    """Read the answer of `lun -list -all`. Raises ListingError."""
    return tuple(_lun(fields) for fields in lun_fields(text))


def snapshots(text: str) -> tuple[Snapshot, ...]:
    """Read the answer of `snap -list -detail`, also of several LUNs. Raises ListingError."""
    return tuple(_snapshot(fields) for fields in snapshot_fields(text))


def sessions(text: str) -> tuple[Session, ...]:
    """Read the answer of `migrate -list`. Raises ListingError."""
    return tuple(_session(fields) for fields in session_fields(text))


def pools(text: str) -> tuple[Pool, ...]:
    """Read the answer of `storagepool -list -all`. Raises ListingError."""
    return tuple(_pool(fields) for fields in pool_fields(text))


def _lun(fields: Fields) -> Lun:
    state, operation = _text(fields, "state"), _text(fields, "operation")
    idle = operation in _NOTHING
    return Lun(
        number=_number(fields, "number"),
        name=_text(fields, "name"),
        uid=_text(fields, "uid"),
        blocks=int(_amount(fields, "blocks")),
        pool=_text(fields, "pool"),
        thin=_yes(fields, "thin"),
        primary=_name(fields, "primary"),
        attached=_name(fields, "attached"),
        ready=idle and state in _SERVING,
        state=state if idle else f"{state}, {operation}",
        deduplicated=(fields.get("deduplication") or "").lower() in {"enabled", "enabling"},
        compressed=(fields.get("compressed") or "").lower() == "yes",
        tiering=_tiering(fields),
        sp=_OWNERS.get(fields.get("owner") or "", ""),
    )


def _tiering(fields: Fields) -> str:
    policy, initial = ((fields.get(key) or "").lower() for key in ("tiering", "initial_tier"))
    return "NoMovement" if policy == "no movement" else _TIERINGS.get((policy, initial), "")


def _snapshot(fields: Fields) -> Snapshot:
    primaries = _numbers(fields, "primaries") or (UNKNOWN_LUN,)
    sources = _numbers(fields, "sources")
    if len(sources) != len(primaries):
        sources = primaries
    (source, primary), *beside = zip(sources, primaries, strict=True)
    return Snapshot(
        name=_text(fields, "name"),
        source=source,
        primary=primary,
        created=_text(fields, "created"),
        attached=next(iter(_numbers(fields, "attached")), None),
        writable=_yes(fields, "writable"),
        modified=_yes(fields, "modified"),
        auto_delete=_yes(fields, "auto_delete"),
        description=_text(fields, "description"),
        expires=None if fields.get("expires") == "Never" else _name(fields, "expires"),
        group=_name(fields, "group"),
        beside=tuple(beside),
    )


def _session(fields: Fields) -> Session:
    return Session(
        source=_number(fields, "source"),
        destination=_number(fields, "destination"),
        state=_text(fields, "state"),
        percent=int(_amount(fields, "percent")),
        seconds_left=_seconds(fields.get("remaining")),
    )


def _pool(fields: Fields) -> Pool:
    return Pool(
        name=_text(fields, "name"),
        number=_number(fields, "number"),
        user_gb=_amount(fields, "user_gb"),
        available_gb=_amount(fields, "available_gb"),
        state=_text(fields, "state"),
    )


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    if value is None:
        raise ListingError(f"the listing is not whole: it has no {key} of {fields.get('name') or 'an object'}")
    return value


def _name(fields: Fields, key: str) -> str | None:
    value = fields.get(key)
    return None if value is None or value in _NOTHING else value


def _number(fields: Fields, key: str) -> int:
    text = _text(fields, key)
    if not text.isdecimal():
        raise ListingError(f"{key} of the listing is not a number: {text!r}")
    return int(text)


def _amount(fields: Fields, key: str) -> float:
    """Read an amount; what the array does not know yet, or any more (N/A), counts as nothing."""
    text = _text(fields, key)
    try:
        return 0.0 if text in _NOTHING else float(text)
    except ValueError:
        raise ListingError(f"{key} of the listing is not an amount: {text!r}") from None


def _numbers(fields: Fields, key: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", fields.get(key) or ""))


def _yes(fields: Fields, key: str) -> bool:
    return _text(fields, key).lower() in {"yes", "true"}


def _seconds(text: str | None) -> int | None:
    """Add up a time such as "1 hour(s) 5 minute(s)"; only seconds were ever recorded. None if it cannot be read."""
    found = re.findall(r"(\d+)\s*(day|hour|minute|second)", text or "", re.IGNORECASE)
    return sum(int(number) * _UNITS[unit.lower()] for number, unit in found) if found else None
