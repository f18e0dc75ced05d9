"""How jobs ended: all of them, and with what."""

from collections.abc import Iterator

from vnx_jobs.model.array import BLOCKS_PER_GB, Group, Lun, Snapshot
from vnx_jobs.model.names import temporary_name
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.torture.evidence import BLOCK, Evidence, lun_numbers

_NOTHING_LEFT = (State.FAILED, State.CANCELLED)
_UNSURE = (State.SUCCEEDED, State.STUCK, State.ABANDONED)
"""A deletion in one of these states explains why an object is gone."""


def no_job_is_missing(evidence: Evidence) -> list[str]:
    """Find accepted jobs without a record, records of other requests, and requests with two records."""
    found = [f"job {job} was accepted and has no record" for job in evidence.asked if job not in evidence.records]
    keys: dict[str, str] = {}
    for record in evidence.records.values():
        spec = evidence.asked.get(record.id)
        if spec is None:
            found.append(f"job {record.id} is on record and nobody asked for it")
        elif dict(spec) != dict(record.spec):
            found.append(f"job {record.id} is on record with another request than the one that was accepted")
        if record.key and keys.setdefault(record.key, record.id) != record.id:
            found.append(f"jobs {keys[record.key]} and {record.id} came of one request ({record.key})")
    return found


def all_jobs_end(evidence: Evidence) -> list[str]:
    """Find jobs that are not over though all misfortune is."""
    return [
        f"job {one.id} ({one.operation} {one.name}) is still {one.state} at {one.step or 'its end'}: {one.why}"
        for one in evidence.unfinished
    ]


def successes_stand(evidence: Evidence) -> list[str]:
    """Find objects of jobs that SUCCEEDED which are not there, or not as they were asked for."""
    explained = evidence.deleted(*_UNSURE)
    standing = [one for one in evidence.of_state(State.SUCCEEDED) if _kind_and_name(one) not in explained]
    return [f"job {one.id}: {breach}" for one in standing for breach in _faults(evidence, one)]


def _kind_and_name(record: Record) -> tuple[str, str]:
    """Return what a job makes, changes or deletes."""
    match record.spec["operation"]:
        case "create-snapshot" | "delete-snapshot" | "create-group-snapshot" | "delete-group-snapshot":
            return "snapshot", record.name
        case "create-group" | "delete-group":
            return "group", str(record.spec["name"])
        case "restore-snapshot":
            return "snapshot", str(record.facts.get("backup"))
        case "rename-volume":
            return "volume", str(record.spec["new_name"])
        case "backup" | "drill" | "verify-backup" | "prune-backups":
            return "backup", record.name
        case _:
            return "volume", record.name


def _faults(evidence: Evidence, record: Record) -> Iterator[str]:
    match record.spec["operation"]:
        case "create-snapshot" | "create-group-snapshot" | "restore-snapshot":
            yield from _snapshot_faults(evidence, record)
        case "create-group":
            yield from _group_faults(evidence, record)
        case "create-volume":
            yield from _volume_faults(evidence, record)
        case "clone":
            yield from _clone_faults(evidence, record)
        case "snap-copy":
            yield from _snap_copy_faults(evidence, record)
        case "extend-volume" | "migrate-volume" | "rename-volume" | "promote-volume":
            yield from _change_faults(evidence, record)
        case "restore-backup":
            yield from _restored_faults(evidence, record)
        case "attach-volume" | "detach-volume":
            return  # a promise of its own
        case "backup" | "drill" | "verify-backup" | "prune-backups":
            return  # a promise of its own: on the array, none of them leaves anything
        case operation:
            yield f"no check knows what {operation} leaves"


def _found(evidence: Evidence, kind: str, name: str) -> Lun | Snapshot | Group | None:
    match kind:
        case "snapshot":
            return evidence.snapshot(name)
        case "group":
            return next((one for one in evidence.groups if one.name == name), None)
        case "backup":
            return None  # not on the array
        case _:
            return evidence.lun(name)


def _changes(evidence: Evidence, name: str, operation: str) -> list[Record]:
    """Return the jobs that changed a volume, or may have."""
    return [one for one in evidence.asked_of(operation, *_UNSURE) if one.spec["name"] == name]


def _change_faults(evidence: Evidence, record: Record) -> Iterator[str]:
    """Find volumes that are not what a change was to make of them; the name is the one that it then had."""
    kind, name = _kind_and_name(record)
    lun = evidence.lun(name)
    wanted, operation = record.spec, record.spec["operation"]
    if lun is None:
        yield f"{kind} {name} is not there after {operation}"
    elif operation == "extend-volume" and lun.blocks != int(wanted["size_gb"]) * BLOCKS_PER_GB:
        yield f"{name} was extended to {wanted['size_gb']} GB and has {lun.blocks} blocks"
    elif operation == "migrate-volume" and lun.pool != wanted["pool"]:
        yield f"{name} was moved to {wanted['pool']} and lies in {lun.pool}"
    elif operation == "promote-volume" and lun.is_mount_point:
        yield f"{name} was promoted and is still a mount point of {lun.primary}"


def _group_faults(evidence: Evidence, record: Record) -> Iterator[str]:
    _, name = _kind_and_name(record)
    group = next((one for one in evidence.groups if one.name == name), None)
    numbers = {lun.number for lun in evidence.luns if lun.name in record.spec["members"]}
    if group is None:
        yield f"group {name} SUCCEEDED and is not there"
    elif set(group.members) != numbers:
        yield f"group {name} has members {group.members}, asked for were {sorted(numbers)}"


