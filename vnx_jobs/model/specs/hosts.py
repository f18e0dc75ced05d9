"""Specs of attachments: volumes that hosts see."""

import re
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.lists import ListKind
from vnx_jobs.model.things import thing

from .fields import JobSpec, Name, VolumeNames, different, divided

_WWNS: Final = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){15}")
_ISCSI: Final = re.compile(r"iqn\.\d{4}-\d{2}\.[a-z0-9.-]+(:[a-z0-9.:_-]+)?|eui\.[0-9a-f]{16}")
_PORT: Final = re.compile(r"[AB]-\d{1,3}(-\d{1,3})?")
_LONGEST: Final = 223
"""Characters of an iSCSI name, by its standard."""


def _checked_initiator(initiator: str) -> str:
    name, wwns = initiator.lower(), initiator.upper()
    if _ISCSI.fullmatch(name) and len(name) <= _LONGEST:
        return name
    if _WWNS.fullmatch(wwns):
        return wwns
    raise ValueError("must be an iSCSI name, or WWNs of node and port: 16 pairs of hexadecimal digits, with colons")


def _checked_port(port: str) -> str:
    if not _PORT.fullmatch(port.upper()):
        raise ValueError("must name a front-end port as A-0, or with its virtual port as A-4-0")
    return port.upper()


Initiators: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(_checked_initiator)], ...],
    BeforeValidator(divided),
    AfterValidator(different),
    Field(max_length=8),
]
Ports: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(_checked_port)], ...],
    BeforeValidator(divided),
    AfterValidator(different),
    Field(max_length=16),
]


class _OnHost(JobSpec):
    volumes: VolumeNames
    """One or several, as a list or divided by commas: all of them or none."""
    host: Name
    """The host, by its name on the array."""

    @property
    def name(self) -> str:
        """The volumes, for people."""
        return ", ".join(self.volumes)

    @property
    def needs(self) -> tuple[str, ...]:
        """The volumes."""
        return tuple(thing("volume", name) for name in self.volumes)

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The storage groups, by which it is known what the host sees."""
        return ("storage-groups",)


class AttachVolume(_OnHost):
    """Let a host see volumes."""

    operation: Literal["attach-volume"] = "attach-volume"
    mode: AccessMode | None = None
    """`ro` or `rw`; what the volume is marked as if not given. A read-only volume is never attached `rw`."""
    initiators: Initiators = ()
    """The host's initiators, which are registered if the array does not know them: a storage group is made for it."""
    ports: Ports = ()
    """The front-end ports to register them on; the first four of each SP that are of their kind if not given."""

    @property
    def lists(self) -> tuple[ListKind, ...]:
        """The storage groups, and to register initiators the ports too."""
        return ("storage-groups", "ports") if self.initiators else ("storage-groups",)

    @model_validator(mode="after")
    def _ports_are_for_initiators(self) -> Self:
        if self.ports and not self.initiators:
            raise ValueError("ports say where initiators are registered: name these too")
        return self


class DetachVolume(_OnHost):
    """Let a host see volumes no longer; close them on the host before."""

    operation: Literal["detach-volume"] = "detach-volume"


HostSpec: TypeAlias = AttachVolume | DetachVolume
SPECS: Final = (AttachVolume, DetachVolume)
