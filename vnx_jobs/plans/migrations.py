"""Migrating volumes: to another pool, kind or tier, or out of the dependence on a source."""

from dataclasses import replace

from vnx_jobs.model.array import Layout, Lun
from vnx_jobs.model.claim import Claim, Kind, in_rank
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.keys import (
    copies_key,
    mapping_key,
    mounts_key,
    numbers_key,
    pin_key,
    snapshots_key,
    volume_key,
)
from vnx_jobs.model.names import job_of
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.specs import Clone, MigrateVolume, PromoteVolume, RetypeVolume
from vnx_jobs.model.specs.migrations import MigrationSpec

from .backups import shown_to
from .ground import Ground
from .hosts import group_of
from .plan import Plan

_BLOCK = 512
"""Bytes."""


def migrate_volume(spec: MigrationSpec, ground: Ground) -> Plan:
    """Plan a volume's way onto other storage; a snap copy becomes a full copy by it, whatever it was asked for."""
    if spec.pool is not None:
        ground.need_pool(spec.pool)
    lun = ground.volume(spec.name)
    if lun.primary is not None:
        ground.need_finished(lun)
        return _promotion(spec, lun, ground.volume(lun.primary), ground)
    if isinstance(spec, PromoteVolume):
        raise Refused(Code.NOTHING_TO_DO, f"{lun.name} is a full copy: only a snap copy can become one")
    return _migration(spec, lun, ground)


def _migration(spec: MigrateVolume | RetypeVolume, lun: Lun, ground: Ground) -> Plan:
    facts = migration_facts(spec, lun)
    layout = Layout.of(facts)
    if (facts["pool"], layout) == (lun.pool, lun.layout):
        raise Refused(Code.NOTHING_TO_DO, f"{lun.name} is {_shown(layout)} in pool {lun.pool} already")
    table = "migrate-compressed-volume" if layout.provisioning == "compressed" else "migrate-volume"
    claims = (
        Claim(Kind.EXCLUSIVE, volume_key(ground.array, lun.uid)),
        Claim(Kind.EXCLUSIVE, pin_key(ground.array, lun.uid)),
        Claim(Kind.EXCLUSIVE, copies_key(ground.array, lun.uid), refuse=True),
        Claim(Kind.EXCLUSIVE, snapshots_key(ground.array, lun.uid), refuse=True),
        ground.numbers("target"),
    )
    return Plan(table, {**_meant(lun), **facts}, in_rank(claims))


def _promotion(spec: MigrationSpec, lun: Lun, primary: Lun, ground: Ground) -> Plan:
    """Plan the way of a mount point; a snapshot attached to it that is not ours stays, as whoever took it wants."""
    if lun.attached is None:
        text = f"{lun.name} has no snapshot attached, so there is nothing to copy: delete it instead"
        raise Refused(Code.NOT_SUPPORTED, text)
    if spec.provisioning == "compressed":
        text = f"{lun.name} is a snap copy: promote it first, and compress it then by retype-volume"
        raise Refused(Code.NOT_SUPPORTED, text)
    facts = {**_meant(lun), **migration_facts(spec, primary)}
    claims = (
        Claim(Kind.EXCLUSIVE, volume_key(ground.array, lun.uid)),
        Claim(Kind.SHARED, volume_key(ground.array, primary.uid)),
    )
    places = (
        (mounts_key(ground.array, primary.uid), lun.attached),
        (copies_key(ground.array, primary.uid), lun.attached),
    )
    hidden = (snapshots_key(ground.array, primary.uid), lun.attached)
    ours = Plan("promote-volume", {**facts, "hidden_snapshot": lun.attached}, claims, drops=(*places, hidden))
    if isinstance(spec, PromoteVolume) and spec.host is not None:
        return _through_host(spec.host, lun, ours, ground)
    if job_of(lun.attached, ground.installation) is None:
        ours = Plan("promote-mount-point", {**facts, "attached": lun.attached}, claims, drops=places)
    return replace(ours, claims=in_rank((*claims, ground.numbers("target"))))


def _through_host(host: str, lun: Lun, promotion: Plan, ground: Ground) -> Plan:
    """Plan the copy by a backup host, onto a LUN that takes the name, while no host sees the volume."""
    if job_of(str(lun.attached), ground.installation) is None:
        text = f"{lun.name} shows the snapshot {lun.attached}, which no job made: promote it without a host"
        raise Refused(Code.NOT_SUPPORTED, text)
    ground.need_unmapped(lun)
    known = ground.backup_host(host)
    mark = ground.view.access.get(lun.uid)
    facts: Facts = {
        **promotion.facts,
        **({} if mark is None else {"access": mark}),
        "volumes": 1,
        "host_on_array": known,
        "storage_group": group_of(known, ground).name,
        "volume-0": lun.name,
        "uid-0": lun.uid,
        "number-0": lun.number,
        "size-0": lun.blocks * _BLOCK,
        "device_name-0": lun.name,
        "device_name-1": ground.temporary("new"),
    }
    claims = (
        *promotion.claims,
        Claim(Kind.EXCLUSIVE, mapping_key(ground.array, lun.uid)),
        ground.new_name(lun.name),
        ground.numbers("device-1"),
        *shown_to(host, 2, ground),
    )
    drops = (*promotion.drops, (numbers_key(ground.array), str(lun.number)))
    times = {"show-to-host": 2, "put-away-show-to-host": 2}
    return Plan("promote-through-host", facts, in_rank(claims), drops=drops, times=times)


def migration_facts(spec: MigrationSpec | Clone, source: Lun) -> Facts:
    """Return where and how a copy is to lie, and its rate: what a request leaves open is as with its source."""
    layout = source.layout
    wanted = replace(
        layout, provisioning=spec.provisioning or layout.provisioning, tiering=spec.tiering or layout.tiering
    )
    rate = {"rate": spec.rate} if spec.rate else {}
    return {"pool": spec.pool or source.pool, **wanted.facts, **rate}


def _meant(lun: Lun) -> Facts:
    return {"uid": lun.uid, "number": lun.number, "size_gb": lun.size_gb}


def _shown(layout: Layout) -> str:
    return f"{layout.provisioning} ({layout.tiering})" if layout.tiering else layout.provisioning
