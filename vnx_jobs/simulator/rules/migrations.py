"""Migration: the array copies a source LUN onto a destination LUN, by the clock.

At the end the source keeps number, name, UID and bytes and has the destination's storage, and the destination is
gone; a mount point becomes a LUN of its own, and its snapshot stays behind, detached. Nothing is copied here: a
LUN's bytes are a pointer into the tree of layers, and the source keeps its pointer.
"""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import Lun, Migration

from . import device_files, luns, snapshots

RATES_MB = {"low": 1.4, "medium": 13.0, "high": 44.0, "asap": 85.0}
"""MB a second by rate, as measured by davidring.ie in 2013."""

SYNCED_SECONDS = 2.0
SHOWN_AFTER_SECONDS = 2.0
MIGRATING, MIGRATED, STOPPED, FAULTED = "MIGRATING", "MIGRATED", "STOPPED - Destination full", "FAULTED"


def every(array: Array) -> list[Migration]:
    """Return the sessions that the array lists by now."""
    rows = array.db.execute("SELECT * FROM migration WHERE shown_at <= ? ORDER BY started", (array.now,))
    return [Migration(*row) for row in rows]


def of_source(array: Array, lun: Lun) -> Migration | None:
    """Return a source's session, whether it is listed yet or not."""
    row = array.db.execute("SELECT * FROM migration WHERE source = ?", (lun.id,)).fetchone()
    return row and Migration(*row)


def state(array: Array, session: Migration) -> tuple[str, int]:
    """Return a session's state and the percentage that is copied."""
    if session.state != MIGRATING:
        return session.state, session.percent
    if array.now >= session.synced_at:
        return MIGRATED, 100
    share = (array.now - session.started) / max(session.synced_at - session.started, 1e-9)
    return MIGRATING, max(0, min(99, int(share * 100)))


def seconds_left(array: Array, session: Migration) -> int:
    """Return how long a session still copies."""
    running = session.state == MIGRATING
    return max(0, int(session.synced_at - array.now)) if running else 0


def start(array: Array, source: int, dest: int, rate: str) -> None:
    """Start a session. Raises MIGRATE_NO_SOURCE, MIGRATE_BAD_SOURCE, MIGRATE_NO_DEST, MIGRATE_LIMIT.

    A source with mount points is refused (Cinder's VNX driver page), and so is one with snapshots: what a real array
    makes of them is not known, and the existing drivers never try.
    """
    from_lun, to_lun = luns.by_number(array, source), luns.by_number(array, dest)
    if from_lun is None:
        raise Refused(errors.MIGRATE_NO_SOURCE, verb="start")
    if to_lun is None or to_lun.id == from_lun.id or not _may_be_destination(array, to_lun, from_lun):
        raise Refused(errors.MIGRATE_NO_DEST)
    if not _may_be_source(array, from_lun):
        raise Refused(errors.MIGRATE_BAD_SOURCE)
    running = array.count("SELECT count(*) FROM migration")
    if running >= int(array.settings.number("migrations")):
        raise Refused(errors.MIGRATE_LIMIT)
    seconds = to_lun.blocks * 512 / (RATES_MB[rate] * 1024 * 1024)
    array.db.execute(
        "INSERT INTO migration VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (
            from_lun.id,
            to_lun.id,
            rate,
            array.now,
            array.later(seconds),
            array.later(seconds + SYNCED_SECONDS),
            array.later(SHOWN_AFTER_SECONDS * running),  # the busier the array, the later a session shows up
            MIGRATING,
        ),
    )


def _may_be_destination(array: Array, lun: Lun, source: Lun) -> bool:
    return not (
        lun.is_mount_point
        or lun.blocks < source.blocks
        or luns.is_preparing(array, lun)
        or luns.is_migrating(array, lun)
        or luns.is_mapped(array, lun)
        or luns.has_images(array, lun)
        or luns.mount_points(array, lun)
        or array.one("SELECT 1 FROM member WHERE lun = ?", lun.id)
    )


def _may_be_source(array: Array, lun: Lun) -> bool:
    own = array.one(
        "SELECT 1 FROM image WHERE primary_id = ? OR (source = ? AND primary_id <> ?)", lun.id, lun.number, lun.id
    )
    return not (
        luns.is_migrating(array, lun)
        or luns.mount_points(array, lun)
        or luns.is_preparing(array, lun)
        or own
        or (lun.is_mount_point and lun.attached is None)
    )


def cancel(array: Array, source: int) -> None:
    """End a session before its end; both LUNs stay as they are.

    Raises NOT_MIGRATING, and MIGRATE_SYNCED once the copy is done.
    """
    lun = luns.by_number(array, source)
    if lun is None:
        raise Refused(errors.MIGRATE_NO_SOURCE, verb="cancel")
    session = of_source(array, lun)
    if session is None:
        raise Refused(errors.NOT_MIGRATING, verb="cancel")
    if state(array, session)[0] == MIGRATED:
        raise Refused(errors.MIGRATE_SYNCED)
    array.db.execute("DELETE FROM migration WHERE source = ?", (lun.id,))


def advance(array: Array) -> None:
    """Let the sessions be where the clock says; end those whose time has come."""
    for row in array.db.execute("SELECT * FROM migration ORDER BY ends_at").fetchall():
        session = Migration(*row)
        source = luns.by_id(array, session.source)
        if session.state != MIGRATING or _is_halted(array, session, source):
            continue
        if array.now >= session.ends_at and not array.faults.of_lun("migrate-synced", source.number, source.name):
            _finish(array, session, source)


def _is_halted(array: Array, session: Migration, source: Lun) -> bool:
    if array.faults.of_lun("migrate-synced", source.number, source.name):
        array.db.execute(
            "UPDATE migration SET synced_at = min(synced_at, ?) WHERE source = ?", (array.now, session.source)
        )
        return True
    for name, halted in (("migrate-stopped-full", STOPPED), ("migrate-faulted", FAULTED)):
        fault = array.faults.of_lun(name, source.number, source.name)
        if fault is None:
            continue
        percent = int(fault.args[1]) if len(fault.args) > 1 else None
        reached = 100 if array.now >= session.synced_at else state(array, session)[1]
        if percent is None or reached >= percent:
            array.db.execute(
                "UPDATE migration SET state = ?, percent = ? WHERE source = ?",
                (halted, min(reached, 99) if percent is None else percent, session.source),
            )
            return True
    return False


def _finish(array: Array, session: Migration, source: Lun) -> None:
    dest = luns.by_id(array, session.dest)
    array.db.execute("DELETE FROM migration WHERE source = ?", (session.source,))
    if source.attached is not None:
        _leave_snapshot(array, source)
    array.db.execute(
        "UPDATE lun SET pool = ?, blocks = ?, thin = ?, tiering = ?, initial_tier = ?, deduplicated = ?, "
        "compressed = ?, primary_id = NULL WHERE id = ?",
        (
            dest.pool,
            dest.blocks,
            dest.thin,
            dest.tiering,
            dest.initial_tier,
            dest.deduplicated,
            dest.compressed,
            source.id,
        ),
    )
    device_files.grow(array, source, dest.blocks)
    luns.remove(array, dest)


def _leave_snapshot(array: Array, lun: Lun) -> None:
    """Part a mount point from its snapshot, both keeping the bytes."""
    frozen = snapshots.freeze(array, lun)
    array.db.execute("UPDATE image SET layer = ?, mount = NULL WHERE mount = ?", (frozen, lun.id))
    array.db.execute("UPDATE lun SET attached = NULL WHERE id = ?", (lun.id,))
