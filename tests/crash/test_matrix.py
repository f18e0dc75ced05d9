"""The crash matrix: whatever happens to any one command of any operation, the job ends whole or leaves nothing.

Expected end states are written by hand; an operation without its rows fails the suite.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tests.installation import Installation, WorkerKilledError
from vnx_jobs.adapters.memory.vnx import Fault, answer_lost, refused, worker_killed
from vnx_jobs.model.errors import Verdict
from vnx_jobs.model.states import State
from vnx_jobs.operations import OPERATIONS

START: Final = {
    "gold": "2 GB full: slag",
    "spare": "2 GB full: tin",
    "copy": "2 GB snap copy of gold: ore",
    "snapshot monday of gold": "ore",
    "snapshot hidden of gold": "ore",
}
"""What stands on the array before the job."""

HELD_AT_START: Final = {"copies": 1, "mounts": 1, "snapshots": 2}


def start_without(*names: str) -> dict[str, str]:
    """Return the start without some objects."""
    return {name: what for name, what in START.items() if name not in names}


@dataclass(frozen=True)
class Row:
    """An operation, its request, its changing commands in their order, and what stands when it has succeeded."""

    operation: str
    request: dict[str, Any]
    commands: tuple[str, ...]
    whole: dict[str, str]
    slots: dict[str, int]
    no_way_back: int = 99
    """How many of the commands may be refused and undone; a later refusal leaves the job stuck."""
    stuck: dict[str, str] = field(default_factory=dict)
    """What stands when the command past the point of no return is refused."""


MATRIX: Final = (
    Row(
        "create-volume",
        {"operation": "create-volume", "name": "new", "size_gb": 3, "pool": "pool"},
        ("create_lun",),
        START | {"new": "3 GB full: "},
        HELD_AT_START,
    ),
    Row(
        "create-snapshot",
        {"operation": "create-snapshot", "name": "tuesday", "volume": "gold"},
        ("create_snapshot",),
        START | {"snapshot tuesday of gold": "slag"},
        HELD_AT_START | {"snapshots": 3},
    ),
    Row(
        "delete-snapshot",
        {"operation": "delete-snapshot", "name": "monday"},
        ("destroy_snapshot",),
        start_without("snapshot monday of gold"),
        HELD_AT_START | {"snapshots": 1},
    ),
    Row(
        "snap-copy",
        {"operation": "snap-copy", "name": "second", "source": "spare"},
        ("create_snapshot", "create_mount_point", "attach_snapshot"),
        START | {"second": "2 GB snap copy of spare: tin", "snapshot hidden of spare": "tin"},
        HELD_AT_START,
    ),
    Row(
        "snap-copy-of-snapshot",
        {"operation": "snap-copy", "name": "second", "snapshot": "monday"},
        ("copy_snapshot", "allow_writes", "create_mount_point", "attach_snapshot"),
        START | {"second": "2 GB snap copy of gold: ore"},
        {"copies": 2, "mounts": 2, "snapshots": 3},
    ),
    Row(
        "clone",
        {"operation": "clone", "name": "twin", "source": "gold", "pool": "other"},
        ("create_snapshot", "create_mount_point", "attach_snapshot", "create_lun", "migrate", "destroy_snapshot"),
        START | {"twin": "2 GB full: slag"},
        HELD_AT_START,
        no_way_back=5,
        stuck=START | {"twin": "2 GB full: slag"},
    ),
    Row(
        "clone-of-snapshot",
        {"operation": "clone", "name": "twin", "snapshot": "monday"},
        (
            "copy_snapshot",
            "allow_writes",
            "create_mount_point",
            "attach_snapshot",
            "create_lun",
            "migrate",
            "destroy_snapshot",
        ),
        START | {"twin": "2 GB full: ore"},
        HELD_AT_START,
        no_way_back=6,
        stuck=START | {"twin": "2 GB full: ore"},
    ),
    Row(
        "delete-volume",
        {"operation": "delete-volume", "name": "spare"},
        ("destroy_lun",),
        start_without("spare"),
        HELD_AT_START,
    ),
    Row(
        "delete-snap-copy",
        {"operation": "delete-volume", "name": "copy"},
        ("destroy_mount_point", "destroy_snapshot"),
        start_without("copy", "snapshot hidden of gold"),
        {"copies": 0, "mounts": 0, "snapshots": 1},
        no_way_back=1,
        stuck=start_without("copy"),
    ),
    Row(
        "delete-mount-point",
        {"operation": "delete-volume", "name": "foreign"},
        ("destroy_mount_point",),
        START | {"snapshot theirs of gold": "slag"},
        HELD_AT_START | {"snapshots": 3},
    ),
)

SURVIVED: Final = {
    "killed before": lambda: worker_killed(WorkerKilledError(), effect=False),
    "killed after": lambda: worker_killed(WorkerKilledError(), effect=True),
    "answer lost, not done": lambda: answer_lost(effect=False),
    "answer lost, done": lambda: answer_lost(effect=True),
    "answer lost, lands late": lambda: answer_lost(effect=True, after=0.05),
    "busy": lambda: refused(Verdict.BUSY, "busy for now"),
    "unreachable": lambda: refused(Verdict.UNREACHABLE, "a network error occurred"),
    "credentials": lambda: refused(Verdict.CREDENTIALS, "login refused"),
}
"""What may happen to a command without anything but time being lost."""

CASES = [(row, command) for row in MATRIX for command in range(len(row.commands))]


def _name(case: object) -> str:
    return f"{case.operation}" if isinstance(case, Row) else str(case)


def _prepare(installation: Installation, row: Row) -> dict[str, str]:
    """Bring about what a row needs beyond the start; return what stands then."""
    if row.operation != "delete-mount-point":
        return START
    array = installation.watch.port
    array.create_snapshot(1, "theirs", writable=True)
    array.create_mount_point(90, "foreign", 1)
    array.attach_snapshot(90, "theirs")
    installation.read_array()
    return START | {"foreign": "2 GB snap copy of gold: slag", "snapshot theirs of gold": "slag"}


def _plan(installation: Installation, row: Row, command: int, fault: Fault) -> None:
    """Plan the fault at the row's n-th changing command: verbs repeat in no table."""
    assert len(set(row.commands)) == len(row.commands)
    installation.vnx.plan(row.commands[command], fault)


