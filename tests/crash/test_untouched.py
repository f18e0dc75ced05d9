"""Reconciling finds nothing in what jobs do, however often the array's lists are read meanwhile."""

import time

import pytest

from tests.crash.play import submitted
from tests.crash.tables import MATRIX, Row
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.reconcile.finding import Kind
from vnx_jobs.reconcile.run import Reconciler

ROWS = [pytest.param(row, id=row.operation) for row in MATRIX]
LIMIT = 20.0


def reconciler(installation: Installation) -> Reconciler:
    """Return what compares the array with its records."""
    array = MemoryArray(installation.vnx)
    parts = installation.store, installation.inventory, installation.submission, installation.settings
    return Reconciler(*parts, lambda _: array)


def found(installation: Installation) -> set[tuple[Kind, str]]:
    """Compare, a moment later. What a lost job left stands there before, and is told unless a job is about it."""
    installation.clock.advance(0.001)
    findings = reconciler(installation).look(ARRAY).findings
    return {(one.kind, one.subject) for one in findings if one.kind not in {Kind.LEFTOVER, Kind.SESSION}}


@pytest.mark.parametrize("row", ROWS)
def test_what_a_job_does_is_no_finding(installation: Installation, row: Row) -> None:
    """Every list is read at each turn of the job and twice after it: nothing is found, and nothing noted."""
    installation.inventory.settle(ARRAY, installation.inventory.altered(ARRAY), 2**53)
    assert found(installation) == set()
    job, limit = submitted(installation, row), time.monotonic() + LIMIT
    while not installation.ended(job):
        assert time.monotonic() < limit
        installation.turns()
        installation.read_array()
        installation.backup_host.work()
        installation.clock.advance(installation.clock.until_due())
        installation.beat()
        assert found(installation) == set()
    for _ in range(2):
        installation.clock.advance(1)
        installation.read_array()
        assert found(installation) == set()
    assert installation.inventory.altered(ARRAY) == ()
