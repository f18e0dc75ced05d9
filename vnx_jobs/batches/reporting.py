"""The report of a batch: of each row how it stands, why, and what can be done about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from vnx_jobs.model.errors import Code
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.ports.pages import Pages

from .standing import rows_seen

_PART: Final = 300
_AGAIN: Final = "submit the manifest again: only what has not succeeded runs"
_BY_CODE: Final[Mapping[str, str]] = MappingProxyType(
    {
        Code.PREDECESSOR: "mend the row that it comes after",
        Code.NAME_IN_USE: "give the row another name, or remove what bears this one",
        Code.NO_SUCH_VOLUME: "name a volume that there is",
        Code.NO_SUCH_SNAPSHOT: "name a snapshot that there is",
        Code.COPIES_LIMIT: "delete a snap copy of the source, or take another source",
        Code.SLOTS_LIMIT: "delete snapshots or snap copies of the source, or take another source",
        Code.NUMBERS_LIMIT: "delete volumes, or give the array a larger range of `numbers`",
        Code.HAS_COPIES: "delete its snap copies first",
        Code.HAS_SNAPSHOTS: "delete its snapshots first",
        Code.IN_USE: "detach it from its hosts first",
        Code.IDENTITY: "look at what bears the name now",
        Code.ARRAY_REFUSED: "do what the array's sentence asks for",
        Code.ATTEMPTS: "look after the array (`vnx-jobs doctor`)",
        Code.NO_SPACE: "make room in the repository",
    }
)
"""What is to be done first about a job that failed for a reason; of others the cause says it."""


@dataclass(frozen=True, slots=True)
class RowReport:
    """How one row of a batch stands, by its last attempt."""

    row: str
    job: str
    operation: str
    array: str
    name: str
    state: State
    code: str
    """Why it failed, as a stable code."""
    cause: str
    """Why it failed, or the reason of its present state."""
    remedy: str
    """What can be done; empty if nothing is to be done."""


def report(pages: Pages, batch: str, sees: Callable[[str], bool] = lambda _: True) -> Iterator[RowReport]:
    """Yield the rows of a batch on arrays that somebody sees, in their order; records are read a part at a time.

    Raises Refused(no-such-batch) before the first.
    """
    rows = rows_seen(pages, batch, sees)
    return _told(pages, [row.job for row in rows])


def _told(pages: Pages, jobs: list[str]) -> Iterator[RowReport]:
    for start in range(0, len(jobs), _PART):
        yield from map(_row, pages.these(jobs[start : start + _PART]))


def _row(record: Record) -> RowReport:
    return RowReport(
        row=record.row or record.id,
        job=record.id,
        operation=str(record.spec["operation"]),
        array=record.array,
        name=record.name,
        state=record.state,
        code=record.code,
        cause=record.error or record.why,
        remedy=remedy(record),
    )


def remedy(record: Record) -> str:
    """Say what a person can do about a job; empty if nothing is to be done."""
    match record.state:
        case State.STUCK:
            ways = "`vnx-jobs resume` it, or abandon it" if record.past_no_way_back else "`vnx-jobs undo` or resume it"
            return f"`vnx-jobs job {record.id}` says what is left; then {ways}"
        case State.PAUSED:
            return f"vnx-jobs resume {record.id}"
        case State.FAILED | State.CANCELLED | State.ABANDONED:
            first = _BY_CODE.get(record.code, "")
            return f"{first}; then {_AGAIN}" if first else _AGAIN
        case _:
            return ""
