"""Schedules of a service: looked at, held, and begun at once."""

from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.output import Form
from vnx_jobs.cli.schedules import NEXT, say_paused, say_resumed, show_run, show_schedule, show_schedules

from .service import Service


def list_(service: Service, *, form: Form) -> Exit:
    """List schedules."""
    return show_schedules(form, service.schedules())


def show(service: Service, name: str, *, form: Form) -> Exit:
    """Show one schedule."""
    return show_schedule(form, service.schedule_with(name, NEXT))


def pause(service: Service, name: str) -> Exit:
    """Let a schedule begin nothing by itself."""
    service.order_schedule(name, "pause")
    return say_paused(name)


def resume(service: Service, name: str) -> Exit:
    """End a pause."""
    service.order_schedule(name, "resume")
    return say_resumed(name)


def run(service: Service, name: str, *, form: Form) -> Exit:
    """Begin a run now."""
    return show_run(form, name, service.run_schedule(name))