def _finish(installation: Installation, row: Row) -> Any:
    request = dict(row.request)
    return installation.do(request.pop("operation"), **request)


def _no_claim_is_left_but(installation: Installation, slots: dict[str, int]) -> None:
    held = {key: members for key, members in installation.held().items() if not key.startswith("numbers:")}
    locks = {key for key in held if key.split(":")[0] not in {"copies", "mounts", "snapshots"}}
    assert locks == set()
    assert installation.slots("gold") == slots


def test_every_operation_has_its_rows() -> None:
    """No table of the catalogue is missing from the matrix."""
    assert {row.operation for row in MATRIX} == set(OPERATIONS)


@pytest.mark.parametrize(("row", "command"), CASES, ids=_name)
@pytest.mark.parametrize("fault", SURVIVED)
def test_nothing_but_time_is_lost(installation: Installation, row: Row, command: int, fault: str) -> None:
    """A worker that dies, an answer that is lost, an array that is away: the job still ends with what was asked for."""
    _prepare(installation, row)
    _plan(installation, row, command, SURVIVED[fault]())
    record = _finish(installation, row)
    assert (record.state, record.operation) == (State.SUCCEEDED, row.operation), record.why
    assert installation.array_shows() == row.whole
    _no_claim_is_left_but(installation, row.slots)


@pytest.mark.parametrize(("row", "command"), CASES, ids=_name)
def test_what_is_refused_for_good_leaves_nothing(installation: Installation, row: Row, command: int) -> None:
    """A command refused for good: the job fails and nothing of its own stands, or it is stuck and says so."""
    before = _prepare(installation, row)
    slots = HELD_AT_START | (
        {"copies": 2, "mounts": 2, "snapshots": 3} if row.operation == "delete-mount-point" else {}
    )
    _plan(installation, row, command, refused(Verdict.REFUSED, "no such thing is done here"))
    record = _finish(installation, row)
    assert record.error == "no such thing is done here"
    if command < row.no_way_back:
        assert (record.state, record.code) == (State.FAILED, "array-refused")
        assert installation.array_shows() == before
        _no_claim_is_left_but(installation, slots)
    else:
        assert record.state is State.STUCK
        assert len(record.leftovers) == 1
        assert {name: what for name, what in installation.array_shows().items() if "hidden" not in name} == {
            name: what for name, what in row.stuck.items() if "hidden" not in name
        }
