"""The array's port for volumes that exist: what may be changed of one in its place."""

from typing import Protocol


class VolumeArray(Protocol):
    """What an array is told of a LUN that it has. Numbers are LUN numbers."""

    def compress_lun(self, number: int) -> None:
        """Turn a LUN's compression on; it is thin from then on. ALREADY: it is on. BUSY: the LUN is preparing.

        REFUSED: it has snapshots, is a mount point, or the array lacks the feature; in words not known, NO_ANSWER.
        """
        ...

    def expand_lun(self, number: int, size_gb: int) -> None:
        """Make a LUN larger; what is added reads as zeros. BUSY: the LUN is preparing.

        REFUSED: it is as large already, is a mount point, or is thick and has snapshots.
        """
        ...

    def rename_lun(self, number: int, name: str) -> None:
        """Give a LUN or mount point another name; hosts do not see it. ALREADY: the name is in use."""
        ...
