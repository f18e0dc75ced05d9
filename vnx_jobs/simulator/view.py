"""The whole array as plain values, read from the state directly: no command, no log entry."""

from __future__ import annotations

import time

from .array import Array
from .listings.lun import condition
from .locks import Locks
from .records import Lun
from .rules import groups, luns, migrations, pools, snapshots
from .store import connect

Values = dict[str, object]


def of(folder: str) -> dict[str, object]:
    """Describe the array in a folder. Raises NotAState."""
    db = connect(folder)
    with Locks(folder) as locks:
        db.execute("BEGIN")
        array = Array(folder, db, locks, now=time.time(), speed=1.0, sp="A")
        try:
            return _everything(array)
        finally:
            db.execute("ROLLBACK")
            db.close()


def _everything(array: Array) -> dict[str, object]:
    every = luns.every(array)
    names = {lun.id: lun for lun in every}
    return {
        "array": _array(array),
        "pools": [_pool(array, pool.id) for pool in pools.every(array)],
        "luns": [_lun(array, lun, names) for lun in every],
        "snapshots": _snapshots(array, names),
        "migrations": _migrations(array, names),
        "storage_groups": _storage_groups(array),
        "consistency_groups": _consistency_groups(array),
        "commands": array.count("SELECT count(*) FROM audit"),
    }


def _array(array: Array) -> Values:
    settings = array.settings
    return {
        "model": settings.model.name,
        "serial": settings.text("serial"),
        "name": settings.text("name"),
        "revision": settings.model.revision,
        "enablers": sorted(settings.enablers),
        "spa": settings.text("spa"),
        "spb": settings.text("spb"),
        "latency_ms": [settings.number("latency_low"), settings.number("latency_high")],
        "sessions": int(settings.number("sessions")),
        "program": f"{array.folder}/bin/naviseccli",
    }


def _pool(array: Array, number: int) -> Values:
    pool = pools.named(array, number, None)
    return {
        "id": pool.id,
        "name": pool.name,
        "user_blocks": pool.user_blocks,
        "consumed_blocks": pools.consumed(array, pool),
        "threshold_percent": pool.threshold,
    }


def _lun(array: Array, lun: Lun, names: dict[int, Lun]) -> Values:
    state, operation = condition(array, lun)
    primary = names.get(lun.primary_id or 0)
    snapshot = array.one("SELECT name FROM snapshot WHERE id = ?", lun.attached)
    return {
        "number": lun.number,
        "name": lun.name,
        "uid": lun.uid,
        "size_blocks": lun.blocks,
        "pool": pools.named(array, lun.pool, None).name,
        "thin": bool(lun.thin),
        "primary": primary.name if primary else None,
        "primary_number": primary.number if primary else None,
        "attached_snapshot": snapshot[0] if snapshot else None,
        "state": state,
        "operation": operation,
        "owner": lun.owner,
        "compressed": bool(lun.compressed),
        "deduplicated": bool(lun.deduplicated),
    }


def _snapshots(array: Array, names: dict[int, Lun]) -> list[Values]:
    found: list[Values] = []
    for snapshot in snapshots.every(array):
        held = snapshots.images(array, snapshot)
        mounts = [names[image.mount].number for image in held if image.mount is not None]
        found.append(
            {
                "name": snapshot.name,
                "source": held[0].source if held else None,
                "sources": [image.source for image in held],
                "primary": held[0].primary_number if held else None,
                "created": snapshot.created,
                "attached_lun": mounts[0] if mounts else None,
                "allow_read_write": bool(snapshot.writable),
                "modified": snapshots.is_modified(array, snapshot),
                "consistency_group": snapshot.source_group,
                "expires": snapshot.expires,
            }
        )
    return found


def _migrations(array: Array, names: dict[int, Lun]) -> list[Values]:
    found: list[Values] = []
    for row in array.db.execute("SELECT source, dest, rate FROM migration ORDER BY started").fetchall():
        session = migrations.of_source(array, names[row[0]])
        if session is not None:
            state, percent = migrations.state(array, session)
            source, dest = names[session.source], names[session.dest]
            found.append(
                {
                    "source": source.number,
                    "source_name": source.name,
                    "dest": dest.number,
                    "dest_name": dest.name,
                    "rate": session.rate,
                    "state": state,
                    "percent": percent,
                    "ends_at": session.ends_at,
                }
            )
    return found


def _storage_groups(array: Array) -> list[Values]:
    found: list[Values] = []
    for number, name, uid in array.db.execute("SELECT id, name, uid FROM storage_group WHERE NOT special").fetchall():
        pairs = array.db.execute(
            "SELECT hlu, number FROM mapping JOIN lun ON lun.id = lun WHERE storage_group = ? ORDER BY hlu", (number,)
        )
        hosts = array.db.execute("SELECT name FROM host WHERE storage_group = ? ORDER BY name", (number,))
        found.append(
            {
                "name": name,
                "uid": uid,
                "luns": [{"hlu": hlu, "alu": alu} for hlu, alu in pairs],
                "hosts": [host for (host,) in hosts],
            }
        )
    return found


def _consistency_groups(array: Array) -> list[Values]:
    found: list[Values] = []
    for group in groups.every(array):
        members = array.db.execute(
            "SELECT number FROM member JOIN lun ON lun.id = lun WHERE consistency_group = ? ORDER BY number",
            (group.id,),
        )
        found.append({"name": group.name, "members": [number for (number,) in members]})
    return found
