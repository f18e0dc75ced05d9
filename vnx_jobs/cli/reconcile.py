"""`vnx-jobs reconcile`: what differs between an array and the records of it, and what is done about that."""

from typing import Final

import click

from vnx_jobs.documents.findings import ComparisonDocument, FindingDocument
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted
from vnx_jobs.reconcile.finding import Finding, Remedy
from vnx_jobs.reconcile.run import Comparison
from vnx_jobs.wiring import House

from . import known
from .bars import progress_screen
from .exits import Exit
from .output import Form, in_form, show_one
from .paragraphs import show_paragraph
from .session import opened, sender
from .waiting import wait

_INDENT: Final = len(max(Remedy, key=len)) + 2


@click.command()
@click.argument("array", shell_complete=known.arrays)
@click.option("--apply", "applies", is_flag=True, help="Do what is safe, and wait for the jobs that clean up.")
@in_form
def reconcile(array: str, *, applies: bool, form: Form) -> int:
    """Compare an array with what is on record of it.

    For example: vnx-jobs reconcile sim

    Each finding says what is done about it: adopt what others changed, repair slots and numbers, clean up what
    jobs left, or leave it. Nothing is done without --apply. Nothing of anybody else's is ever touched.
    """
    with opened() as house:
        found = house.reconciler.look(array)
        ended: dict[str, Record] = {}
        if applies:
            _need_workers(house, found)
            found = house.reconciler.apply(found, sender())
            jobs = [one.job for one in found.jobs.values() if isinstance(one, Accepted)]
            with progress_screen(quiet=not form.for_people) as screen:
                ended = {record.id: record for record in wait(house.reads, jobs, screen)} if jobs else {}
    remain = [one for one in found.findings if not (applies and _is_done(one, found, ended))]
    findings = [FindingDocument.of(one, _record(one, found, ended), _fate(one, found, ended)) for one in found.findings]
    document = ComparisonDocument.of(array, findings, applied=applies, remain=len(remain))
    show_one(form, document, lambda: _show(found, ended, remain))
    return Exit.FAILED if remain else Exit.WELL


def _show(found: Comparison, ended: dict[str, Record], remain: list[Finding]) -> None:
    """Write each finding as a sentence, its remedy before it, and below it the job that cleaned up."""
    for one in found.findings:
        show_paragraph(one.sentence, one.remedy, _INDENT)
        if fate := _fate(one, found, ended):
            show_paragraph(fate, "", _INDENT)
    if not found.findings:
        click.echo(f"{found.array} is as the records say")
    elif len(remain) < len(found.findings):
        click.echo(f"{_findings(found)}, {len(remain)} of them {'remains' if len(remain) == 1 else 'remain'}")
    else:
        click.echo(_findings(found))


def _findings(found: Comparison) -> str:
    return "1 finding" if len(found.findings) == 1 else f"{len(found.findings)} findings"


def _need_workers(house: House, found: Comparison) -> None:
    """Raise Refused if the array is held: no job would begin."""
    held = house.reads.standing(found.array).held
    if held and any(one.removal for one in found.findings):
        text = f"{found.array} is held by {held}, and what jobs left could not be removed: resume it first"
        raise Refused(Code.ORDER_REFUSED, text)


def _is_done(one: Finding, found: Comparison, ended: dict[str, Record]) -> bool:
    if one.removal is None:
        return one.remedy is not Remedy.LEAVE
    record = _record(one, found, ended)
    return record is not None and record.state is State.SUCCEEDED


def _record(one: Finding, found: Comparison, ended: dict[str, Record]) -> Record | None:
    answer = found.jobs.get(one.removal) if one.removal is not None else None
    return ended.get(answer.job) if isinstance(answer, Accepted) else None


def _fate(one: Finding, found: Comparison, ended: dict[str, Record]) -> str:
    """Return what became of the job that was to clean up."""
    answer = found.jobs.get(one.removal) if one.removal is not None else None
    if isinstance(answer, Refused):
        return f"refused: {answer.message}"
    record = _record(one, found, ended)
    return "" if record is None else f"{record.id} {record.state} {record.error}".strip()
