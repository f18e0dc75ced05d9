"""The tables of the state, and the triggers that let `-np` see the past.

Every table of `ARRAY_TABLES` holds what the array knows. Triggers write down, for each change, the statement that takes
it back (SQLite's own recipe for undo logs); a polled command empties that list, a `-np` listing plays it backwards in a
savepoint. So `-np` costs what changed since the last poll and nothing else.
"""

from __future__ import annotations

ARRAY_TABLES: dict[str, tuple[str, ...]] = {
    "pool": (
        "id INTEGER PRIMARY KEY",
        "name TEXT NOT NULL UNIQUE",
        "user_blocks INTEGER NOT NULL",
        "raid TEXT NOT NULL",
        "disk_type TEXT NOT NULL",
        "tier TEXT NOT NULL",
        "threshold INTEGER NOT NULL",
        "description TEXT NOT NULL",
        "disks TEXT NOT NULL",
    ),
    "lun": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "number INTEGER NOT NULL UNIQUE",
        "name TEXT NOT NULL UNIQUE",
        "uid TEXT NOT NULL UNIQUE",
        "pool INTEGER NOT NULL",
        "blocks INTEGER NOT NULL",
        "thin INTEGER NOT NULL",
        "primary_id INTEGER",
        "attached INTEGER",
        "owner TEXT NOT NULL",
        "tiering TEXT NOT NULL",
        "initial_tier TEXT NOT NULL",
        "compressed INTEGER NOT NULL",
        "deduplicated INTEGER NOT NULL",
        "created REAL NOT NULL",
        "ready_at REAL NOT NULL",
        "top INTEGER",
        "device INTEGER NOT NULL",
    ),
    "snapshot": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "name TEXT NOT NULL UNIQUE",
        "description TEXT NOT NULL",
        "created REAL NOT NULL",
        "modified_at REAL",
        "modified_by TEXT",
        "source_group TEXT",
        "writable INTEGER NOT NULL",
        "modified INTEGER NOT NULL",
        "auto_delete INTEGER NOT NULL",
        "expires REAL",
    ),
    "image": (
        "snapshot INTEGER NOT NULL",
        "source INTEGER NOT NULL",
        "primary_number INTEGER NOT NULL",
        "primary_id INTEGER NOT NULL",
        "blocks INTEGER NOT NULL",
        "depth INTEGER NOT NULL",
        "layer INTEGER",
        "mount INTEGER",
    ),
    "consistency_group": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "name TEXT NOT NULL UNIQUE",
        "description TEXT NOT NULL",
        "auto_delete INTEGER NOT NULL",
    ),
    "member": (
        "lun INTEGER PRIMARY KEY",
        "consistency_group INTEGER NOT NULL",
    ),
    "migration": (
        "source INTEGER PRIMARY KEY",
        "dest INTEGER NOT NULL UNIQUE",
        "rate TEXT NOT NULL",
        "started REAL NOT NULL",
        "synced_at REAL NOT NULL",
        "ends_at REAL NOT NULL",
        "shown_at REAL NOT NULL",
        "state TEXT NOT NULL",
        "percent INTEGER NOT NULL",
    ),
    "storage_group": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "name TEXT NOT NULL UNIQUE",
        "uid TEXT NOT NULL",
        "special INTEGER NOT NULL",
    ),
    "mapping": (
        "storage_group INTEGER NOT NULL",
        "hlu INTEGER NOT NULL",
        "lun INTEGER NOT NULL",
    ),
    "host": (
        "name TEXT PRIMARY KEY",
        "storage_group INTEGER",
    ),
    "initiator": (
        "uid TEXT NOT NULL",
        "sp TEXT NOT NULL",
        "port INTEGER NOT NULL",
        "vport INTEGER NOT NULL",
        "host TEXT NOT NULL",
        "ip TEXT",
    ),
    "port": (
        "sp TEXT NOT NULL",
        "number INTEGER NOT NULL",
        "kind TEXT NOT NULL",
        "wwn TEXT NOT NULL",
        "mac TEXT NOT NULL",
        "speed TEXT NOT NULL",
        "mtu INTEGER NOT NULL",
    ),
    "virtual_port": (
        "sp TEXT NOT NULL",
        "port INTEGER NOT NULL",
        "number INTEGER NOT NULL",
        "vlan INTEGER",
        "address TEXT NOT NULL",
        "mask TEXT NOT NULL",
        "gateway TEXT NOT NULL",
    ),
    "account": (
        "name TEXT NOT NULL",
        "scope TEXT NOT NULL",
        "password TEXT NOT NULL",
        "role TEXT NOT NULL",
        "kind TEXT NOT NULL",
    ),
    "setting": (
        "name TEXT PRIMARY KEY",
        "value TEXT NOT NULL",
    ),
}

