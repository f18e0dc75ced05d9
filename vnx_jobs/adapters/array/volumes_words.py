"""The words of commands on volumes that exist."""

from .storops_cli import CommandBuilder, Words


class VolumeCommands(CommandBuilder):
    """The words of commands on volumes that exist. Sends nothing."""

    def compress_lun(self, number: int) -> Words:
        """Turn compression on."""
        return self._words("enable_compression", lun_id=number)

    def expand_lun(self, number: int, size_gb: int) -> Words:
        """Make a LUN larger."""
        return self._words("expand_pool_lun", size_gb, lun_id=number)

    def rename_lun(self, number: int, name: str) -> Words:
        """Rename a LUN."""
        return self._words("modify_lun", lun_id=number, new_name=name)
