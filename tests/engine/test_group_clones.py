"""Clones of all volumes of a group's snapshot: a job each, all of one moment, each whole or gone by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.by_hand import SimulatedInstallation
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.batches.checking import check
from vnx_jobs.batches.fates import RowFate
from vnx_jobs.batches.group_clones import group_clones
from vnx_jobs.batches.submitting import submit
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.specs import parse_several
from vnx_jobs.model.states import State
from vnx_jobs.preview import Rehearsal, preview

TEMPLATE = "{member}-2"


@pytest.fixture
def frozen(installation: Installation) -> Installation:
    """Add two volumes; `frozen` is of the group of `gold` and `iron`, which hold something else by now."""
    installation.make("iron", content="rust")
    installation.make("lead", content="grey")
    assert installation.do("create-group", name="wide", members="gold,iron").state is State.SUCCEEDED
    assert installation.do("create-group-snapshot", name="frozen", group="wide").state is State.SUCCEEDED
    installation.vnx.write(1, "slag")
    installation.vnx.write(2, "dust")
    installation.read_array()
    return installation


def asked(installation: Installation, key: str = "", **fields: Any) -> list[RowFate]:
    """Ask for clones of all volumes of a snapshot; return what became of each."""
    spec = parse_several({"operation": "clone-group", "array": ARRAY, "snapshot": "frozen", **fields})
    checked = check(group_clones(spec, installation.submission, key), installation.submission)
    return submit(checked, installation.submission, partial=False, by="test")


def snapshots(installation: Installation) -> list[int]:
    """Return how many snapshot slots of each volume are taken."""
    return [installation.slots(name)["snapshots"] for name in ("gold", "iron", "lead")]


def test_all_clones_are_of_one_moment(frozen: Installation) -> None:
    """Each clone holds what its volume held when the snapshot was taken; snapshot and volumes stay as they were."""
    before = frozen.array_shows()
    fates = asked(frozen, names=TEMPLATE, pool="other", provisioning="thick")
    assert [(one.row, one.name, str(one.fate)) for one in fates] == [
        ("gold", "gold-2", "submitted"),
        ("iron", "iron-2", "submitted"),
    ]
    ended = frozen.run(*(one.job for one in fates))
    assert [(one.state, one.operation) for one in ended] == [(State.SUCCEEDED, "clone-of-group-snapshot")] * 2
    assert frozen.array_shows() == before | {"gold-2": "2 GB full: ore", "iron-2": "2 GB full: rust"}
    lies = {one.lun.name: (one.lun.pool, one.lun.thin) for one in frozen.inventory.volumes(ARRAY)}
    assert (lies["gold-2"], lies["iron-2"]) == (("other", False), ("other", False))
    assert snapshots(frozen) == [1, 1, 0]


def test_a_copy_takes_a_slot_of_every_member_while_it_stands(frozen: Installation) -> None:
    """Two clones under way take two slots of each member, by the array's lists too, and give them back."""
    jobs = [one.job for one in asked(frozen, names=TEMPLATE)]
    assert snapshots(frozen) == [3, 3, 0]
    frozen.turns()
    frozen.read_array()
    hidden = [name for name in frozen.array_shows() if name.startswith("snapshot hidden of gold, iron")]
    assert (len(hidden), snapshots(frozen)) == (2, [3, 3, 0])
    frozen.run(*jobs)
    frozen.read_array()
    assert snapshots(frozen) == [1, 1, 0]


def test_a_name_for_each_volume(frozen: Installation) -> None:
    """Names can be given one by one, as one text or as a mapping, in any order."""
    told = [one.name for one in asked(frozen, names="iron=second, gold=first")]
    assert told == ["first", "second"]
    assert [one.name for one in asked(frozen, names={"gold": "third", "iron": "fourth"})] == ["third", "fourth"]


