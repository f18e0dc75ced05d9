"""`vnx-jobs batches`: how batches stand, what they are told to do, and the report of each row."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

import click

from vnx_jobs.batches.ordering import BatchOrders
from vnx_jobs.batches.reporting import report
from vnx_jobs.batches.standing import newest, rows_seen, standing_of
from vnx_jobs.documents.batches import BatchOrderDocument, RowReportDocument, StandingDocument
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State

from .exits import Exit
from .output import Column, Form, in_form, show_documents, show_one, show_said, tells_facts
from .screen import Fit, duration, local_time
from .session import audited, opened, sender

_SAYS: Final = {
    Order.CANCEL: "Cancel every job of a batch that has not ended, and undo what they did.",
    Order.PAUSE: "Stop every job of a batch at its next step boundary.",
    Order.RESUME: "Let paused jobs of a batch go on, and stuck ones try again.",
    Order.UNDO: "Undo every stuck job of a batch.",
}
_COLUMNS: Final[tuple[Column[StandingDocument], ...]] = (
    Column("batch", lambda one: one.batch, fit=Fit.CUT),
    Column("rows", lambda one: str(one.jobs)),
    Column("over", lambda one: str(one.rows_over), wide=True),
    Column("done", lambda one: f"{one.percent} %"),
    Column("left", lambda one: _left(one, brief=True)),
    Column("submitted", lambda one: local_time(one.begun), wide=True),
    Column("states", lambda one: _counted(one.jobs_by_state), fit=Fit.CUT),
)
_REPORT: Final[tuple[Column[RowReportDocument], ...]] = (
    Column("row", lambda one: one.row),
    Column("state", lambda one: str(one.state)),
    Column("job", lambda one: one.job),
    Column("what", lambda one: f"{one.operation} {one.name}", wide=True),
    Column("array", lambda one: one.array, wide=True),
    Column("code", lambda one: one.code or "", wide=True),
    Column("cause", lambda one: one.cause, fit=Fit.CUT),
    Column("remedy", lambda one: one.remedy, fit=Fit.CUT),
)


@click.group()
def batches() -> None:
    """Look at batches, and tell all jobs of one what to do."""


@batches.command("list")
@click.option(
    "--limit", type=click.IntRange(0, 1_000_000), default=20, show_default=True, help="At most so many; 0 for all."
)
@in_form
def list_(limit: int, *, form: Form) -> int:
    """List batches, the one submitted to last first.

    For example: vnx-jobs batches list --limit 5
    """
    with opened() as house:
        now, halted = _now(), house.reads.halted()
        standings = [standing_of(batch, rows, now, halted) for batch, rows in newest(house.pages, _all, limit)]
    return show_batches(form, [StandingDocument.told_of(one) for one in standings])


def show_batches(form: Form, found: Sequence[StandingDocument]) -> Exit:
    """Write a list of batches."""
    show_documents(form, found, _COLUMNS, StandingDocument, empty="no batches")
    return Exit.WELL


@batches.command()
@click.argument("name")
@in_form
def show(name: str, *, form: Form) -> int:
    """Say how far a batch is, and how much longer it takes.

    Of a row that was tried again the last attempt counts. For example: vnx-jobs batches show web
    """
    with opened() as house:
        standing = standing_of(name, rows_seen(house.pages, name, _all), _now(), house.reads.halted())
    return show_batch(form, StandingDocument.told_of(standing))


def show_batch(form: Form, one: StandingDocument) -> Exit:
    """Write how a batch stands."""
    facts = (
        ("batch", one.batch),
        ("rows", str(one.jobs)),
        ("over", f"{one.rows_over} of {one.jobs}"),
        ("done", f"{one.percent} %"),
        ("time left", _left(one)),
        ("states", _counted(one.jobs_by_state)),
        ("submitted", local_time(one.begun)),
    )
    show_one(form, one, tells_facts(*facts))
    return Exit.WELL


@batches.command("report")
@click.argument("name")
@click.option("--csv", "as_csv", is_flag=True, help="The same as --output csv.")
@in_form
def report_(name: str, *, as_csv: bool, form: Form) -> int:
    """Say of each row how it stands, why, and what can be done.

    For example: vnx-jobs batches report web --csv
    """
    form = report_form(form, as_csv=as_csv)
    with opened() as house:
        rows = [RowReportDocument.of(row) for row in report(house.pages, name)]
    return show_report(form, rows)


def report_form(form: Form, *, as_csv: bool) -> Form:
    """Return how a report is written. Raises UsageError if its options contradict each other."""
    if as_csv and form not in {Form.TABLE, Form.CSV}:
        raise click.UsageError(f"--csv and --output {form} contradict each other")
    return Form.CSV if as_csv else form


def show_report(form: Form, rows: Sequence[RowReportDocument]) -> Exit:
    """Write how each row of a batch stands."""
    show_documents(form, rows, _REPORT, RowReportDocument, empty="no rows")
    return Exit.WELL


def _command(order: Order) -> click.Command:
    @click.command(order.value, help=f"{_SAYS[order]}\n\nFor example: vnx-jobs batches {order} web")
    @click.argument("name")
    @in_form
    def give(name: str, *, form: Form) -> int:
        with opened() as house, audited(house, f"batches {order} {name}"):
            ordered = BatchOrders(house.pages, house.store, house.bell).give(name, order, sender())
        return show_ordered(form, BatchOrderDocument.of(ordered))

    return give


def show_ordered(form: Form, ordered: BatchOrderDocument) -> Exit:
    """Write what came of an order to all jobs of a batch, and return the status that it means."""
    show_said(form, ordered, _said(ordered))
    return Exit.REFUSED if ordered.refused else Exit.WELL


for _order in _SAYS:
    batches.add_command(_command(_order))


def _all(array: str) -> bool:
    """Say that whoever is at the terminal sees every array."""
    del array
    return True


def _now() -> int:
    return round(time.time() * 1000)


def _counted(counts: Mapping[State, int]) -> str:
    return ", ".join(f"{counts[state]} {state}" for state in State if counts.get(state))


def _left(standing: StandingDocument, *, brief: bool = False) -> str:
    if standing.seconds_left is None:
        return "unknown" if brief else standing.basis
    if standing.rows_over == standing.jobs:
        return "" if brief else standing.basis
    left = duration(standing.seconds_left)
    return left if brief else f"{left} ({standing.basis})"


def _said(ordered: BatchOrderDocument) -> str:
    """Say what came of an order: a line, and one for each reason of a refusal."""
    taken = ordered.jobs_taken
    parts = [f"{taken} of {ordered.rows} jobs took `{ordered.order}`"]
    if taken:
        parts[0] += f" ({_counted(ordered.taken_by_state)})"
    if ordered.already:
        parts.append(f"{ordered.already} needed nothing")
    if ordered.left_by_state:
        parts.append(f"not for {_counted(ordered.left_by_state)}")
    lines = [f"batch {ordered.batch}: {'; '.join(parts)}"]
    lines += [f"{one.jobs} refused: {one.why} ({', '.join(one.first[:3])})" for one in ordered.refused]
    return "\n".join(lines)
