"""Backups that a service knows: listed, shown and pinned."""

from itertools import islice
from typing import Any

from vnx_jobs.cli.backups import need_archives, show_backup, show_backups, show_verdicts, show_volumes
from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.output import Form
from vnx_jobs.cli.policies import policy_of
from vnx_jobs.model.errors import Code, Refused

from .service import Service, listed


def list_(service: Service, array: str | None, volume: str | None, limit: int, *, form: Form) -> Exit:
    """List backups, newest first."""
    found = listed(lambda cursor: service.backups(array, volume, cursor))
    return show_backups(form, list(islice(found, limit or None)))


def show(service: Service, archive: str, *, form: Form) -> Exit:
    """Show one backup."""
    return show_backup(form, service.backup(archive))


def volumes(service: Service, array: str | None, days: float | None, *, form: Form) -> Exit:
    """List the volumes that have backups; those whose proof is overdue, the longest first."""
    found = list(listed(lambda cursor: service.backed_up(array, days, cursor)))
    if days is not None:
        found.sort(key=lambda one: one.proved or one.first)
    return show_volumes(form, found, overdue=days is not None)


def retention(
    service: Service,
    array: str | None,
    volume: str | None,
    *,
    form: Form,
    **numbers: Any,  # noqa: ANN401 -- a policy's
) -> Exit:
    """Show which backups a policy would keep."""
    policy = policy_of(numbers)
    return show_verdicts(form, list(listed(lambda cursor: service.judged(policy, array, volume, cursor))))


def pin(service: Service, archives: tuple[str, ...], array: str | None, volume: str | None) -> Exit:
    """Have backups stay."""
    return _pin(service, archives, array, volume, on=True)


def unpin(service: Service, archives: tuple[str, ...], array: str | None, volume: str | None) -> Exit:
    """Let policies judge backups again."""
    return _pin(service, archives, array, volume, on=False)


def _pin(service: Service, archives: tuple[str, ...], array: str | None, volume: str | None, *, on: bool) -> Exit:
    need_archives(archives, array, volume)
    meant = [service.backup(one) for one in archives] or list(
        listed(lambda cursor: service.backups(array, volume, cursor))
    )
    if not meant:
        raise Refused(Code.NO_SUCH_BACKUP, "there are no such backups: see `vnx-jobs backups list`")
    for one in meant:
        if archives or one.pinned != on:  # of what is named the service is to judge whether it may be done
            service.pin(one.archive, on=on)
    return Exit.WELL
