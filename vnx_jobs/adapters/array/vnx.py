"""The array port onto a real VNX, or onto a simulated one: nothing here knows the difference."""

from dataclasses import replace
from typing import Final

from vnx_jobs.model.array import Layout, Lun, Pool, Session, Snapshot
from vnx_jobs.model.keeping import FOR_GOOD, Keeping
from vnx_jobs.ports import CommandSlots
from vnx_jobs.settings import ArraySettings

from . import listings
from .groups import GroupSpeaker
from .mappings import MappingSpeaker
from .runner import Runner
from .snapshots import SnapshotSpeaker
from .sps import StorageProcessors
from .verdicts import Listing
from .volumes import VolumeSpeaker
from .words import Commands

_NO_LUN: Final = "Could not retrieve the specified (pool lun). The (pool lun) may not exist"
_NO_SNAPSHOT: Final = "Could not retrieve the specified (Snapshot). The (Snapshot) may not exist"
_NO_POOL: Final = "Could not retrieve the specified (Storagepool). The (Storagepool) may not exist"
_LUN: Final = Listing("LOGICAL UNIT NUMBER", _NO_LUN)
_LUNS: Final = replace(_LUN, may_be_empty=True)
_SNAPSHOT: Final = Listing("Name:", _NO_SNAPSHOT)
_SNAPSHOTS: Final = replace(_SNAPSHOT, may_be_empty=True)
_SESSIONS: Final = Listing("Source LU Name:", "No current migrations exist.")
_POOLS: Final = Listing("Pool Name:", _NO_POOL, may_be_empty=True)


def vnx_array(name: str, settings: ArraySettings, slots: CommandSlots) -> "VnxArray":
    """Make the port onto the array of that name in the settings. Make one a process: it remembers which SP answers.

    Sends nothing and starts nothing. Costs one import of storops (about half a second of CPU) a process.
    """
    addresses = {"a": settings.spa} | ({"b": settings.spb} if settings.spb else {})
    sps = StorageProcessors(addresses, settings.pace.down_time)
    return VnxArray(Runner(name, settings, slots, sps), Commands())


class VnxArray(SnapshotSpeaker, GroupSpeaker, VolumeSpeaker, MappingSpeaker):
    """Keeps the contracts of `vnx_jobs.ports.Array`; each method is one array command, sent by the runner."""

    __slots__ = ()

    def luns(self) -> tuple[Lun, ...]:
        """List every pool LUN and mount point."""
        return self._list(self.commands.luns(), _LUNS, listings.luns)

    def lun(self, number: int) -> Lun | None:
        """Read one LUN by number; an answer about another LUN is none."""
        return self._one(self.commands.lun(number), _LUN, listings.luns, lambda lun: lun.number == number)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """List every snapshot; that of a consistency group stands once, for all its primary LUNs."""
        return self._list(self.commands.snapshots(), _SNAPSHOTS, listings.snapshots)

    def snapshot(self, name: str) -> Snapshot | None:
        """Read one snapshot by name; an answer about another snapshot is none."""
        return self._one(
            self.commands.snapshot(name), _SNAPSHOT, listings.snapshots, lambda snapshot: snapshot.name == name
        )

    def sessions(self) -> tuple[Session, ...]:
        """List every migration session."""
        return self._list(self.commands.sessions(), _SESSIONS, listings.sessions)

    def pools(self) -> tuple[Pool, ...]:
        """List every storage pool."""
        return self._list(self.commands.pools(), _POOLS, listings.pools)

    def create_lun(self, number: int, name: str, size_gb: int, pool: str, layout: Layout) -> None:
        """Create a LUN."""
        self.runner.change(self.commands.create_lun(number, name, size_gb, pool, layout))

    def create_mount_point(self, number: int, name: str, primary: int) -> None:
        """Create a mount point."""
        self.runner.change(self.commands.create_mount_point(number, name, primary))

    def destroy_lun(self, number: int) -> None:
        """Destroy a LUN."""
        self.runner.change(self.commands.destroy_lun(number))

    def destroy_mount_point(self, number: int) -> None:
        """Destroy a mount point."""
        self.runner.change(self.commands.destroy_mount_point(number))

    def create_snapshot(
        self, source: int, name: str, *, writable: bool, description: str = "", keeping: Keeping = FOR_GOOD
    ) -> None:
        """Snapshot a LUN."""
        words = self.commands.create_snapshot(source, name, writable=writable, description=description, keeping=keeping)
        self.runner.change(words)

    def copy_snapshot(self, source: str, name: str) -> None:
        """Copy a snapshot."""
        self.runner.change(self.commands.copy_snapshot(source, name))

    def allow_writes(self, snapshot: str) -> None:
        """Make a snapshot writable."""
        self.runner.change(self.commands.allow_writes(snapshot))

    def destroy_snapshot(self, name: str) -> None:
        """Destroy a snapshot."""
        self.runner.change(self.commands.destroy_snapshot(name))

    def attach_snapshot(self, mount_point: int, snapshot: str) -> None:
        """Attach a snapshot."""
        self.runner.change(self.commands.attach_snapshot(mount_point, snapshot))

    def migrate(self, source: int, destination: int, rate: str) -> None:
        """Start a migration session."""
        self.runner.change(self.commands.migrate(source, destination, rate))

    def cancel_migration(self, source: int) -> None:
        """Cancel a migration session."""
        self.runner.change(self.commands.cancel_migration(source))
