"""`vnx-jobs backups`: what the catalogue knows of backups, pins, and what a policy would keep."""

import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click

from vnx_jobs.backups.proofs import overdue
from vnx_jobs.backups.retention import Verdict, judged
from vnx_jobs.documents.backups import BackupDocument
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.retention import Policy
from vnx_jobs.ports import BackedUp, Catalogue

from .backing_up import prune, verify
from .exits import Exit
from .policies import policy_options
from .rebuilding import rebuild
from .screen import duration, instant, local_time, show_facts, show_json, show_table
from .session import opened

_array = click.option("--array", metavar="NAME", help="Only of this array.")
_volume = click.option("--volume", metavar="NAME", help="Only of volumes that bear this name now.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


@click.group()
def backups() -> None:
    """Look at backups, pin, check and prune them."""


for _command in (rebuild, verify, prune):
    backups.add_command(_command)


@backups.command("list")
@_array
@_volume
@click.option("--limit", type=click.IntRange(min=0), default=100, show_default=True, help="At most so many; 0 for all.")
@_as_json
def list_(array: str | None, volume: str | None, limit: int, *, as_json: bool) -> int:
    """List backups, newest first."""
    with opened() as house:
        found = house.catalogue.find(array, volume, limit)
    if as_json:
        show_json([document(one) for one in found])
    else:
        show_table(_HEAD, [_row(one) for one in found], empty="no backups")
    return Exit.WELL


@backups.command()
@click.argument("archive")
@_as_json
def show(archive: str, *, as_json: bool) -> int:
    """Show one backup."""
    with opened() as house:
        found = _known(house.catalogue, archive)
    if as_json:
        show_json(document(found))
    else:
        show_facts(_facts(found))
    return Exit.WELL


@backups.command()
@click.argument("archives", metavar="ARCHIVE...", nargs=-1)
@_array
@_volume
def pin(archives: tuple[str, ...], array: str | None, volume: str | None) -> int:
    """Have backups stay, whatever a policy says: those that are named, or all of an array or a volume."""
    return _pin(archives, array, volume, on=True)


@backups.command()
@click.argument("archives", metavar="ARCHIVE...", nargs=-1)
@_array
@_volume
def unpin(archives: tuple[str, ...], array: str | None, volume: str | None) -> int:
    """Let policies judge backups again: those that are named, or all of an array or a volume."""
    return _pin(archives, array, volume, on=False)


@backups.command()
@_array
@click.option("--unproved", "days", type=click.FloatRange(min=0), metavar="DAYS", help="Only those not proved so long.")
@_as_json
def volumes(array: str | None, days: float | None, *, as_json: bool) -> int:
    """List the volumes that have backups, and when one was last restored bit for bit.

    With --unproved the status is 1 if there are any: what a monitor asks.
    """
    with opened() as house:
        found = house.catalogue.volumes(array)
    if days is not None:
        found = overdue(found, round(time.time() * 1000), timedelta(days=days))
    if as_json:
        show_json([_volume_document(one) for one in found])
    else:
        rows = [(one.array, one.volume, local_time(one.first), local_time(one.proved or 0), one.uid) for one in found]
        show_table(("array", "volume", "first backup", "last proved", "uid"), rows, empty="no volumes")
    return Exit.FAILED if found and days is not None else Exit.WELL


@backups.command()
@_array
@_volume
@policy_options
@_as_json
def retention(array: str | None, volume: str | None, *, as_json: bool, **numbers: Any) -> int:  # noqa: ANN401 -- a policy's
    """Show which backups a policy would keep, and why. Nothing is removed."""
    try:
        policy = Policy(**numbers)
    except ValueError as error:
        raise Refused(Code.INVALID, str(error)) from error
    with opened() as house:
        named = [one for one in house.catalogue.volumes(array) if volume in {None, one.volume}]
        every = [verdict for one in named for verdict in judged(house.catalogue.of(one.array, one.uid), policy)]
    if as_json:
        show_json([document(one.backup) | {"stays": one.stays, "why": one.why} for one in every])
    else:
        show_verdicts(every)
    return Exit.WELL


def show_verdicts(verdicts: Iterable[Verdict]) -> None:
    """Write what would become of backups, and why."""
    every = list(verdicts)
    rows = [
        (
            one.backup.volume,
            local_time(one.backup.instant),
            "stays" if one.stays else "goes",
            one.why,
            one.backup.archive,
        )
        for one in every
    ]
    show_table(("volume", "taken", "fate", "why", "archive"), rows, empty="no backups")
    if every:
        stay = sum(one.stays for one in every)
        click.echo(f"{stay} stay, {len(every) - stay} go")


def document(backup: Backup) -> dict[str, Any]:
    """Return a backup for programs."""
    return BackupDocument.of(backup).told()


def _volume_document(one: BackedUp) -> dict[str, Any]:
    return asdict(one) | {"first": instant(one.first), "proved": instant(one.proved or 0)}


def _known(catalogue: Catalogue, archive: str) -> Backup:
    found = catalogue.get(archive)
    if found is None:
        raise Refused(Code.NO_SUCH_BACKUP, f"no backup is called {archive}: see `vnx-jobs backups list`")
    return found


def _pin(archives: tuple[str, ...], array: str | None, volume: str | None, *, on: bool) -> int:
    """Pin all or none: a name with a mistake changes nothing."""
    if bool(archives) == bool(array or volume):
        raise Refused(Code.INVALID, "name the backups, or say whose: --array, --volume")
    with opened() as house:
        meant = [_known(house.catalogue, one) for one in archives] or house.catalogue.find(array, volume, limit=0)
        for one in meant:
            if one.pinned != on:
                house.catalogue.pin(one.archive, on=on)
    if not meant:
        raise Refused(Code.NO_SUCH_BACKUP, "there are no such backups: see `vnx-jobs backups list`")
    return Exit.WELL


_HEAD = ("array", "volume", "taken", "size", "added", "took", "verified", "proved", "pinned", "archive")


def _row(one: Backup) -> tuple[str, ...]:
    return (
        one.array,
        one.volume,
        local_time(one.instant),
        _amount(one.size),
        _amount(one.added),
        duration(one.seconds),
        local_time(one.verified or 0),
        local_time(one.proved or 0),
        "pinned" if one.pinned else "",
        one.archive,
    )


def _facts(one: Backup) -> list[tuple[str, str]]:
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
        ("verified", local_time(one.verified or 0) or "never"),
        ("proved", local_time(one.proved or 0) or "never"),
        ("pinned", "yes" if one.pinned else "no"),
    ]


def _amount(count: float) -> str:
    """Return bytes in a few characters."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:  # noqa: PLR2004 -- of the next unit
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.4g} TiB"
