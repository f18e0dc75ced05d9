"""Consistency groups: what is refused, what waits, whose group it is, and what stands at the end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.by_hand import SimulatedInstallation
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.groups_rules import map_lun
from vnx_jobs.adapters.memory.vnx import answer_lost, refused
from vnx_jobs.model.array import THIN, Group
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.states import State


@pytest.fixture
def several(installation: Installation) -> Installation:
    """Add two more volumes to the installation, and a group of one of them that others made."""
    installation.make("iron", content="rust")
    installation.make("lead", content="grey")
    MemoryArray(installation.vnx).create_group("theirs", (3,), "by hand")
    installation.read_array()
    return installation


def groups(installation: Installation) -> dict[str, str]:
    """Return the groups on the array with their members."""
    shown = installation.array_shows()
    return {name.removeprefix("group "): what for name, what in shown.items() if name.startswith("group ")}


def refusal(installation: Installation, operation: str, **fields: Any) -> tuple[Code, str]:
    """Submit what must be refused; nothing may be sent for it."""
    sent = len(installation.vnx.audit)
    with pytest.raises(Refused) as refused:
        installation.submit(operation, **fields)
    assert len(installation.vnx.audit) == sent
    return refused.value.code, refused.value.message


def test_a_group_lives(several: Installation) -> None:
    """A group is made, gets a member, loses one and is deleted; each is known at once to the job that follows."""
    jobs = [
        several.submit("create-group", name="wide", members="gold").job,
        several.submit("add-to-group", name="wide", members=["iron"]).job,
    ]
    assert [one.state for one in several.run(*jobs)] == [State.SUCCEEDED] * 2
    assert several.inventory.group(ARRAY, "wide") == Group("wide", (1, 2), f"vjt-{jobs[0]}")
    assert groups(several) == {"theirs": "lead", "wide": "gold, iron"}
    assert several.do("remove-from-group", name="wide", members="gold").state is State.SUCCEEDED
    assert groups(several) == {"theirs": "lead", "wide": "iron"}
    assert several.do("delete-group", name="wide").state is State.SUCCEEDED
    assert several.inventory.group(ARRAY, "wide") is None
    assert groups(several) == {"theirs": "lead"}


def test_what_the_array_would_refuse_is_refused_before(several: Installation) -> None:
    """Snap copies, members of other groups, names in use and volumes that are not in the group cost no command."""
    several.do("snap-copy", name="copy", source="gold")
    make, add, take = "create-group", "add-to-group", "remove-from-group"
    assert refusal(several, make, name="wide", members="iron,copy")[0] is Code.SNAP_COPY_IN_GROUP
    assert refusal(several, add, name="theirs", members="copy")[0] is Code.SNAP_COPY_IN_GROUP
    assert refusal(several, make, name="wide", members="gold,lead")[0] is Code.IN_GROUP
    assert refusal(several, add, name="theirs", members="lead")[0] is Code.IN_GROUP
    assert refusal(several, make, name="theirs", members="gold")[0] is Code.NAME_IN_USE
    assert refusal(several, take, name="theirs", members="gold")[0] is Code.NOT_IN_GROUP
    assert refusal(several, make, name="wide", members="gold,gold")[0] is Code.INVALID
    assert refusal(several, make, name="wide", members="")[0] is Code.INVALID


def test_a_compressed_volume_is_no_member(several: Installation) -> None:
    """The array takes no compressed LUN into a group: it is refused before the array is asked."""
    assert several.do("create-volume", name="pressed", size_gb=1, pool="pool", provisioning="compressed").state == (
        State.SUCCEEDED
    )
    several.read_array()
    assert refusal(several, "create-group", name="wide", members="pressed")[0] is Code.NOT_SUPPORTED


def test_a_group_that_nobody_knows_is_looked_for_once(several: Installation) -> None:
    """A job on a group that the inventory does not know waits for one list of groups, and then fails."""
    MemoryArray(several.vnx).create_group("late", (1,), "")
    known = several.submit("delete-group", name="late").job
    unknown = several.submit("delete-group", name="nowhere").job
    first, second = several.run(known, unknown)
    assert first.state is State.SUCCEEDED
    assert (second.state, second.code) == (State.FAILED, Code.NO_SUCH_GROUP)
    assert groups(several) == {"theirs": "lead"}


def test_jobs_on_one_group_take_turns(several: Installation) -> None:
    """Two jobs that change one group, and one that deletes it, are all done, one after the other."""
    several.do("create-group", name="wide", members="gold")
    second = several.submit("add-to-group", name="wide", members="iron")
    third = several.submit("delete-group", name="wide")
    assert third.state is State.WAITING
    assert [one.state for one in several.run(second.job, third.job)] == [State.SUCCEEDED] * 2
    assert groups(several) == {"theirs": "lead"}


def test_a_volume_that_was_replaced_is_not_put_into_a_group(several: Installation) -> None:
    """A volume deleted and made anew by others since the job was planned is another one: the job fails."""
    job = several.submit("create-group", name="wide", members="gold,iron").job
    array = MemoryArray(several.vnx)
    array.destroy_lun(2)
    array.create_lun(2, "iron", 2, "pool", THIN)
    (record,) = several.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert groups(several) == {"theirs": "lead"}


def test_a_volume_that_others_put_into_a_group_since_is_left_there(several: Installation) -> None:
    """Adding finds the volume in another group by now: the job fails and takes nothing out of it."""
    job = several.submit("add-to-group", name="theirs", members="gold").job
    MemoryArray(several.vnx).create_group("since", (1,), "")
    (record,) = several.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.IN_GROUP)
    assert groups(several) == {"theirs": "lead", "since": "gold"}


def test_a_group_without_our_mark_is_not_adopted(several: Installation) -> None:
    """A command that was lost on the way, and a namesake since: the job fails, and the namesake stands."""
    several.vnx.plan("create_group", answer_lost(effect=False))
    job = several.submit("create-group", name="wide", members="gold").job
    several.until(lambda: several.record(job).unsure)
    MemoryArray(several.vnx).create_group("wide", (2,), "somebody's")
    (record,) = several.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.NAME_IN_USE)
    assert groups(several) == {"theirs": "lead", "wide": "iron"}


def test_a_group_that_was_replaced_is_not_deleted(several: Installation) -> None:
    """A group deleted and made anew by others since the job was planned bears another description: it stands."""
    job = several.submit("delete-group", name="theirs").job
    array = MemoryArray(several.vnx)
    array.destroy_group("theirs")
    array.create_group("theirs", (1,), "another")
    (record,) = several.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert groups(several) == {"theirs": "gold"}


@pytest.mark.parametrize(
    ("operation", "fields"),
    [("delete-group", {}), ("add-to-group", {"members": "gold"}), ("remove-from-group", {"members": "lead"})],
)
def test_a_recycled_group_with_the_same_description_is_known_by_its_members(
    several: Installation, operation: str, fields: dict[str, str]
) -> None:
    """A group that others made anew with a member more is not the one that was meant: both are shown, and it stands."""
    job = several.submit(operation, (), "", name="theirs", **fields).job
    array = MemoryArray(several.vnx)
    array.destroy_group("theirs")
    array.create_group("theirs", (2, 3), "by hand")
    (record,) = several.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert "group theirs has the members iron, lead and the description 'by hand'" in record.error
    assert "the one that was meant has the members lead and" in record.error
    assert groups(several) == {"theirs": "iron, lead"}


def test_a_groups_snapshot_holds_one_moment_and_a_slot_of_each_member(several: Installation) -> None:
    """The snapshot holds what each member held then; it takes a slot of each, and its deletion gives all back."""
    several.do("create-group", name="wide", members="gold,iron")
    assert several.do("create-group-snapshot", name="frozen", group="wide").state is State.SUCCEEDED
    several.vnx.write(1, "slag")
    assert several.array_shows()["snapshot frozen of gold, iron"] == "ore, rust"
    assert [several.slots(name)["snapshots"] for name in ("gold", "iron", "lead")] == [1, 1, 0]
    several.read_array()
    assert [several.slots(name)["snapshots"] for name in ("gold", "iron", "lead")] == [1, 1, 0]
    assert several.do("delete-group-snapshot", name="frozen").state is State.SUCCEEDED
    assert [several.slots(name)["snapshots"] for name in ("gold", "iron", "lead")] == [0, 0, 0]


def test_a_group_that_others_changed_is_not_snapshotted_as_it_was_planned(several: Installation) -> None:
    """A member that others put into the group since has no slot held for it: the job fails and leaves nothing."""
    job = several.submit("create-group-snapshot", name="frozen", group="theirs").job
    MemoryArray(several.vnx).add_to_group("theirs", (1,))
    several.read_array()
    (record,) = several.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert [name for name in several.array_shows() if name.startswith("snapshot")] == []
    assert several.slots("lead")["snapshots"] == 0


def test_a_snapshot_waits_for_the_job_that_changes_its_group(several: Installation) -> None:
    """A snapshot that had to wait for a new member holds that member too, and a slot of each."""
    several.do("create-group", name="wide", members="gold")
    adding = several.submit("add-to-group", name="wide", members="iron")
    snapshot = several.submit("create-group-snapshot", name="frozen", group="wide")
    assert snapshot.state is State.WAITING
    assert [one.state for one in several.run(adding.job, snapshot.job)] == [State.SUCCEEDED] * 2
    assert several.array_shows()["snapshot frozen of gold, iron"] == "ore, rust"
    assert [several.slots(name)["snapshots"] for name in ("gold", "iron")] == [1, 1]


def test_a_groups_snapshot_and_a_volumes_are_not_taken_for_each_other(several: Installation) -> None:
    """Each kind of snapshot is deleted by its own word, and a group's is neither copied nor cloned by itself."""
    MemoryArray(several.vnx).create_group_snapshot("theirs", "frozen", "")
    several.do("create-snapshot", name="monday", volume="gold")
    several.read_array()
    assert refusal(several, "delete-snapshot", name="frozen")[0] is Code.NOT_SUPPORTED
    assert refusal(several, "snap-copy", name="new", snapshot="frozen")[0] is Code.NOT_SUPPORTED
    assert refusal(several, "delete-group-snapshot", name="monday")[0] is Code.NOT_SUPPORTED


