"""Snapshots and the mount points that show them.

A snapshot has one image for each LUN it froze. While it is attached, its image's layer is the mount point's top: what
hosts write through the mount point changes the snapshot, as on the array, and is still there after it was detached.
"""

from __future__ import annotations

from vnx_jobs.simulator import devices, errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.record import record
from vnx_jobs.simulator.records import Image, Lun, Snapshot

from . import device_files, luns

SNAPSHOTS_PER_PRIMARY = 256
MOUNT_POINTS_PER_PRIMARY = 255
DEEPEST = 10
"""Snapshots of snapshots, as described at vmarena.com and in Dell's Horizon solution guide."""


def by_name(array: Array, name: str) -> Snapshot | None:
    """Return the snapshot of a name."""
    row = array.db.execute("SELECT * FROM snapshot WHERE name = ?", (name,)).fetchone()
    return row and Snapshot(*row)


def named(array: Array, name: str, verb: str) -> Snapshot:
    """Return the snapshot of a name. Raises SNAPSHOT_GONE, in the words of the verb."""
    found = by_name(array, name)
    if found is None:
        raise Refused(errors.SNAPSHOT_GONE, verb=verb)
    return found


def every(array: Array) -> list[Snapshot]:
    """Return all snapshots, oldest first."""
    return [Snapshot(*row) for row in array.db.execute("SELECT * FROM snapshot ORDER BY id")]


def images(array: Array, snapshot: Snapshot) -> list[Image]:
    """Return what a snapshot froze."""
    return [Image(*row) for row in array.db.execute("SELECT * FROM image WHERE snapshot = ?", (snapshot.id,))]


def check_name(array: Array, name: str) -> None:
    """Refuse a name that a snapshot has. Raises SNAPSHOT_NAME_IN_USE."""
    if by_name(array, name) is not None:
        raise Refused(errors.SNAPSHOT_NAME_IN_USE)


def check_count(array: Array, primary: int, sp: str) -> None:
    """Refuse a snapshot too many: 256 of a primary LUN, all branches counted (EMC's VNX Snapshots pages)."""
    if array.count("SELECT count(*) FROM image WHERE primary_id = ?", primary) >= SNAPSHOTS_PER_PRIMARY:
        raise Refused(errors.SNAPSHOT_LIMIT, sp=sp)


@record
class Terms:
    """What a new snapshot is: writable, auto-deleted when its pool fills, and when it expires (epoch seconds)."""

    writable: bool = False
    auto_delete: bool = True
    expires: float | None = None
    description: str = ""


PLAIN = Terms()


def create(array: Array, name: str, sources: list[Lun], terms: Terms = PLAIN, *, group: str | None = None) -> None:
    """Freeze some LUNs at one instant. Raises the refusals of names, sources and limits."""
    if not array.has("-VNXSnapshots"):
        raise Refused(errors.NO_SNAPSHOTS)
    check_name(array, name)
    for lun in sources:
        _check_source(array, lun)
        check_count(array, lun.root, lun.owner)
    made = _insert(array, name, group, terms)
    for lun in sorted(sources, key=lambda lun: lun.id):
        array.locks.freeze(lun.id)
    for lun in sources:
        root = luns.by_id(array, lun.root)
        depth = _depth(array, lun)
        _add_image(array, Image(made, lun.number, root.number, root.id, lun.blocks, depth, freeze(array, lun), None))


def _depth(array: Array, lun: Lun) -> int:
    """Return how deep a snapshot of this LUN lies: 1 for a primary's own, one more for each branch."""
    return 1 + array.count("SELECT depth FROM image WHERE mount = ?", lun.id)


def _check_source(array: Array, lun: Lun) -> None:
    if luns.is_preparing(array, lun):
        raise Refused(errors.LUN_PREPARING, sp=lun.owner)
    if luns.is_migrating(array, lun):
        raise Refused(errors.SNAPSHOT_OF_MIGRATING, sp=lun.owner)
    if lun.compressed:
        raise Refused(errors.SNAPSHOT_OF_COMPRESSED, sp=lun.owner)
    if lun.is_mount_point and lun.attached is None:
        raise Refused(errors.SNAPSHOT_OF_DETACHED, sp=lun.owner)
    if _depth(array, lun) > DEEPEST:
        raise Refused(errors.SNAPSHOT_DEPTH, sp=lun.owner)