@pytest.mark.parametrize(
    ("fields", "code", "line"),
    [
        ({"names": "copy"}, Code.INVALID, "names must hold {member}"),
        ({"names": "{member}-{n}"}, Code.INVALID, "'x-{n}' may hold only letters"),
        ({"names": ["a", "b"]}, Code.INVALID, "or a name for each volume"),
        ({"names": "gold=a,gold=b"}, Code.INVALID, "name each volume once"),
        ({"names": "gold=a,iron=a"}, Code.INVALID, "give each clone a name of its own"),
        ({"names": "gold=a"}, Code.INVALID, "names gives no name for the clone of iron"),
        ({"names": "gold=a,iron=b,lead=c"}, Code.INVALID, "snapshot frozen is not of lead, but of gold, iron"),
        ({"names": TEMPLATE, "snapcopy": "true"}, Code.INVALID, "no snap copy is made of a group's snapshot"),
        ({"names": TEMPLATE, "rate": "asap"}, Code.INVALID, "allow_asap=true"),
        ({"names": TEMPLATE, "size": 1}, Code.INVALID, "there is no field 'size'"),
        ({"names": TEMPLATE, "array": "nope"}, Code.UNKNOWN_ARRAY, "nope"),
        ({"names": TEMPLATE, "snapshot": "nowhere"}, Code.NO_SUCH_SNAPSHOT, "show no such snapshot"),
        ({"names": TEMPLATE, "snapshot": "monday"}, Code.NOT_SUPPORTED, "of one volume: use clone"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_for(frozen: Installation, fields: dict[str, Any], code: Code, line: str) -> None:
    """A request with a mistake is refused whole, in one line, before the array is asked."""
    frozen.do("create-snapshot", name="monday", volume="gold")
    sent, jobs = len(frozen.vnx.audit), len(frozen.store.find())
    with pytest.raises(Refused) as refusal:
        asked(frozen, **fields)
    assert refusal.value.code is code
    assert line in refusal.value.message
    assert "\n" not in refusal.value.message
    assert (len(frozen.vnx.audit), len(frozen.store.find())) == (sent, jobs)


def test_a_snapshot_that_is_still_to_be_made(frozen: Installation) -> None:
    """A snapshot that a job is to make is not there yet: the line says which job, and nothing is stored."""
    job = frozen.submit("create-group-snapshot", name="later", group="wide").job
    with pytest.raises(Refused, match=f"job {job} is still to make it"):
        asked(frozen, names=TEMPLATE, snapshot="later")


def test_nothing_is_submitted_if_one_clone_cannot_be(frozen: Installation) -> None:
    """A name in use is found before the first clone is submitted."""
    frozen.make("iron-2")
    fates = asked(frozen, names=TEMPLATE)
    assert [str(one.fate) for one in fates] == ["held back", "wrong"]
    assert "a volume iron-2 exists on box already" in fates[1].message
    assert snapshots(frozen) == [1, 1, 0]


def test_the_same_request_with_its_key_finds_the_same_jobs(frozen: Installation) -> None:
    """With a key a request can be repeated; another request of the same key is refused."""
    first = asked(frozen, "nightly", names=TEMPLATE)
    again = asked(frozen, "nightly", names=TEMPLATE)
    assert [one.job for one in again] == [one.job for one in first]
    assert {str(one.fate) for one in again} == {"known"}
    other = asked(frozen, "nightly", names="{member}-3")
    assert {str(one.fate) for one in other} == {"wrong"}
    assert len(frozen.store.find(states=(State.QUEUED,))) == 2
    frozen.run(*(one.job for one in first))
    frozen.do("delete-group-snapshot", name="frozen")
    assert [one.job for one in asked(frozen, "nightly", names=TEMPLATE)] == [one.job for one in first]
    with pytest.raises(Refused, match="no such snapshot"):
        asked(frozen, "weekly", names=TEMPLATE)


@pytest.mark.parametrize(
    ("fields", "code", "line"),
    [
        ({"member": "lead"}, Code.NOT_IN_GROUP, "lead is not among the volumes that snapshot frozen is of: gold, iron"),
        ({}, Code.NOT_SUPPORTED, "clone them by clone-group"),
        ({"snapcopy": True}, Code.NOT_SUPPORTED, "clone them by clone-group"),
        ({"member": "gold", "snapcopy": True}, Code.INVALID, "no snap copy is made of a group's snapshot"),
        ({"member": "new"}, Code.INVALID, "name and member are the same volume"),
        ({"member": "gold", "size_gb": 1}, Code.INVALID, "gold has 2 GB"),
    ],
    ids=str,
)
def test_one_member_that_cannot_be_cloned(frozen: Installation, fields: dict[str, Any], code: Code, line: str) -> None:
    """A clone of a group's snapshot names one of its volumes, and is a full copy."""
    with pytest.raises(Refused) as refusal:
        frozen.submit("clone", name="new", snapshot="frozen", **fields)
    assert (refusal.value.code, line in refusal.value.message) == (code, True)


def test_a_member_of_a_volumes_own_snapshot(frozen: Installation) -> None:
    """Naming the volume of a snapshot that is of one volume changes nothing but that it is checked."""
    frozen.do("create-snapshot", name="monday", volume="lead")
    assert frozen.do("clone", name="new", snapshot="monday", member="lead", size_gb=3).state is State.SUCCEEDED
    assert frozen.array_shows()["new"] == "3 GB full: grey"
    with pytest.raises(Refused, match="is of: lead"):
        frozen.submit("clone", name="other", snapshot="monday", member="gold")


def test_a_full_member_is_named(frozen: Installation) -> None:
    """Where another member has all the snapshots that it can have, no member is cloned, and the line names it."""
    array = MemoryArray(frozen.vnx)
    for number in range(255):
        array.create_snapshot(2, f"s{number}", writable=False)
    frozen.read_array()
    with pytest.raises(Refused) as refusal:
        frozen.submit("clone", name="new", snapshot="frozen", member="gold")
    assert refusal.value.code is Code.SLOTS_LIMIT
    assert "iron has 256 of 256 snapshots" in refusal.value.message
    job = frozen.submit("clone", name="new", snapshot="frozen", member="gold", on_limit="wait").job
    assert frozen.record(job).state is State.WAITING
    array.destroy_snapshot("s7")
    frozen.read_array()
    assert frozen.run(job)[0].state is State.SUCCEEDED


def test_the_last_place_is_taken_in_turns(frozen: Installation) -> None:
    """With one place left of a member the clones follow each other; a request that is to wait for nothing is told."""
    array = MemoryArray(frozen.vnx)
    for number in range(254):
        array.create_snapshot(2, f"s{number}", writable=False)
    frozen.read_array()
    fates = asked(frozen, names=TEMPLATE)
    assert [frozen.record(one.job).state for one in fates] == [State.QUEUED, State.WAITING]
    assert [one.state for one in frozen.run(*(one.job for one in fates))] == [State.SUCCEEDED] * 2
    assert frozen.slots("iron")["snapshots"] == 255
    fates = asked(frozen, names="{member}-3", on_limit="refuse")
    assert [str(one.fate) for one in fates] == ["submitted", "refused"]
    assert "iron has 256 of 256 snapshots" in fates[1].message


def test_one_clone_that_fails_leaves_the_others(frozen: Installation) -> None:
    """A clone that the array refuses is undone by itself; the other one is whole, and no slot is left taken."""
    fates = asked(frozen, names=TEMPLATE)
    frozen.vnx.plan("create_lun", refused(Verdict.REFUSED, "the pool is full"))
    ended = frozen.run(*(one.job for one in fates))
    assert sorted(one.state for one in ended) == [State.FAILED, State.SUCCEEDED]
    assert [f"{one}-2" in frozen.array_shows() for one in ("gold", "iron")].count(True) == 1
    assert [name for name in frozen.array_shows() if "hidden" in name] == []
    assert snapshots(frozen) == [1, 1, 0]


def test_what_would_disturb_a_clone_waits(frozen: Installation) -> None:
    """While one member is cloned, the snapshot's deletion and the other member's growth wait."""
    clone = frozen.submit("clone", name="new", snapshot="frozen", member="gold").job
    later = [
        frozen.submit("delete-group-snapshot", name="frozen"),
        frozen.submit("extend-volume", name="iron", size_gb=9),
    ]
    assert [one.state for one in later] == [State.WAITING] * 2
    assert [one.state for one in frozen.run(clone, *(one.job for one in later))] == [State.SUCCEEDED] * 3
    assert frozen.array_shows()["new"] == "2 GB full: ore"
    assert snapshots(frozen) == [0, 0, 0]


def test_a_plan_tells_the_slots_of_every_member(frozen: Installation) -> None:
    """The preview of two clones: seven commands each, and two snapshots more of each member at one time."""
    spec = parse_several({"operation": "clone-group", "array": ARRAY, "snapshot": "frozen", "names": TEMPLATE})
    rehearsal = Rehearsal(frozen.submission)
    submit(check(group_clones(spec, frozen.submission), frozen.submission), rehearsal, partial=False, by="test")
    told = preview(rehearsal)
    assert (told.commands.changing, told.commands.reading) == (14, 0)
    peaks = {(one.source, one.kind): (one.now, one.peak) for one in told.slots}
    assert peaks["gold", "snapshots"] == peaks["iron", "snapshots"] == (1, 3)
    assert peaks["gold", "mounts"] == peaks["iron", "mounts"] == (0, 1)


@pytest.fixture
def simulated(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated VNX."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    yield made
    made.close()


def test_bytes_on_a_simulated_array(simulated: SimulatedInstallation) -> None:
    """On a VNX that keeps bytes: each clone holds what its volume held at the snapshot; volumes and snapshot stand."""
    simulated.runner.copies_end = True
    for name in ("gold", "iron"):
        assert simulated.do("create-volume", name=name, size_gb=1, pool="pool").state is State.SUCCEEDED
    numbers = {one.lun.name: one.lun.number for one in simulated.inventory.volumes(ARRAY)}
    for name, number in numbers.items():
        simulated.sim.write(number, 0, f"then {name}".encode())
        simulated.sim.write(number, 4096 * 97, f"far {name}".encode())
    then = {name: simulated.sim.digest(number) for name, number in numbers.items()}
    assert simulated.do("create-group", name="wide", members="gold,iron").state is State.SUCCEEDED
    assert simulated.do("create-group-snapshot", name="frozen", group="wide").state is State.SUCCEEDED
    for number in numbers.values():
        simulated.sim.write(number, 0, b"now")
    now = {name: simulated.sim.digest(number) for name, number in numbers.items()}
    fates = asked(simulated, names=TEMPLATE)
    assert [one.state for one in simulated.run(*(one.job for one in fates))] == [State.SUCCEEDED] * 2
    clones = {one.lun.name: one.lun.number for one in simulated.inventory.volumes(ARRAY)}
    assert {name: simulated.sim.digest(clones[f"{name}-2"]) for name in numbers} == then
    assert {name: simulated.sim.digest(number) for name, number in numbers.items()} == now != then
    stands = simulated.stands()
    assert (stands["luns"], stands["snapshots"]) == (["gold", "gold-2", "iron", "iron-2"], ["frozen"])
    assert simulated.do("delete-group-snapshot", name="frozen").state is State.SUCCEEDED
