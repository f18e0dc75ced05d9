"""How a record stands in its hash. Empty fields are left out: a finished job costs few bytes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from vnx_jobs.model.array import Lun, Pool, Session, Snapshot
from vnx_jobs.model.claim import Claim
from vnx_jobs.model.condition import to_json
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State, allowed
from vnx_jobs.ports import Change


def fields(record: Record) -> dict[str, str | int]:
    """Return what a new record's hash begins with. What is empty, or begins at 0, is left out."""
    always: dict[str, str | int] = {
        "v": record.version,
        "spec": _json(dict(record.spec)),
        "op": record.operation,
        "steps": _json(record.steps),
        "size": len(record.steps),
        "array": record.array,
        "state": record.state,
        "admitted": int(record.admitted),
        "cursor": record.cursor,
    }
    sometimes = {
        "why": record.why,
        "cond": record.condition,
        "key": record.key,
        "batch": record.batch,
        "row": record.row,
        "by": record.by,
        "after": _json(record.after) if record.after else "",
        "facts": _json(dict(record.facts)) if record.facts else "",
        "behind": _json(record.behind) if record.behind else "",
        "drops": _json(record.drops) if record.drops else "",
    }
    return always | {name: value for name, value in sometimes.items() if value}


def planned(record: Record, claims: Sequence[Claim], makes: Sequence[str]) -> dict[str, str | int]:
    """Return the fields that planning decides, for a record that was stored before it could be planned."""
    return {
        "spec": _json(dict(record.spec)),
        "op": record.operation,
        "steps": _json(record.steps),
        "size": len(record.steps),
        "drops": _json(record.drops),
        "facts": _json(dict(record.facts)),
        **held(claims, makes),
    }


def held(claims: Sequence[Claim], makes: Sequence[str]) -> dict[str, str | int]:
    """Return what the end of a job needs to know: the keys a success keeps, the names it was to make."""
    return {"keep": _json([claim.key for claim in claims if claim.keep]), "makes": _json(makes)}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def claim(one: Claim, job: str) -> tuple[str, str, str, str]:
    """Return a claim as the script takes it: kind (a capital refuses instead of waiting), key, member, limit."""
    kind = one.kind.upper() if one.refuse else str(one.kind)
    limit = span(one.limit) if isinstance(one.limit, range) else str("" if one.limit is None else one.limit)
    return kind, one.key, one.member or job, limit


def span(numbers: range) -> str:
    """Return a range of numbers as the script takes it: first and last."""
    return f"{numbers.start}-{numbers.stop - 1}"


def record(job: str, stored: Mapping[str, str]) -> Record:
    """Read a record from its hash."""

    def number(name: str) -> int:
        return int(float(stored.get(name) or 0))

    def maybe(name: str) -> int | None:
        return int(float(stored[name])) if stored.get(name) else None

    return Record(
        id=job,
        version=number("v"),
        spec=json.loads(stored["spec"]),
        operation=stored["op"],
        steps=tuple(json.loads(stored["steps"])),
        array=stored["array"],
        state=State(stored["state"]),
        admitted=stored.get("admitted") == "1",
        cursor=number("cursor"),
        back=stored.get("back") == "1",
        goal=stored.get("goal", ""),
        begun=number("begun"),
        unsure=stored.get("unsure") == "1",
        until=number("until"),
        attempts=number("attempts"),
        lease=number("lease"),
        fence=number("fence"),
        why=stored.get("why", ""),
        condition=stored.get("cond", ""),
        percent=maybe("pct"),
        eta=maybe("eta"),
        facts=json.loads(stored.get("facts") or "{}"),
        numbers=json.loads(stored.get("nums") or "{}"),
        claims=tuple(tuple(one) for one in json.loads(stored.get("c") or "[]")),
        drops=tuple(tuple(one) for one in json.loads(stored.get("drops") or "[]")),
        code=stored.get("code", ""),
        error=stored.get("error", ""),
        leftovers=tuple(json.loads(stored.get("left") or "[]")),
        key=stored.get("key", ""),
        batch=stored.get("batch", ""),
        row=stored.get("row", ""),
        after=tuple(json.loads(stored.get("after") or "[]")),
        behind=tuple(json.loads(stored.get("behind") or "[]")),
        by=stored.get("by", ""),
        created=number("created"),
        moved=number("moved"),
        ended=number("ended"),
    )


def change(now: Record, then: Change) -> dict[str, Any]:
    """Return a change as the commit script takes it."""
    fresh: dict[str, str | int] = {}
    if then.cursor is not None:
        fresh |= {"cursor": then.cursor, "attempts": 0, "begun": 0, "unsure": 0}
    if then.back is not None:
        fresh["back"] = int(then.back)
    if then.goal is not None:
        fresh["goal"] = then.goal
    if then.facts:
        fresh["facts"] = _json({**now.facts, **then.facts})
    if then.attempts is not None:
        fresh["attempts"] = then.attempts
    if then.begun is False:
        fresh["begun"] = 0
    if then.unsure is not None:
        fresh["unsure"] = int(then.unsure)
    if then.code is not None:
        fresh |= {"code": then.code, "error": then.error}
    if then.leftovers:
        fresh["left"] = _json(then.leftovers)
    return {
        "state": then.state,
        "from": {state: True for state in State if allowed(state, then.state)},
        "event": then.event,
        "why": then.why,
        "fields": fresh,
        "settle": then.settle,
        "condition": "" if then.condition is None else to_json(then.condition),
        "wait": -1 if then.wait is None else (-2 if then.wait < 0 else round(then.wait * 1000)),
        "turned": then.back is not None,
        "made": [made(one) for one in then.made],
        "gone": list(then.gone),
    }


def made(one: Lun | Snapshot) -> tuple[str, str, str]:
    """Return where in the inventory an object belongs, its name, and what is kept of it."""
    return (":luns" if isinstance(one, Lun) else ":snaps", one.name, _json(document(one)))


def document(one: Lun | Snapshot | Session | Pool) -> list[object]:
    """Return an object of the array as a list in the order of its fields."""
    return [getattr(one, name) for name in one.__slots__]
