"""The array's port for hosts: storage groups, what they show, initiators, and the ports that hosts log in at."""

from typing import Protocol

from vnx_jobs.model.array import StorageGroup
from vnx_jobs.model.hosts import FrontPort


class MappingArray(Protocol):
    """What an array is asked and told of its hosts."""

    def storage_group(self, name: str) -> StorageGroup | None:
        """Read one storage group, or None if the array says there is none."""
        ...

    def fibre_ports(self) -> tuple[FrontPort, ...]:
        """List every Fibre Channel port; an array without one lists none."""
        ...

    def iscsi_portals(self) -> tuple[FrontPort, ...]:
        """List every address of every iSCSI port; an array without one lists none."""
        ...

    def map_lun(self, group: str, hlu: int, lun: int) -> None:
        """Show a LUN to a group's hosts. ALREADY: the group shows it, or something else under this number."""
        ...

    def unmap_lun(self, group: str, hlu: int) -> None:
        """Show what is under a number no longer. ALREADY: nothing is under it."""
        ...

    def create_storage_group(self, name: str) -> None:
        """Create an empty storage group. ALREADY: the name is in use."""
        ...

    def destroy_storage_group(self, name: str) -> None:
        """Destroy a storage group without hosts; what it shows is shown no longer. ALREADY: there is none."""
        ...

    def connect_host(self, group: str, host: str) -> None:
        """Let a host that the array knows see a group; it leaves the one that it saw before. Idempotent."""
        ...

    def disconnect_host(self, group: str, host: str) -> None:
        """Let a host see a group no longer; it stays known, with its initiators. ALREADY: it does not see the group."""
        ...

    def set_path(self, group: str, host: str, initiator: str, port: FrontPort) -> None:
        """Register an initiator (WWNs or IQN) of a host at a port, and let the host see the group. Idempotent.

        ALREADY: the initiator is another host's.
        """
        ...

    def remove_initiator(self, initiator: str) -> None:
        """Forget an initiator on all its ports, and its host with its last one. Idempotent."""
        ...
