"""The catalogue of backups in the state server."""

from collections.abc import Collection, Sequence
from itertools import starmap
from typing import Any, Final

from vnx_jobs.model.backup import Backup
from vnx_jobs.ports import BackedUp

from .server import Server, patiently

_CHUNK: Final = 500


class RedisCatalogue:
    """Implements Catalogue."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def enter(self, backup: Backup) -> None:
        """Enter a backup; one that is there already keeps its marks."""
        marks = (backup.verified or 0, backup.proved or 0, int(backup.pinned))
        self._change("entered", backup.archive, backup.to_json(), backup.instant, *marks)

    def get(self, archive: str) -> Backup | None:
        """Find a backup by its archive's name."""
        return next(iter(self._read([archive])), None)

    def of(self, array: str, uid: str) -> tuple[Backup, ...]:
        """Return all backups of a volume, newest first."""
        return self._read(self._server.ordered(f"backups:{array}:{uid}")[::-1])

    def find(self, array: str | None = None, volume: str | None = None, limit: int = 100) -> tuple[Backup, ...]:
        """Return the newest backups of an array or all, of the volumes of one name or all."""
        names, _ = self._server.call("newest", array or "", volume or "", limit)
        return self._read(names)

    def volumes(self, array: str | None = None) -> tuple[BackedUp, ...]:
        """Return the volumes that have backups."""
        stored = self._server.hash("backed")
        wanted = (one for one in starmap(_volume, stored.items()) if array in {None, one.array})
        return tuple(sorted(wanted, key=lambda one: (one.array, one.volume, one.uid)))

    def verified(self, archive: str, at: int) -> bool:
        """Note that an archive was found sound."""
        return self._change("marked", archive, "verified", at)

    def proved(self, archive: str, at: int) -> bool:
        """Note that an archive was restored bit for bit."""
        return self._change("marked", archive, "proved", at)

    def pin(self, archive: str, *, on: bool) -> bool:
        """Have a backup stay, or no longer."""
        return self._change("pinned", archive, int(on))

    def forget(self, archives: Collection[str]) -> None:
        """Take out backups whose archives are gone."""
        every = sorted(archives)
        for start in range(0, len(every), _CHUNK):
            self._change("forgotten", every[start : start + _CHUNK])

    def _change(self, name: str, *arguments: object) -> bool:
        """Make a change, which may be repeated; say whether the archive is known."""
        result, _ = patiently(lambda: self._server.call(name, *arguments, durable=True))
        return bool(result[0])

    def _read(self, archives: Sequence[str]) -> tuple[Backup, ...]:
        """Read entries; one that was forgotten meanwhile is left out."""
        parts = (archives[start : start + _CHUNK] for start in range(0, len(archives), _CHUNK))
        stored = (one for part in parts for one in self._server.hashes([f"backup:{name}" for name in part]))
        return tuple(_backup(one) for one in stored if one)


def _volume(field: str, stored: str) -> BackedUp:
    array, _, uid = field.partition(" ")
    first, proved, name = stored.split(" ", 2)
    return BackedUp(array, uid, name, int(first), int(proved) or None)


def _backup(stored: dict[str, str]) -> Backup:
    marks: dict[str, Any] = {mark: int(stored[mark]) for mark in ("verified", "proved") if mark in stored}
    return Backup.from_json(stored["entry"], pinned="pinned" in stored, **marks)
