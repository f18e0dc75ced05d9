"""A process that stands still between taking its turn and using it: by then the turn may be another's."""

import time
from dataclasses import dataclass, replace
from typing import Any

from tests.installation import ARRAY, Installation
from vnx_jobs import engine
from vnx_jobs.model.states import State
from vnx_jobs.ports import JobStore, NoTurn, Terms, Turn


@dataclass
class StoppedAfterTaking:
    """A job store whose answer to `take` is read only when the turn's lease is over."""

    store: JobStore
    lease: float

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def take(self, job: str, cursor: int, terms: Terms) -> Turn | NoTurn:
        """Take a turn; stand still."""
        taken = self.store.take(job, cursor, terms)
        end = time.monotonic() + self.lease
        while time.monotonic() < end:
            time.sleep(0.01)
        return taken


def test_nothing_is_sent_in_a_turn_that_is_over(installation: Installation) -> None:
    """A process that stood still after its turn was given sends no command when it goes on, and nothing is lost."""
    job = installation.submit("create-snapshot", name="monday", volume="gold").job
    lease = installation.world.terms.arrays[ARRAY].write
    stopped: Any = StoppedAfterTaking(installation.store, lease)
    before = len(installation.vnx.audit)
    engine.turn(replace(installation.world, store=stopped), job, 0)
    assert len(installation.vnx.audit) == before
    (record,) = installation.run(job)
    assert record.state is State.SUCCEEDED
    assert [entry.verb for entry in installation.vnx.audit[before:] if entry.change] == ["create_snapshot"]
