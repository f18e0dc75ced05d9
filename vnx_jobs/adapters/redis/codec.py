"""How a record stands in its hash `job:<id>`. What is empty, or 0, is left out: a finished job costs few bytes.

ask       what was asked for, for ever: array, key, batch, row, by, after, behind, hooks (JSON)
plan      what it is to do: spec, op, steps, drops (JSON); replaced by admission
v         version of the record's format
state admitted again cursor back goal begun unsure until attempts lease fence why code error left facts
created moved ended     as in the record; left and facts are JSON
cond pct eta            why it is parked, percent, when it will be over
nums st t c m at        the claims: see claims.lua
array batch epoch size keep makes rings wake    what the scripts need while the job lives: see records.lua

Of an ended record remain: ask plan v state cursor back goal why code error left facts nums created ended.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic_core import PydanticSerializationError, to_json

from vnx_jobs.model.array import Group, HostLun, Initiator, Lun, Pool, Session, Snapshot, StorageGroup
from vnx_jobs.model.claim import Claim
from vnx_jobs.model.condition import ArrayBack
from vnx_jobs.model.condition import to_json as condition_document
from vnx_jobs.model.hosts import FrontPort
from vnx_jobs.model.outcome import Gone, GoneGroup, Made, Shown
from vnx_jobs.model.record import VERSION, Record
from vnx_jobs.model.states import State, allowed
from vnx_jobs.ports import Change, Terms


def fields(record: Record) -> dict[str, str | int]:
    """Return what a new record's hash begins with."""
    asked = {
        "array": record.array,
        "key": record.key,
        "batch": record.batch,
        "row": record.row,
        "by": record.by,
        "retry_of": record.retry_of,
        "after": record.after,
        "behind": record.behind,
        "hooks": record.hooks,
    }
    always: dict[str, str | int] = {
        "ask": written({name: value for name, value in asked.items() if value}),
        "v": record.version,
        "array": record.array,
        "state": record.state,
        "admitted": int(record.admitted),
        "cursor": record.cursor,
        "facts": written(dict(record.facts)),
    }
    sometimes = {"why": record.why, "cond": record.condition, "batch": record.batch}
    return always | _plan(record) | {name: value for name, value in sometimes.items() if value}


def planned(record: Record, claims: Sequence[Claim], makes: Sequence[str]) -> dict[str, str | int]:
    """Return the fields that planning decides, for a record that was stored before it could be planned."""
    return {"facts": written(dict(record.facts)), **_plan(record), **held(claims, makes)}


def _plan(record: Record) -> dict[str, str | int]:
    plan: dict[str, object] = {"spec": dict(record.spec), "op": record.operation, "steps": record.steps}
    if record.drops:
        plan["drops"] = record.drops
    return {"plan": written(plan), "size": len(record.steps)}


def held(claims: Sequence[Claim], makes: Sequence[str]) -> dict[str, str | int]:
    """Return what the end of a job needs to know: the keys a success keeps, the names it was to make."""
    return {"keep": written([claim.key for claim in claims if claim.keep]), "makes": written(makes)}


def written(value: object) -> str:
    """Write a value down: several times for each of thousands of jobs, and the library does it in a third of the time.

    It does not know half of a surrogate pair, which a file name or a user's name may hold.
    """
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        return json.dumps(value, separators=(",", ":"))


def claim(one: Claim, job: str) -> tuple[str, str, str, str, str]:
    """Return a claim as the script takes it: kind (a capital refuses instead of waiting), key, member, limit, words."""
    kind = one.kind.upper() if one.refuse else str(one.kind)
    limit = span(one.limit) if isinstance(one.limit, range) else str("" if one.limit is None else one.limit)
    return kind, one.key, one.member or job, limit, one.words


def span(numbers: range) -> str:
    """Return a range of numbers as the script takes it: first and last."""
    return f"{numbers.start}-{numbers.stop - 1}"


def record(job: str, stored: Mapping[str, str]) -> Record:
    """Read a record from its hash; of one of a newer version, as much as can be read, to be looked at only."""
    version = int(stored["v"])
    if version <= VERSION:
        return _record(job, stored)
    why = f"its record is of version {version}, which this program does not know"
    try:
        return _record(job, stored).evolve(why=why)
    except (KeyError, TypeError, ValueError, AttributeError):
        spec = {"operation": "unknown"}
        array = stored.get("array", "")
        return Record(
            id=job, version=version, spec=spec, operation="", steps=(), array=array, state=State.WAITING, why=why
        )


def _record(job: str, stored: Mapping[str, str]) -> Record:

    def number(name: str) -> int:
        return int(float(stored.get(name) or 0))

    def maybe(name: str) -> int | None:
        return int(float(stored[name])) if stored.get(name) else None

    ask: dict[str, Any] = json.loads(stored["ask"])
    plan: dict[str, Any] = json.loads(stored["plan"])
    ended = number("ended")
    return Record(
        id=job,
        version=number("v"),
        spec=plan["spec"],
        operation=plan["op"],
        steps=tuple(plan["steps"]),
        array=ask["array"],
        state=State(stored["state"]),
        admitted=stored.get("admitted", "1") == "1",
        again=stored.get("again") == "1",
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
        drops=tuple(tuple(one) for one in plan.get("drops", ())),
        code=stored.get("code", ""),
        error=stored.get("error", ""),
        leftovers=tuple(json.loads(stored.get("left") or "[]")),
        key=ask.get("key", ""),
        batch=ask.get("batch", ""),
        row=ask.get("row", ""),
        after=tuple(ask.get("after", ())),
        behind=tuple(ask.get("behind", ())),
        by=ask.get("by", ""),
        hooks=tuple(ask.get("hooks", ())),
        retry_of=ask.get("retry_of", ""),
        order=stored.get("order", ""),
        ordered_by=stored.get("ordered", ""),
        created=number("created"),
        moved=ended or number("moved"),
        ended=ended,
    )


