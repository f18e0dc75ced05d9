"""What a shell may offer for a word: operations and their fields, and what the records know, if they answer soon."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from vnx_jobs.model.errors import JobError
from vnx_jobs.model.specs import OPERATIONS, SEVERAL

from .documents import title
from .session import array_meant, opened

if TYPE_CHECKING:  # slow: the session opens it
    from vnx_jobs.wiring import House

F = TypeVar("F", bound=Callable[..., Any])
_PATIENCE: Final = 1.5
"""Seconds that a person who pressed a key waits for the records, at most."""
_OFFERED: Final = 50
"""So many of a kind: nobody reads more."""


def operations(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer what can be submitted."""
    del context, parameter
    return [CompletionItem(word) for word in (*OPERATIONS, *SEVERAL) if word.startswith(begun)]


def fields(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer the fields of the operation that was named, without those that are given already."""
    spec = {**OPERATIONS, **SEVERAL}.get(context.params.get("operation") or "")
    given = {word.partition("=")[0] for word in context.params.get(parameter.name or "") or ()}
    names = [] if spec is None else [name for name in spec.model_fields if name not in {"operation", *given}]
    return [CompletionItem(f"{name}=") for name in names if f"{name}=".startswith(begun)]


def jobs(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer the newest jobs."""
    del parameter

    def read(house: "House") -> Iterator[CompletionItem]:
        for one in house.reads.jobs(limit=10 * _OFFERED if begun else _OFFERED):
            yield CompletionItem(one.id, help=f"{one.state} {title(one)}")

    return _soon(context, read, begun)


def arrays(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer the arrays of the settings."""
    del parameter
    return _soon(context, lambda house: map(CompletionItem, sorted(house.settings.arrays)), begun)


def volumes(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer the volumes of the array that was named, or of the only one."""
    del parameter
    named = context.params.get("array")

    def read(house: "House") -> Iterator[CompletionItem]:
        return (CompletionItem(one.name) for one in house.reads.volumes(array_meant(house.settings, named)))

    return _soon(context, read, begun)


def archives(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer the newest backups."""
    del parameter
    return _soon(context, lambda house: (CompletionItem(one.archive) for one in house.catalogue.find(limit=500)), begun)


def schedules(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer the schedules."""
    del parameter
    return _soon(
        context, lambda house: (CompletionItem(one.schedule.name) for one in house.scheduler.schedules.find()[1]), begun
    )


def hooks(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer the receivers of call backs."""
    del parameter
    return _soon(context, lambda house: (CompletionItem(one.hook.name) for one in house.hooks.find()), begun)


def array_option(says: str = "The array (not needed when exactly one is configured).") -> Callable[[F], F]:
    """Return the option that names an array."""
    return click.option("--array", metavar="NAME", shell_complete=arrays, help=says)


def _soon(
    context: click.Context, read: "Callable[[House], Iterable[CompletionItem]]", begun: str
) -> list[CompletionItem]:
    """Return what begins so, as far as it is known within the time that a person waits; nothing if all is not well.

    Where a service is named nothing is offered: the records here, if there are any, are not its own.
    """
    if context.find_root().obj is not None:
        return []
    found: list[CompletionItem] = []

    def look() -> None:
        try:
            with opened() as house:
                found.extend(one for one in read(house) if str(one.value).startswith(begun))
        except (JobError, OSError):
            return  # the shell is no place for complaints: the command itself will say it

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    return found[:_OFFERED]
