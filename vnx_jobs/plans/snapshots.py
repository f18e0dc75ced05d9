"""Taking and deleting snapshots."""

from vnx_jobs.model.claim import MAX_SNAPSHOTS, Claim, Kind, in_rank
from vnx_jobs.model.keys import snapshot_key, snapshots_key, volume_key
from vnx_jobs.model.specs import CreateSnapshot, DeleteSnapshot

from .ground import Ground
from .plan import Plan


def create_snapshot(spec: CreateSnapshot, ground: Ground) -> Plan:
    """Plan a snapshot of a volume."""
    ground.need_free("snapshot", spec.name)
    source = ground.primary(spec.volume)
    slots = snapshots_key(ground.array, source.uid)
    return Plan(
        "create-snapshot",
        {"source_number": source.number, "primary_number": source.number, "source": source.name},
        in_rank(
            [
                Claim(Kind.SLOT, slots, spec.name, MAX_SNAPSHOTS, refuse=True, keep=True),
                Claim(Kind.SHARED, volume_key(ground.array, source.uid)),
                Claim(Kind.EXCLUSIVE, snapshot_key(ground.array, spec.name)),
            ]
        ),
    )


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
