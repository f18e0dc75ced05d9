"""The in-memory twin of the array port for storage groups, initiators and front-end ports."""

from typing import Final

from vnx_jobs.model.array import Initiator, StorageGroup
from vnx_jobs.model.hosts import FrontPort

from . import mappings_rules as rules
from .commands import MemoryCommands

_NODE: Final = "50:06:01:60:BB:A0:2E:11"
_FIBRE: Final = (
    FrontPort("A", 0, f"{_NODE}:50:06:01:60:3B:A0:2E:11"),
    FrontPort("A", 1, f"{_NODE}:50:06:01:61:3B:A0:2E:11"),
    FrontPort("B", 0, f"{_NODE}:50:06:01:68:3B:A0:2E:11"),
    FrontPort("B", 1, f"{_NODE}:50:06:01:69:3B:A0:2E:11"),
)
_PORTALS: Final = (
    FrontPort("A", 4, "iqn.1992-04.com.emc:cx.apm00000000001.a4", 0, "10.0.4.1"),
    FrontPort("B", 4, "iqn.1992-04.com.emc:cx.apm00000000001.b4", 0, "10.0.4.2"),
)
"""The ports that every in-memory array has."""


class MemoryMappings(MemoryCommands):
    """Keeps the contracts of `vnx_jobs.ports.mappings.MappingArray`."""

    def storage_group(self, name: str) -> StorageGroup | None:
        """Read one storage group."""
        return self._read("storage_group", (name,), lambda world, _: world.storage_groups.get(name))

    def fibre_ports(self) -> tuple[FrontPort, ...]:
        """List every Fibre Channel port."""
        return self._read("fibre_ports", (), lambda _world, _now: _FIBRE)

    def iscsi_portals(self) -> tuple[FrontPort, ...]:
        """List every address of every iSCSI port."""
        return self._read("iscsi_portals", (), lambda _world, _now: _PORTALS)

    def map_lun(self, group: str, hlu: int, lun: int) -> None:
        """Show a LUN."""
        self._change("map_lun", (group, hlu, lun), lambda world, _: rules.map_lun(world, group, hlu, lun))

    def unmap_lun(self, group: str, hlu: int) -> None:
        """Show it no longer."""
        self._change("unmap_lun", (group, hlu), lambda world, _: rules.unmap_lun(world, group, hlu))

    def create_storage_group(self, name: str) -> None:
        """Create a storage group."""
        self._change("create_storage_group", (name,), lambda world, _: rules.create(world, name))

    def destroy_storage_group(self, name: str) -> None:
        """Destroy a storage group."""
        self._change("destroy_storage_group", (name,), lambda world, _: rules.destroy(world, name))

    def connect_host(self, group: str, host: str) -> None:
        """Connect a host."""
        self._change("connect_host", (group, host), lambda world, _: rules.connect_host(world, group, host))

    def disconnect_host(self, group: str, host: str) -> None:
        """Disconnect a host."""
        self._change("disconnect_host", (group, host), lambda world, _: rules.disconnect_host(world, group, host))

    def set_path(self, group: str, host: str, initiator: str, port: FrontPort) -> None:
        """Register an initiator; the address of an iSCSI initiator is known when it logs in."""
        path = Initiator(initiator, host, port.sp, port.number, None)
        words = (group, host, initiator, port.name)
        self._change("set_path", words, lambda world, _: rules.set_path(world, group, path))

    def remove_initiator(self, initiator: str) -> None:
        """Forget an initiator."""
        self._change("remove_initiator", (initiator,), lambda world, _: rules.remove_initiator(world, initiator))
