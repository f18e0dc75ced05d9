"""What a person tells a job of a service to do, or holds an array by."""

from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.ordering import need_one_of, show_array_order, show_order, show_retry
from vnx_jobs.cli.output import Form
from vnx_jobs.model.orders import Order

from .service import Service


def cancel(service: Service, job_id: str, *, form: Form) -> Exit:
    """Cancel a job."""
    return show_order(form, service.order(job_id, Order.CANCEL))


def undo(service: Service, job_id: str, *, form: Form) -> Exit:
    """Undo a stuck job."""
    return show_order(form, service.order(job_id, Order.UNDO))


def abandon(service: Service, job_id: str, *, form: Form) -> Exit:
    """Give a stuck job up."""
    return show_order(form, service.order(job_id, Order.ABANDON))


def pause(service: Service, job_id: str | None, array: str | None, *, form: Form) -> Exit:
    """Stop a job at its next step boundary, or begin nothing on an array."""
    need_one_of(job_id, array)
    if job_id is not None:
        return show_order(form, service.order(job_id, Order.PAUSE))
    return show_array_order(form, service.hold(array or ""))


def resume(service: Service, job_id: str | None, array: str | None, *, form: Form) -> Exit:
    """Let a job go on, or an array begin jobs."""
    need_one_of(job_id, array)
    if job_id is not None:
        return show_order(form, service.order(job_id, Order.RESUME))
    return show_array_order(form, service.unhold(array or ""))


def retry(service: Service, job_id: str, *, form: Form) -> Exit:
    """Try a job again."""
    return show_retry(form, service.retry(job_id))
