"""Consistency groups: LUNs that are frozen at one instant."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import ConsistencyGroup, Lun

from . import luns


def every(array: Array) -> list[ConsistencyGroup]:
    """Return all groups, oldest first."""
    return [ConsistencyGroup(*row) for row in array.db.execute("SELECT * FROM consistency_group ORDER BY id")]


def named(array: Array, name: str) -> ConsistencyGroup:
    """Return the group of a name. Raises GROUP_MISSING."""
    row = array.db.execute("SELECT * FROM consistency_group WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise Refused(errors.GROUP_MISSING)
    return ConsistencyGroup(*row)


def members(array: Array, group: ConsistencyGroup) -> list[Lun]:
    """Return a group's LUNs. Raises GROUP_EMPTY, since nothing can be frozen of an empty group."""
    rows = array.db.execute(
        "SELECT lun.* FROM lun JOIN member ON member.lun = lun.id WHERE consistency_group = ? ORDER BY number",
        (group.id,),
    ).fetchall()
    if not rows:
        raise Refused(errors.GROUP_EMPTY)
    return [Lun(*row) for row in rows]


def create(array: Array, name: str, description: str, numbers: tuple[int, ...], *, auto_delete: bool) -> None:
    """Make a group of some LUNs, or of none. Raises GROUP_NAME_IN_USE and the refusals of members."""
    if array.one("SELECT 1 FROM consistency_group WHERE name = ?", name):
        raise Refused(errors.GROUP_NAME_IN_USE)
    array.db.execute(
        "INSERT INTO consistency_group (name, description, auto_delete) VALUES (?, ?, ?)",
        (name, description, int(auto_delete)),
    )
    add(array, named(array, name), numbers)


def add(array: Array, group: ConsistencyGroup, numbers: tuple[int, ...]) -> None:
    """Add LUNs to a group: all or none.

    Raises GROUP_NO_LUN, GROUP_MOUNT_POINT, GROUP_COMPRESSED, GROUP_MEMBER_ELSEWHERE.
    """
    for lun in _found(array, numbers):
        if lun.is_mount_point:
            raise Refused(errors.GROUP_MOUNT_POINT)
        if lun.compressed:
            raise Refused(errors.GROUP_COMPRESSED)
        if array.one("SELECT 1 FROM member WHERE lun = ?", lun.id):
            raise Refused(errors.GROUP_MEMBER_ELSEWHERE)
        array.db.execute("INSERT INTO member VALUES (?, ?)", (lun.id, group.id))


def remove(array: Array, group: ConsistencyGroup, numbers: tuple[int, ...]) -> None:
    """Take LUNs out of a group: all or none. Raises GROUP_NO_LUN, GROUP_NOT_A_MEMBER."""
    for lun in _found(array, numbers):
        gone = array.db.execute("DELETE FROM member WHERE lun = ? AND consistency_group = ?", (lun.id, group.id))
        if not gone.rowcount:
            raise Refused(errors.GROUP_NOT_A_MEMBER)


def replace(array: Array, group: ConsistencyGroup, numbers: tuple[int, ...]) -> None:
    """Let a group have these LUNs and no others. Raises the refusals of members."""
    array.db.execute("DELETE FROM member WHERE consistency_group = ?", (group.id,))
    add(array, group, numbers)


def destroy(array: Array, group: ConsistencyGroup) -> None:
    """Destroy a group; its LUNs and snapshots stay."""
    array.db.execute("DELETE FROM member WHERE consistency_group = ?", (group.id,))
    array.db.execute("DELETE FROM consistency_group WHERE id = ?", (group.id,))


def _found(array: Array, numbers: tuple[int, ...]) -> list[Lun]:
    found = [luns.by_number(array, number) for number in numbers]
    if any(lun is None for lun in found):
        raise Refused(errors.GROUP_NO_LUN)
    return [lun for lun in found if lun is not None]
