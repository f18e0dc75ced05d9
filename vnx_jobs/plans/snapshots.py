"""Taking, copying and deleting snapshots."""

from vnx_jobs.model.claim import MAX_SNAPSHOTS, Claim, Kind, in_rank
from vnx_jobs.model.keys import snapshot_key, snapshots_key, volume_key
from vnx_jobs.model.specs import CopySnapshot, CreateSnapshot, DeleteSnapshot

from .ground import Ground
from .plan import Plan


def create_snapshot(spec: CreateSnapshot, ground: Ground) -> Plan:
    """Plan a snapshot of a volume."""
    ground.need_free("snapshot", spec.name)
    source = ground.primary(spec.volume)
    slots = snapshots_key(ground.array, source.uid)
    return Plan(
        "create-snapshot",
        {
            "source_number": source.number,
            "primary_number": source.number,
            "source": source.name,
            **spec.keeping.facts,
        },
        in_rank(
            [
                Claim(Kind.SLOT, slots, spec.name, MAX_SNAPSHOTS, refuse=True, keep=True),
                Claim(Kind.SHARED, volume_key(ground.array, source.uid)),
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
