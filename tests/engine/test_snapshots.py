"""Snapshots that users name: copies of them, and their end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.by_hand import SimulatedInstallation
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import answer_lost, meanwhile
from vnx_jobs.model.array import THIN
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.states import State
from vnx_jobs.ports import Lists

HOUR = 3600


@pytest.fixture
def simulated(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated VNX with a volume `gold` that holds the word `ore`."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    made.type("lun -create -capacity 2 -sq gb -poolName pool -l 1 -name gold -type Thin")
    made.sim.write("gold", 0, b"ore")
    made.read_array()
    yield made
    made.close()


def _verbs(installation: Installation) -> list[str]:
    return [command.verb for command in installation.vnx.audit]


def _refusal(installation: Installation, operation: str, **fields: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        installation.submit(operation, **fields)
    return caught.value


def test_a_copied_snapshot(installation: Installation) -> None:
    """A copy holds what its snapshot holds, bears the job's mark, takes one slot, and costs two commands."""
    installation.do("create-snapshot", name="monday", volume="gold")
    installation.vnx.write(1, "slag")
    before = len(installation.vnx.audit)
    record = installation.do("copy-snapshot", name="tuesday", snapshot="monday")
    assert record.state is State.SUCCEEDED
    assert _verbs(installation)[before:] == ["copy_snapshot", "name_snapshot"]
    assert installation.array_shows() == {
        "gold": "2 GB full: slag",
        "snapshot monday of gold": "ore",
        "snapshot tuesday of gold": "ore",
    }
    shown = installation.vnx.world.images["tuesday"]
    assert (shown.description, shown.auto_delete, shown.writable) == (f"vjt-{record.id}", False, False)
    assert installation.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 2}
    installation.read_array()
    assert installation.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 2}


def test_a_list_from_before_its_name_counts_a_copy_once(installation: Installation) -> None:
    """A list that shows the copy by its first name, and is taken in when it has the other, gives it no second slot."""
    installation.do("create-snapshot", name="monday", volume="gold")
    array, read = MemoryArray(installation.vnx), []

    def read_it() -> None:
        ticket, begun = installation.inventory.ticket()
        read.append(Lists(begun, ticket, luns=array.luns(), snapshots=array.snapshots()))

    installation.vnx.plan("copy_snapshot", meanwhile(read_it))
    assert installation.do("copy-snapshot", name="tuesday", snapshot="monday").state is State.SUCCEEDED
    installation.inventory.store(ARRAY, read[0], installation.box.number_range)
    assert installation.slots("gold")["snapshots"] == 2


def test_a_stranger_of_the_copys_name_is_not_taken_for_the_copy(installation: Installation) -> None:
    """The name was lost on its way, and a namesake came since: the job fails, leaves no copy, spares the namesake."""
    installation.do("create-snapshot", name="monday", volume="gold")
    installation.vnx.plan("name_snapshot", answer_lost(effect=False))
    job = installation.submit("copy-snapshot", name="tuesday", snapshot="monday").job
    installation.turns()
    installation.vnx.write(1, "slag")
    MemoryArray(installation.vnx).create_snapshot(1, "tuesday", writable=False)
    (record,) = installation.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.NAME_IN_USE)
    assert installation.array_shows() == {
        "gold": "2 GB full: slag",
        "snapshot monday of gold": "ore",
        "snapshot tuesday of gold": "slag",
    }


def test_a_copy_of_a_snapshot_is_a_snapshot_like_others(installation: Installation) -> None:
    """It is copied at once, without a list being read first, and deleted after a look at a list."""
    installation.do("create-snapshot", name="monday", volume="gold")
    installation.do("copy-snapshot", name="tuesday", snapshot="monday")
    lists = _verbs(installation).count("snapshots")
    assert installation.do("copy-snapshot", name="third", snapshot="tuesday").state is State.SUCCEEDED
    assert _verbs(installation).count("snapshots") == lists
    assert installation.do("delete-snapshot", name="tuesday").state is State.SUCCEEDED
    assert set(installation.array_shows()) == {"gold", "snapshot monday of gold", "snapshot third of gold"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "monday", "snapshot": "monday"}, "the same snapshot"),
        ({"name": "new", "snapshot": "monday", "keep_days": 1, "auto_delete": "true"}, "give one of keep_hours"),
        ({"name": "new", "snapshot": "monday", "keep_days": 1, "keep_hours": "1"}, "give one of keep_hours"),
        ({"name": "new", "snapshot": "monday", "keep_hours": 0}, "keep_hours must be greater"),
        ({"name": "new", "snapshot": "monday", "keep_hours": "1.5"}, "keep_hours must be a whole number"),
        ({"name": "new", "snapshot": "monday", "keep_days": 1826}, "keep_days must be less"),
    ],
)
def test_what_a_copy_cannot_be_asked(installation: Installation, fields: dict[str, Any], words: str) -> None:
    """A request that contradicts itself is invalid, in one line that says why."""
    refusal = _refusal(installation, "copy-snapshot", **fields)
    assert refusal.code == Code.INVALID
    assert words in refusal.message


def test_the_name_of_a_copy_must_be_free(installation: Installation) -> None:
    """A snapshot of that name, and one that another job is to make, refuse a copy, and cost no command."""
    installation.do("create-snapshot", name="monday", volume="gold")
    installation.do("create-snapshot", name="tuesday", volume="gold")
    before = len(installation.vnx.audit)
    assert _refusal(installation, "copy-snapshot", name="tuesday", snapshot="monday").code == Code.NAME_IN_USE
    installation.submit("copy-snapshot", name="third", snapshot="monday")
    assert _refusal(installation, "copy-snapshot", name="third", snapshot="tuesday").code == Code.NAME_IN_USE
    assert len(installation.vnx.audit) == before


