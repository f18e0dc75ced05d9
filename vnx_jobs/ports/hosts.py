"""The host's port: what an orchestrator needs done on the machine that opens a volume."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from vnx_jobs.model.access import AccessMode
from vnx_jobs.model.hosts import Connection


class HostError(Exception):
    """A host could not do what was asked of it; one line says why. Nothing was left half opened."""


@dataclass(frozen=True, slots=True)
class Device:
    """A volume as its host sees it."""

    path: Path
    mode: AccessMode
    identity: tuple[str, ...] = ()
    """A command whose first line is its WWN; empty if the kernel knows it."""

    def open(self) -> BinaryIO:
        """Open the device, unbuffered: for reading alone if its mode is `ro`. Raises OSError."""
        return self.path.open("rb" if self.mode == "ro" else "r+b", buffering=0)


class HostAttach(Protocol):
    """Opens and closes volumes on one host. Sends no array command: the array was told before."""

    def attach(self, connection: Connection) -> Device:
        """Make the volume of a connection a device of this host, and prove that it is that volume by its WWN.

        With mode `ro` the device is set read-only, and that is checked before it is returned. Idempotent: a second
        call with the same connection returns the same device. Raises HostError.
        """
        ...

    def detach(self, connection: Connection) -> None:
        """Write out what is still on its way to the device, and let go of it. Idempotent. Raises HostError.

        It must come before the array is told to show the volume no longer.
        """
        ...
