"""The array's port: what one VNX can be asked and told."""

from contextlib import AbstractContextManager
from typing import Protocol

from vnx_jobs.model.array import Layout, Lun, Pool, Session, Snapshot
from vnx_jobs.model.keeping import FOR_GOOD, Keeping

from .groups import GroupArray
from .mappings import MappingArray
from .snapshots import SnapshotArray
from .volumes import VolumeArray


class Array(SnapshotArray, GroupArray, VolumeArray, MappingArray, Protocol):
    """One VNX. Every method costs one array command, and raises ArrayError when the answer is not what was asked for.

    A read polls the array (it is never answered from the array's cache) and is repeated a few times while the array is
    unreachable; absence is returned only for the array's own complete answer that says so. A change is sent once:
    Verdict.NO_ANSWER means that it may have been, or may yet be, carried out.
    """

    def luns(self) -> tuple[Lun, ...]:
        """List every pool LUN and mount point."""
        ...

    def lun(self, number: int) -> Lun | None:
        """Read one LUN by number, or None if the array says there is none."""
        ...

    def snapshots(self) -> tuple[Snapshot, ...]:
        """List every snapshot; that of a consistency group stands once, for all its members."""
        ...

    def snapshot(self, name: str) -> Snapshot | None:
        """Read one snapshot, or None if the array says there is none."""
        ...

    def sessions(self) -> tuple[Session, ...]:
        """List every migration session; a finished session is no longer listed."""
        ...

    def pools(self) -> tuple[Pool, ...]:
        """List every storage pool."""
        ...

    def create_lun(self, number: int, name: str, size_gb: int, pool: str, layout: Layout) -> None:
        """Create a LUN with the number and the name together. ALREADY: the number or the name is in use.

        A layout that says compressed makes a thin LUN, to be compressed later. REFUSED: the array lacks a feature.
        """
        ...

    def create_mount_point(self, number: int, name: str, primary: int) -> None:
        """Create a mount point on the primary LUN of that number. ALREADY: the number or the name is in use."""
        ...

    def destroy_lun(self, number: int) -> None:
        """Destroy a LUN that has no snapshots and is mapped nowhere. ALREADY: there is no such LUN."""
        ...

    def destroy_mount_point(self, number: int) -> None:
        """Destroy a mount point, detaching its snapshot. ALREADY: there is no such LUN."""
        ...

    def create_snapshot(
        self, source: int, name: str, *, writable: bool, description: str = "", keeping: Keeping = FOR_GOOD
    ) -> None:
        """Snapshot the LUN of that number. ALREADY: the name is in use."""
        ...

    def copy_snapshot(self, source: str, name: str) -> None:
        """Copy a snapshot. ALREADY: the new name is in use."""
        ...

    def allow_writes(self, snapshot: str) -> None:
        """Make a snapshot writable, so that it can be attached, and safe from the array's own deleting. Idempotent."""
        ...

    def destroy_snapshot(self, name: str) -> None:
        """Destroy a snapshot that is not attached. ALREADY: there is no such snapshot."""
        ...

    def attach_snapshot(self, mount_point: int, snapshot: str) -> None:
        """Attach a snapshot to a mount point of the same primary LUN. ALREADY: it is attached to some mount point."""
        ...

    def migrate(self, source: int, destination: int, rate: str) -> None:
        """Start a migration session; rate is low, medium, high or asap. BUSY: the destination is not ready yet."""
        ...

    def cancel_migration(self, source: int) -> None:
        """Cancel a session. ALREADY: there is no session for the LUN. BUSY: its copy is complete, it is about to go."""
        ...


class CommandSlots(Protocol):
    """A limited number of array commands in flight, over all workers of an installation."""

    def hold(self, array: str, seconds: float) -> AbstractContextManager[None]:
        """Hold a slot while a command runs; waits up to two seconds, then raises ArrayError(NO_SLOT)."""
        ...
