"""The words of commands on storage groups, initiators and front-end ports, and what is read of ports."""

import re
from typing import Final

from vnx_jobs.model.hosts import FrontPort

from .storops_cli import CommandBuilder, Fields, Words


class MappingCommands(CommandBuilder):
    """The words of commands on storage groups, initiators and front-end ports. Sends nothing."""

    def storage_group(self, name: str) -> Words:
        """List one storage group; the array shows one that way with `-messner` alone."""
        return self._words("get_sg", name=name, engineering=True)

    def fibre_ports(self) -> Words:
        """List the Fibre Channel ports."""
        return self._words("get_sp_port")

    def iscsi_portals(self) -> Words:
        """List the iSCSI ports with their addresses."""
        return self._words("get_connection_port")

    def map_lun(self, group: str, hlu: int, lun: int) -> Words:
        """Show a LUN to a group's hosts."""
        return self._words("sg_add_hlu", group, hlu, lun)

    def unmap_lun(self, group: str, hlu: int) -> Words:
        """Show it no longer."""
        return self._words("sg_delete_hlu", group, hlu)

    def create_storage_group(self, name: str) -> Words:
        """Create a storage group."""
        return self._words("create_sg", name)

    def destroy_storage_group(self, name: str) -> Words:
        """Destroy a storage group."""
        return self._words("delete_sg", name)

    def connect_host(self, group: str, host: str) -> Words:
        """Let a host see a group."""
        return self._words("sg_connect_host", group, host)

    def disconnect_host(self, group: str, host: str) -> Words:
        """Let a host see a group no longer."""
        return self._words("sg_disconnect_host", group, host)

    def set_path(self, group: str, host: str, initiator: str, port: FrontPort) -> Words:
        """Register an initiator at a port; a Fibre Channel port has no virtual ports."""
        vport = port.vport if port.is_iscsi else None
        return self._words("set_path", group, initiator, port.sp, port.number, None, host, vport_id=vport)

    def remove_initiator(self, initiator: str) -> Words:
        """Forget an initiator."""
        return self._words("delete_hba", initiator)


def fibre_port_fields(text: str) -> list[Fields]:
    """Read the answer of `port -list -sp -all`, of which storops takes all ports of an SP for one.

    Its first part counts initiators and names no port; its second one has iSCSI ports as well (recorded).
    """
    blocks = [dict(_LABELLED_PORT.findall(block)) for block in _PORT.split(text)[1:]]
    return [
        {field: block.get(label) for field, label in _FIBRE.items()}
        for block in blocks
        if _WORLD_WIDE_NAMES.fullmatch(block.get("SP UID", ""))
    ]


def portal_fields(text: str) -> list[Fields]:
    """Read the answer of `connection -getport -all`: a port with its addresses below it. A port without one is none."""
    found: list[Fields] = []
    port: dict[str, str] = {}
    for label, value in _LABELLED.findall(text):
        if label == "SP":
            port = {}
        port[_PORTAL[label]] = value
        if label == "IP Address" and value not in {"", "N/A"}:
            found.append(dict(port))
    return found


_PORTAL: Final = {
    "SP": "sp",
    "Port ID": "number",
    "Port WWN": "uid",
    "Virtual Port ID": "vport",
    "IP Address": "address",
}
_LABELLED: Final = re.compile(rf"^({'|'.join(_PORTAL)}):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_FIBRE: Final = {"sp": "SP Name", "number": "SP Port ID", "uid": "SP UID"}
_PORT: Final = re.compile(r"^(?=SP Name:)", re.MULTILINE)
_LABELLED_PORT: Final = re.compile(rf"^({'|'.join(_FIBRE.values())}):[ 	]*(.*?)[ 	]*$", re.MULTILINE)
_WORLD_WIDE_NAMES: Final = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){15}")