def _snapshot_faults(evidence: Evidence, record: Record) -> Iterator[str]:
    _, name = _kind_and_name(record)
    snapshot, volume = evidence.snapshot(name), record.spec.get("volume")
    source = None if volume is None else evidence.lun(str(volume))
    if snapshot is None:
        yield f"snapshot {name} SUCCEEDED and is not there"
    elif source is not None and snapshot.source != source.number:
        yield f"snapshot {name} is of LUN {snapshot.source}, not of {source.name}"
    elif volume is None and len(snapshot.images) != len(str(record.facts["members"]).split(",")):
        yield f"snapshot {name} is of {len(snapshot.images)} volumes, not of all members of {record.spec['group']}"


def _volume_faults(evidence: Evidence, record: Record) -> Iterator[str]:
    lun = evidence.lun(record.name)
    if lun is None:
        yield f"volume {record.name} SUCCEEDED and is not there"
        return
    if lun.number != record.numbers.get("volume"):
        yield f"volume {record.name} has number {lun.number}, granted was {record.numbers.get('volume')}"
    wanted = record.spec
    sizes = [wanted, *(one.spec for one in _changes(evidence, record.name, "extend-volume"))]
    pools = [wanted, *(one.spec for one in _changes(evidence, record.name, "migrate-volume"))]
    if (
        (lun.thin, lun.primary) != (wanted["provisioning"] == "thin", None)
        or lun.blocks not in {int(one["size_gb"]) * BLOCKS_PER_GB for one in sizes}
        or lun.pool not in {one["pool"] for one in pools}
    ):
        yield f"volume {record.name} is not what was asked for: {lun}"


def _restored_faults(evidence: Evidence, record: Record) -> Iterator[str]:
    """Find what a volume that was made for a backup must not be; whether it holds its bytes is a promise of its own."""
    lun, size = evidence.lun(record.name), record.facts.get("size-0")
    if lun is None:
        yield f"volume {record.name} SUCCEEDED and is not there"
    elif (lun.number, lun.primary, lun.pool) != (record.numbers.get("volume"), None, record.spec["pool"]):
        yield f"volume {record.name} is not what was asked for: {lun}"
    elif lun.blocks * BLOCK != size:
        yield f"volume {record.name} has {lun.blocks * BLOCK} bytes, its backup {size}"


def _copy_faults(evidence: Evidence, record: Record) -> Iterator[str]:
    """Find what a copy of either kind must not be: missing, of another size, or with other bytes than its source."""
    lun, source = evidence.lun(record.name), str(record.facts.get("source", ""))
    if lun is None:
        yield f"{record.operation} {record.name} SUCCEEDED and is not there"
        return
    if lun.number != record.numbers.get("volume"):
        yield f"{record.name} has number {lun.number}, granted was {record.numbers.get('volume')}"
    primary = evidence.lun(source)
    if primary is not None and primary.blocks != lun.blocks:
        yield f"{record.name} has {lun.blocks} blocks, its source {source} has {primary.blocks}"
    theirs, ours = evidence.digests.get(source), evidence.digests.get(record.name)
    if theirs is not None and ours != theirs:
        yield f"{record.name} does not hold the bytes of {source}"


def _clone_faults(evidence: Evidence, record: Record) -> Iterator[str]:
    yield from _copy_faults(evidence, record)
    lun = evidence.lun(record.name)
    if lun is not None and lun.is_mount_point:
        yield f"full clone {record.name} is still a mount point of {lun.primary}"


def _snap_copy_faults(evidence: Evidence, record: Record) -> Iterator[str]:
    yield from _copy_faults(evidence, record)
    lun, source = evidence.lun(record.name), record.facts.get("source")
    if lun is None:
        return
    if not lun.is_mount_point and _changes(evidence, record.name, "promote-volume"):
        return
    if lun.primary != source:
        yield f"snap copy {record.name} hangs on {lun.primary}, not on {source}"
    hidden = temporary_name(evidence.installation, record.id, "snap")
    if lun.attached != hidden or evidence.snapshot(hidden) is None:
        yield f"snap copy {record.name} shows {lun.attached}, not its own snapshot {hidden}"


def failures_leave_nothing(evidence: Evidence) -> list[str]:
    """Find what jobs that ended FAILED or CANCELLED left, and what deletions that did not succeed destroyed."""
    succeeded = {_kind_and_name(one) for one in evidence.of_state(State.SUCCEEDED) if not _deletes(one)}
    deleted = evidence.deleted(*_UNSURE)
    return [
        f"job {one.id} ended {one.state}: {breach}"
        for one in evidence.of_state(*_NOTHING_LEFT)
        for breach in (
            _wrongly_gone(evidence, one, succeeded - deleted)
            if _deletes(one)
            else _wrongly_there(evidence, one, succeeded)
        )
    ]


def _deletes(record: Record) -> bool:
    return record.operation.startswith("delete-")


def _wrongly_gone(evidence: Evidence, record: Record, expected: set[tuple[str, str]]) -> Iterator[str]:
    kind, name = _kind_and_name(record)
    if (kind, name) in expected and _found(evidence, kind, name) is None:
        yield f"it was to delete {kind} {name}, did not succeed, and {name} is gone"


def _wrongly_there(evidence: Evidence, record: Record, expected: set[tuple[str, str]]) -> Iterator[str]:
    kind, name = _kind_and_name(record)
    found = _found(evidence, kind, name)
    if found is not None and (kind, name) not in expected and _is_ours(record, found):
        yield f"{kind} {name} is there"
    ours = temporary_name(evidence.installation, record.id, "")
    yield from (f"{name} is there" for name in evidence.names if name.startswith(ours))


def _is_ours(record: Record, found: Lun | Snapshot | Group) -> bool:
    number = getattr(found, "number", None)
    if record.spec["operation"] == "rename-volume":
        return number == record.facts.get("number")
    return number is None or number in lun_numbers(record)
