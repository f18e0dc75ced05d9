"""The port onto a real VNX: volumes that exist."""

from .speaker import Speaker


class VolumeSpeaker(Speaker):
    """Keeps the contracts of `vnx_jobs.ports.volumes.VolumeArray`."""

    __slots__ = ()

    def compress_lun(self, number: int) -> None:
        """Turn compression on."""
        self.runner.change(self.commands.compress_lun(number))

    def expand_lun(self, number: int, size_gb: int) -> None:
        """Make a LUN larger."""
        self.runner.change(self.commands.expand_lun(number, size_gb))

    def rename_lun(self, number: int, name: str) -> None:
        """Rename a LUN."""
        self.runner.change(self.commands.rename_lun(number, name))