def test_the_257th_snapshot_is_refused_before_the_array_is_asked(installation: Installation) -> None:
    """A copy takes a slot of the primary LUN: with 256 snapshots there is none, and nothing is sent."""
    array = MemoryArray(installation.vnx)
    for number in range(256):
        array.create_snapshot(1, f"theirs-{number}", writable=False)
    installation.read_array()
    before = len(installation.vnx.audit)
    refusal = _refusal(installation, "copy-snapshot", name="tuesday", snapshot="theirs-7")
    assert (refusal.code, "256 of 256" in refusal.message) == (Code.SLOTS_LIMIT, True)
    assert len(installation.vnx.audit) == before


@pytest.mark.parametrize(("field", "hours"), [({"keep_hours": "5"}, 5), ({"keep_days": 2}, 48)])
@pytest.mark.parametrize("operation", ["create-snapshot", "copy-snapshot"])
def test_a_snapshot_with_an_end(installation: Installation, operation: str, field: dict[str, Any], hours: int) -> None:
    """A snapshot that is kept for a time stands until then; after that the next list gives its slot back."""
    installation.do("create-snapshot", name="monday", volume="gold")
    of = {"volume": "gold"} if operation == "create-snapshot" else {"snapshot": "monday"}
    assert installation.do(operation, name="short", **of, **field).state is State.SUCCEEDED
    installation.clock.advance(hours * HOUR - 60)
    assert "snapshot short of gold" in installation.array_shows()
    installation.clock.advance(61)
    assert "snapshot short of gold" not in installation.array_shows()
    installation.read_array()
    assert installation.slots("gold")["snapshots"] == 1
    assert installation.inventory.snapshot(ARRAY, "short") is None
    assert installation.do("create-snapshot", name="short", volume="gold").state is State.SUCCEEDED


@pytest.mark.parametrize(("field", "auto_delete"), [({}, False), ({"auto_delete": "true"}, True)])
def test_a_snapshot_that_the_array_may_delete(
    installation: Installation, *, field: dict[str, Any], auto_delete: bool
) -> None:
    """The array may delete a snapshot, or a copy of one, only if that was asked for."""
    installation.do("create-snapshot", name="monday", volume="gold", **field)
    installation.do("copy-snapshot", name="tuesday", snapshot="monday", **field)
    images = installation.vnx.world.images
    assert (images["monday"].auto_delete, images["tuesday"].auto_delete) == (auto_delete, auto_delete)


def test_a_copied_snapshot_has_the_bytes(simulated: SimulatedInstallation) -> None:
    """On a simulated VNX a copy of a snapshot, shown through a mount point, holds what the volume held."""
    assert simulated.do("create-snapshot", name="monday", volume="gold").state is State.SUCCEEDED
    simulated.sim.write("gold", 0, b"bad")
    assert simulated.do("copy-snapshot", name="tues day", snapshot="monday").state is State.SUCCEEDED
    assert simulated.do("delete-snapshot", name="monday").state is State.SUCCEEDED
    assert simulated.stands()["snapshots"] == ["tues day"]
    assert simulated.do("snap-copy", name="shown", snapshot="tues day").state is State.SUCCEEDED
    assert (simulated.sim.read("shown", 0, 3), simulated.sim.read("gold", 0, 3)) == (b"ore", b"bad")


@pytest.mark.parametrize("source", [1, 2], ids=["of the same LUN", "of another LUN"])
def test_a_strangers_snapshot_of_the_same_name_is_not_deleted(installation: Installation, source: int) -> None:
    """One that was made under the name since the last list is seen before anything is sent, and stays."""
    installation.make("spare")
    installation.do("create-snapshot", name="monday", volume="gold")
    installation.read_array()
    array = MemoryArray(installation.vnx)
    array.destroy_snapshot("monday")
    installation.clock.advance(60)
    array.create_snapshot(source, "monday", writable=False, description="precious")
    record = installation.do("delete-snapshot", name="monday")
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert [image.description for image in installation.vnx.world.images.values()] == ["precious"]


@pytest.mark.parametrize("operation", ["snap-copy", "clone"])
def test_nothing_is_made_of_a_strangers_lun(installation: Installation, operation: str) -> None:
    """When another volume has the source's number since the last list, the job fails, and nothing of it is left."""
    array = MemoryArray(installation.vnx)
    array.destroy_lun(1)
    array.create_lun(1, "theirs", 2, "pool", THIN)
    record = installation.do(operation, name="copy", source="gold")
    assert (record.state, record.code) == (State.FAILED, Code.NO_SUCH_VOLUME)
    assert set(installation.array_shows()) == {"theirs"}


def test_no_snapshot_is_taken_of_a_lun_that_lists_show_to_be_another(installation: Installation) -> None:
    """When a list has shown meanwhile that the number is another volume's, nothing is sent."""
    job = installation.submit("create-snapshot", name="monday", volume="gold").job
    array = MemoryArray(installation.vnx)
    array.destroy_lun(1)
    array.create_lun(1, "gold", 2, "pool", THIN)
    installation.read_array()
    (record,) = installation.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert set(installation.array_shows()) == {"gold"}
