"""The crash matrix, the backup host's part: whatever happens to a copier, the job ends whole or leaves nothing."""

from collections import Counter
from collections.abc import Callable
from typing import Final, TypeAlias

import pytest

from tests.backup_host import HOST
from tests.crash.play import is_gone, is_whole, played, submitted, was_sent_once_more
from tests.crash.tables import Row, row_of
from tests.installation import Installation
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State
from vnx_jobs.model.transfer import Ending, Failed, Transfer

Happening: TypeAlias = Callable[[Installation, Transfer], Ending | None]

LEASE: Final = 20.0
"""Seconds after which a copier counts as dead that said nothing."""
ASKED: Final = {
    "backup": 2,
    "backup-of-snap-copy": 2,
    "backup-of-group": 2,
    "restore-backup": 1,
    "restore-backup-onto": 1,
    "restore-backup-to-file": 1,
    "drill": 1,
    "verify-backup": 1,
    "prune-backups": 1,
}
"""How many transfers an undisturbed job asks for."""
FORWARD: Final = {"restore-backup-onto", "prune-backups"}
"""Operations that have no way back once they ask."""
PLACES: Final = [
    pytest.param(row_of(operation), at, id=f"{operation}-{at}")
    for operation, count in ASKED.items()
    for at in range(count)
]


def _does_it(installation: Installation, transfer: Transfer) -> Ending:
    return installation.backup_host.do(transfer)


def _dies_after(installation: Installation, transfer: Transfer) -> None:
    """Do all of it, and die before that is said."""
    installation.backup_host.do(transfer)


def _is_too_late(installation: Installation, transfer: Transfer) -> Ending:
    """Say the end when it counts as dead already: whoever follows it does it once more."""
    ending = installation.backup_host.do(transfer)
    _is_buried(installation)
    return ending


def _is_buried(installation: Installation) -> None:
    """Let the copier's lease go by, and another copier look."""
    installation.clock.advance(LEASE)
    installation.transfers.waiting(HOST, 1)


def _fails_too_late(installation: Installation, _: Transfer) -> Ending:
    _is_buried(installation)
    return Failed("the device is gone", "copy-failed")


SURVIVED: Final[dict[str, Happening]] = {
    "dies before": lambda _, __: None,
    "dies after": _dies_after,
    "too late": _is_too_late,
    "fails too late": _fails_too_late,
}


def _plan(installation: Installation, at: int, *happenings: Happening) -> None:
    """Let something befall the copiers of a transfer and of those that follow."""
    host = installation.backup_host
    host.planned += [host.do] * at
    host.planned += [lambda transfer, one=one: one(installation, transfer) for one in happenings]  # type: ignore[misc]


@pytest.mark.parametrize(("row", "at"), PLACES)
@pytest.mark.parametrize("fate", SURVIVED)
def test_copiers_that_die_cost_only_time(installation: Installation, row: Row, at: int, fate: str) -> None:
    """A copier that dies before or behind its work, or is heard too late, is followed by another."""
    _plan(installation, at, SURVIVED[fate])
    is_whole(installation, row, played(installation, row))
    was_sent_once_more(installation, row, Counter())


@pytest.mark.parametrize(("row", "at"), PLACES)
def test_an_end_that_is_said_again_changes_nothing(installation: Installation, row: Row, at: int) -> None:
    """A copier that heard no answer says its end once more; also when its job has long gone on."""
    host = installation.backup_host
    host.repeats = at + 1
    is_whole(installation, row, played(installation, row))
    was_sent_once_more(installation, row, Counter())


def _failed(installation: Installation, row: Row, at: int, *behind: Happening) -> Record:
    _plan(installation, at, lambda _, __: Failed("the device is gone", "copy-failed"), *behind)
    record = played(installation, row)
    assert (record.error, record.code) == (f"{_volume(row)}: the device is gone", "copy-failed")
    return record


def _volume(row: Row) -> str:
    """Return whose backup an operation is about."""
    return {"backup-of-snap-copy": "copy"}.get(row.operation, "gold" if row.operation.startswith("backup") else "spare")


@pytest.mark.parametrize(("row", "at"), PLACES)
def test_a_copier_that_fails(installation: Installation, row: Row, at: int) -> None:
    """The job fails with its reason and leaves nothing; where there is no way back it is stuck, and resumed it ends."""
    record = _failed(installation, row, at)
    if row.operation not in FORWARD:
        is_gone(installation, record)
        return
    assert record.state is State.STUCK
    installation.bell.ring(installation.store.order(record.id, Order.RESUME, "ann").rings)
    is_whole(installation, row, installation.run(record.id)[0])


@pytest.mark.parametrize(
    "row", [row_of(name) for name in ASKED if name.startswith("backup")], ids=lambda row: row.operation
)
@pytest.mark.parametrize("fate", SURVIVED)
def test_a_disturbed_removal_still_leaves_nothing(installation: Installation, row: Row, fate: str) -> None:
    """Found not to be good, a backup is removed again, whatever happens to the copier that removes it."""
    is_gone(installation, _failed(installation, row, 1, SURVIVED[fate]))


@pytest.mark.parametrize(("row", "at"), PLACES)
@pytest.mark.parametrize("then", ["does it", "stops", *SURVIVED])
def test_a_job_that_is_cancelled_while_a_copier_is_at_it(
    installation: Installation, row: Row, at: int, then: str
) -> None:
    """Whatever the copier does that is told to stop, nothing is left; where there is no way back the job goes on."""

    def cancel(_: Installation, transfer: Transfer) -> Ending | None:
        installation.bell.ring(installation.store.order(transfer.job, Order.CANCEL, "ann").rings)
        installation.turns()
        if then == "stops" and row.operation not in FORWARD:
            return Failed("it was told to stop", "cancelled")
        return SURVIVED.get(then, _does_it)(installation, transfer)

    _plan(installation, at, cancel)
    (record,) = installation.run(submitted(installation, row))
    if row.operation in FORWARD:
        is_whole(installation, row, record)
    else:
        _is_buried(installation)  # a check that nobody waits for any more may end with its copier
        is_gone(installation, record, State.CANCELLED)


@pytest.mark.parametrize("row", [row_of(name) for name in ASKED], ids=lambda row: row.operation)
def test_copiers_that_all_die_end_the_job(installation: Installation, row: Row) -> None:
    """When five copiers have died the job leaves nothing; where there is no way back it waits for a person."""
    _plan(installation, 0, *[_dies_after] * 5)
    record = played(installation, row)
    assert record.code == "copier-died"
    if row.operation in FORWARD:
        assert record.state is State.STUCK
    else:
        is_gone(installation, record)
