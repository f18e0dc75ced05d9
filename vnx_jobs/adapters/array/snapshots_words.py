"""The words of commands on snapshots that users name."""

from vnx_jobs.model.keeping import Keeping

from .storops_cli import CommandBuilder, Words


class SnapshotCommands(CommandBuilder):
    """The words of commands on snapshots that users name. Sends nothing."""

    def name_snapshot(self, snapshot: str, name: str, *, description: str, keeping: Keeping) -> Words:
        """Rename, describe and keep a snapshot, all at once."""
        return self._words("modify_snap", snapshot, new_name=name, desc=description, **kept_for(keeping))

    def restore_snapshot(self, snapshot: str, number: int, backup: str) -> Words:
        """Restore a LUN to a snapshot, never without a backup."""
        return self._words("restore_snap", snapshot, number, backup_snap=backup)


def kept_for(keeping: Keeping) -> dict[str, str | bool]:
    """Return how storops is told how long a snapshot is kept; the array takes one of both, and its own is to delete."""
    return {"keep_for": f"{keeping.hours}h"} if keeping.hours else {"auto_delete": keeping.auto_delete}
