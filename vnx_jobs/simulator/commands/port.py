"""`port` and `connection`."""

from __future__ import annotations

from vnx_jobs.simulator import errors
from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.errors import Refused
from vnx_jobs.simulator.grammar import Args, Command, choice, flag, number, text
from vnx_jobs.simulator.listings import layout
from vnx_jobs.simulator.listings import port as listing
from vnx_jobs.simulator.records import Port
from vnx_jobs.simulator.rules import ports, storage_groups

PORT = (choice("-sp", "a", "b"), number("-portid"), number("-vportid"))


def _list(array: Array, args: Args) -> str:
    del args
    return listing.initiators(array) + "\n\nInformation about each SPPORT:\n\n" + listing.fibre(array)


def _remove_hba(array: Array, args: Args) -> str:
    storage_groups.remove_initiator(array, args.word("-hbauid"))
    return ""


def _sp(args: Args) -> str | None:
    said = args.text("-sp")
    return None if said is None else said.upper()


def _get(array: Array, args: Args) -> str:
    vport = args.number("-vportid")
    found = [port for port in ports.every(array, _sp(args), args.number("-portid")) if port.kind != "FC"]
    if not found:
        raise Refused(errors.PORT_MISSING)
    if vport is not None and not any(ports.has_virtual(array, port, vport) for port in found):
        raise Refused(errors.VIRTUAL_PORT_MISSING)
    return layout.blocks(listing.connection(array, port, vport) for port in found)


def _named(array: Array, args: Args) -> Port:
    port = ports.named(array, _sp(args) or "A", args.count("-portid"))
    if port.kind != "iSCSI":
        raise Refused(errors.PORT_MISSING)
    return port


def _set(array: Array, args: Args) -> str:
    ports.set_address(
        array,
        _named(array, args),
        number=args.count("-vportid"),
        vlan=args.number("-vlanid"),
        address=args.word("-address"),
        mask=args.word("-subnetmask"),
        gateway=args.text("-gateway") or "0.0.0.0",  # noqa: S104 - no gateway, as listed
    )
    return ""


def _delete(array: Array, args: Args) -> str:
    ports.remove_address(array, _named(array, args), args.count("-vportid"))
    return ""


def _ping(array: Array, args: Args) -> str:
    address = args.word("-address")
    if not ports.reaches(array, _named(array, args), args.count("-vportid"), address):
        raise Refused(errors.PING_TIMED_OUT)
    size = args.number("-packetSize") or 32
    return f"Reply from {address}:  bytes={size} time=1ms TTL=30\n" * (args.number("-count") or 4)


COMMANDS = (
    Command(("port", "-list"), _list, (flag("-sp"), flag("-hba"), flag("-all")), reads=True),
    Command(("port", "-removeHBA"), _remove_hba, (text("-hbauid"),), required=("-hbauid",), confirm=True),
    Command(("connection", "-getport"), _get, (*PORT, flag("-all")), reads=True),
    Command(
        ("connection", "-setport"),
        _set,
        (flag("-iscsi"), *PORT, number("-vlanid"), text("-address"), text("-subnetmask"), text("-gateway")),
        required=("-sp", "-portid", "-address", "-subnetmask"),
        confirm=True,
    ),
    Command(("connection", "-delport"), _delete, PORT, required=("-sp", "-portid"), confirm=True),
    Command(
        ("connection", "-pingnode"),
        _ping,
        (*PORT, text("-address"), number("-packetSize"), number("-count"), number("-timeout"), number("-delay")),
        required=("-sp", "-portid", "-address"),
    ),
)
