"""The in-memory twin of the array port for volumes that exist."""

from . import volumes_rules as rules
from .commands import MemoryCommands


class MemoryVolumes(MemoryCommands):
    """Keeps the contracts of `vnx_jobs.ports.volumes.VolumeArray`."""

    def compress_lun(self, number: int) -> None:
        """Turn compression on."""
        self._change("compress_lun", (number,), lambda world, now: rules.compress(world, now, number))

    def expand_lun(self, number: int, size_gb: int) -> None:
        """Make a LUN larger."""
        self._change("expand_lun", (number, size_gb), lambda world, now: rules.expand(world, now, number, size_gb))

    def rename_lun(self, number: int, name: str) -> None:
        """Rename a LUN."""
        self._change("rename_lun", (number, name), lambda world, _: rules.rename(world, number, name))
