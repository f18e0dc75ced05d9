"""Storage groups: which hosts see which LUNs, and under which numbers."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import Initiator, StorageGroup

from . import device_files, identity, luns, ports

LAST_HLU = 4095
LUNS_PER_GROUP = 256
WWN_PARTS = 16


def every(array: Array) -> list[StorageGroup]:
    """Return all groups, the array's own first."""
    return [StorageGroup(*row) for row in array.db.execute("SELECT * FROM storage_group ORDER BY id")]


def named(array: Array, name: str) -> StorageGroup:
    """Return the group of a name. Raises STORAGE_GROUP_MISSING."""
    row = array.db.execute("SELECT * FROM storage_group WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise Refused(errors.STORAGE_GROUP_MISSING)
    return StorageGroup(*row)


def create(array: Array, name: str) -> None:
    """Make an empty group. Raises STORAGE_GROUP_NAME_IN_USE."""
    if array.one("SELECT 1 FROM storage_group WHERE name = ?", name):
        raise Refused(errors.STORAGE_GROUP_NAME_IN_USE)
    array.db.execute("INSERT INTO storage_group (name, uid, special) VALUES (?, ?, 0)", (name, identity.group_uid()))


def destroy(array: Array, group: StorageGroup) -> None:
    """Destroy a group; its LUNs are mapped there no longer.

    Raises STORAGE_GROUP_IS_SPECIAL, STORAGE_GROUP_HAS_HOSTS.
    """
    if group.special:
        raise Refused(errors.STORAGE_GROUP_IS_SPECIAL)
    if array.one("SELECT 1 FROM host WHERE storage_group = ?", group.id):
        raise Refused(errors.STORAGE_GROUP_HAS_HOSTS)
    remove_hlus(array, group, tuple(hlu for hlu, _ in pairs(array, group)))
    array.db.execute("DELETE FROM storage_group WHERE id = ?", (group.id,))


def pairs(array: Array, group: StorageGroup) -> list[tuple[int, int]]:
    """Return a group's host LUN numbers and array LUN numbers."""
    rows = array.db.execute(
        "SELECT hlu, number FROM mapping JOIN lun ON lun.id = lun WHERE storage_group = ? ORDER BY hlu", (group.id,)
    )
    return [(hlu, number) for hlu, number in rows]


def add_hlu(array: Array, group: StorageGroup, hlu: int, alu: int) -> None:
    """Map a LUN. Raises ALU_MISSING, ALU_ALREADY_MAPPED, HLU_IN_USE, GROUP_FULL, ALU_IS_DESTINATION."""
    lun = luns.by_number(array, alu)
    if lun is None:
        raise Refused(errors.ALU_MISSING)
    if array.one("SELECT 1 FROM mapping WHERE storage_group = ? AND lun = ?", group.id, lun.id):
        raise Refused(errors.ALU_ALREADY_MAPPED)
    if array.one("SELECT 1 FROM mapping WHERE storage_group = ? AND hlu = ?", group.id, hlu):
        raise Refused(errors.HLU_IN_USE)
    if array.one("SELECT 1 FROM migration WHERE dest = ?", lun.id):
        raise Refused(errors.ALU_IS_DESTINATION)
    if array.count("SELECT count(*) FROM mapping WHERE storage_group = ?", group.id) >= LUNS_PER_GROUP:
        raise Refused(errors.GROUP_FULL)
    array.db.execute("INSERT INTO mapping VALUES (?, ?, ?)", (group.id, hlu, lun.id))


def remove_hlus(array: Array, group: StorageGroup, hlus: tuple[int, ...]) -> None:
    """Take LUNs out of a group: all or none. Raises HLU_MISSING, which names each number that is not there."""
    present = {hlu for hlu, _ in pairs(array, group)}
    absent = [hlu for hlu in hlus if hlu not in present]
    if absent:
        details = ", ".join(f"LUN {hlu} : No such Host LUN in this Storage Group" for hlu in absent)
        raise Refused(errors.HLU_MISSING, details=details)
    for hlu in hlus:
        (number,) = (number for found, number in pairs(array, group) if found == hlu)
        array.db.execute("DELETE FROM mapping WHERE storage_group = ? AND hlu = ?", (group.id, hlu))
        lun = luns.by_number(array, number)
        if lun is not None and not luns.is_mapped(array, lun):
            device_files.put_away(array, lun)


def connect(array: Array, group: StorageGroup, host: str) -> None:
    """Let a known host see a group; it leaves the one it was in. Raises HOST_UNKNOWN."""
    if array.one("SELECT 1 FROM host WHERE name = ?", host) is None:
        raise Refused(errors.HOST_UNKNOWN)
    array.db.execute("UPDATE host SET storage_group = ? WHERE name = ?", (group.id, host))


def disconnect(array: Array, group: StorageGroup, host: str) -> None:
    """Take a host out of a group. Raises HOST_UNKNOWN, HOST_NOT_CONNECTED."""
    found = array.one("SELECT storage_group FROM host WHERE name = ?", host)
    if found is None:
        raise Refused(errors.HOST_UNKNOWN)
    if found[0] != group.id:
        raise Refused(errors.HOST_NOT_CONNECTED, group=group.name)
    array.db.execute("UPDATE host SET storage_group = NULL WHERE name = ?", (host,))


def initiators(array: Array, group: StorageGroup) -> list[Initiator]:
    """Return the registered paths of a group's hosts; hosts that see no group stand in the array's own."""
    rows = array.db.execute(
        "SELECT initiator.* FROM initiator JOIN host ON host.name = initiator.host "
        "WHERE storage_group = ?1 OR (?2 AND storage_group IS NULL) ORDER BY initiator.rowid",
        (group.id, group.special),
    )
    return [Initiator(*row) for row in rows]


def set_path(  # noqa: PLR0913 - each is an option of `storagegroup -setpath`
    array: Array, group: StorageGroup, *, uid: str, sp: str, port: int, vport: int, ip: str | None, host: str
) -> None:
    """Register an initiator's path, enter its host and put that into the group.

    Raises INITIATOR_BAD_UID, PORT_MISSING, PORT_UNINITIALIZED, INITIATOR_EXISTS.
    """
    if not _is_uid(uid):
        raise Refused(errors.INITIATOR_BAD_UID, uid=uid)
    found = ports.named(array, sp, port)
    if not ports.is_initialized(array, found, vport):
        raise Refused(errors.PORT_UNINITIALIZED, sp=sp)
    known = array.one(
        "SELECT host FROM initiator WHERE uid = ? AND sp = ? AND port = ? AND vport = ?", uid, sp, port, vport
    )
    if known is not None and known[0] != host:
        raise Refused(errors.INITIATOR_EXISTS, sp=sp)
    if known is None:
        array.db.execute("INSERT INTO initiator VALUES (?, ?, ?, ?, ?, ?)", (uid, sp, port, vport, host, ip))
    array.db.execute(
        "INSERT INTO host VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET storage_group = excluded.storage_group",
        (host, group.id),
    )


def _is_uid(uid: str) -> bool:
    """Say whether this is an iSCSI name or a node and port WWN."""
    parts = uid.split(":")
    return uid.startswith(("iqn.", "eui.")) or (len(parts) == WWN_PARTS and all(len(part) == 2 for part in parts))  # noqa: PLR2004 - two digits a byte


def remove_initiator(array: Array, uid: str) -> None:
    """Forget an initiator and, with its last path, its host. An unknown one is forgotten already (recorded)."""
    hosts = [host for (host,) in array.db.execute("SELECT DISTINCT host FROM initiator WHERE uid = ?", (uid,))]
    array.db.execute("DELETE FROM initiator WHERE uid = ?", (uid,))
    for host in hosts:
        array.db.execute(
            "DELETE FROM host WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM initiator WHERE host = ?1)", (host,)
        )
