"""Backups: what the catalogue knows, and pins."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from vnx_jobs.api.answers import refusals
from vnx_jobs.api.cursors import cursor_of, gone, parts_of
from vnx_jobs.api.doors import Guest, Visit
from vnx_jobs.documents.backups import BackupDocument, BackupsPage
from vnx_jobs.model.authority import Action
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.errors import Code, Refused

router = APIRouter(prefix="/v1/backups", tags=["backups"])

_KIND = "backups"


@router.get("", responses=refusals(Code.UNKNOWN_ARRAY))
def backups(
    guest: Guest,
    array: str | None = None,
    volume: Annotated[str | None, Query(description="Only of volumes that bear this name now.")] = None,
    limit: Annotated[int, Query(ge=1)] = 100,
    cursor: Annotated[str, Query(description="As the part before said.")] = "",
) -> BackupsPage:
    """List backups, newest first."""
    guest.need(Action.LOOK)
    arrays: Sequence[str | None] = [None]
    if array is not None:
        arrays = [guest.array_of(array, guest.house.catalogue.volumes)]
    elif guest.scope is not None:
        arrays = sorted(guest.scope)
    most = min(limit, guest.house.settings.api.page)
    after = _place(cursor)
    found = _after(guest, arrays, volume, after, most + 1)
    part = found[:most]
    onward = cursor_of(_KIND, str(part[-1].instant), part[-1].archive) if len(found) > most else None
    return BackupsPage(backups=tuple(map(BackupDocument.of, part)), cursor=onward)


def _place(cursor: str) -> tuple[int, str] | None:
    if not cursor:
        return None
    instant, archive = parts_of(cursor, _KIND, 2)
    if not (instant.isascii() and instant.isdigit() and len(instant) < 20):  # noqa: PLR2004 -- digits of 64 bits
        raise gone()
    return int(instant), archive


def _after(
    guest: Visit, arrays: Sequence[str | None], volume: str | None, after: tuple[int, str] | None, count: int
) -> list[Backup]:
    """Return the newest backups that stand behind a place, `count` of them; more are read until there are as many."""
    asked = count if after is None else 4 * count
    while True:
        read = [guest.house.catalogue.find(name, volume, asked) for name in arrays]
        ordered = sorted((one for part in read for one in part), key=_order, reverse=True)
        # of an array that has more than was asked for, nothing is known below the oldest that it gave
        known = max((_order(part[-1]) for part in read if len(part) == asked), default=(0, ""))
        found = [one for one in ordered if _order(one) >= known and (after is None or _order(one) < after)]
        if len(found) >= count or known == (0, ""):
            return found[:count]
        asked *= 4


def _order(backup: Backup) -> tuple[int, str]:
    return backup.instant, backup.archive


@router.get("/{archive}", responses=refusals(Code.NO_SUCH_BACKUP))
def backup(guest: Guest, archive: str) -> BackupDocument:
    """Show one backup."""
    guest.need(Action.LOOK)
    return BackupDocument.of(_known(guest, archive))


def _known(guest: Visit, archive: str) -> Backup:
    found = guest.house.catalogue.get(archive)
    if found is None or not guest.caller.sees(found.array):
        raise Refused(Code.NO_SUCH_BACKUP, f"no backup is called {archive}")
    return found


@router.post("/{archive}/pin", responses=refusals(Code.NO_SUCH_BACKUP))
def pin(guest: Guest, archive: str) -> BackupDocument:
    """Have a backup stay, whatever a policy says."""
    return _pinned(guest, archive, on=True)


@router.post("/{archive}/unpin", responses=refusals(Code.NO_SUCH_BACKUP))
def unpin(guest: Guest, archive: str) -> BackupDocument:
    """Let policies judge a backup again."""
    return _pinned(guest, archive, on=False)


def _pinned(guest: Visit, archive: str, *, on: bool) -> BackupDocument:
    with guest.audited() as entry:
        known = _known(guest, archive)
        entry.array = known.array
        guest.need(Action.ORDER, known.array)
        guest.house.catalogue.pin(archive, on=on)
        return BackupDocument.of(_known(guest, archive))