def _insert(array: Array, name: str, group: str | None, terms: Terms) -> int:
    made = array.db.execute(
        "INSERT INTO snapshot (name, description, created, source_group, writable, modified, auto_delete, expires) "
        "VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
        (name, terms.description, array.now, group, int(terms.writable), int(terms.auto_delete), terms.expires),
    ).lastrowid
    return made or 0


def _add_image(array: Array, image: Image) -> None:
    array.db.execute(
        "INSERT INTO image VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            image.snapshot,
            image.source,
            image.primary_number,
            image.primary_id,
            image.blocks,
            image.depth,
            image.layer,
            image.mount,
        ),
    )


def freeze(array: Array, lun: Lun) -> int | None:
    """Make what a LUN holds now an image; return its layer. Hosts go on with a new top."""
    frozen, top = array.layers.freeze(lun.id, lun.top)
    if lun.attached is not None and top != lun.top:
        array.db.execute("UPDATE image SET layer = ? WHERE mount = ?", (top, lun.id))
        array.db.execute("UPDATE snapshot SET modified = 1 WHERE id = ?", (lun.attached,))
    array.db.execute("UPDATE lun SET top = ? WHERE id = ?", (top, lun.id))
    return frozen


def copy(array: Array, source: Snapshot, name: str) -> None:
    """Make a second snapshot of what a snapshot holds. Raises the refusals of names and limits."""
    check_name(array, name)
    held = images(array, source)
    for image in held:
        check_count(array, image.primary_id, luns.by_id(array, image.primary_id).owner)
    made = _insert(array, name, source.source_group, PLAIN)
    for image in held:
        layer = image.layer if image.mount is None else freeze(array, luns.by_id(array, image.mount))
        number = image.primary_number
        _add_image(array, Image(made, image.source, number, image.primary_id, image.blocks, image.depth, layer, None))


def modify(array: Array, snapshot: Snapshot, **columns: object) -> None:
    """Change a snapshot's properties. Raises SNAPSHOT_NAME_IN_USE."""
    if "name" in columns and columns["name"] != snapshot.name:
        check_name(array, str(columns["name"]))
    changes = {**columns, "modified_at": array.now}
    assignments = ", ".join(f"{column} = ?" for column in changes)
    array.db.execute(f"UPDATE snapshot SET {assignments} WHERE id = ?", (*changes.values(), snapshot.id))  # noqa: S608 - the names are the callers' own


def is_modified(array: Array, snapshot: Snapshot) -> bool:
    """Say whether hosts have written to a snapshot since it was made."""
    if snapshot.modified:
        return True
    return any(_is_written(array, image) for image in images(array, snapshot) if image.mount is not None)


def _is_written(array: Array, image: Image) -> bool:
    device = array.one("SELECT device FROM lun WHERE id = ?", image.mount)
    if image.mount is not None and device == (devices.LIVE,) and devices.is_touched(array.folder, image.mount):
        return True
    return image.layer is not None and array.layers.is_written(image.layer)


def destroy(array: Array, snapshot: Snapshot) -> None:
    """Destroy a snapshot. Raises SNAPSHOT_ATTACHED."""
    held = images(array, snapshot)
    for image in held:
        if image.mount is not None:
            raise Refused(errors.SNAPSHOT_ATTACHED, sp=luns.by_id(array, image.mount).owner)
    array.db.execute("DELETE FROM image WHERE snapshot = ?", (snapshot.id,))
    array.db.execute("DELETE FROM snapshot WHERE id = ?", (snapshot.id,))
    for image in held:
        array.layers.drop(image.layer)