def test_a_group_without_members_is_not_snapshotted(several: Installation) -> None:
    """A snapshot of nothing is refused before the array is asked."""
    MemoryArray(several.vnx).create_group("empty", (), "")
    several.read_array()
    assert refusal(several, "create-group-snapshot", name="frozen", group="empty")[0] is Code.NOT_SUPPORTED


def test_a_full_member_is_refused_by_its_numbers(several: Installation) -> None:
    """A member that has 256 snapshots lets the group have none, and the line says how many there are."""
    array = MemoryArray(several.vnx)
    for number in range(256):
        array.create_snapshot(3, f"s{number}", writable=False)
    several.read_array()
    code, line = refusal(several, "create-group-snapshot", name="frozen", group="theirs")
    assert code is Code.SLOTS_LIMIT
    assert "a member of theirs has 256 of 256 snapshots" in line


def test_a_member_is_not_deleted(several: Installation) -> None:
    """Deleting a volume that is in a group is refused with a line that says what to do; taken out, it is deleted."""
    code, line = refusal(several, "delete-volume", name="lead")
    assert (code, "remove-from-group" in line, "theirs" in line) == (Code.IN_GROUP, True, True)
    several.do("remove-from-group", name="theirs", members="lead")
    assert several.do("delete-volume", name="lead").state is State.SUCCEEDED
    assert "lead" not in several.array_shows()


