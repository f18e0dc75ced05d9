"""Jobs from before the state server lost changes: their records may lag behind, so nobody but a person undoes them."""

from tests.installation import Installation
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.orders import Orders

NOT_UNDONE = "not undone, since the state server lost changes: look at what stands, then undo or abandon it"


def _lose_changes(installation: Installation) -> None:
    """Begin an epoch, as workers do whose server knows less than they saw; its lists have been read by now."""
    installation.server.client.hincrby(f"{installation.server.prefix}server", "epoch", 1)


def _order(installation: Installation, job: str, order: Order) -> None:
    Orders(installation.store, installation.bell, installation.submission).give(job, order, "ann")


def _changes(installation: Installation) -> int:
    return sum(command.change for command in installation.vnx.audit)


def test_a_refused_step_of_an_older_job_undoes_nothing(installation: Installation) -> None:
    """It is stuck and says why; nothing is sent after the refusal; a person may then undo it."""
    before = installation.array_shows()
    job = installation.submit("snap-copy", name="copy", source="gold").job
    _lose_changes(installation)
    installation.vnx.plan("attach_snapshot", refused())
    (stuck,) = installation.run(job)
    assert (stuck.state, stuck.code) == (State.STUCK, "array-refused")
    assert stuck.error == f"refused by a planned fault; {NOT_UNDONE}"
    assert [line.partition(": ")[0] for line in stuck.leftovers] == [
        f"mount point {stuck.numbers['volume']} copy",
        f"snapshot vjt-{job}-snap",
    ]
    last = [command for command in installation.vnx.audit if command.change][-1]
    assert (last.verb, last.error) == ("attach_snapshot", "refused")
    assert installation.array_shows() == before | {
        "copy": "2 GB snap copy of gold: None",
        "snapshot hidden of gold": "ore",
    }
    _order(installation, job, Order.UNDO)
    assert installation.run(job)[0].state is State.FAILED
    assert installation.array_shows() == before


def test_a_cancelled_older_job_undoes_nothing(installation: Installation) -> None:
    """Its volume may be in use by now: it is stuck, its copy goes on, and a person may then undo it."""
    before, installation.vnx.seconds_per_gb = installation.array_shows(), 1000.0
    job = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: "session-over" in installation.record(job).condition)
    sent, copying = _changes(installation), installation.vnx.world.copies
    _lose_changes(installation)
    _order(installation, job, Order.CANCEL)
    (stuck,) = installation.run(job)
    assert (stuck.state, stuck.error) == (State.STUCK, f"cancelled by ann; {NOT_UNDONE}")
    assert (_changes(installation), installation.vnx.world.copies) == (sent, copying)
    _order(installation, job, Order.UNDO)
    assert installation.run(job)[0].state is State.FAILED
    assert installation.array_shows() == before


def test_a_refused_step_of_a_younger_job_is_undone(installation: Installation) -> None:
    """A job that was accepted after the loss is as good as any: it takes back what it did."""
    before = installation.array_shows()
    _lose_changes(installation)
    installation.vnx.plan("attach_snapshot", refused())
    record = installation.do("snap-copy", name="copy", source="gold")
    assert (record.state, record.error) == (State.FAILED, "refused by a planned fault")
    assert installation.array_shows() == before
