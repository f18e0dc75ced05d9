"""The catalogue of backups, its twin in memory."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from threading import Lock

from vnx_jobs.model.backup import Backup
from vnx_jobs.ports import BackedUp


class MemoryCatalogue:
    """Implements Catalogue."""

    def __init__(self) -> None:
        self._entries: dict[str, Backup] = {}
        self._volumes: dict[tuple[str, str], BackedUp] = {}
        self._lock = Lock()

    def enter(self, backup: Backup) -> None:
        """Enter a backup; one that is there already keeps its marks."""
        with self._lock:
            before = self._entries.get(backup.archive, backup)
            marked = backup.marked(verified=before.verified, proved=before.proved)
            self._entries[backup.archive] = replace(marked, pinned=backup.pinned or before.pinned)
            self._tell(backup)

    def get(self, archive: str) -> Backup | None:
        """Find a backup by its archive's name."""
        with self._lock:
            return self._entries.get(archive)

    def of(self, array: str, uid: str) -> tuple[Backup, ...]:
        """Return all backups of a volume, newest first."""
        with self._lock:
            return _newest_first(one for one in self._entries.values() if (one.array, one.uid) == (array, uid))

    def find(self, array: str | None = None, volume: str | None = None, limit: int = 100) -> tuple[Backup, ...]:
        """Return the newest backups of an array or all, of the volumes of one name or all."""
        meant = {(one.array, one.uid) for one in self.volumes(array) if volume in {None, one.volume}}
        with self._lock:
            found = _newest_first(one for one in self._entries.values() if (one.array, one.uid) in meant)
        return found[: limit or None]

    def volumes(self, array: str | None = None) -> tuple[BackedUp, ...]:
        """Return the volumes that have backups."""
        with self._lock:
            wanted = (one for one in self._volumes.values() if array in {None, one.array})
            return tuple(sorted(wanted, key=lambda one: (one.array, one.volume, one.uid)))

    def verified(self, archive: str, at: int) -> bool:
        """Note that an archive was found sound."""
        return self._change(archive, lambda one: one.marked(verified=at))

    def proved(self, archive: str, at: int) -> bool:
        """Note that an archive was restored bit for bit."""
        return self._change(archive, lambda one: one.marked(proved=at))

    def pin(self, archive: str, *, on: bool) -> bool:
        """Have a backup stay, or no longer."""
        return self._change(archive, lambda one: replace(one, pinned=on))

    def forget(self, archives: Collection[str]) -> None:
        """Take out backups whose archives are gone."""
        with self._lock:
            for archive in archives:
                if (gone := self._entries.pop(archive, None)) is not None:
                    self._tell(gone)

    def _change(self, archive: str, change: Callable[[Backup], Backup]) -> bool:
        with self._lock:
            if archive not in self._entries:
                return False
            self._entries[archive] = change(self._entries[archive])
            self._tell(self._entries[archive])
            return True

    def _tell(self, backup: Backup) -> None:
        """Bring what is known of a backup's volume up to date."""
        key = (backup.array, backup.uid)
        before = self._volumes.pop(key, BackedUp(*key, backup.volume, backup.instant))
        known = _newest_first(one for one in self._entries.values() if (one.array, one.uid) == key)
        if known:
            first = min(before.first, known[-1].instant)
            proved = max((before.proved or 0, *(one.proved or 0 for one in known)))
            self._volumes[key] = BackedUp(*key, known[0].volume, first, proved or None)


def _newest_first(backups: Iterable[Backup]) -> tuple[Backup, ...]:
    return tuple(sorted(backups, key=lambda one: (one.instant, one.archive), reverse=True))
