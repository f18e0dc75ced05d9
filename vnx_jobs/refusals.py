"""Refusals: what a person is told whose request found a claim that is not free, and does not wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .model.claim import Kind
from .model.errors import Code, Refused
from .model.names import job_of
from .ports import Entry, Inventory, NotFree, Records

_SHOWN: Final = 5
"""Names that a message lists before it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """Puts refusals into words; looks up the names of the snap copies that stand in the way."""

    store: Records
    inventory: Inventory
    installation: str

    def not_free(self, entry: Entry, taken: NotFree) -> Refused:
        """Say which limit or claim stands in the way of a job, with the numbers."""
        source = self._source(entry, taken.key)
        count = f"{taken.used} of {taken.limit}"
        details = {"used": taken.used, "limit": taken.limit, "waiting": taken.waiting, "source": source}
        must_be_empty = any(one.key == taken.key and one.kind is Kind.EXCLUSIVE for one in entry.claims)
        match taken.key.partition(":")[0]:
            case "copies" if must_be_empty:
                names = self._copies(entry.record.array, taken.holders)
                text = self._must_go(source, taken, names, ("snap copy", "snap copies"))
                return Refused(Code.HAS_COPIES, text, **details, copies=names)
            case "snapshots" if must_be_empty:
                text = self._must_go(source, taken, taken.holders, ("snapshot", "snapshots"))
                return Refused(Code.HAS_SNAPSHOTS, text, **details, snapshots=list(taken.holders))
            case "copies":
                text = f"{count} snap copies of {source} exist or are being made: delete some{_or_wait(entry)}"
                return Refused(Code.COPIES_LIMIT, text, **details)
            case "mounts" | "snapshots" as kind:
                what = "mount points" if kind == "mounts" else "snapshots"
                text = f"{source} has {count} {what}, or they are being made: delete some{_or_wait(entry)}"
                return Refused(Code.SLOTS_LIMIT, text, **details)
            case "hlus":
                group = entry.record.facts.get("storage_group", "")
                text = f"storage group {group} has {count} host LUN numbers in use: detach some volumes"
                return Refused(Code.NUMBERS_LIMIT, text, **details)
            case _:
                text = f"all LUN numbers kept for vnx-jobs on {entry.record.array} are in use: widen `numbers`"
                return Refused(Code.NUMBERS_LIMIT, text, **details)

    def _must_go(self, source: str, taken: NotFree, names: Sequence[str], kind: tuple[str, str]) -> str:
        """Say what a volume has, or is about to have, and what to do first; `kind` is the word for one and for many."""
        one, many = kind
        if not taken.used:
            makers = f" by job {_listed(taken.waiters, len(taken.waiters))}" if taken.waiters else ""
            return f"a {one} of {source} is being made{makers}: wait for the end of the job, or cancel it"
        them = f"{source} has {taken.used} {one if taken.used == 1 else many} ({_listed(names, taken.used)})"
        return f"{them}: delete {'it' if taken.used == 1 else 'them'} first"

    def _source(self, entry: Entry, key: str) -> str:
        """Return the name of the volume that a claim is about; where a job claims slots of several, by its UID."""
        told = str(entry.record.facts.get("source", entry.record.name))
        kind, array, uid = key.split(":", 2) if key.count(":") > 1 else (key, "", "")
        if not uid or sum(one.key.startswith(f"{kind}:") for one in entry.claims) == 1:
            return told
        return next((seen.lun.name for seen in self.inventory.volumes(array) if seen.lun.uid == uid), told)

    def _copies(self, array: str, holders: Iterable[str]) -> list[str]:
        """Return the names of the snap copies behind some holders of copy slots."""
        names = {seen.lun.attached: seen.lun.name for seen in self.inventory.volumes(array) if seen.lun.attached}
        found = []
        for member in sorted(set(holders)):
            job = job_of(member, self.installation)
            maker = self.store.get(job) if job and member not in names else None
            found.append(names.get(member) or (maker.name if maker else member))
        return found


def _listed(names: Sequence[str], count: int) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if count > _SHOWN else "")


def _or_wait(entry: Entry) -> str:
    """Return the other advice, where the request has the field."""
    return ", or use on_limit=wait" if "on_limit" in entry.record.spec else ""


def conflict(key: str, job: str, batch: str = "", row: str = "") -> Refused:
    """Say that an idempotency key stands for another request; `job` is empty if it is not to be named."""
    if not job:
        return Refused(Code.KEY_CONFLICT, "the idempotency key was used before, for a different request: use a new key")
    text = f"the key {key!r} was used for another request, job {job}: use a new key"
    if batch and key == f"{batch}/{row}":
        text = f"row {row} of batch {batch} was another request before, job {job}: give batch or row another name"
    return Refused(Code.KEY_CONFLICT, text, job=job)
