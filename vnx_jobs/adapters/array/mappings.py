"""The port onto a real VNX: storage groups, initiators and front-end ports."""

from typing import Final

from vnx_jobs.model.array import StorageGroup, StorageProcessor
from vnx_jobs.model.hosts import FrontPort

from . import groups_listings as listings
from .mappings_words import fibre_port_fields, portal_fields
from .speaker import Speaker
from .storops_cli import Fields
from .verdicts import Listing

_GROUP: Final = Listing(
    "Storage Group Name:",
    "Error: storagegroup command failed The group name or UID does not match any storage groups for this array",
)
_FIBRE: Final = Listing("Total number of initiators:", "", may_be_empty=True)
_ISCSI: Final = Listing("SP:", "Request failed. Specified port not found.", may_be_empty=True)


class MappingSpeaker(Speaker):
    """Keeps the contracts of `vnx_jobs.ports.mappings.MappingArray`."""

    __slots__ = ()

    def storage_group(self, name: str) -> StorageGroup | None:
        """Read one storage group; an answer about another one is none."""
        return self._one(
            self.commands.storage_group(name), _GROUP, listings.storage_groups, lambda group: group.name == name
        )

    def fibre_ports(self) -> tuple[FrontPort, ...]:
        """List every Fibre Channel port."""
        text = self.runner.read(self.commands.fibre_ports(), _FIBRE)
        return tuple(map(_fibre_port, fibre_port_fields(text or "")))

    def iscsi_portals(self) -> tuple[FrontPort, ...]:
        """List every address of every iSCSI port."""
        text = self.runner.read(self.commands.iscsi_portals(), _ISCSI)
        return tuple(map(_portal, portal_fields(text or "")))

    def map_lun(self, group: str, hlu: int, lun: int) -> None:
        """Show a LUN."""
        self.runner.change(self.commands.map_lun(group, hlu, lun))

    def unmap_lun(self, group: str, hlu: int) -> None:
        """Show it no longer."""
        self.runner.change(self.commands.unmap_lun(group, hlu))

    def create_storage_group(self, name: str) -> None:
        """Create a storage group."""
        self.runner.change(self.commands.create_storage_group(name))

    def destroy_storage_group(self, name: str) -> None:
        """Destroy a storage group."""
        self.runner.change(self.commands.destroy_storage_group(name))

    def connect_host(self, group: str, host: str) -> None:
        """Connect a host."""
        self.runner.change(self.commands.connect_host(group, host))

    def set_path(self, group: str, host: str, initiator: str, port: FrontPort) -> None:
        """Register an initiator."""
        self.runner.change(self.commands.set_path(group, host, initiator, port))

    def remove_initiator(self, initiator: str) -> None:
        """Forget an initiator."""
        self.runner.change(self.commands.remove_initiator(initiator))


def _fibre_port(fields: Fields) -> FrontPort:
    return FrontPort(_sp(fields), int(fields["number"] or 0), fields["uid"] or "")


def _portal(fields: Fields) -> FrontPort:
    return FrontPort(
        _sp(fields),
        int(fields["number"] or 0),
        fields["uid"] or "",
        int(fields["vport"] or 0),
        fields["address"],
    )


def _sp(fields: Fields) -> StorageProcessor:
    return "A" if (fields["sp"] or "").endswith("A") else "B"
