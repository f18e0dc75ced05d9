"""The in-memory twin of the array port for snapshots that users name."""

from vnx_jobs.model.keeping import Keeping

from . import snapshots_rules as rules
from .commands import MemoryCommands
from .vnx_world import World


class MemorySnapshots(MemoryCommands):
    """Keeps the contracts of `vnx_jobs.ports.snapshots.SnapshotArray`."""

    def name_snapshot(self, snapshot: str, name: str, *, description: str, keeping: Keeping) -> None:
        """Rename, describe and keep a snapshot."""

        def rule(world: World, now: float) -> World:
            return rules.kept(rules.name_snapshot(world, snapshot, name, description), now, name, keeping)

        self._change("name_snapshot", (snapshot, name), rule)

    def restore_snapshot(self, snapshot: str, number: int, backup: str) -> None:
        """Restore a LUN to a snapshot."""
        self._change(
            "restore_snapshot",
            (snapshot, number, backup),
            lambda world, now: rules.restore_snapshot(world, now, snapshot, number, backup),
        )
