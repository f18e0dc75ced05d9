"""`vnx-jobs cancel`, `pause`, `resume`, `undo`, `abandon` and `retry`: what a person tells one job to do."""

from typing import TYPE_CHECKING, Final

import click

from vnx_jobs.documents.arrays import ArrayOrderDocument
from vnx_jobs.documents.jobs import OrderDocument, RetriedDocument
from vnx_jobs.model.orders import Order

from . import known
from .exits import Exit
from .output import Form, in_form, show_said
from .session import audited, opened, sender

if TYPE_CHECKING:  # slow: the session opens it
    from vnx_jobs.wiring import House

_SAYS: Final = {
    Order.CANCEL: "Cancel a job and undo what it did.\n\nRefused once it can only go forward.",
    Order.UNDO: "Undo a stuck job.\n\nWhat it left on the array is removed.",
    Order.ABANDON: "Give a stuck job up, leaving what it left.\n\nIts claims are freed; the leftovers stay.",
}


def _command(order: Order) -> click.Command:
    @click.command(order.value, help=f'{_SAYS[order]}\n\nFor example: vnx-jobs {order} "$JOB"')
    @click.argument("job_id", metavar="ID", shell_complete=known.jobs)
    @in_form
    def give(job_id: str, *, form: Form) -> int:
        return _give(job_id, order, form=form)

    return give


def _give(job_id: str, order: Order, *, form: Form) -> int:
    with opened() as house, audited(house, str(order)) as told:
        told.jobs = (job_id,)
        told.array = _array_of(house, job_id)
        answer = house.orders.give(job_id, order, sender())
    return show_order(form, OrderDocument.of(job_id, order, answer))


def _array_of(house: "House", job_id: str) -> str:
    """Return the array of a job; nothing if there is no such job."""
    record = house.store.get(job_id)
    return "" if record is None else record.array


def show_order(form: Form, taken: OrderDocument) -> Exit:
    """Write what came of an order."""
    show_said(form, taken, f"{taken.job} {taken.state}: {taken.why}")
    return Exit.WELL


def need_one_of(job_id: str | None, array: str | None) -> None:
    """Raise UsageError unless either a job or an array is meant."""
    if (job_id is None) == (array is None):
        raise click.UsageError("give either a job's ID, or --array NAME")


def _say(array: str, word: str, why: str, *, form: Form) -> int:
    return show_array_order(form, ArrayOrderDocument(array=array, standing=word, why=why))


def show_array_order(form: Form, taken: ArrayOrderDocument) -> Exit:
    """Write what came of an order to an array."""
    show_said(form, taken, f"{taken.array} {taken.standing}: {taken.why}")
    return Exit.WELL


cancel = _command(Order.CANCEL)
undo = _command(Order.UNDO)
abandon = _command(Order.ABANDON)


@click.command()
@click.argument("job_id", metavar="ID", shell_complete=known.jobs, required=False)
@click.option(
    "--array",
    metavar="NAME",
    shell_complete=known.arrays,
    help="Hold this array: what has begun goes on, nothing is begun.",
)
@in_form
def pause(job_id: str | None, array: str | None, *, form: Form) -> int:
    """Stop a job at its next step boundary, or begin nothing on an array.

    For example: vnx-jobs pause --array vnx-1

    A paused job keeps its claims and its place in the queues.
    """
    need_one_of(job_id, array)
    if job_id is not None:
        return _give(job_id, Order.PAUSE, form=form)
    with opened() as house, audited(house, "hold", array or ""):
        by = house.orders.hold(array or "", sender())
    return _say(array or "", "held", f"by {by}: what has begun goes on, nothing is begun", form=form)


@click.command()
@click.argument("job_id", metavar="ID", shell_complete=known.jobs, required=False)
@known.array_option("End the hold of this array.")
@in_form
def resume(job_id: str | None, array: str | None, *, form: Form) -> int:
    """Let a paused job go on, a stuck one try again, or an array begin jobs.

    For example: vnx-jobs resume --array vnx-1
    """
    need_one_of(job_id, array)
    if job_id is not None:
        return _give(job_id, Order.RESUME, form=form)
    with opened() as house, audited(house, "end hold", array or ""):
        house.orders.unhold(array or "", sender())
    return _say(array or "", "at work", "nobody holds it any more", form=form)


@click.command()
@click.argument("job_id", metavar="ID", shell_complete=known.jobs)
@in_form
def retry(job_id: str, *, form: Form) -> int:
    """Try a job again that did not succeed.

    For example: vnx-jobs retry "$JOB"

    What had to succeed before it must have, or be under way: of a batch, the last attempt at that row.

    Submits what it was asked for as a new job, which names the old one.
    """
    with opened() as house, audited(house, f"retry {job_id}") as told:
        told.array = _array_of(house, job_id)
        accepted = house.orders.retry(job_id, sender())
        told.jobs = (accepted.job,)
    return show_retry(form, RetriedDocument(job=accepted.job, retry_of=job_id, state=accepted.state, why=accepted.why))


def show_retry(form: Form, taken: RetriedDocument) -> Exit:
    """Write which job tries another again."""
    show_said(form, taken, f"{taken.job} {taken.state}: tries {taken.retry_of} again")
    return Exit.WELL
