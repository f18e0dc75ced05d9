"""The crash matrix: whatever happens to any one command of any operation, the job ends whole or leaves nothing.

Expected end states are written by hand, in `tables.py`; an operation without its rows fails the suite.
"""

from collections import Counter

import pytest

from tests.crash.fates import NOT_HERE, REFUSAL, SURVIVED, UNREAD
from tests.crash.play import (
    is_gone,
    is_stuck,
    is_whole,
    locks,
    place_of,
    plan,
    played,
    sent,
    submitted,
    was_sent_once_more,
)
from tests.crash.tables import LOOKS, MATRIX, TAKEN_BACK, UNDONE, Row
from tests.installation import Installation
from vnx_jobs.adapters.memory.vnx import meanwhile
from vnx_jobs.model.orders import Order
from vnx_jobs.operations import OPERATIONS
from vnx_jobs.steps.work import nothing

CASES = [pytest.param(row, command, id=f"{row.operation}-{command}") for row in MATRIX for command in row.commands]
READS = [pytest.param(row, read, id=f"{row.operation}-{read}") for row in MATRIX for read in row.reads]
ROWS = [pytest.param(row, id=row.operation) for row in MATRIX]


ABOUT_NOTHING = {
    ("create-volume", "create_lun"),
    ("create-compressed-volume", "create_lun"),
    ("delete-group", "destroy_group"),
    ("restore-backup", "create_lun"),
    ("drill", "create_lun"),
    ("drill", "map_lun"),
}
"""Refusals after which nobody asks for the sessions: no LUN that was there before is in play."""


def test_every_operation_has_its_rows() -> None:
    """No table of the catalogue is missing from the matrix, and none stands there twice."""
    assert sorted(row.operation for row in MATRIX) == sorted(OPERATIONS)


def test_every_command_that_may_be_refused_has_its_undo() -> None:
    """For each operation and each command that can be undone it is written what undoes it: as many as the steps say."""
    refusable = {(row.operation, command) for row in MATRIX for command in row.commands[: row.no_way_back]}
    assert set(UNDONE) == refusable
    assert set(TAKEN_BACK) == refusable
    for row in MATRIX:
        writing = row.writing(OPERATIONS[row.operation])
        assert len(writing) == len(row.commands)
        for place, command in enumerate(row.commands[: row.no_way_back]):
            undoing = sum(step.undo is not nothing for step in writing[:place])
            changes = [
                one
                for one in UNDONE[row.operation, command]
                if one not in {"lun", "snapshot", "group", "storage_group"}
            ]
            assert len(changes) == undoing, (row.operation, command)


@pytest.mark.parametrize("row", ROWS)
def test_an_undisturbed_job(installation: Installation, row: Row) -> None:
    """Undisturbed, an operation sends its commands once, and reads what its row says."""
    is_whole(installation, row, played(installation, row))
    assert sent(installation, row) == list(row.commands)
    reads = [command.verb for command in installation.vnx.audit if not command.change]
    assert set(reads) == set(row.reads)


@pytest.mark.parametrize("row", ROWS)
def test_claims_are_held_from_the_first_command_to_the_last(installation: Installation, row: Row) -> None:
    """At each changing command the job holds its locks, and the permit at the command that needs it.

    One that is needed no more was given back.
    """
    seen: list[dict[str, str]] = []
    job: list[str] = []
    for command in row.commands:
        installation.vnx.plan(command, meanwhile(lambda: seen.append(locks(installation, job[0]))))
    job.append(submitted(installation, row))
    installation.run(*job)
    assert seen == [row.held_at(place) for place in range(len(row.commands))]


@pytest.mark.slow
@pytest.mark.parametrize(("row", "command"), CASES)
@pytest.mark.parametrize("fate", SURVIVED)
def test_nothing_but_time_is_lost(installation: Installation, row: Row, command: str, fate: str) -> None:
    """A worker that dies or stops, an answer lost or garbled, an array that is away: the job ends whole, done once."""
    plan(installation, command, SURVIVED[fate])
    is_whole(installation, row, played(installation, row))
    was_sent_once_more(installation, row, Counter() if SURVIVED[fate].lands else Counter([command]))


@pytest.mark.slow
@pytest.mark.parametrize(("row", "read"), READS)
@pytest.mark.parametrize("fate", UNREAD)
def test_a_list_that_is_not_read_costs_only_time(installation: Installation, row: Row, read: str, fate: str) -> None:
    """When a list that the job waits for is not read, or not whole, nothing is believed and it is read again."""
    plan(installation, read, UNREAD[fate])
    is_whole(installation, row, played(installation, row))
    was_sent_once_more(installation, row, Counter())


@pytest.mark.parametrize(("row", "command"), CASES)
def test_what_was_done_is_looked_at(installation: Installation, row: Row, command: str) -> None:
    """After an answer was lost the array is asked by the command that the row says, and the effect is found."""
    plan(installation, command, SURVIVED["time out, done"])
    is_whole(installation, row, played(installation, row))
    audit = installation.vnx.audit
    behind = {one.verb for one in audit[place_of(audit, command) + 1 :]}
    assert set(LOOKS[command.split(maxsplit=1)[0]]) <= behind


@pytest.mark.parametrize(("row", "command"), CASES)
def test_what_is_refused_for_good_leaves_nothing(installation: Installation, row: Row, command: str) -> None:
    """A command refused for good: the job fails and nothing of its own stands, or it is stuck and says so."""
    plan(installation, command, REFUSAL)
    record = played(installation, row)
    assert (record.error, record.code) == (NOT_HERE, "array-refused")
    place = row.commands.index(command)
    if place < row.no_way_back:
        is_gone(installation, record)
        audit = installation.vnx.audit
        behind = tuple(one.verb for one in audit[place_of(audit, command) + 1 :])
        looked = () if (row.operation, command) in ABOUT_NOTHING else ("sessions",)
        assert behind == looked + UNDONE[row.operation, command]
    else:
        is_stuck(installation, record, row.kept_forward(command))
        assert len(record.leftovers) == len(row.commands) - place
        assert installation.array_shows() == row.stands_stuck(command)


@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].no_way_back < 99])  # type: ignore[union-attr]
def test_a_job_stuck_past_the_point_of_no_return_is_resumed(installation: Installation, row: Row) -> None:
    """When a person resumes a job that was stuck on its way forward, it ends whole."""
    plan(installation, row.commands[row.no_way_back], REFUSAL)
    job = played(installation, row).id
    installation.bell.ring(installation.store.order(job, Order.RESUME, "ann").rings)
    is_whole(installation, row, installation.run(job)[0])


@pytest.mark.parametrize(("row", "command"), CASES)
@pytest.mark.parametrize("fate", ["time out, not done", "busy"])
def test_what_is_never_done_ends(installation: Installation, row: Row, command: str, fate: str) -> None:
    """A command that is never carried out costs its attempts, and then the job leaves nothing, or is stuck."""
    step = row.writing(OPERATIONS[row.operation])[row.commands.index(command)]
    for _ in range(step.patience.attempts):
        plan(installation, command, SURVIVED[fate])
    record = played(installation, row)
    assert record.code == "attempts-spent"
    if row.commands.index(command) < row.no_way_back:
        is_gone(installation, record)
    else:
        is_stuck(installation, record, row.kept_forward(command))
        assert installation.array_shows() == row.stands_stuck(command)
