"""Copying one device onto another, and comparing them before it counts as done."""

from dataclasses import dataclass

from vnx_jobs.model.hosts import Connection
from vnx_jobs.model.transfer import Copier, Moved, Transfer
from vnx_jobs.ports.hosts import Device
from vnx_jobs.ports.mover import Devices, Source, Target

from .failures import ContentError
from .moving import end_left
from .watching import Watcher

_PARTS = 2
"""The bytes go by twice: they are copied, and what was written is read back."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One transfer from device to device. All methods raise MoverError, ContentError and Interrupted."""

    transfer: Transfer
    devices: Devices
    watcher: Watcher
    rate: int | None

    def end(self, before: Copier, machine: str) -> None:
        """End what a copier left that is dead, as far as it was on this machine."""
        end_left(before, machine, self.devices.end)

    def copy(self, source: Device, target: Device) -> Moved:
        """Copy all bytes, and read them back from where they went.

        The target was made for this. What a copier that died wrote there was of the same bytes, which nobody changes:
        zeros need not be written, however often it is begun anew.
        """
        size, wwn = self.transfer.label.size, _wwn(self.transfer.onto)
        read = Source(source.path, size, _wwn(self.transfer.connection), source.identity, self.rate)
        onto = Target(target.path, size, new=True, wwn=wwn, identity=target.identity)
        copied = self.watcher.see_through(self.devices.copy(read, onto), size, parts=_PARTS)
        back = self.devices.read(Source(target.path, size, wwn, target.identity, self.rate))
        passed = self.watcher.see_through(back, size, 1, _PARTS)
        if (passed.size, passed.digest) != (copied.size, copied.digest) or copied.size != size:
            raise ContentError(f"the new LUN holds {passed.digest} by now, and the snap copy gave {copied.digest}")
        return Moved(size, digest=copied.digest)


def _wwn(connection: Connection | None) -> str:
    return "" if connection is None else connection.wwn