def test_what_hosts_see_is_not_deleted(several: Installation) -> None:
    """Deleting a volume, or a snap copy, that a storage group shows is refused with a line that names the group."""
    several.do("snap-copy", name="copy", source="gold")
    number = next(one.number for one in several.vnx.world.volumes.values() if one.name == "copy")
    several.vnx.apply(lambda world, _: map_lun(map_lun(world, "srv", 0, 2), "srv", 1, number))
    several.read_array()
    for name in ("iron", "copy"):
        code, line = refusal(several, "delete-volume", name=name)
        assert (code, "srv" in line) == (Code.IN_USE, True)


def test_lists_of_groups_that_cannot_be_read_spoil_no_others(several: Installation) -> None:
    """Where lists of groups cannot be read, jobs that wait for volumes go on; the groups known before stay known."""
    before = several.inventory.readings(ARRAY)
    job = several.submit("snap-copy", name="copy", source="gold").job
    several.turns()
    for verb in ("groups", "storage_groups"):
        several.vnx.plan(verb, refused(Verdict.NO_ANSWER, "garbled"))
    several.read_array()
    several.turns()
    assert several.record(job).state is State.SUCCEEDED
    after = several.inventory.readings(ARRAY)
    assert (after.luns > before.luns, after.groups, after.storage_groups) == (
        True, before.groups, before.storage_groups
    )  # fmt: skip
    assert several.inventory.group(ARRAY, "theirs") is not None


