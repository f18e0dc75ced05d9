"""Copying a volume or a snapshot: as a snap copy, or in full."""

from vnx_jobs.model.array import Lun
from vnx_jobs.model.claim import MAX_COPIES, MAX_SNAPSHOTS, Claim, Kind, in_rank
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.keys import copies_key, pin_key, snapshot_key, snapshots_key, volume_key
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.specs import Clone, SnapCopy

from .ground import Ground
from .migrations import migration_facts
from .plan import Plan


def snap_copy(spec: SnapCopy | Clone, ground: Ground) -> Plan:
    """Plan a mount point with a snapshot of its own."""
    ground.need_free("volume", spec.name)
    primary, locks, facts = _source(spec, ground)
    hidden = ground.temporary("snap")
    refuse = spec.on_limit == "refuse"
    claims = (
        Claim(Kind.SLOT, copies_key(ground.array, primary.uid), hidden, MAX_COPIES, refuse=refuse, keep=True),
        *ground.branch(primary, hidden, keep=True, refuse=refuse),
        ground.numbers("volume"),
        ground.new_name(spec.name),
        *locks,
    )
    return Plan(_table("snap-copy", facts), facts, in_rank(claims))


def full_clone(spec: Clone, ground: Ground) -> Plan:
    """Plan a snap copy that is then copied onto a LUN of its own."""
    ground.need_free("volume", spec.name)
    primary, locks, facts = _source(spec, ground) if spec.member is None else _member(spec, spec.member, ground)
    pin = Claim(Kind.SHARED, pin_key(ground.array, primary.uid))
    if spec.pool is not None:
        ground.need_pool(spec.pool)
    target = {**migration_facts(spec, primary), "size_gb": _size(spec, primary)}
    claims = (
        *ground.branch(primary, ground.temporary("snap"), keep=False, refuse=spec.on_limit == "refuse"),
        ground.numbers("volume,target"),
        ground.new_name(spec.name),
        pin,
        *locks,
    )
    table = _table("clone", facts) if spec.member is None else "clone-of-group-snapshot"
    return Plan(table, {**facts, **target}, in_rank(claims))


def _member(spec: Clone, name: str, ground: Ground) -> tuple[Lun, tuple[Claim, ...], Facts]:
    """Return a member of a group whose snapshot is to be copied, what keeps all members, and the facts.

    The copy is of every member, as the snapshot is: while the job has it, it takes a slot of each, and keeps each.
    """
    snapshot, member = ground.any_snapshot(spec.snapshot or ""), ground.volume(name)
    known = ground.view.primaries
    members = [known[number] for _, number in snapshot.images if number in known]
    if member.number not in {lun.number for lun in members}:
        held = ", ".join(lun.name for lun in members)
        raise Refused(Code.NOT_IN_GROUP, f"{name} is not among the volumes that snapshot {snapshot.name} is of: {held}")
    hidden, refuse = ground.temporary("snap"), spec.on_limit == "refuse"
    claims = [Claim(Kind.SHARED, snapshot_key(ground.array, snapshot.name))]
    for lun in members:
        claims.append(_kept(lun, ground))
        if lun.uid != member.uid:
            claims.append(Claim(Kind.SHARED, pin_key(ground.array, lun.uid)))
            slots = snapshots_key(ground.array, lun.uid)
            claims.append(Claim(Kind.SLOT, slots, hidden, MAX_SNAPSHOTS, refuse=refuse))
    return member, tuple(claims), {"snapshot": snapshot.name, **_of(member)}


def _of(primary: Lun) -> Facts:
    """Return what the steps must know of the LUN that a copy hangs on."""
    return {"source": primary.name, "primary_number": primary.number, "primary_uid": primary.uid}


def _size(spec: Clone, primary: Lun) -> int:
    if spec.size_gb is not None and spec.size_gb < primary.size_gb:
        text = f"a clone is not smaller than its source: {primary.name} has {primary.size_gb} GB"
        raise Refused(Code.INVALID, text)
    return spec.size_gb or primary.size_gb


def _source(spec: SnapCopy | Clone, ground: Ground) -> tuple[Lun, tuple[Claim, ...], Facts]:
    """Return the primary LUN that a copy hangs on, the locks that keep the source, and the facts to copy it by."""
    if spec.snapshot is None:
        source = ground.source(spec.source or "")
        return source.root, source.locks, source.facts
    snapshot, primary = ground.snapshot(spec.snapshot)
    lock = Claim(Kind.SHARED, snapshot_key(ground.array, snapshot.name))
    facts: Facts = {"snapshot": snapshot.name, **_of(primary)}
    return primary, (lock, _kept(primary, ground)), facts


def _table(operation: str, facts: Facts) -> str:
    """Return the operation's table for a source of the kind that the facts tell."""
    kinds = {"snapshot": "-of-snapshot", "snap_copy": "-of-snap-copy"}
    return operation + next((suffix for fact, suffix in kinds.items() if fact in facts), "")


def _kept(primary: Lun, ground: Ground) -> Claim:
    return Claim(Kind.SHARED, volume_key(ground.array, primary.uid))
