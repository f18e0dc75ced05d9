"""A host that opens the volumes of each array in that array's own way."""

from collections.abc import Mapping
from dataclasses import dataclass

from vnx_jobs.model.hosts import Connection
from vnx_jobs.ports.hosts import Device, HostAttach, HostError


@dataclass(frozen=True, slots=True)
class HostByArray:
    """Implements HostAttach by others, one for each array."""

    ways: Mapping[str, HostAttach]

    def attach(self, connection: Connection) -> Device:
        """Make the volume of a connection a device of this host."""
        return self._way(connection).attach(connection)

    def detach(self, connection: Connection) -> None:
        """Let go of it."""
        self._way(connection).detach(connection)

    def _way(self, connection: Connection) -> HostAttach:
        if connection.array not in self.ways:
            known = ", ".join(sorted(self.ways)) or "none"
            raise HostError(f"this backup host does not reach {connection.array}, but these arrays: {known}")
        return self.ways[connection.array]
