"""Jobs about backups that a service is asked for. Its settings are not known here: hosts and repositories are named."""

from collections.abc import Sequence
from typing import Any, Unpack

from vnx_jobs.cli.backing_up import need_one_target, no_backup, until_of
from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.submitting import How
from vnx_jobs.client import Refused as Turned
from vnx_jobs.documents.backups import BackupDocument
from vnx_jobs.model.errors import Code, Refused

from .service import Service, listed
from .submitting import send


def backup(  # noqa: PLR0913 -- an argument an option
    service: Service,
    volumes: Sequence[str],
    group: str | None,
    repository: str | None,
    *,
    array: str | None,
    host: str | None,
    key: str,
    hooks: tuple[str, ...],
    **how: Unpack[How],
) -> Exit:
    """Back volumes up."""
    asked: dict[str, Any] = {"operation": "backup", "host": _named(host, "backup host", "--host")}
    asked["repository"] = _named(repository, "repository", "--to")
    asked |= {"volumes": list(volumes)} if volumes else {}
    asked |= {"group": group} if group else {}
    return send(service, {**asked, "array": service.array_meant(array)}, key, hooks, **how)


def restore(  # noqa: PLR0913 -- an argument an option
    service: Service,
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
) -> Exit:
    """Write a backup onto a volume, or into a file."""
    need_one_target(name, onto, file)
    if file is not None and "/" in file:
        raise Refused(Code.INVALID, "--file over HTTP is a name alone: the file is made in the backup host's folder")
    asked: dict[str, Any] = {"operation": "restore-backup", "host": _named(host, "backup host", "--host")}
    chosen = _chosen(service, backup, moment, array)
    asked |= {"backup": chosen.archive, "name": name or onto or file, "array": array or chosen.array}
    if file is not None:
        asked["to_file"] = True
    elif onto:
        asked["overwrite"] = True
    elif pool:
        asked["pool"] = pool
    return send(service, asked, key, hooks, **how)


def drill(  # noqa: PLR0913 -- an argument an option
    service: Service,
    backup: str,
    pool: str,
    *,
    array: str | None,
    host: str | None,
    key: str,
    hooks: tuple[str, ...],
    **how: Unpack[How],
) -> Exit:
    """Prove that a backup can be restored."""
    named = _named(host, "backup host", "--host")
    chosen = _chosen(service, backup, None, array)
    asked = {"operation": "drill", "backup": chosen.archive, "pool": pool, "array": array or chosen.array}
    return send(service, {**asked, "host": named}, key, hooks, **how)


def verify(  # noqa: PLR0913 -- an argument an option
    service: Service,
    backup: str,
    *,
    quick: bool,
    array: str | None,
    host: str | None,
    key: str,
    hooks: tuple[str, ...],
    **how: Unpack[How],
) -> Exit:
    """Check a backup in its repository."""
    named = _named(host, "backup host", "--host")
    chosen = _chosen(service, backup, None, array)
    asked = {"operation": "verify-backup", "backup": chosen.archive, "whole": not quick, "array": chosen.array}
    return send(service, {**asked, "host": named}, key, hooks, **how)


def prune(service: Service, volume: str, *, array: str | None, host: str | None, key: str, **rest: Any) -> Exit:  # noqa: ANN401 -- a policy's
    """Remove the backups of a volume that a policy does not keep."""
    how: How = {"waits": rest.pop("waits"), "planned": rest.pop("planned"), "form": rest.pop("form")}
    hooks = rest.pop("hooks")
    asked = {"operation": "prune-backups", "volume": volume, "host": _named(host, "backup host", "--host"), **rest}
    return send(service, {**asked, "array": service.array_meant(array)}, key, hooks, **how)


def _named(given: str | None, what: str, option: str) -> str:
    """Return what is named. Raises Refused(invalid) if it is not: only the service knows what there is."""
    if given:
        return given
    raise Refused(Code.INVALID, f"which {what}? say which by {option}: over HTTP the settings are not known")


def _chosen(service: Service, named: str, moment: str | None, array: str | None) -> BackupDocument:
    """Return the backup of that archive's name, or the newest of that volume's, until a moment if one is given."""
    try:
        return service.backup(named)
    except Turned as refused:
        if refused.code != Code.NO_SUCH_BACKUP:
            raise
    until = until_of(moment)
    for one in listed(lambda cursor: service.backups(array, named, cursor)):
        if until is None or one.instant.timestamp() * 1000 <= until:
            return one
    raise no_backup(named, moment)