def terms(given: Terms) -> tuple[Mapping[str, tuple[int, ...]], Mapping[str, int]]:
    """Return a worker's terms as the script takes them: milliseconds, and 1 for a step that changes something."""
    arrays = {
        name: tuple(round(seconds * 1000) for seconds in (one.read, one.write, one.landing))
        for name, one in given.arrays.items()
    }
    return arrays, {name: int(writes) for name, writes in given.steps.items()}


def change(now: Record, then: Change) -> dict[str, Any]:
    """Return a change as the commit script takes it."""
    return {
        "state": then.state,
        "from": {state: True for state in State if allowed(state, then.state)},
        "event": then.event,
        "step": now.step,
        "why": then.why,
        "fields": _fresh(now, then),
        "settle": then.settle,
        "condition": "" if then.condition is None else condition_document(then.condition),
        "away": then.why if isinstance(then.condition, ArrayBack) else "",
        "wait": -1 if then.wait is None else round(then.wait * 1000),
        "behind": then.behind,
        "readmit": then.readmit,
        "goes_on": not (then.settle or then.behind or then.readmit or then.condition or then.wait is not None),
        "turned": then.back is not None,
        "frees": then.frees,
        "made": [made(one) for one in then.made],
        "gone": [place for one in then.gone for place in _places(now, one)],
        "access": [(uid, mode or "") for uid, mode in then.access.items()],
    }


def _fresh(now: Record, then: Change) -> dict[str, str | int]:
    """Return the record's fields that a change sets anew."""
    fresh: dict[str, str | int] = {}
    if then.cursor is not None:
        fresh |= {"cursor": then.cursor, "attempts": 0, "begun": 0, "unsure": 0}
    given = {"back": then.back, "goal": then.goal, "attempts": then.attempts, "unsure": then.unsure}
    fresh |= {name: int(one) if isinstance(one, bool) else one for name, one in given.items() if one is not None}
    if then.back is False:
        fresh["order"] = ""  # a cancel that came too late
    if then.facts:
        fresh["facts"] = written({**now.facts, **then.facts})
    if then.begun is not None:
        fresh["begun"] = then.begun
    if then.code is not None:
        fresh |= {"code": then.code, "error": then.error}
    if then.leftovers:
        fresh["left"] = written(then.leftovers)
    return fresh


def made(one: Made) -> tuple[str, str, str]:
    """Return where in the inventory an object belongs, its name, and what is kept of it."""
    if isinstance(one, HostLun):
        return ":hlus", f"{one.hlu} {one.group}", "" if one.lun is None else str(one.lun)
    return f":{_KINDS[type(one)]}", one.name, document(one)


_KINDS: Final[Mapping[type, str]] = {Lun: "luns", Snapshot: "snaps", Group: "groups", StorageGroup: "sgs"}
"""Where in the inventory what a step shows is kept."""


def _places(job: Record, gone: Gone) -> list[tuple[str, str]]:
    """Return where in the inventory something may stand that is gone, and its name there."""
    match gone:
        case GoneGroup(name, "groups"):
            return [(":groups", name)]
        case GoneGroup(name):
            return [(":sgs", name)]
        case name:
            return [(":luns" if kind == "luns" else ":snaps", name) for kind in job.kinds_gone(name)]


def document(one: Shown | Session | Pool | FrontPort) -> str:
    """Return what is kept of an object of the array: JSON, a list in the order of its fields."""
    return _written(_fields(one))


def _fields(one: Shown | Session | Pool | Initiator | FrontPort) -> list[object]:
    return [getattr(one, name) for name in one.__slots__]


_written: Final = json.JSONEncoder(separators=(",", ":"), default=_fields).encode


def read(stored: str) -> list[Any]:
    """Read an object's fields back from its entry in the inventory, lists of values as tuples."""
    return [_frozen(one) for one in json.loads(stored.partition("|")[2])]


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def ports(stored: Iterable[str]) -> tuple[FrontPort, ...]:
    """Read front-end ports back from their entries in the inventory, by name."""
    return tuple(sorted((FrontPort(*read(one)) for one in stored), key=lambda port: port.name))


def storage_groups(stored: Iterable[str], changes: Mapping[str, str]) -> tuple[StorageGroup, ...]:
    """Read storage groups back from their entries in the inventory, with what jobs changed of them since."""
    return tuple(_storage_group(one, changes) for one in stored)


def _storage_group(stored: str, changes: Mapping[str, str]) -> StorageGroup:
    name, luns, initiators = read(stored)
    younger = [host_lun(place, one) for place, one in changes.items() if _seen(one) > _seen(stored)]
    return StorageGroup(name, luns, tuple(Initiator(*one) for one in initiators)).showing(younger)


def host_lun(place: str, stored: str) -> HostLun:
    """Read back what a step showed under a host LUN number."""
    hlu, _, group = place.partition(" ")
    lun = stored.partition("|")[2]
    return HostLun(group, int(hlu), int(lun) if lun else None)


def _seen(stored: str) -> int:
    return int(stored.partition("|")[0])
