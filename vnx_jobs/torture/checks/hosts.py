"""What hosts see: the storage groups, the records of attachments, the numbers held, and the jobs say the same."""

import json
from collections import Counter
from collections.abc import Iterator

from vnx_jobs.model.keys import hlus_key
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.torture.evidence import Evidence

_UNSURE = (State.SUCCEEDED, State.STUCK, State.ABANDONED)


def mappings_are_true(evidence: Evidence) -> list[str]:
    """Find volumes that hosts see twice, unknown to the records, or against what jobs said; numbers held in vain."""
    uids = {lun.number: lun.uid for lun in evidence.luns}
    shown = {
        (f"{uids.get(number, number)} {group.name}", hlu)
        for group in evidence.storage_groups
        for hlu, number in group.luns
    }
    noted = evidence.keys.get(f"attached:{evidence.array}", {})
    held = {(field, int(json.loads(document)[0])) for field, document in noted.items()}
    found = [
        f"{where} is shown {times} times" for where, times in Counter(where for where, _ in shown).items() if times > 1
    ]
    if not evidence.of_state(State.STUCK, State.ABANDONED):
        found += [f"{where} is shown under {hlu} and no record says so" for where, hlu in sorted(shown - held)]
        found += [f"{where} is on record under {hlu} and is not shown" for where, hlu in sorted(held - shown)]
        found += list(_numbers(evidence))
    return found + list(_ends(evidence))


def _numbers(evidence: Evidence) -> Iterator[str]:
    for group in evidence.storage_groups:
        held = {int(hlu) for hlu in evidence.keys.get(f"h:{hlus_key(evidence.array, group.name)}", {})}
        used = {hlu for hlu, _ in group.luns}
        yield from (f"host LUN number {hlu} of {group.name} is held and shows nothing" for hlu in sorted(held - used))
        yield from (f"host LUN number {hlu} of {group.name} is used and not held" for hlu in sorted(used - held))


def _ends(evidence: Evidence) -> Iterator[str]:
    """Each volume is attached once at most, and detached once: whether it is shown, the ends of both jobs say."""
    shown = {number for group in evidence.storage_groups for _, number in group.luns}
    detaching = {_volume(one) for one in evidence.asked_of("detach-volume", *_UNSURE)}
    for one in evidence.asked_of("attach-volume", State.SUCCEEDED, State.FAILED, State.CANCELLED):
        lun = next((lun for lun in evidence.luns if lun.uid == one.facts.get("uid-0")), None)
        if lun is None:
            continue
        if one.state is not State.SUCCEEDED and lun.number in shown:
            yield f"job {one.id} ended {one.state} and hosts see {lun.name}"
        elif one.state is State.SUCCEEDED and lun.number not in shown and _volume(one) not in detaching:
            yield f"job {one.id} attached {lun.name} and no host sees it"
    for one in evidence.asked_of("detach-volume", State.SUCCEEDED):
        lun = next((lun for lun in evidence.luns if lun.uid == one.facts.get("uid-0")), None)
        if lun is not None and lun.number in shown:
            yield f"job {one.id} detached {lun.name} and hosts see it"


def _volume(record: Record) -> str:
    """Return the UID of the volume that a job is about, or what says that none was planned."""
    return str(record.facts.get("uid-0", record.id))
