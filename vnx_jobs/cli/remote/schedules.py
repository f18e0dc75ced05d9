"""Schedules of a service: looked at, held, and begun at once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vnx_jobs.cli.applying import show_difference
from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.output import Form
from vnx_jobs.cli.schedules import (
    NEXT,
    say_added,
    say_paused,
    say_removed,
    say_resumed,
    show_run,
    show_schedule,
    show_schedules,
)
from vnx_jobs.cli.submitting import fields_of
from vnx_jobs.client import Refused as Turned
from vnx_jobs.schedules.policies import read_text

from .service import Service


def list_(service: Service, *, form: Form) -> Exit:
    """List schedules."""
    return show_schedules(form, service.schedules())


def add(  # noqa: PLR0913 -- an argument an option
    service: Service,
    name: str,
    operation: str,
    fields: Sequence[str],
    *,
    array: str | None,
    replace: bool,
    **options: Any,  # noqa: ANN401 -- a schedule's
) -> Exit:
    """Add a schedule."""
    job = fields_of(operation, fields, array)
    if "array" not in job:
        job["array"] = service.array_meant(None)
    given = {option: value for option, value in options.items() if value not in (None, ())}
    return say_added(service.put_schedule(name, {**given, "jobs": [job]}, replace=replace))


def apply(service: Service, file: Path, array: str | None, *, planned: bool, form: Form) -> Exit:
    """Make the schedules of a policy file what it says; the service knows it by its name without the ending."""
    text = read_text(file)
    try:
        told = service.apply_policies(text, file.stem, array, planned=planned)
    except Turned as refused:
        message = refused.message.removeprefix("body.yaml: ")
        raise Turned(refused.code, f"{file}: {message}") from None
    return show_difference(form, told)


def remove(service: Service, name: str) -> Exit:
    """Remove a schedule."""
    service.remove_schedule(name)
    return say_removed(name)


def show(service: Service, name: str, *, form: Form) -> Exit:
    """Show one schedule."""
    return show_schedule(form, service.schedule_with(name, NEXT))


def pause(service: Service, name: str) -> Exit:
    """Let a schedule begin nothing by itself."""
    service.pause_schedule(name)
    return say_paused(name)


def resume(service: Service, name: str) -> Exit:
    """End a pause."""
    service.resume_schedule(name)
    return say_resumed(name)


def run(service: Service, name: str, *, form: Form) -> Exit:
    """Begin a run now."""
    return show_run(form, name, service.run_schedule(name))
