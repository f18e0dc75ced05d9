"""`vnx-jobs backups`: what the catalogue knows of backups, pins, and what a policy would keep."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from vnx_jobs.backups.proofs import MOST_DAYS, overdue
from vnx_jobs.backups.retention import judged
from vnx_jobs.documents.backups import BackedUpDocument, BackupDocument, JudgedDocument
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.ports import Catalogue

from . import known
from .backing_up import prune, verify
from .exits import Exit
from .output import Column, Form, in_form, show_documents, show_one, tells_facts
from .policies import policy_of, policy_options
from .rebuilding import rebuild
from .screen import Fit, duration, local_time
from .session import audited, opened

if TYPE_CHECKING:  # its parts are loaded when they are used
    from vnx_jobs.wiring import House

_array = known.array_option("Only of this array.")
_volume = click.option(
    "--volume", metavar="NAME", shell_complete=known.volumes, help="Only of volumes that bear this name now."
)


@click.group()
def backups() -> None:
    """Look at backups, pin, check and prune them."""


for _command in (rebuild, verify, prune):
    backups.add_command(_command)


@backups.command("list")
@_array
@_volume
@click.option(
    "--limit", type=click.IntRange(0, 1_000_000), default=100, show_default=True, help="At most so many; 0 for all."
)
@in_form
def list_(array: str | None, volume: str | None, limit: int, *, form: Form) -> int:
    """List backups, newest first.

    For example: vnx-jobs backups list --volume db-01
    """
    with opened() as house:
        found = house.catalogue.find(_only(house, array), volume, limit)
    return show_backups(form, [BackupDocument.of(one) for one in found])


def show_backups(form: Form, found: Sequence[BackupDocument]) -> Exit:
    """Write a list of backups."""
    show_documents(form, found, _COLUMNS, BackupDocument, empty="no backups")
    return Exit.WELL


@backups.command()
@click.argument("archive", shell_complete=known.archives)
@in_form
def show(archive: str, *, form: Form) -> int:
    """Show one backup.

    For example: vnx-jobs backups show "$ARCHIVE"
    """
    with opened() as house:
        found = _known(house.catalogue, archive)
    return show_backup(form, BackupDocument.of(found))


def show_backup(form: Form, found: BackupDocument) -> Exit:
    """Write all that there is to say of a backup."""
    show_one(form, found, tells_facts(*_facts(found)))
    return Exit.WELL


@backups.command()
@click.argument("archives", metavar="ARCHIVE...", nargs=-1, shell_complete=known.archives)
@_array
@_volume
def pin(archives: tuple[str, ...], array: str | None, volume: str | None) -> int:
    """Have backups stay, whatever a policy says: those that are named, or all of an array or a volume.

    For example: vnx-jobs backups pin --volume db-01
    """
    return _pin(archives, array, volume, on=True)


@backups.command()
@click.argument("archives", metavar="ARCHIVE...", nargs=-1, shell_complete=known.archives)
@_array
@_volume
def unpin(archives: tuple[str, ...], array: str | None, volume: str | None) -> int:
    """Let policies judge backups again: those that are named, or all of an array or a volume.

    For example: vnx-jobs backups unpin --volume db-01
    """
    return _pin(archives, array, volume, on=False)


@backups.command()
@_array
@click.option(
    "--unproved",
    "days",
    type=click.FloatRange(0, MOST_DAYS),
    metavar="DAYS",
    help="Only those not proved so long.",
)
@in_form
def volumes(array: str | None, days: float | None, *, form: Form) -> int:
    """List the volumes that have backups, and when one was last restored bit for bit.

    For example: vnx-jobs backups volumes --unproved 30

    With --unproved the status is 1 if there are any: what a monitor asks.
    """
    with opened() as house:
        found = house.catalogue.volumes(_only(house, array))
    if days is not None:
        found = overdue(found, round(time.time() * 1000), timedelta(days=days))
    return show_volumes(form, [BackedUpDocument.of(one) for one in found], overdue=days is not None)


def show_volumes(form: Form, found: Sequence[BackedUpDocument], *, overdue: bool) -> Exit:
    """Write a list of volumes that have backups. Volumes whose proof is overdue are a failure."""
    show_documents(form, found, _VOLUMES, BackedUpDocument, empty="no volumes")
    return Exit.FAILED if found and overdue else Exit.WELL


@backups.command()
@_array
@_volume
@policy_options
@in_form
def retention(array: str | None, volume: str | None, *, form: Form, **numbers: Any) -> int:  # noqa: ANN401 -- a policy's
    """Show which backups a policy would keep, and why. Nothing is removed.

    For example: vnx-jobs backups retention --daily 7 --weekly 4
    """
    policy = policy_of(numbers)
    with opened() as house:
        named = [one for one in house.catalogue.volumes(_only(house, array)) if volume in {None, one.volume}]
        every = [verdict for one in named for verdict in judged(house.catalogue.of(one.array, one.uid), policy)]
    return show_verdicts(form, [JudgedDocument.judged(one) for one in every])


def show_verdicts(form: Form, every: Sequence[JudgedDocument]) -> Exit:
    """Write what a policy would keep, and what not."""
    show_documents(form, every, _VERDICTS, JudgedDocument, empty="no backups")
    if every and form.for_people:
        stay = sum(one.stays for one in every)
        click.echo(f"{stay} stay, {len(every) - stay} go")
    return Exit.WELL


def need_archives(archives: tuple[str, ...], array: str | None, volume: str | None) -> None:
    """Raise Refused(invalid) unless backups are named, or it is said whose are meant."""
    if bool(archives) == bool(array or volume):
        raise Refused(Code.INVALID, "name the backups, or say whose: --array, --volume")


def _only(house: "House", array: str | None) -> str | None:
    """Return the array that is meant; None for all. Raises Refused(unknown-array).

    One that is in the settings no more has backups still.
    """
    if array is not None and not house.catalogue.volumes(array):
        house.settings.array(array)
    return array


def _known(catalogue: Catalogue, archive: str) -> Backup:
    found = catalogue.get(archive)
    if found is None:
        raise Refused(Code.NO_SUCH_BACKUP, f"no backup is called {archive}: see `vnx-jobs backups list`")
    return found


def _pin(archives: tuple[str, ...], array: str | None, volume: str | None, *, on: bool) -> int:
    """Pin all or none: a name with a mistake changes nothing."""
    need_archives(archives, array, volume)
    with opened() as house:
        meant: Sequence[Backup] = [_known(house.catalogue, one) for one in archives]
        if not archives:
            meant = house.catalogue.find(_only(house, array), volume, limit=0)
        for one in meant:
            if one.pinned != on:
                with audited(house, f"backups {'pin' if on else 'unpin'} {one.archive}", one.array):
                    house.catalogue.pin(one.archive, on=on)
    if not meant:
        raise Refused(Code.NO_SUCH_BACKUP, "there are no such backups: see `vnx-jobs backups list`")
    return Exit.WELL


def _facts(one: BackupDocument) -> list[tuple[str, str]]:
    return [
        ("archive", one.archive),
        ("array", one.array),
        ("volume", one.volume),
        ("uid", one.uid),
        ("group", one.group),
        ("taken", local_time(one.instant)),
        ("size", f"{one.size} bytes"),
        ("added", f"{one.added} bytes"),
        ("took", duration(one.seconds)),
        ("digest", one.digest),
        ("tool", one.tool),
        ("repository", one.repository),
        ("job", one.job),
        ("verified", local_time(one.verified) or "never"),
        ("proved", local_time(one.proved) or "never"),
        ("pinned", "yes" if one.pinned else "no"),
    ]


def _amount(count: float) -> str:
    """Return bytes in a few characters."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:  # noqa: PLR2004 -- of the next unit
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.4g} TiB"


