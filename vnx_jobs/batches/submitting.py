"""Submitting a checked manifest: row by row in an order in which each predecessor has its job before it is named."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from vnx_jobs.model.errors import Refused
from vnx_jobs.ports import Accepted
from vnx_jobs.submission import Request

from .checking import Checked, Sound, levels, needs, request
from .fates import Fate, RowFate
from .manifest import Row


class Submits(Protocol):
    """Takes requests: the submission, or a rehearsal of it."""

    def submit_many(self, requests: Sequence[Request]) -> list[Accepted | Refused]:
        """Answer each request, in their order."""
        ...


def submit(checked: Checked, submission: Submits, *, partial: bool, by: str) -> list[RowFate]:
    """Submit the rows of a manifest, and say what became of each, in the order of their lines.

    With any row wrong nothing is submitted, unless `partial`: then all rows but the wrong ones and those after them.
    Raises StateServerError; the same manifest submitted again goes on where it stopped.
    """
    rows = {(row.line, row.name): row for row in checked.manifest.rows}
    wrong = [
        _raw(rows.get((problem.line, problem.row)), Fate.WRONG, problem.text, line=problem.line, name=problem.row)
        for problem in checked.problems
    ]
    if wrong and not partial:
        fates = {one.row.name: _fate(one, Fate.HELD_BACK, message="other rows are wrong") for one in checked.sound}
    else:
        fates = _in_levels(checked, submission, by)
    told = {fate.row for fate in (*fates.values(), *wrong)}
    why = "a row that it comes after is wrong"
    followers = [_raw(row, Fate.HELD_BACK, why) for row in checked.manifest.rows if row.name not in told]
    places = {row.name: place for place, row in enumerate(checked.manifest.rows)}
    return sorted([*fates.values(), *wrong, *followers], key=lambda fate: (fate.line, places.get(fate.row, -1)))


def complaint(fates: Sequence[RowFate]) -> str:
    """Say in one line why nothing was submitted."""
    bad = [fate for fate in fates if fate.fate in {Fate.WRONG, Fate.REFUSED}]
    first = f"; the first, row {bad[0].row or '?'} (line {bad[0].line}): {bad[0].message}" if bad else ""
    return f"nothing was submitted: {len(bad)} of {len(fates)} rows are wrong or refused{first}"


def _raw(row: Row | None, fate: Fate, message: str, *, line: int = 0, name: str = "") -> RowFate:
    """Return the fate of a row without a spec; one that could not be read has not even fields."""
    if row is None:
        return RowFate(line, name, "", "", "", fate, message=message)
    operation, array, named = (str(row.fields.get(field, "")) for field in ("operation", "array", "name"))
    return RowFate(row.line, row.name, operation, array, named, fate, message=message)


def _in_levels(checked: Checked, submission: Submits, by: str) -> dict[str, RowFate]:
    """Submit all rows that need nothing more, then those that needed them, and so on."""
    rows = {one.row.name: one for one in checked.sound}
    fates: dict[str, RowFate] = {}
    for names in levels(needs(checked.sound)):
        fates |= _level(checked.manifest.batch, [rows[name] for name in names], fates, submission, by)
    return fates


def _level(
    batch: str, ready: Sequence[Sound], fates: Mapping[str, RowFate], submission: Submits, by: str
) -> dict[str, RowFate]:
    answered: dict[str, RowFate] = {}
    able = []
    for one in ready:
        lost = [name for name in one.row.after if not fates[name].has_job]
        if lost:
            answered[one.row.name] = _fate(one, Fate.HELD_BACK, message=f"row {lost[0]} has no job")
        else:
            able.append(one)
    requests = [request(batch, one, [fates[name].job for name in one.row.after], by) for one in able]
    for one, answer in zip(able, submission.submit_many(requests), strict=True):
        answered[one.row.name] = _answered(one, answer)
    return answered


def _answered(one: Sound, answer: Accepted | Refused) -> RowFate:
    match answer:
        case Accepted():
            return _fate(one, Fate.KNOWN if answer.known else Fate.SUBMITTED, job=answer.job, message=answer.why)
        case Refused():
            return _fate(one, Fate.REFUSED, message=answer.message)


def _fate(one: Sound, fate: Fate, *, job: str = "", message: str = "") -> RowFate:
    spec = one.spec
    return RowFate(one.row.line, one.row.name, spec.operation, spec.array, spec.name, fate, job, message)
