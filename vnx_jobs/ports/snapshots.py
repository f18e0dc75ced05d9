"""The array's port for snapshots that users name."""

from typing import Protocol

from vnx_jobs.model.keeping import Keeping


class SnapshotArray(Protocol):
    """What an array is told of a snapshot that bears a user's name."""

    def name_snapshot(self, snapshot: str, name: str, *, description: str, keeping: Keeping) -> None:
        """Give a snapshot another name, a description, and how long it is kept. ALREADY: the new name is in use."""
        ...

    def restore_snapshot(self, snapshot: str, number: int, backup: str) -> None:
        """Put a snapshot's content back onto its primary LUN of that number; keep what that held in a backup snapshot.

        ALREADY: the backup's name is in use.
        """
        ...
