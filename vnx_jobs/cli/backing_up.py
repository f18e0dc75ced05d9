"""`vnx-jobs backup`, `restore` and `drill`, `backups verify` and `prune`: what people type for jobs about backups."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

import click

from vnx_jobs.model.backup import Backup
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.specs import parse
from vnx_jobs.settings import Settings
from vnx_jobs.submission import Request

from . import known
from .output import in_form
from .policies import policy_options
from .session import array_meant, opened, sender
from .submitting import How, key_of, send

if TYPE_CHECKING:  # slow: the session opens it
    from vnx_jobs.wiring import House

F = TypeVar("F", bound=Callable[..., int])


def submitting(command: F) -> F:
    """Give a command the options that every submission has."""
    for option in (
        in_form,
        click.option("--plan", "planned", is_flag=True, help="Store nothing: say what the job would do and cost."),
        click.option("--wait", "waits", is_flag=True, help="Wait until the job is over."),
        click.option("--key", callback=key_of, help="Makes the request repeatable: the same key returns the same job."),
        click.option("--hook", "hooks", multiple=True, metavar="NAME", help="Call back when the job has ended."),
        click.option("--host", metavar="NAME", help="The backup host (not needed when exactly one is configured)."),
        click.option(
            "--array",
            metavar="NAME",
            shell_complete=known.arrays,
            help="The array (not needed when exactly one is configured).",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("volumes", nargs=-1, shell_complete=known.volumes)
@click.option("--group", metavar="NAME", help="A consistency group instead: all its volumes at one instant.")
@click.option("--to", "repository", metavar="NAME", help="The repository (not needed when exactly one is configured).")
@submitting
def backup(  # noqa: PLR0913 -- an argument an option
    volumes: Sequence[str],
    group: str | None,
    repository: str | None,
    *,
    array: str | None,
    host: str | None,
    key: str,
    hooks: tuple[str, ...],
    **how: Unpack[How],
) -> int:
    """Back volumes up while they are in use.

    For example: vnx-jobs backup db-01 db-02
    """
    with opened() as house:
        asked: dict[str, Any] = {"volumes": list(volumes)} if volumes else {}
        asked |= {"group": group} if group else {}
        asked["repository"] = repository or _only("repository", "--to", house.settings.repositories)
        asked["array"] = array_meant(house.settings, array)
        return _send(house, "backup", asked, host, key, hooks, **how)


@click.command()
@click.argument("backup", shell_complete=known.volumes)
@click.option("--as", "name", metavar="NAME", help="A new volume of this name; say its pool.")
@click.option("--pool", metavar="NAME", help="Where the new volume is made.")
@click.option("--onto", metavar="NAME", help="A volume that exists: what it holds is lost.")
@click.option("--file", metavar="PATH", help="A new file, in the backup host's folder for files.")
@click.option("--at", "moment", metavar="TIME", help="With a volume's name for BACKUP: its newest backup until then.")
@submitting
def restore(  # noqa: PLR0913 -- an argument an option
    backup: str,
    name: str | None,
    pool: str | None,
    onto: str | None,
    *,
    file: str | None,
    moment: str | None,
    array: str | None,
    host: str | None,
    key: str,
    hooks: tuple[str, ...],
    **how: Unpack[How],
) -> int:
    """Write a backup onto a new volume, onto one that exists, or into a new file.

    BACKUP is the name of an archive, or of a volume, whose newest backup is then meant.

    For example: vnx-jobs restore db-01 --as db-01-back --pool pool_1
    """
    need_one_target(name, onto, file)
    with opened() as house:
        chosen = _chosen(house, backup, moment, array)
        asked: dict[str, Any] = {"backup": chosen.archive, "name": name or onto, "array": array or chosen.array}
        if file is not None:
            host = host or _only_host(house.settings)
            asked |= {"to_file": True, "name": _in_folder(house.settings, host, file)}
        else:
            asked |= {"overwrite": True} if onto else {"pool": pool}
        return _send(house, "restore-backup", asked, host, key, hooks, **how)


@click.command()
@click.argument("backup", shell_complete=known.volumes)
@click.option("--pool", metavar="NAME", required=True, help="Where a volume is made for it, and deleted afterwards.")
@submitting
def drill(  # noqa: PLR0913 -- an argument an option
    backup: str,
    pool: str,
    *,
    array: str | None,
    host: str | None,
    key: str,
    hooks: tuple[str, ...],
    **how: Unpack[How],
) -> int:
    """Prove that a backup can be restored.

    It is written onto a volume made for that and compared, and the volume is deleted.

    BACKUP is the name of an archive, or of a volume, whose newest backup is then meant.

    For example: vnx-jobs drill db-01 --pool pool_1
    """
    with opened() as house:
        chosen = _chosen(house, backup, None, array)
        asked = {"backup": chosen.archive, "pool": pool, "array": array or chosen.array}
        return _send(house, "drill", asked, host, key, hooks, **how)


@click.command()
@click.argument("backup", shell_complete=known.volumes)
@click.option("--quick", is_flag=True, help="Look at the archive's structure alone, and read no data.")
@submitting
def verify(  # noqa: PLR0913 -- an argument an option
    backup: str,
    *,
    quick: bool,
    array: str | None,
    host: str | None,
    key: str,
    hooks: tuple[str, ...],
    **how: Unpack[How],
) -> int:
    """Check a backup in its repository: read all of it, and compare its digest.

    For example: vnx-jobs backups verify db-01 --quick

    BACKUP is the name of an archive, or of a volume, whose newest backup is then meant.
    """
    with opened() as house:
        chosen = _chosen(house, backup, None, array)
        asked = {"backup": chosen.archive, "whole": not quick, "array": chosen.array}
        return _send(house, "verify-backup", asked, host, key, hooks, **how)


@click.command()
@click.argument("volume", shell_complete=known.volumes)
@policy_options
@submitting
def prune(volume: str, *, array: str | None, host: str | None, key: str, **rest: Any) -> int:  # noqa: ANN401 -- a policy's
    """Remove the backups of a volume that a policy does not keep, and give their space back.

    The newest backup stays, and so do those that are pinned, and the last one that was restored bit for bit.

    For example: vnx-jobs backups prune db-01 --daily 7 --weekly 4
    """
    how = {name: rest.pop(name) for name in ("waits", "planned", "form")}
    hooks = rest.pop("hooks")
    with opened() as house:
        asked = {"volume": volume, "array": array_meant(house.settings, array), **rest}
        return _send(house, "prune-backups", asked, host, key, hooks, **how)


def _send(  # noqa: PLR0913, PLR0917 -- what each of the commands is given
    house: "House",
    operation: str,
    asked: dict[str, Any],
    host: str | None,
    key: str,
    hooks: tuple[str, ...],
    **how: Unpack[How],
) -> int:
    given = {"operation": operation, **asked, "host": host or _only_host(house.settings)}
    return send(house, Request(parse(given), key=key, by=sender(), hooks=hooks), **how)


def need_one_target(name: str | None, onto: str | None, file: str | None) -> None:
    """Raise Refused(invalid) unless exactly one says where a backup is to be written."""
    if (name, onto, file).count(None) != 2:  # noqa: PLR2004 -- one of the three is given
        text = "say --as NAME with --pool for a new volume, --onto NAME for one that exists, or --file PATH for a file"
        raise Refused(Code.INVALID, text)


def _in_folder(settings: Settings, host: str, file: str) -> str:
    """Return a file's name, if it is in the backup host's folder for files. Raises Refused."""
    folder, path = settings.backup_host(host).restores, Path(file)
    if folder is None:
        raise Refused(Code.NOT_SUPPORTED, f"backup host {host} takes no files: set restores, a folder, for it")
    if path.name == file or path.parent == folder:
        return path.name
    raise Refused(Code.INVALID, f"{file} is not in {folder}, the folder of backup host {host} for files")


def _only_host(settings: Settings) -> str:
    return _only("backup host", "--host", settings.backup_hosts)


def _only(what: str, option: str, configured: Any) -> str:  # noqa: ANN401 -- only its keys are looked at
    """Return the one name that is configured. Raises Refused(invalid) if there is none, or a choice."""
    if len(configured) == 1:
        return str(next(iter(configured)))
    known = f"say which by {option} ({', '.join(sorted(configured))})" if configured else "the settings name none"
    raise Refused(Code.INVALID, f"which {what}? {known}")


def _chosen(house: "House", named: str, moment: str | None, array: str | None) -> Backup:
    """Return the backup of that archive's name, or the newest of that volume's, until a moment if one is given."""
    if (found := house.catalogue.get(named)) is not None:
        return found
    until = until_of(moment)
    of_volume = house.catalogue.find(array, named, limit=10_000)
    chosen = next((one for one in of_volume if until is None or one.instant <= until), None)
    if chosen is None:
        raise no_backup(named, moment)
    return chosen


def no_backup(named: str, moment: str | None) -> Refused:
    """Return the refusal of a name that is no backup's, nor that of a volume which had one by then."""
    text = f"there is no backup {named}, and no backup of a volume of that name"
    return Refused(Code.NO_SUCH_BACKUP, f"{text}{f' until {moment}' if moment else ''}: see `vnx-jobs backups list`")


def until_of(moment: str | None) -> int | None:
    """Return milliseconds; a time without a zone is local. Raises Refused(invalid)."""
    if moment is None:
        return None
    try:
        return round(datetime.fromisoformat(moment).astimezone(UTC).timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused(Code.INVALID, f"--at {moment!r} is no time: write it as 2026-11-16T23:00") from error
