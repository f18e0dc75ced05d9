"""The port onto a real VNX: snapshots that users name."""

from vnx_jobs.model.keeping import Keeping

from .speaker import Speaker


class SnapshotSpeaker(Speaker):
    """Keeps the contracts of `vnx_jobs.ports.snapshots.SnapshotArray`."""

    __slots__ = ()

    def name_snapshot(self, snapshot: str, name: str, *, description: str, keeping: Keeping) -> None:
        """Rename, describe and keep a snapshot."""
        self.runner.change(self.commands.name_snapshot(snapshot, name, description=description, keeping=keeping))

    def restore_snapshot(self, snapshot: str, number: int, backup: str) -> None:
        """Restore a LUN to a snapshot."""
        self.runner.change(self.commands.restore_snapshot(snapshot, number, backup))
