"""Front-end ports and the addresses on them."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.records import Port, VirtualPort

OCTETS = 4


def every(array: Array, sp: str | None = None, number: int | None = None) -> list[Port]:
    """Return the ports, of an SP or of a number if one is named."""
    rows = array.db.execute(
        "SELECT * FROM port WHERE (?1 IS NULL OR sp = ?1) AND (?2 IS NULL OR number = ?2) ORDER BY sp, number",
        (sp, number),
    )
    return [Port(*row) for row in rows]


def named(array: Array, sp: str, number: int) -> Port:
    """Return one port. Raises PORT_MISSING."""
    found = every(array, sp, number)
    if not found:
        raise Refused(errors.PORT_MISSING)
    return found[0]


def virtual(array: Array, port: Port) -> list[VirtualPort]:
    """Return a port's addresses."""
    rows = array.db.execute(
        "SELECT * FROM virtual_port WHERE sp = ? AND port = ? ORDER BY number", (port.sp, port.number)
    )
    return [VirtualPort(*row) for row in rows]


def has_virtual(array: Array, port: Port, number: int) -> bool:
    """Say whether a port has a virtual port of that number; an FCoE port has number 0 only, and no address on it."""
    return (port.kind == "FCoE" and number == 0) or any(each.number == number for each in virtual(array, port))


def is_initialized(array: Array, port: Port, vport: int) -> bool:
    """Say whether a port takes initiators: any FC port, and an iSCSI port that has that address."""
    if array.faults.of("port-uninitialized", port.sp, str(port.number)):
        return False
    return port.kind == "FC" or has_virtual(array, port, vport)


def set_address(  # noqa: PLR0913 - each is an option of `connection -setport`
    array: Array, port: Port, *, number: int, vlan: int | None, address: str, mask: str, gateway: str
) -> None:
    """Give a virtual port its address. Raises BAD_ADDRESS, BAD_GATEWAY."""
    if None in (_octets(address), _octets(mask), _octets(gateway)):
        raise Refused(errors.BAD_ADDRESS)
    if array.one(
        "SELECT 1 FROM virtual_port WHERE address = ? AND NOT (sp = ? AND port = ? AND number = ?)",
        address,
        port.sp,
        port.number,
        number,
    ):
        raise Refused(errors.BAD_ADDRESS)
    if gateway != "0.0.0.0" and _network(address, mask) != _network(gateway, mask):  # noqa: S104 - no gateway, as listed
        raise Refused(errors.BAD_GATEWAY)
    remove_address(array, port, number, must=False)
    array.db.execute(
        "INSERT INTO virtual_port VALUES (?, ?, ?, ?, ?, ?, ?)",
        (port.sp, port.number, number, vlan, address, mask, gateway),
    )


def remove_address(array: Array, port: Port, number: int, *, must: bool = True) -> None:
    """Take a virtual port's address away. Raises VIRTUAL_PORT_MISSING."""
    gone = array.db.execute(
        "DELETE FROM virtual_port WHERE sp = ? AND port = ? AND number = ?", (port.sp, port.number, number)
    )
    if must and not gone.rowcount:
        raise Refused(errors.VIRTUAL_PORT_MISSING)


def reaches(array: Array, port: Port, number: int, address: str) -> bool:
    """Say whether a ping gets through: to any address on the port's own subnet."""
    return any(
        each.number == number and _octets(address) and _network(each.address, each.mask) == _network(address, each.mask)
        for each in virtual(array, port)
    )


def _octets(address: str) -> list[int] | None:
    parts = address.split(".")
    if len(parts) != OCTETS or not all(part.isdecimal() and int(part) <= 255 for part in parts):  # noqa: PLR2004 - one byte
        return None
    return [int(part) for part in parts]


def _network(address: str, mask: str) -> list[int]:
    return [octet & masked for octet, masked in zip(_octets(address) or [], _octets(mask) or [], strict=False)]
