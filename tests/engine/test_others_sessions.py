"""Migrations that no job started: what is about their volumes waits for their end, known before or met by a refusal."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.array import THIN
from vnx_jobs.model.errors import Code
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.ports import Lists
from vnx_jobs.preview import Rehearsal, preview
from vnx_jobs.submission import Request

OTHERS: Final = 77
"""The number of the LUN onto which another administrator migrates; it is gone when the copy is complete."""


@pytest.fixture
def begin(installation: Installation) -> Callable[[], None]:
    """Make the other administrator's target, and return what begins to migrate `gold` onto it."""
    array = MemoryArray(installation.vnx)
    array.create_lun(OTHERS, "theirs", 2, "other", THIN)
    installation.read_array()
    number = next(lun.number for lun in array.luns() if lun.name == "gold")

    def migrate() -> None:
        installation.vnx.seconds_per_gb = 300.0
        array.migrate(number, OTHERS, "low")
        installation.vnx.seconds_per_gb = 0.002

    return migrate


def _list_sessions(installation: Installation) -> None:
    """Let the inventory know the array's sessions, as when some other job waits for one."""
    ticket, begun = installation.inventory.ticket()
    lists = Lists(begun, ticket, sessions=MemoryArray(installation.vnx).sessions())
    installation.inventory.store(ARRAY, lists, installation.box.number_range)


ASKED: Final[dict[str, tuple[dict[str, Any], dict[str, str]]]] = {
    "snapshot": (
        {"operation": "create-snapshot", "name": "image", "volume": "gold"},
        {"gold": "2 GB full: ore", "snapshot image of gold": "ore"},
    ),
    "snap copy": (
        {"operation": "snap-copy", "name": "copy", "source": "gold"},
        {"gold": "2 GB full: ore", "copy": "2 GB snap copy of gold: ore", "snapshot hidden of gold": "ore"},
    ),
    "clone": (
        {"operation": "clone", "name": "twin", "source": "gold"},
        {"gold": "2 GB full: ore", "twin": "2 GB full: ore"},
    ),
    "larger": ({"operation": "extend-volume", "name": "gold", "size_gb": 5}, {"gold": "5 GB full: ore"}),
    "another kind": (
        {"operation": "retype-volume", "name": "gold", "provisioning": "thick"},
        {"gold": "2 GB full: ore"},
    ),
    "deletion": ({"operation": "delete-volume", "name": "gold"}, {}),
}
"""What is asked for, and what stands on the array when the job has succeeded."""


@pytest.mark.parametrize(("asked", "end"), ASKED.values(), ids=ASKED.keys())
def test_a_session_that_is_known_is_waited_for(
    installation: Installation, begin: Callable[[], None], asked: dict[str, Any], end: dict[str, str]
) -> None:
    """While others migrate its volume a job is parked, says why and how long, and sends nothing; then it does it."""
    begin()
    _list_sessions(installation)
    job = installation.submit(**asked).job
    sent = len(installation.vnx.audit)
    installation.turns()
    waiting = installation.record(job)
    assert (waiting.state, "session-over" in waiting.condition, waiting.admitted) == (State.WAITING, True, False)
    assert waiting.why.startswith("waits for the end of a migration of gold (LUN 1) that no job started: 0 % done")
    assert "min left" in waiting.why
    assert len(installation.vnx.audit) == sent
    installation.clock.advance(601)
    (record,) = installation.run(job)
    assert (record.state, record.error) == (State.SUCCEEDED, "")
    assert installation.array_shows() == end


@pytest.mark.parametrize(("asked", "end"), ASKED.values(), ids=ASKED.keys())
def test_a_refusal_because_of_a_session_becomes_a_wait(
    installation: Installation, begin: Callable[[], None], asked: dict[str, Any], end: dict[str, str]
) -> None:
    """A session that begins when the job is planned already makes the array refuse; the job waits, and then does it."""
    job = installation.submit(**asked).job
    begin()
    installation.until(lambda: "that no job started" in installation.record(job).why)
    assert "session-over" in installation.record(job).condition
    installation.clock.advance(601)
    (record,) = installation.run(job)
    assert (record.state, record.error) == (State.SUCCEEDED, "")
    assert installation.array_shows() == end


def test_a_session_that_stopped_is_named(installation: Installation, begin: Callable[[], None]) -> None:
    """A session that will not go on is not waited for: the job fails, and says how it is cancelled."""
    begin()
    installation.vnx.stop_session(1)
    _list_sessions(installation)
    record = installation.do("create-snapshot", name="image", volume="gold")
    assert (record.state, record.code) == (State.FAILED, Code.ARRAY_REFUSED)
    assert record.error == (
        "a migration of gold (LUN 1) that no job started is STOPPED - Destination full at 0 %: "
        "cancel it (migrate -cancel -source 1 -o), then try again"
    )


def test_the_plan_says_what_is_waited_for(installation: Installation, begin: Callable[[], None]) -> None:
    """The preview of a job whose volume others migrate says so, and shows the steps and claims that it will have."""
    begin()
    _list_sessions(installation)
    rehearsal = Rehearsal(installation.submission)
    rehearsal.submit(Request(parse({"operation": "clone", "array": ARRAY, "name": "twin", "source": "gold"})))
    plan = preview(rehearsal)
    (job,) = plan.jobs
    assert plan.tells.waits_for(job).startswith("waits for the end of a migration of gold (LUN 1)")
    assert (job.table.name, {"volume", "pin"} <= {one.key.partition(":")[0] for one in job.claims}) == ("clone", True)


def test_an_old_list_of_sessions_costs_one_list(installation: Installation, begin: Callable[[], None]) -> None:
    """A session that is over, though the last list shows it, is waited for until the next list alone."""
    begin()
    _list_sessions(installation)
    MemoryArray(installation.vnx).cancel_migration(1)
    read = sum(one.verb == "sessions" for one in installation.vnx.audit)
    assert installation.do("create-snapshot", name="image", volume="gold").state is State.SUCCEEDED
    assert sum(one.verb == "sessions" for one in installation.vnx.audit) == read + 1
