"""What a client looks up of backups, and pins, straight."""

import time
from collections.abc import Sequence
from datetime import timedelta

from vnx_jobs.backups.proofs import MOST_DAYS, overdue
from vnx_jobs.backups.retention import judged
from vnx_jobs.documents.backups import BackedUpDocument, BackupDocument, JudgedDocument
from vnx_jobs.model import errors as told
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.errors import Code
from vnx_jobs.model.retention import Policy
from vnx_jobs.ports import BackedUp
from vnx_jobs.wiring import House

from .door import Part
from .local import audited, translated


class HouseBackups:
    """The part of a client's way straight to the state server that is about backups."""

    def __init__(self, house: House) -> None:
        self._house = house

    def backups(self, array: str | None, volume: str | None, cursor: str) -> Part[BackupDocument]:
        """List all backups."""
        del cursor
        with translated():
            every = self._house.catalogue.find(self._only(array), volume, limit=0)
            return [BackupDocument.of(one) for one in every], None

    def backed_up(self, array: str | None, unproved: float | None, cursor: str) -> Part[BackedUpDocument]:
        """List all volumes that have backups."""
        del cursor
        with translated():
            found = self._volumes(array)
            if unproved is not None:
                if not 0 <= unproved <= MOST_DAYS:
                    raise told.Refused(Code.INVALID, f"unproved: say how many days, {MOST_DAYS} at most")
                late = set(overdue(found, round(time.time() * 1000), timedelta(days=unproved)))
                found = [one for one in found if one in late]
            return [BackedUpDocument.of(one) for one in found], None

    def judged(self, policy: Policy, array: str | None, volume: str | None, cursor: str) -> Part[JudgedDocument]:
        """Say of each backup whether a policy would keep it."""
        del cursor
        with translated():
            named = [one for one in self._volumes(array) if volume in {None, one.volume}]
            known = [self._house.catalogue.of(one.array, one.uid) for one in named]
            return [JudgedDocument.judged(one) for backups in known for one in judged(backups, policy)], None

    def _volumes(self, array: str | None) -> Sequence[BackedUp]:
        return self._house.catalogue.volumes(self._only(array))

    def _only(self, array: str | None) -> str | None:
        """Return the array that is meant; None for all. Raises Refused(unknown-array).

        One that is in the settings no more has backups still.
        """
        if array is not None and not self._house.catalogue.volumes(array):
            self._house.settings.array(array)
        return array

    def _backup(self, archive: str) -> Backup:
        found = self._house.catalogue.get(archive)
        if found is None:
            raise told.Refused(Code.NO_SUCH_BACKUP, f"no backup is called {archive}")
        return found

    def backup(self, archive: str) -> BackupDocument:
        """Return a backup."""
        with translated():
            return BackupDocument.of(self._backup(archive))

    def pin(self, archive: str, *, on: bool) -> BackupDocument:
        """Have a backup stay, or not any more."""
        with translated():
            found = self._house.catalogue.get(archive)
            with audited(self._house, f"client {'pin' if on else 'unpin'}", "" if found is None else found.array):
                self._backup(archive)
                self._house.catalogue.pin(archive, on=on)
                return BackupDocument.of(self._backup(archive))
