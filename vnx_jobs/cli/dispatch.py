"""Which command does what over HTTP: the one place that knows. Where a service is named, nothing goes elsewhere."""

import copy
import importlib
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import click

from vnx_jobs.model.errors import Code, Refused

from .where import Where

REMOTE: Final[Mapping[str, str]] = {
    "submit": "submitting.submit",
    "batch": "batching.batch",
    "batches list": "batches.list_",
    "batches show": "batches.show",
    "batches report": "batches.report",
    "batches cancel": "batches.cancel",
    "batches pause": "batches.pause",
    "batches resume": "batches.resume",
    "batches undo": "batches.undo",
    "jobs": "jobs.jobs",
    "job": "jobs.job",
    "watch": "jobs.watch",
    "arrays": "looking.arrays",
    "cancel": "ordering.cancel",
    "pause": "ordering.pause",
    "resume": "ordering.resume",
    "undo": "ordering.undo",
    "abandon": "ordering.abandon",
    "retry": "ordering.retry",
    "volumes": "looking.volumes",
    "sources": "looking.sources",
    "volume show": "looking.volume",
    "backup": "backing_up.backup",
    "restore": "backing_up.restore",
    "drill": "backing_up.drill",
    "backups list": "backups.list_",
    "backups show": "backups.show",
    "backups volumes": "backups.volumes",
    "backups retention": "backups.retention",
    "backups pin": "backups.pin",
    "backups unpin": "backups.unpin",
    "backups verify": "backing_up.verify",
    "backups prune": "backing_up.prune",
    "schedules add": "schedules.add",
    "schedules apply": "schedules.apply",
    "schedules list": "schedules.list_",
    "schedules show": "schedules.show",
    "schedules pause": "schedules.pause",
    "schedules resume": "schedules.resume",
    "schedules run": "schedules.run",
    "schedules remove": "schedules.remove",
}
"""Commands that a service is asked for: by what function of `vnx_jobs.cli.remote`."""
ANYWHERE: Final = frozenset({"explain", "completion"})
"""Commands that say what the program itself knows: the same with a service and without."""
_STACK: Final = "it is about processes of the machine that it runs on"
_READS: Final = (
    "it reads the array itself, which the service never does; `submit reconcile` has a worker do it, and repair"
)
_KEEPS: Final = "it reads the repository itself, with its passphrase"
_TRUSTED: Final = "it says who may use the service, or what was done by it, so it needs the state server itself"
BESIDE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("up", "down", "serve", "demo", "torture", "doctor"), _STACK),
    "reconcile": _READS,
    "backups rebuild": _KEEPS,
    **dict.fromkeys(("tokens add", "tokens list", "tokens revoke", "audit"), _TRUSTED),
    **dict.fromkeys(("dead list", "dead show", "dead drop"), _TRUSTED),
    **dict.fromkeys((f"hooks {word}" for word in ("add", "list", "show", "key", "test", "again", "remove")), _TRUSTED),
}
"""Commands that are given beside the state server alone, and why."""


def over_http(command: click.Command, words: str, where: Where) -> click.Command:
    """Return what a command is where a service is named: it asks the service, or it refuses."""
    if isinstance(command, click.Group):
        group = copy.copy(command)
        group.commands = {name: over_http(one, f"{words} {name}", where) for name, one in command.commands.items()}
        return group
    if words in ANYWHERE:
        return command
    if words not in REMOTE:
        return _Beside(command.name, help=command.help, words=words)
    asking = copy.copy(command)
    asking.callback = partial(_ask, words, where)
    return asking


class _Beside(click.Command):
    """A command that no service does."""

    def __init__(self, name: str | None, *, words: str, **settings: Any) -> None:  # noqa: ANN401 -- a command's
        super().__init__(name, **settings)
        self._words = words

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse, whatever is said besides; a shell that completes words is offered none."""
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        why = BESIDE[self._words]
        text = f"`vnx-jobs {self._words}` does not go over HTTP: {why}. Run it there, without --url and VNX_JOBS_URL"
        raise Refused(Code.NOT_SUPPORTED, text)


def _ask(words: str, where: Where, **given: Any) -> int:  # noqa: ANN401 -- the command's own options
    """Do a command by asking the service."""
    from .output import form_of  # noqa: PLC0415 -- `--help` answers at once
    from .remote.service import opened  # noqa: PLC0415 -- only who names a service waits for what speaks HTTP

    module, _, name = REMOTE[words].partition(".")
    function = getattr(importlib.import_module(f"{__package__}.remote.{module}"), name)
    if "as_json" in given:
        given["form"] = form_of(given.pop("chosen"), as_json=given.pop("as_json"))
    with opened(where) as service:
        return int(function(service, **given))
