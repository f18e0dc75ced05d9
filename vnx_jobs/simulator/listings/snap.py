"""`snap -list` and `snap -group -list`: the blocks of a snapshot and of a consistency group."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.records import ConsistencyGroup, Snapshot
from vnx_jobs.simulator.rules import snapshots

from . import layout


def block(array: Array, snapshot: Snapshot, *, detail: bool) -> str:
    """Write one snapshot, in detail or in the short form that a plain `snap -list` gives."""
    held = snapshots.images(array, snapshot)
    mounts = [
        number
        for (number,) in array.db.execute("SELECT number FROM lun WHERE attached = ? ORDER BY number", (snapshot.id,))
    ]
    rows: list[tuple[str, object, bool]] = [
        ("Name", snapshot.name, True),
        ("Description", snapshot.description, True),
        ("Creation time", layout.moment(snapshot.created), True),
        ("Last modify time", layout.moment(snapshot.modified_at) if snapshot.modified_at else "Never", detail),
        ("Last modified by", snapshot.modified_by or "N/A", detail),
        ("Source LUN(s)", _listed(image.source for image in held), True),
        ("Source CG", snapshot.source_group or "N/A", True),
        ("Primary LUN(s)", _listed(image.primary_number for image in held), detail),
        ("State", "Ready", True),
        ("Status", "OK(0x0)", detail),
        ("Allow Read/Write", layout.yes(snapshot.writable), True),
        ("Modified", layout.yes(snapshots.is_modified(array, snapshot)), True),
        ("Attached LUN(s)", _listed(mounts), detail),
        ("Allow auto delete", layout.yes(snapshot.auto_delete), True),
        ("Expiration date", layout.moment(snapshot.expires) if snapshot.expires else "Never", True),
    ]
    return layout.labelled((label, value) for label, value, shown in rows if shown)


def group(array: Array, found: ConsistencyGroup) -> str:
    """Write one consistency group."""
    members = array.db.execute(
        "SELECT number FROM member JOIN lun ON lun.id = member.lun WHERE consistency_group = ? ORDER BY number",
        (found.id,),
    )
    return layout.labelled(
        [
            ("Name", found.name),
            ("Description", found.description),
            ("Allow auto delete", layout.yes(found.auto_delete)),
            ("Member LUN ID(s)", _listed(number for (number,) in members) or "None"),
            ("State", "Ready"),
            ("Status", "OK(0x0)"),
        ]
    )


def _listed(numbers: object) -> str:
    return ", ".join(str(number) for number in numbers)  # type: ignore[attr-defined]