@pytest.fixture
def simulated(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated VNX."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    yield made
    made.close()


def test_groups_on_a_simulated_array(simulated: SimulatedInstallation) -> None:
    """On a VNX that keeps bytes: a group's snapshot shows, for each member, what that held when it was taken."""
    for name in ("gold", "iron"):
        assert simulated.do("create-volume", name=name, size_gb=1, pool="pool").state is State.SUCCEEDED
    numbers = [one.lun.number for one in simulated.inventory.volumes(ARRAY)]
    for number in numbers:
        simulated.sim.write(number, 0, f"then {number}".encode())
    then = [simulated.sim.digest(number) for number in numbers]
    assert simulated.do("create-group", name="7", members="gold").state is State.SUCCEEDED
    assert simulated.do("add-to-group", name="7", members="iron").state is State.SUCCEEDED
    assert simulated.do("create-group-snapshot", name="frozen", group="7").state is State.SUCCEEDED
    for place, number in enumerate(numbers):
        simulated.sim.write(number, 0, b"now")
        simulated.type(f"lun -create -type snap -primaryLun {number} -name view-{number} -l {90 + place}")
    simulated.type("snap -modify -id frozen -allowReadWrite yes -o")
    for place in range(len(numbers)):
        simulated.type(f"lun -attach -l {90 + place} -snapName frozen -o")
    assert [simulated.sim.digest(90 + place) for place in range(len(numbers))] == then
    for place in range(len(numbers)):
        simulated.type(f"lun -destroy -l {90 + place} -forceDetach -o")
    assert simulated.do("delete-group-snapshot", name="frozen").state is State.SUCCEEDED
    assert simulated.do("remove-from-group", name="7", members="gold").state is State.SUCCEEDED
    assert simulated.do("delete-group", name="7").state is State.SUCCEEDED
    stands = simulated.stands()
    assert (stands["luns"], stands["snapshots"]) == (["gold", "iron"], [])


def test_a_group_of_more_than_it_takes_is_refused(installation: Installation) -> None:
    """The 65th member is refused before the array is asked, with both numbers."""
    names = [f"v{number}" for number in range(64)]
    array = MemoryArray(installation.vnx)
    for number, name in enumerate(names, start=100):
        array.create_lun(number, name, 1, "pool", THIN)
    installation.read_array()
    assert installation.do("create-group", name="full", members=names).state is State.SUCCEEDED
    sent = len(installation.vnx.audit)
    with pytest.raises(Refused) as caught:
        installation.submit("add-to-group", name="full", members=["gold"])
    assert (caught.value.code, len(installation.vnx.audit)) == (Code.NOT_SUPPORTED, sent)
    assert "full has 64 members, 1 more are asked for" in caught.value.message