def destroy_all_of(array: Array, lun: Lun) -> None:
    """Destroy what was frozen of a primary LUN; a group's snapshot keeps the images of its other LUNs."""
    held = [Image(*row) for row in array.db.execute("SELECT * FROM image WHERE primary_id = ?", (lun.id,))]
    array.db.execute("DELETE FROM image WHERE primary_id = ?", (lun.id,))
    array.db.execute("DELETE FROM snapshot WHERE id NOT IN (SELECT snapshot FROM image)")
    for image in held:
        array.layers.drop(image.layer)


def expire(array: Array) -> None:
    """Destroy the snapshots whose time is over. An attached one stays until it was detached."""
    rows = array.db.execute("SELECT * FROM snapshot WHERE expires <= ?", (array.now,)).fetchall()
    for snapshot in (Snapshot(*row) for row in rows):
        if all(image.mount is None for image in images(array, snapshot)):
            destroy(array, snapshot)


def create_mount_point(array: Array, primary: Lun, number: int | None, name: str | None, owner: str | None) -> Lun:
    """Create a LUN of type snap: at most 255 of a primary LUN at one time (Cinder's VNX driver page)."""
    if not array.has("-VNXSnapshots"):
        raise Refused(errors.NO_SNAPSHOTS)
    if primary.is_mount_point:
        raise Refused(errors.MOUNT_POINT_OF_MOUNT_POINT)
    number, name = luns.take_name_and_number(array, number, name, downward=True)
    if array.count("SELECT count(*) FROM lun WHERE primary_id = ?", primary.id) >= MOUNT_POINTS_PER_PRIMARY:
        raise Refused(errors.MOUNT_POINT_LIMIT, sp=primary.owner)
    return luns.insert(
        array,
        number=number,
        name=name,
        pool=primary.pool,
        blocks=primary.blocks,
        thin=1,
        primary_id=primary.id,
        owner=owner or primary.owner,
        tiering=primary.tiering or "Auto Tier",
        initial_tier="Highest Available",
        deduplicated=0,
        ready_at=array.now,
    )


def attach(array: Array, lun: Lun, name: str) -> None:
    """Show a snapshot through a mount point, which makes it read/write. Raises the refusals of `lun -attach`.

    Every attached snapshot ever recorded was read/write; that a real array first wants `-allowReadWrite yes` is known
    from EMC's driver alone, and can be had by the fault `attach-needs-rw`.
    """
    if not lun.is_mount_point:
        raise Refused(errors.ATTACH_WRONG_TYPE)
    snapshot = named(array, name, "attach")
    held = [image for image in images(array, snapshot) if image.primary_id == lun.primary_id]
    if not held:
        raise Refused(errors.OTHER_PRIMARY, sp=lun.owner)
    if lun.attached is not None or held[0].mount is not None:
        raise Refused(errors.ALREADY_ATTACHED, sp=lun.owner)
    if not snapshot.writable and array.faults.of("attach-needs-rw"):
        raise Refused(errors.ATTACH_READ_ONLY, sp=lun.owner)
    array.locks.freeze(lun.id)
    top = array.layers.lay(held[0].layer)
    array.db.execute("UPDATE snapshot SET writable = 1 WHERE id = ?", (snapshot.id,))
    array.db.execute(
        "UPDATE image SET layer = ?, mount = ? WHERE snapshot = ? AND primary_id = ?",
        (top, lun.id, snapshot.id, lun.primary_id),
    )
    array.db.execute(
        "UPDATE lun SET top = ?, attached = ?, blocks = ? WHERE id = ?", (top, snapshot.id, held[0].blocks, lun.id)
    )


def detach(array: Array, lun: Lun) -> None:
    """Take the snapshot off a mount point, if one is there; it keeps what was written to it."""
    if lun.attached is None:
        return
    array.locks.freeze(lun.id)
    device_files.put_away(array, lun)
    if lun.top is not None and array.layers.is_written(lun.top):
        array.db.execute(
            "UPDATE snapshot SET modified = 1, modified_at = ?, modified_by = ? WHERE id = ?",
            (array.now, lun.name, lun.attached),
        )
    array.db.execute("UPDATE image SET mount = NULL WHERE mount = ?", (lun.id,))
    array.db.execute("UPDATE lun SET top = NULL, attached = NULL WHERE id = ?", (lun.id,))
    array.layers.settle(lun.top)
