"""Backups: what is in the catalogue lies in the repository, is what the volume held, and is nobody's failure."""

import json
from collections.abc import Iterator
from typing import Final

from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.torture.drawing import SOURCES
from vnx_jobs.torture.evidence import BLOCK, Evidence

_UNSURE: Final = (State.SUCCEEDED, State.STUCK, State.ABANDONED)
"""A pruning in one of these states explains why a backup is gone."""
_NO_GOOD: Final = (State.FAILED, State.CANCELLED)
_ID: Final = 26
"""Characters of a job's id, with which an archive's name ends."""


def backups_are_good(evidence: Evidence) -> list[str]:
    """Find backups that are lost, damaged, doubtful or of other bytes, and what was not given back bit for bit."""
    known = {one.archive: one for one in evidence.catalogue}
    pruned = _going(evidence, *_UNSURE)
    return [
        *_lost(evidence, known, pruned),
        *(f"{archive} {breach}" for archive, one in known.items() for breach in _not_good(evidence, one, pruned)),
        *_unknown(evidence, known, pruned),
        *_still_there(evidence, known),
        *_not_given_back(evidence),
        *_not_marked(evidence, known),
    ]


def _going(evidence: Evidence, *states: State) -> set[str]:
    """Return the archives that prunings in some states were to remove."""
    prunings = evidence.asked_of("prune-backups", *states)
    return {archive for one in prunings for archive in json.loads(str(one.facts.get("going", "[]")))}


def _labels(record: Record) -> Iterator[Label]:
    """Give the labels of what a backup that SUCCEEDED made."""
    facts = record.facts
    for at in range(int(facts["volumes"])):
        taken = int(facts["instant" if "group" in facts else f"instant-{at}"])
        volume, uid, digest = (str(facts[f"{what}-{at}"]) for what in ("volume", "uid", "digest"))
        group, size = str(facts.get("group", "")), int(facts[f"size-{at}"])
        yield Label(record.array, volume, uid, group, record.id, taken, size, digest)


def _lost(evidence: Evidence, known: dict[str, Backup], pruned: set[str]) -> Iterator[str]:
    for record in evidence.asked_of("backup", State.SUCCEEDED):
        for label in _labels(record):
            entry = known.get(label.archive)
            if entry is not None and entry.label != label:
                yield f"the catalogue says of {label.archive} something else than job {record.id}: {entry.label}"
            elif entry is None and label.archive not in pruned:
                yield f"job {record.id} backed up {label.volume} and the catalogue does not know it"


def _not_good(evidence: Evidence, entry: Backup, pruned: set[str]) -> Iterator[str]:
    """Find what an entry of the catalogue must not be."""
    record, image = evidence.records.get(entry.job), evidence.images.get(entry.archive)
    if record is None or record.state in _NO_GOOD:
        yield f"is in the catalogue, and its job {'is not on record' if record is None else f'ended {record.state}'}"
    lun = next((lun for lun in evidence.luns if lun.uid == entry.uid), None)
    if lun is not None and lun.blocks * BLOCK != entry.size:
        yield f"has {entry.size} bytes, and {lun.name} has {lun.blocks * BLOCK}"
    if entry.volume in SOURCES and evidence.contents.get(entry.volume, entry.digest) != entry.digest:
        yield f"is not what {entry.volume} holds"
    if image is None or not image.sealed:
        if entry.archive not in pruned:
            yield f"is in the catalogue and {'not' if image is None else 'incomplete'} in the repository"
    elif image.size != entry.size:
        yield f"has {entry.size} bytes by the catalogue and {image.size} in the repository"
    elif image.digest != entry.digest:
        yield f"has digest {entry.digest} by the catalogue, and {image.digest} in the repository"


def _unknown(evidence: Evidence, known: dict[str, Backup], pruned: set[str]) -> Iterator[str]:
    stuck = {record.id for record in evidence.stuck}
    for archive in sorted(evidence.images.keys() - known.keys() - pruned):
        if archive[-_ID:] not in stuck:
            yield f"{archive} is in the repository and the catalogue does not know it"


def _still_there(evidence: Evidence, known: dict[str, Backup]) -> Iterator[str]:
    for archive in sorted(_going(evidence, State.SUCCEEDED)):
        where = [what for what, them in (("catalogue", known), ("repository", evidence.images)) if archive in them]
        yield from (f"{archive} was removed and is in the {what}" for what in where)


def _not_given_back(evidence: Evidence) -> Iterator[str]:
    for record in evidence.asked_of("restore-backup", State.SUCCEEDED):
        label = Label.from_json(str(record.facts["label-0"]))
        if evidence.contents.get(record.name, label.digest) != label.digest:
            yield f"job {record.id}: {record.name} does not hold the bytes of {label.archive}"


def _not_marked(evidence: Evidence, known: dict[str, Backup]) -> Iterator[str]:
    for record in evidence.of_state(State.SUCCEEDED):
        entry = known.get(str(record.spec.get("backup")))
        if entry is not None and record.operation == "drill" and entry.proved is None:
            yield f"job {record.id} proved {entry.archive} and the catalogue does not say so"
        if entry is not None and record.operation == "verify-backup" and entry.verified is None:
            yield f"job {record.id} verified {entry.archive} and the catalogue does not say so"
