"""Whose snapshot is it, where users give the name? What somebody else makes meanwhile is never taken for ours."""

import pytest

from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import answer_lost
from vnx_jobs.model.errors import Code
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.orders import Orders


def _lost(installation: Installation, *, effect: bool) -> str:
    """Submit a snapshot whose command gets no answer, and run until the job waits for it to settle."""
    installation.vnx.plan("create_snapshot", answer_lost(effect=effect))
    job = installation.submit("create-snapshot", name="monday", volume="gold").job
    installation.turns()
    assert installation.record(job).unsure
    return job


def _made_by_somebody_else(installation: Installation) -> None:
    """Let an administrator take a snapshot of the same name and volume, and hosts write to the volume after that."""
    MemoryArray(installation.vnx).create_snapshot(1, "monday", writable=False)
    installation.vnx.write(1, "slag")


def test_a_snapshot_without_our_mark_is_not_adopted(installation: Installation) -> None:
    """A command that was lost on the way, and a namesake since: the job fails, and the namesake stands."""
    job = _lost(installation, effect=False)
    _made_by_somebody_else(installation)
    (record,) = installation.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.NAME_IN_USE)
    assert installation.array_shows() == {"gold": "2 GB full: slag", "snapshot monday of gold": "ore"}


def test_a_snapshot_without_our_mark_is_not_undone(installation: Installation) -> None:
    """A cancelled job whose command was lost does not destroy the namesake as its own."""
    job = _lost(installation, effect=False)
    _made_by_somebody_else(installation)
    Orders(installation.store, installation.bell, installation.submission).give(job, Order.CANCEL, "ann")
    (record,) = installation.run(job)
    assert record.state is State.CANCELLED
    assert installation.array_shows() == {"gold": "2 GB full: slag", "snapshot monday of gold": "ore"}


@pytest.mark.parametrize(("cancelled", "state"), [(False, State.SUCCEEDED), (True, State.CANCELLED)])
def test_our_own_is_known_by_its_mark(installation: Installation, *, cancelled: bool, state: State) -> None:
    """A snapshot that was taken without an answer is adopted, or undone, and costs one changing command to take."""
    job = _lost(installation, effect=True)
    if cancelled:
        Orders(installation.store, installation.bell, installation.submission).give(job, Order.CANCEL, "ann")
    assert installation.run(job)[0].state is state
    snapshot = installation.inventory.snapshot(ARRAY, "monday")
    assert (snapshot is None) is cancelled
    assert ("snapshot monday of gold" in installation.array_shows()) is not cancelled
    if snapshot is not None:
        assert snapshot.description == f"vjt-{job}"
    assert sum(one.verb == "create_snapshot" for one in installation.vnx.audit) == 1
