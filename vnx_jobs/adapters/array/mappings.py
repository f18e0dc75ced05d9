"""The port onto a real VNX: storage groups, initiators and front-end ports."""

from collections.abc import Callable
from typing import Final

from vnx_jobs.model.array import StorageGroup, StorageProcessor
from vnx_jobs.model.errors import ArrayError, Verdict
from vnx_jobs.model.hosts import FrontPort

from . import groups_listings as listings
from .listings import ListingError
from .mappings_words import fibre_port_fields, portal_fields
from .speaker import Speaker
from .storops_cli import Fields, Words
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
        return self._ports(self.commands.fibre_ports(), _FIBRE, fibre_ports)

    def iscsi_portals(self) -> tuple[FrontPort, ...]:
        """List every address of every iSCSI port."""
        return self._ports(self.commands.iscsi_portals(), _ISCSI, iscsi_portals)

    def _ports(
        self, words: Words, listing: Listing, read: Callable[[str], tuple[FrontPort, ...]]
    ) -> tuple[FrontPort, ...]:
        """Read a listing in which there may be no port of the kind."""
        text = self.runner.read(words, listing)
        try:
            return read(text or "")
        except ListingError as error:
            raise ArrayError(Verdict.NO_ANSWER, str(error)) from error

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

    def disconnect_host(self, group: str, host: str) -> None:
        """Disconnect a host."""
        self.runner.change(self.commands.disconnect_host(group, host))

    def set_path(self, group: str, host: str, initiator: str, port: FrontPort) -> None:
        """Register an initiator."""
        self.runner.change(self.commands.set_path(group, host, initiator, port))

    def remove_initiator(self, initiator: str) -> None:
        """Forget an initiator."""
        self.runner.change(self.commands.remove_initiator(initiator))


def fibre_ports(text: str) -> tuple[FrontPort, ...]:
    """Read the answer of `port -list -sp -all`. Raises ListingError."""
    return tuple(
        FrontPort(_sp(fields), _number(fields, "number"), _text(fields, "uid")) for fields in fibre_port_fields(text)
    )


def iscsi_portals(text: str) -> tuple[FrontPort, ...]:
    """Read the answer of `connection -getport -all`. Raises ListingError."""
    return tuple(
        FrontPort(
            _sp(fields),
            _number(fields, "number"),
            _text(fields, "uid"),
            _number(fields, "vport"),
            _text(fields, "address"),
        )
        for fields in portal_fields(text)
    )


def _sp(fields: Fields) -> StorageProcessor:
    name = _text(fields, "sp").removeprefix("SP ")
    if name not in {"A", "B"}:
        raise ListingError(f"the listing of ports names an SP {name!r}")
    return "A" if name == "A" else "B"


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    if not value:
        raise ListingError(f"the listing of ports is not whole: it has no {key} of a port")
    return value


def _number(fields: Fields, key: str) -> int:
    text = _text(fields, key)
    if not text.isdecimal():
        raise ListingError(f"{key} of a port is not a number: {text!r}")
    return int(text)
