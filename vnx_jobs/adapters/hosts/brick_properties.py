"""What os-brick's connectors are told of a volume, made from its connection information alone."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vnx_jobs.model.hosts import HLUS, Connection
from vnx_jobs.ports.hosts import HostError

_PORT: Final = 3260
"""Where iSCSI portals listen, if nothing else is said."""
_WWPN: Final = re.compile(r"[0-9a-f]{16}")
_WWN: Final = re.compile(r"[0-9a-f]{32}")
_IQN: Final = re.compile(r"(iqn|eui)\.[A-Za-z0-9.:_-]+")


@dataclass(frozen=True, slots=True)
class Way:
    """How a host reaches a volume."""

    protocol: Literal["FIBRE_CHANNEL", "ISCSI"]
    """As os-brick's factory calls it."""
    targets: tuple[str, ...]
    """The array's ports: WWNs as 16 digits, or IQNs."""
    properties: Mapping[str, object]


def way(connection: Connection, *, multipath: bool) -> Way:
    """Return how a volume is reached, by Fibre Channel if its host is registered on such ports, else by iSCSI.

    Fibre Channel first: its paths are there without logging in, and an array's vendor wants no host to use both for
    one volume. Every word is looked at, for os-brick makes paths and, of WWNs, a command line of them.
    Raises HostError for a connection that names no port, or anything that is not what it should be.
    """
    if not _WWN.fullmatch(connection.wwn) or connection.hlu not in HLUS:
        raise HostError(f"{connection.volume}: {connection.uid!r} under number {connection.hlu} is no volume's")
    if connection.fibre:
        return _fibre(connection, multipath)
    if connection.iscsi:
        return _iscsi(connection, multipath)
    raise HostError(f"{connection.host} is registered on no port of {connection.array}: no path to {connection.volume}")


def _fibre(connection: Connection, multipath: bool) -> Way:  # noqa: FBT001 -- private, named by its only caller
    ports = tuple(one.replace(":", "").lower() for one in connection.fibre)
    if strange := [one for one in ports if not _WWPN.fullmatch(one)]:
        raise HostError(f"{strange[0]!r} is no WWN of a port of {connection.array}")
    told = {"target_discovered": True, "target_wwn": list(ports), "target_lun": connection.hlu}
    return Way("FIBRE_CHANNEL", ports, told | _common(connection, multipath))


def _iscsi(connection: Connection, multipath: bool) -> Way:  # noqa: FBT001 -- private, named by its only caller
    pairs = [one.partition(",") for one in connection.iscsi]
    portals = [_portal(address) for address, _, _ in pairs]
    iqns = [iqn for _, _, iqn in pairs]
    if strange := [one for one in iqns if not _IQN.fullmatch(one)]:
        raise HostError(f"{strange[0]!r} is no iSCSI name of a port of {connection.array}")
    told = {
        "target_discovered": True,
        "target_portal": portals[0],
        "target_iqn": iqns[0],
        "target_lun": connection.hlu,
        "target_portals": portals,
        "target_iqns": iqns,
        "target_luns": [connection.hlu] * len(pairs),
    }
    return Way("ISCSI", tuple(iqns), told | _common(connection, multipath))


def _common(connection: Connection, multipath: bool) -> dict[str, object]:  # noqa: FBT001 -- as above
    return {"access_mode": connection.mode, "volume_id": connection.wwn, "enforce_multipath": multipath}


def _portal(text: str) -> str:
    """Return a portal as iscsiadm lists it: with its port, and an IPv6 address in brackets."""
    address, port = text, str(_PORT)
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        raise HostError(f"{text!r} is no address of an iSCSI portal") from None
    if not port.isdecimal():
        raise HostError(f"{text!r} is no address of an iSCSI portal")
    return f"[{known}]:{port}" if known.version == 6 else f"{known}:{port}"  # noqa: PLR2004 -- the versions' names
