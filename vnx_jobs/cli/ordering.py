"""`vnx-jobs cancel`, `pause`, `resume`, `undo`, `abandon` and `retry`: what a person tells one job to do."""

from typing import Final

import click

from vnx_jobs.model.orders import Order

from .exits import Exit
from .screen import show_json
from .session import opened, sender

_SAYS: Final = {
    Order.CANCEL: "Cancel a job and undo what it did.\n\nRefused once it can only go forward.",
    Order.PAUSE: "Stop a job at its next step boundary.\n\nIt keeps its claims and its place in the queues.",
    Order.RESUME: "Let a paused job go on, or a stuck one try again.",
    Order.UNDO: "Undo a stuck job.\n\nWhat it left on the array is removed.",
    Order.ABANDON: "Give a stuck job up, leaving what it left.\n\nIts claims are freed; the leftovers stay.",
}


def _command(order: Order) -> click.Command:
    @click.command(order.value, help=_SAYS[order])
    @click.argument("job_id", metavar="ID")
    @click.option("--json", "as_json", is_flag=True, help="Write JSON.")
    def give(job_id: str, *, as_json: bool) -> int:
        with opened() as house:
            answer = house.orders.give(job_id, order, sender())
        if as_json:
            show_json({"job": job_id, "order": order, "state": answer.state, "why": answer.why})
        else:
            click.echo(f"{job_id} {answer.state}: {answer.why}")
        return Exit.WELL

    return give


cancel = _command(Order.CANCEL)
pause = _command(Order.PAUSE)
resume = _command(Order.RESUME)
undo = _command(Order.UNDO)
abandon = _command(Order.ABANDON)


@click.command()
@click.argument("job_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def retry(job_id: str, *, as_json: bool) -> int:
    """Try a job again that did not succeed.

    Submits what it was asked for as a new job, which names the old one.
    """
    with opened() as house:
        accepted = house.orders.retry(job_id, sender())
    if as_json:
        show_json({"job": accepted.job, "retry_of": job_id, "state": accepted.state, "why": accepted.why})
    else:
        click.echo(f"{accepted.job} {accepted.state}: tries {job_id} again")
    return Exit.WELL
