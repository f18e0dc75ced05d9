"""What hosts and an array tell each other: front-end ports, attachments, and how a host opens a volume."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final, cast

from .access import AccessMode
from .array import StorageProcessor

UNCONNECTED: Final = "~"
"""What the names of the array's own storage groups begin with: hosts that it lists there see no group."""

MAX_PATHS: Final = 4
"""Front-end ports of each SP on which an initiator is registered, unless a request names them."""

HLUS: Final = range(1, 256)
"""Host LUN numbers that are given out; EMC's driver and storops leave out 0 as well."""

CONNECTION: Final = "connection"
"""The fact of a job that holds its connection information, as JSON."""


@dataclass(frozen=True, slots=True)
class FrontPort:
    """A port, or an address of one, at which hosts reach an SP."""

    sp: StorageProcessor
    number: int
    uid: str
    """World wide names of node and port, or an IQN."""
    vport: int = 0
    address: str | None = None
    """The address of an iSCSI portal; None for Fibre Channel."""

    @property
    def name(self) -> str:
        """What it is called, in lists of ports."""
        return f"{self.sp}-{self.number}v{self.vport}{'i' if self.is_iscsi else 'f'}"

    @property
    def is_iscsi(self) -> bool:
        """Whether hosts reach it by iSCSI, else by Fibre Channel."""
        return self.address is not None

    @property
    def place(self) -> str:
        """How people name it: `A-0`, or with its virtual port `A-4-0`."""
        return f"{self.sp}-{self.number}" + (f"-{self.vport}" if self.is_iscsi else "")

    @property
    def target(self) -> str:
        """What a host names to reach it: a port's WWN without its node's, or portal and IQN."""
        return f"{self.address},{self.uid}" if self.address else self.uid[-23:]


def is_iscsi_name(initiator: str) -> bool:
    """Say whether an initiator is one of iSCSI, by its name; else it is known by WWNs."""
    return initiator.startswith(("iqn.", "eui."))


@dataclass(frozen=True, slots=True)
class Attachment:
    """A volume that a job of ours let a storage group's hosts see."""

    group: str
    hlu: int
    mode: AccessMode


@dataclass(frozen=True, slots=True)
class Connection:
    """All that a host must know to open one volume."""

    array: str
    host: str
    volume: str
    uid: str
    """The volume's UID: the host compares it with the device's WWN before it uses the device."""
    hlu: int
    mode: AccessMode
    fibre: tuple[str, ...] = ()
    """WWNs of the array's ports on which the host is registered."""
    iscsi: tuple[str, ...] = ()
    """Portals on which the host is registered, each as `ADDRESS,IQN`."""

    @property
    def wwn(self) -> str:
        """The volume's UID as a host shows it: hexadecimal digits alone."""
        return self.uid.replace(":", "").lower()


def to_json(connections: Iterable[Connection]) -> str:
    """Write connection information as it stands in the record."""
    return json.dumps([asdict(one) for one in connections])


def from_json(text: str) -> tuple[Connection, ...]:
    """Read connection information back."""
    return tuple(
        Connection(**{**one, "fibre": tuple(one["fibre"]), "iscsi": tuple(one["iscsi"])}) for one in json.loads(text)
    )


def connections(facts: Mapping[str, str | int]) -> tuple[Connection, ...]:
    """Return the connection information among a job's facts; none if it attached nothing."""
    return from_json(cast("str", facts[CONNECTION])) if CONNECTION in facts else ()