HOUSEKEEPING = """
CREATE TABLE poll (time REAL NOT NULL);
INSERT INTO poll VALUES (0);
CREATE TABLE undo (id INTEGER PRIMARY KEY, statement TEXT NOT NULL);
CREATE TABLE layer (id INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER, file INTEGER NOT NULL);
CREATE INDEX layer_by_parent ON layer (parent);
CREATE TABLE file (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE trash (path TEXT PRIMARY KEY);
CREATE TABLE fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, args TEXT NOT NULL, match TEXT NOT NULL,
    skip INTEGER NOT NULL, times INTEGER, until REAL
);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, time REAL NOT NULL, seconds REAL NOT NULL, argv TEXT NOT NULL, sp TEXT, np INTEGER NOT NULL,
    status INTEGER, caller TEXT NOT NULL, pid INTEGER NOT NULL, effect TEXT NOT NULL, answer TEXT NOT NULL,
    fault TEXT NOT NULL
);
CREATE UNIQUE INDEX mapping_by_hlu ON mapping (storage_group, hlu);
CREATE UNIQUE INDEX mapping_by_lun ON mapping (storage_group, lun);
CREATE INDEX mapping_of_lun ON mapping (lun);
CREATE INDEX lun_by_primary ON lun (primary_id) WHERE primary_id IS NOT NULL;
CREATE INDEX image_by_snapshot ON image (snapshot);
CREATE INDEX image_by_primary ON image (primary_id);
CREATE INDEX image_by_mount ON image (mount) WHERE mount IS NOT NULL;
CREATE INDEX image_by_layer ON image (layer);
CREATE INDEX lun_by_top ON lun (top);
"""


def statements() -> str:
    """Write the script that makes an empty state."""
    tables = [f"CREATE TABLE {name} ({', '.join(columns)});" for name, columns in ARRAY_TABLES.items()]
    triggers = [trigger for name, columns in ARRAY_TABLES.items() for trigger in _undo_triggers(name, columns)]
    return "\n".join([*tables, HOUSEKEEPING, *triggers])


def _undo_triggers(table: str, declarations: tuple[str, ...]) -> tuple[str, str, str]:
    columns = [declaration.split()[0] for declaration in declarations]
    assignments = "||','||".join(f"'{column}='||quote(old.{column})" for column in columns)
    values = "||','||".join(f"quote(old.{column})" for column in columns)
    listed = ", ".join(columns)
    return (
        _trigger(table, "INSERT", f"'DELETE FROM {table} WHERE rowid='||new.rowid"),  # noqa: S608 - see _trigger
        _trigger(table, "UPDATE", f"'UPDATE {table} SET '||{assignments}||' WHERE rowid='||old.rowid"),  # noqa: S608 - see _trigger
        _trigger(table, "DELETE", f"'INSERT INTO {table} (rowid, {listed}) VALUES ('||old.rowid||','||{values}||')'"),  # noqa: S608 - see _trigger
    )


def _trigger(table: str, event: str, statement: str) -> str:
    """Write the trigger that notes, after an event, the statement that takes it back."""
    noted = f"INSERT INTO undo (statement) VALUES ({statement})"  # noqa: S608 - every word is this module's own
    return f"CREATE TRIGGER {table}_{event.lower()} AFTER {event} ON {table} BEGIN {noted}; END;"
