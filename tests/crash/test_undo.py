"""The crash matrix, backwards: whatever happens to a command that undoes, the job still leaves nothing of its own."""

from typing import Any, Final

import pytest

from tests.crash.test_matrix import HELD_AT_START, START, SURVIVED
from tests.installation import Installation
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.model.condition import SessionOver, from_json
from vnx_jobs.model.errors import Verdict
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

CLONE: Final[dict[str, Any]] = {"name": "twin", "source": "gold"}
UNDONE: Final = (
    ("snap-copy", "attach_snapshot", ("destroy_mount_point", "destroy_snapshot")),
    ("clone", "create_lun", ("destroy_mount_point", "destroy_snapshot")),
    ("clone", "migrate", ("destroy_lun", "destroy_mount_point", "destroy_snapshot")),
)
"""An operation, the command at which the array refuses it for good, and the commands that undo it."""
CASES: Final = [(operation, at, command) for operation, at, commands in UNDONE for command in commands]


def _nothing_is_left(installation: Installation, record: Record) -> None:
    assert (record.state, record.error) == (State.FAILED, "not here")
    assert installation.array_shows() == START
    assert installation.slots("gold") == HELD_AT_START
    assert {key.split(":")[0] for key in installation.held()} == {"copies", "mounts", "snapshots", "numbers"}


@pytest.mark.parametrize(("operation", "at", "command"), CASES)
@pytest.mark.parametrize("fault", SURVIVED)
def test_a_disturbed_undo_still_leaves_nothing(
    installation: Installation, operation: str, at: str, command: str, fault: str
) -> None:
    """A job that is refused half-way and then disturbed while it is undone ends FAILED with nothing of its own left."""
    installation.vnx.plan(at, refused(Verdict.REFUSED, "not here"))
    installation.vnx.plan(command, SURVIVED[fault]())
    _nothing_is_left(installation, installation.do(operation, **CLONE))


@pytest.mark.parametrize(("operation", "at", "command"), CASES)
def test_an_undo_that_is_refused_leaves_a_stuck_job_that_says_what_remains(
    installation: Installation, operation: str, at: str, command: str
) -> None:
    """When the array will not take back what was done, the job is STUCK, names it, and keeps its claims."""
    installation.vnx.plan(at, refused(Verdict.REFUSED, "not here"))
    installation.vnx.plan(command, refused(Verdict.REFUSED, "held by the array"))
    record = installation.do(operation, **CLONE)
    assert record.state is State.STUCK
    assert "held by the array" in record.why
    assert f"snapshot vjt-{record.id}-snap: " in record.leftovers[-1]
    assert "name:box:twin" in installation.held()


def _copying(installation: Installation) -> Record:
    installation.vnx.seconds_per_gb = 1000.0
    job = installation.submit("clone", **CLONE).job

    def at_it() -> bool:
        condition = installation.record(job).condition
        return bool(condition) and isinstance(from_json(condition), SessionOver)

    installation.until(at_it)
    return installation.record(job)


@pytest.mark.parametrize("command", ["cancel_migration", "destroy_lun", "destroy_mount_point", "destroy_snapshot"])
@pytest.mark.parametrize("fault", SURVIVED)
def test_a_faulted_session_is_taken_back_whatever_happens(installation: Installation, command: str, fault: str) -> None:
    """A migration that faults is cancelled and everything it needed is removed, also when that is disturbed."""
    record = _copying(installation)
    installation.vnx.stop_session(record.numbers["volume"], "FAULTED")
    installation.vnx.plan(command, SURVIVED[fault]())
    (ended,) = installation.run(record.id)
    assert (ended.state, "FAULTED" in ended.error) == (State.FAILED, True)
    assert installation.array_shows() == START
    assert installation.slots("gold") == HELD_AT_START
