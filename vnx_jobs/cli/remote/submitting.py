"""Jobs that a service is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.output import Form
from vnx_jobs.cli.previewing import nothing_to_wait_for, tell_plan
from vnx_jobs.cli.submitting import How, fields_of, show_accepted, show_waited
from vnx_jobs.client import Ask, UnreachableError
from vnx_jobs.client.asking import new_key
from vnx_jobs.documents.jobs import SubmittedDocument
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.specs import SEVERAL

from .batching import clone_group
from .jobs import followed
from .service import Service


def submit(  # noqa: PLR0913, PLR0917 -- an argument an option
    service: Service,
    operation: str,
    fields: Sequence[str],
    array: str | None,
    key: str,
    hooks: tuple[str, ...],
    **how: Unpack[How],
) -> Exit:
    """Submit one job."""
    given = fields_of(operation, fields, array)
    if "array" not in given:
        given["array"] = service.array_meant(None)
    if operation in SEVERAL:
        return clone_group(service, given | ({"hooks": list(hooks)} if hooks else {}), key, **how)
    return send(service, given, key, hooks, **how)


def send(  # noqa: PLR0913 -- what a request consists of
    service: Service,
    fields: Mapping[str, Any],
    key: str,
    hooks: tuple[str, ...],
    *,
    waits: bool,
    planned: bool,
    form: Form,
) -> Exit:
    """Submit one job, or show its plan. It always has a key, so that it may be sent again while nobody answers."""
    asked = Ask(fields, key, hooks=hooks)
    if planned:
        nothing_to_wait_for(waits=waits)
        return tell_plan(form, service.plan(asked))
    accepted = _accepted(service, asked if asked.key else Ask(fields, new_key(), hooks=hooks))
    if not waits:
        return show_accepted(form, accepted)
    (over,) = followed(service, [accepted.job], form)
    return show_waited(form, SubmittedDocument(**dict(over), known=accepted.known))


def _accepted(service: Service, asked: Ask) -> SubmittedDocument:
    try:
        return service.submit(asked)
    except UnreachableError as error:
        if error.lasting:  # nothing was sent
            raise
        text = f"{error.message}; the job may have been accepted: the same command finds it with --key {asked.key}"
        raise StateServerError(text) from None
