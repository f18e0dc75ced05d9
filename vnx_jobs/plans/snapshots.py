"""Taking, copying, restoring and deleting snapshots."""

from vnx_jobs.model.claim import MAX_SNAPSHOTS, Claim, Kind, in_rank
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.keys import mapping_key, snapshot_key, snapshots_key, volume_key
from vnx_jobs.model.names import backup_name
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.specs import CopySnapshot, CreateSnapshot, DeleteSnapshot, RestoreSnapshot
from vnx_jobs.model.things import thing

from .ground import Ground
from .plan import Plan


def create_snapshot(spec: CreateSnapshot, ground: Ground) -> Plan:
    """Plan a snapshot of a volume."""
    ground.need_free("snapshot", spec.name)
    source = ground.source(spec.volume)
    slots = snapshots_key(ground.array, source.root.uid)
    return Plan(
        "create-snapshot-of-snap-copy" if source.is_snap_copy else "create-snapshot",
        {**source.facts, **spec.keeping.facts},
        in_rank(
            [
                Claim(Kind.SLOT, slots, spec.name, MAX_SNAPSHOTS, refuse=True, keep=True),
                *source.locks,
                Claim(Kind.EXCLUSIVE, snapshot_key(ground.array, spec.name)),
            ]
        ),
    )


def copy_snapshot(spec: CopySnapshot, ground: Ground) -> Plan:
    """Plan a second snapshot of what a snapshot holds; it bears a name of the job's until it is marked as its own."""
    ground.need_free("snapshot", spec.name)
    snapshot, primary = ground.snapshot(spec.snapshot)
    slots = snapshots_key(ground.array, primary.uid)
    return Plan(
        "copy-snapshot",
        {
            "snapshot": snapshot.name,
            "source_number": snapshot.source,
            "primary_number": primary.number,
            "source": primary.name,
            **spec.keeping.facts,
        },
        in_rank(
            [
                Claim(Kind.SLOT, slots, spec.name, MAX_SNAPSHOTS, refuse=True, keep=True),
                Claim(Kind.SHARED, volume_key(ground.array, primary.uid)),
                Claim(Kind.SHARED, snapshot_key(ground.array, snapshot.name)),
                Claim(Kind.EXCLUSIVE, snapshot_key(ground.array, spec.name)),
            ]
        ),
        drops=((slots, ground.temporary("snap")),),  # a list of before may show it by the name it had then
    )


def restore_snapshot(spec: RestoreSnapshot, ground: Ground) -> Plan:
    """Plan a volume's way back to a snapshot. The array's backup takes a slot, and stays."""
    snapshot, _ = ground.snapshot(spec.name)
    volume = ground.volume(spec.volume)
    if volume.primary is not None:
        text = f"{volume.name} is a snap copy of {volume.primary}: delete it, and make one of the snapshot instead"
        raise Refused(Code.NOT_SUPPORTED, text)
    if volume.number not in {primary for _, primary in snapshot.images}:
        raise Refused(Code.INVALID, f"{snapshot.name} is no snapshot of {volume.name}: name the volume that it is of")
    backup = backup_name(spec.backup, ground.job)
    facts: Facts = {
        "uid": volume.uid,
        "number": volume.number,
        "source": volume.name,
        "snapshot": snapshot.name,
        "created": snapshot.created,
        "backup": backup,
    }
    claims = (
        Claim(Kind.SLOT, snapshots_key(ground.array, volume.uid), backup, MAX_SNAPSHOTS, refuse=True, keep=True),
        Claim(Kind.EXCLUSIVE, volume_key(ground.array, volume.uid)),
        Claim(Kind.SHARED, mapping_key(ground.array, volume.uid)),
        Claim(Kind.SHARED, snapshot_key(ground.array, snapshot.name)),
        Claim(Kind.EXCLUSIVE, snapshot_key(ground.array, backup)),
    )
    return Plan("restore-snapshot", facts, in_rank(claims), makes=(thing("snapshot", backup),))


def delete_snapshot(spec: DeleteSnapshot, ground: Ground) -> Plan:
    """Plan the end of a snapshot."""
    snapshot, primary = ground.snapshot(spec.name)
    return Plan(
        "delete-snapshot",
        {"source": primary.name, "source_number": snapshot.source, "created": snapshot.created},
        in_rank(
            [
                Claim(Kind.SHARED, volume_key(ground.array, primary.uid)),
                Claim(Kind.EXCLUSIVE, snapshot_key(ground.array, spec.name)),
            ]
        ),
        drops=((snapshots_key(ground.array, primary.uid), spec.name),),
    )