_COLUMNS: Final[tuple[Column[BackupDocument], ...]] = (
    Column("array", lambda one: one.array, wide=True),
    Column("volume", lambda one: one.volume),
    Column("taken", lambda one: local_time(one.instant)),
    Column("size", lambda one: _amount(one.size)),
    Column("added", lambda one: _amount(one.added), wide=True),
    Column("took", lambda one: duration(one.seconds), wide=True),
    Column("verified", lambda one: local_time(one.verified), wide=True),
    Column("proved", lambda one: local_time(one.proved), wide=True),
    Column("pinned", lambda one: "pinned" if one.pinned else ""),
    Column("archive", lambda one: one.archive),
)
_VOLUMES: Final[tuple[Column[BackedUpDocument], ...]] = (
    Column("array", lambda one: one.array),
    Column("volume", lambda one: one.volume),
    Column("first backup", lambda one: local_time(one.first)),
    Column("last proved", lambda one: local_time(one.proved)),
    Column("uid", lambda one: one.uid, wide=True),
)
_VERDICTS: Final[tuple[Column[JudgedDocument], ...]] = (
    Column("volume", lambda one: one.volume),
    Column("taken", lambda one: local_time(one.instant)),
    Column("fate", lambda one: "stays" if one.stays else "goes"),
    Column("why", lambda one: one.why, fit=Fit.CUT),
    Column("archive", lambda one: one.archive, wide=True),
)
