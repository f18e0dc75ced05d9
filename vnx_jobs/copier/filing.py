"""A backup that is written into a file: it comes to its name whole and compared, and takes no other file's name.

Until then it has a hidden name with its job's id. So what a dead copier left is known, and nobody else's is touched.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.transfer import Transfer
from vnx_jobs.ports.mover import MoverError


@dataclass(frozen=True, slots=True)
class Filing:
    """The file of one transfer."""

    final: Path
    """What it is called when it is whole."""
    own: Path
    """What it is called before."""

    @classmethod
    def of(cls, transfer: Transfer, folder: Path | None) -> Self:
        """Return where a transfer writes to. Raises Refused if this host takes no files, or if it is no plain name."""
        if folder is None:
            text = f"backup host {transfer.host} takes no files: its settings name no folder for them (restores)"
            raise Refused(Code.NOT_SUPPORTED, text)
        name = transfer.file
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            raise Refused(Code.INVALID, f"{name!r} is no name of a file in {folder}")
        return cls(folder / name, folder / f".{name}.{transfer.job}")

    def check_free(self) -> None:
        """Raise Refused(name-in-use) if something has the name."""
        if os.path.lexists(self.final):
            raise Refused(Code.NAME_IN_USE, f"{self.final} is there already: nothing is overwritten")

    @property
    def is_published(self) -> bool:
        """Whether the file has its name, and its hidden one still."""
        return self.own.exists() and self.final.exists() and self.own.samefile(self.final)

    def publish(self) -> None:
        """Give the file its name, if that is free. Raises Refused(name-in-use), MoverError(device)."""
        try:
            if not self.is_published:
                os.link(self.own, self.final)
            self.own.unlink()
            _flush(self.final.parent)
        except FileExistsError:
            self.own.unlink()
            self.check_free()
        except OSError as error:
            raise MoverError(f"{self.final} cannot be written: {error.strerror}", "device") from error

    def remove(self, *, whole: bool) -> None:
        """Remove what the transfer left: under its name too if that is known to be its file. Idempotent."""
        try:
            if whole or self.is_published:
                self.final.unlink(missing_ok=True)
            for left in (self.own, self.own.with_name(f"{self.own.name}.part")):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise MoverError(f"{self.final} cannot be removed: {error.strerror}", "device") from error


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
