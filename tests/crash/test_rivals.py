"""The crash matrix, two jobs at a time: while one is disturbed, another wants the same name, volume, slot or permit."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from tests.crash.fates import REFUSAL, SURVIVED
from tests.crash.play import plan, submitted
from tests.crash.tables import START, row_of, without
from tests.installation import Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import meanwhile
from vnx_jobs.model.array import THIN
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.states import State

RESTING: Final = ("killed before", "killed, lands late", "time out, done", "unreachable")
DISTURBED: Final = (*RESTING, "stopped")
"""The job of a stopped worker has ended when that worker goes on."""


@dataclass(frozen=True)
class Rivalry:
    """A job that is disturbed at its first command, and another that comes meanwhile and must wait for its end."""

    first: str
    rival: dict[str, Any]
    ends: State
    """How the rival ends."""
    array: dict[str, str]
    """What stands when both have ended."""


RIVALRIES: Final = (
    Rivalry(
        "delete-volume",
        {"operation": "create-snapshot", "name": "late", "volume": "spare"},
        State.FAILED,
        without("spare"),
    ),
    Rivalry("delete-volume", {"operation": "clone", "name": "twin", "source": "spare"}, State.FAILED, without("spare")),
    Rivalry(
        "extend-volume",
        {"operation": "create-snapshot", "name": "late", "volume": "spare"},
        State.SUCCEEDED,
        START | {"spare": "5 GB full: tin", "snapshot late of spare": "tin"},
    ),
    Rivalry(
        "extend-volume",
        {"operation": "extend-volume", "name": "spare", "size_gb": 4},
        State.FAILED,
        START | {"spare": "5 GB full: tin"},
    ),
    Rivalry(
        "rename-volume",
        {"operation": "create-snapshot", "name": "late", "volume": "steel"},
        State.SUCCEEDED,
        row_of("rename-volume").whole | {"snapshot late of steel": "rust"},
    ),
    Rivalry(
        "rename-volume",
        {"operation": "set-readonly", "name": "iron", "readonly": True},
        State.FAILED,
        row_of("rename-volume").whole,
    ),
    Rivalry("create-snapshot", {"operation": "delete-snapshot", "name": "tuesday"}, State.SUCCEEDED, START),
    Rivalry(
        "create-group",
        {"operation": "delete-volume", "name": "south"},
        State.FAILED,
        START | {"group new": "spare, south"},
    ),
    Rivalry(
        "remove-from-group",
        {"operation": "create-group-snapshot", "name": "late", "group": "wide"},
        State.SUCCEEDED,
        START | {"group wide": "east", "snapshot late of east": "sand"},
    ),
    Rivalry(
        "delete-group",
        {"operation": "add-to-group", "name": "wide", "members": "south"},
        State.FAILED,
        without("group wide"),
    ),
    Rivalry(
        "create-snapshot",
        {"operation": "snap-copy", "name": "second", "snapshot": "tuesday"},
        State.SUCCEEDED,
        START
        | {
            "snapshot tuesday of gold": "slag",
            "second": "2 GB snap copy of gold: slag",
            "snapshot hidden of gold (2)": "slag",
        },
    ),
    Rivalry(
        "create-volume",
        {"operation": "create-snapshot", "name": "late", "volume": "new"},
        State.SUCCEEDED,
        START | {"new": "3 GB full: ", "snapshot late of new": ""},
    ),
    Rivalry("create-volume", {"operation": "delete-volume", "name": "new"}, State.SUCCEEDED, START),
    Rivalry("snap-copy", {"operation": "delete-volume", "name": "second"}, State.SUCCEEDED, START),
    Rivalry(
        "delete-snapshot",
        {"operation": "snap-copy", "name": "second", "snapshot": "monday"},
        State.FAILED,
        without("snapshot monday of gold"),
    ),
    Rivalry(
        "copy-snapshot",
        {"operation": "delete-snapshot", "name": "monday"},
        State.SUCCEEDED,
        without("snapshot monday of gold") | {"snapshot tuesday of gold": "ore"},
    ),
    Rivalry(
        "delete-snapshot",
        {"operation": "copy-snapshot", "name": "tuesday", "snapshot": "monday"},
        State.FAILED,
        without("snapshot monday of gold"),
    ),
    Rivalry(
        "delete-snapshot",
        {"operation": "delete-snapshot", "name": "monday"},
        State.FAILED,  # there is no such snapshot any more
        without("snapshot monday of gold"),
    ),
    Rivalry(
        "delete-snap-copy",
        {"operation": "delete-volume", "name": "copy"},
        State.FAILED,
        without("copy", "snapshot hidden of gold"),
    ),
)


def _has_begun(installation: Installation, job: str) -> bool:
    return installation.record(job).begun > 0 or installation.ended(job)


@pytest.mark.parametrize("rivalry", RIVALRIES, ids=lambda one: f"{one.first}-{one.rival['operation']}")
def test_a_rival_waits_for_the_end(fresh: Iterator[Installation], rivalry: Rivalry) -> None:
    """What comes while a job is disturbed waits until it has ended, sends nothing before, and meets what it left."""
    row = row_of(rivalry.first)
    for fate in RESTING:
        installation = next(fresh)
        plan(installation, row.commands[0], SURVIVED[fate])
        first = submitted(installation, row)
        installation.turns()
        rival = installation.submit(**rivalry.rival)
        assert rival.state is State.WAITING
        installation.until(partial(_has_begun, installation, rival.job))
        assert installation.record(first).state is State.SUCCEEDED
        (record,) = installation.run(rival.job)
        assert record.state is rivalry.ends, record.why
        assert installation.array_shows() == rivalry.array


REFUSED_AT_ONCE: Final = (
    ("create-volume", {"operation": "create-volume", "name": "new", "size_gb": 1, "pool": "pool"}, Code.NAME_IN_USE),
    ("snap-copy", {"operation": "clone", "name": "second", "source": "gold"}, Code.NAME_IN_USE),
    ("clone", {"operation": "snap-copy", "name": "twin", "source": "spare"}, Code.NAME_IN_USE),
    ("create-snapshot", {"operation": "create-snapshot", "name": "tuesday", "volume": "spare"}, Code.NAME_IN_USE),
    ("snap-copy", {"operation": "delete-volume", "name": "spare"}, Code.HAS_COPIES),
)


@pytest.mark.parametrize(("first", "rival", "code"), REFUSED_AT_ONCE)
def test_a_rival_that_cannot_wait_is_refused(
    fresh: Iterator[Installation], first: str, rival: dict[str, Any], code: Code
) -> None:
    """A name or a volume that a disturbed job holds is refused to others, and the job ends whole."""
    row = row_of(first)
    for fate in DISTURBED:
        installation = next(fresh)
        plan(installation, row.commands[0], SURVIVED[fate])
        job = submitted(installation, row)
        while not installation.ended(job):
            with pytest.raises(Refused) as caught:
                installation.submit(**rival)
            assert caught.value.code == code
            installation.turns()
            installation.beat()
            installation.clock.advance(installation.clock.until_due())
        assert installation.array_shows() == row.whole


@pytest.mark.parametrize("fate", DISTURBED)
def test_the_last_slot(installation: Installation, fate: str) -> None:
    """Of two jobs for the 255th mount point one is refused while the other is disturbed; its failure frees the slot."""
    array = MemoryArray(installation.vnx)
    for number in range(253):
        array.create_mount_point(1000 + number, f"theirs-{number}", 1)
    installation.read_array()
    row = row_of("snap-copy-of-snapshot")
    plan(installation, row.commands[0], SURVIVED[fate])
    plan(installation, "create_mount_point", REFUSAL)
    job = submitted(installation, row)
    installation.turns()
    if not installation.ended(job):
        with pytest.raises(Refused) as caught:
            installation.submit("snap-copy", name="third", source="gold")
        assert caught.value.code == Code.SLOTS_LIMIT
    assert installation.run(job)[0].state is State.FAILED
    assert installation.do("snap-copy", name="third", source="gold").state is State.SUCCEEDED
    with pytest.raises(Refused):
        installation.submit("snap-copy", name="fourth", source="gold")


@pytest.fixture
def narrow(template: Installation, url: str, tmp_path: Path, prefix: str) -> Iterator[Installation]:
    """Make a copy of the template with four LUN numbers, two of them taken."""
    made = Installation(url, prefix, tmp_path, numbers="500-503")
    made.copy(template)
    yield made
    made.close()


@pytest.mark.parametrize("fate", DISTURBED)
def test_the_last_numbers(narrow: Installation, fate: str) -> None:
    """Two clones want the last two numbers: the second is refused while the first is disturbed, and gets them later."""
    installation = narrow
    plan(installation, "create_lun", SURVIVED[fate])
    plan(installation, "migrate", REFUSAL)
    job = installation.submit("clone", name="twin", source="gold").job
    installation.until(lambda: installation.vnx.spared == installation.vnx.spared[-1:])
    if not installation.ended(job):
        with pytest.raises(Refused) as caught:
            installation.submit("clone", name="other", source="gold")
        assert caught.value.code == Code.NUMBERS_LIMIT
    assert installation.run(job)[0].state is State.FAILED
    assert installation.do("clone", name="other", source="gold").state is State.SUCCEEDED


@pytest.fixture
def one_permit(template: Installation, url: str, tmp_path: Path, prefix: str) -> Iterator[Installation]:
    """Make a copy of the template with one permit to migrate."""
    made = Installation(url, prefix, tmp_path, migrations=1)
    made.copy(template)
    yield made
    made.close()


@pytest.mark.parametrize("command", ["migrate", "destroy_snapshot"])
@pytest.mark.parametrize("fate", DISTURBED)
def test_one_permit(one_permit: Installation, fate: str, command: str) -> None:
    """With one permit no two sessions run at one time, whatever happens to the job that has it, and both end whole."""
    installation = one_permit
    installation.vnx.seconds_per_gb = 0.05
    running: list[int] = []
    plan(installation, command, SURVIVED[fate])
    for _ in range(2):
        installation.vnx.plan("migrate", meanwhile(lambda: running.append(len(installation.vnx.world.copies))))
    jobs = [installation.submit("clone", name=name, source="gold").job for name in ("one", "two")]
    assert [record.state for record in installation.run(*jobs)] == [State.SUCCEEDED, State.SUCCEEDED]
    assert max(running) <= 1
    both = {"one": "2 GB full: slag", "two": "2 GB full: slag"}
    assert installation.array_shows() == START | both


STRANGERS: Final = (
    ("create-volume", "new", "1 GB full: "),
    ("create-snapshot", "snapshot tuesday of gold", "slag"),
    ("copy-snapshot", "snapshot tuesday of gold", "slag"),
    ("snap-copy", "second", "1 GB full: "),
    ("clone", "twin", "1 GB full: "),
)
"""An operation, and what another administrator made under the name that it is to make, since the last list was read."""


@pytest.mark.parametrize(("operation", "name", "what"), STRANGERS)
@pytest.mark.parametrize("fate", ["", "killed before", "time out, not done"])
def test_a_stranger_of_that_name_is_left_alone(
    installation: Installation, operation: str, name: str, what: str, fate: str
) -> None:
    """What bears the name and is not the job's is neither taken for its own nor removed, at whichever attempt."""
    row = row_of(operation)
    array = MemoryArray(installation.vnx)
    if name.startswith("snapshot"):
        array.create_snapshot(1, "tuesday", writable=False)
    else:
        array.create_lun(77, name, 1, "pool", THIN)
    if fate:
        plan(
            installation,
            "create_mount_point" if "create_mount_point" in row.commands else row.commands[0],
            SURVIVED[fate],
        )
    (record,) = installation.run(submitted(installation, row))
    seen = not fate or name.startswith("snapshot")  # a look is by number: a volume of another number is not seen
    assert (record.state, record.code) == (State.FAILED, Code.NAME_IN_USE if seen else Code.ATTEMPTS)
    assert installation.array_shows() == START | {name: what}
