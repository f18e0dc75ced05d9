"""Batches of a service: how they stand, and what they are told to do."""

from typing import Final

from vnx_jobs.cli.batches import report_form, show_batch, show_batches, show_ordered, show_report
from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.output import Form
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.orders import Order

from .service import Service

_MOST: Final = 100
"""Batches that a service lists at most."""


def list_(service: Service, limit: int, *, form: Form) -> Exit:
    """List batches, the one submitted to last first."""
    if not 1 <= limit <= _MOST:
        raise Refused(Code.INVALID, f"--limit must be 1 to {_MOST} over HTTP: the service lists no more batches")
    return show_batches(form, service.batches(limit))


def show(service: Service, name: str, *, form: Form) -> Exit:
    """Say how far a batch is."""
    return show_batch(form, service.batch(name))


def report(service: Service, name: str, *, as_csv: bool, form: Form) -> Exit:
    """Say of each row how it stands."""
    form = report_form(form, as_csv=as_csv)
    return show_report(form, service.batch_report(name).rows)


def cancel(service: Service, name: str, *, form: Form) -> Exit:
    """Cancel every job of a batch."""
    return show_ordered(form, service.order_batch(name, Order.CANCEL))


def pause(service: Service, name: str, *, form: Form) -> Exit:
    """Stop every job of a batch."""
    return show_ordered(form, service.order_batch(name, Order.PAUSE))


def resume(service: Service, name: str, *, form: Form) -> Exit:
    """Let jobs of a batch go on."""
    return show_ordered(form, service.order_batch(name, Order.RESUME))


def undo(service: Service, name: str, *, form: Form) -> Exit:
    """Undo every stuck job of a batch."""
    return show_ordered(form, service.order_batch(name, Order.UNDO))
