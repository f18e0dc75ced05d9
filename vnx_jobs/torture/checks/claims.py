"""What the state server holds at the end: only what standing objects, and stuck jobs, hold."""

from collections.abc import Iterator, Mapping
from typing import Final

from vnx_jobs.model.keys import numbers_key
from vnx_jobs.model.names import job_of
from vnx_jobs.model.slots import slots_by_luns, slots_by_snapshots
from vnx_jobs.model.states import State
from vnx_jobs.torture.evidence import Evidence

_EMPTY: Final = (
    *("due", "todo", "held", "away", "frozen", "copying"),
    *("parked:", "deps:", "ready:", "chains:", "q:", "p:", "transfers:"),
)
"""Keys in which nothing may be left. Those with a colon are the beginnings of keys."""
_LOCKS: Final = (
    *("h:volume:", "h:name:", "h:snapshot:", "h:pin:", "h:group:", "h:mapping:", "h:storage-group:"),
    *("h:repository:", "h:migrations:", "h:asap:"),
)
_SLOTS: Final = ("h:copies:", "h:mounts:", "h:snapshots:")


def claims_are_returned(evidence: Evidence) -> list[str]:
    """Find locks, pins, permits, command slots, places in queues, and parked or due entries that nobody needs."""
    stuck = {record.id for record in evidence.of_state(State.STUCK)}
    return [
        f"{key} still holds {member}"
        for key, members in evidence.keys.items()
        for member, value in members.items()
        if _leaks(evidence, key, member, value, stuck)
    ]


def _leaks(evidence: Evidence, key: str, member: str, value: str, stuck: set[str]) -> bool:
    if key in _EMPTY or key.startswith(tuple(one for one in _EMPTY if one.endswith(":"))):
        return True
    if key.startswith("transfer:"):
        return key.removeprefix("transfer:").partition("/")[0] not in stuck
    if key == "asked" or key.startswith(_LOCKS):
        return member not in stuck
    if key.startswith(("makes:", "own:")):
        return value not in stuck
    if key.startswith("slots:"):
        return not key.endswith("/watch") and float(value) > evidence.now
    if key.startswith("job:") and key.endswith("/p"):
        return True
    if key == "lim":
        return f"h:{member}" not in evidence.keys and "-" not in value
    return key == "live" and member not in stuck


def slots_are_true(evidence: Evidence) -> list[str]:
    """Find slots that differ from what the array shows: stale ones, missing ones, and sets of LUNs that are gone."""
    shown = slots_by_luns(evidence.array, evidence.luns)
    shown |= slots_by_snapshots(evidence.array, evidence.luns, evidence.snapshots)
    held = {key.removeprefix("h:"): members for key, members in evidence.keys.items() if key.startswith(_SLOTS)}
    return [
        breach
        for key in sorted(shown.keys() | held.keys())
        for breach in _differences(evidence, key, set(shown.get(key, [])), held.get(key, {}))
    ]


def _differences(evidence: Evidence, key: str, shown: set[str], held: Mapping[str, str]) -> Iterator[str]:
    stuck = {record.id for record in evidence.of_state(State.STUCK)}
    kept = {one.name for one in evidence.of_state(State.STUCK)}
    for member in sorted(held.keys() - shown):
        if job_of(member, evidence.installation) not in stuck and member not in stuck | kept:
            yield f"{key} holds {member}, which the array does not show"
    if members := sorted(shown - held.keys()):
        yield f"{key} does not hold {', '.join(members)}, which the array shows"


def numbers_are_true(evidence: Evidence) -> list[str]:
    """Find LUN numbers that are held and do not stand, or that stand and could be given out."""
    key = numbers_key(evidence.array)
    held = {int(number) for number in evidence.keys.get(f"h:{key}", {})}
    free = {int(number) for number in evidence.keys.get(f"n:{key}", {})}
    standing = {lun.number for lun in evidence.luns if lun.number in evidence.numbers}
    stuck = {number for one in evidence.of_state(State.STUCK) for number in one.numbers.values()}
    lost = set(evidence.numbers) - held - free if held or free else set()
    return [
        *(f"LUN number {number} is held and no LUN has it" for number in sorted(held - standing - stuck)),
        *(f"LUN number {number} stands and is not held" for number in sorted(standing - held)),
        *(f"LUN number {number} is both held and free" for number in sorted(held & free)),
        *(f"LUN number {number} is neither held nor free" for number in sorted(lost)),
    ]
