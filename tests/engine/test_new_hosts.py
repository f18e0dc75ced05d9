"""Hosts that see no storage group yet: one is made, their initiators are registered, and then volumes are attached."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.by_hand import SimulatedInstallation
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import meanwhile, refused
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.hosts import connections
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

WWNS = "20:00:00:00:C9:12:34:56:10:00:00:00:C9:12:34:56"
IQN = "iqn.1993-08.org.debian:01:abc"
FIBRE = [f"{WWNS} of node at {place}" for place in ("A-0", "A-1", "B-0", "B-1")]
ISCSI = [f"{IQN} of node at {place}" for place in ("A-4", "B-4")]


@pytest.fixture
def site(installation: Installation) -> Installation:
    """Make two volumes, and a host `other` that sees one of them by a storage group of another name."""
    return prepared(installation)


def prepared(made: Installation) -> Installation:
    """Make what stands before each test."""
    for name in ("gold", "iron", "zinc")[len(made.vnx.world.volumes) :]:
        made.make(name)
    array = MemoryArray(made.vnx)
    array.create_storage_group("cluster")
    array.set_path("cluster", "other", f"{WWNS[:-2]}57", array.fibre_ports()[0])
    array.map_lun("cluster", 1, 2)
    made.read_array()
    return made


def hosts(site: Installation) -> dict[str, str]:
    """Return what stands on the array of storage groups, but for the one that others made."""
    shown = site.array_shows()
    return {what: how for what, how in shown.items() if "storage group" in what and "cluster" not in what}


def sees(site: Installation, group: str) -> dict[int, str]:
    """Return what the hosts of a storage group see: names by host LUN number."""
    world = site.vnx.world
    return {hlu: world.volumes[number].name for hlu, number in world.storage_groups[group].luns}


def sent(site: Installation, since: int = 0) -> list[str]:
    """Return the changing commands that were sent."""
    return [one.verb for one in site.vnx.audit[since:] if one.change]


def attach(site: Installation, volumes: str = "iron", host: str = "node", **fields: Any) -> Record:
    """Attach volumes to a host."""
    return site.do("attach-volume", volumes=volumes, host=host, mode="rw", **fields)


def test_a_new_host_gets_a_group_and_all_its_paths(site: Installation) -> None:
    """An initiator is registered on each port of its kind, each path once, and the job tells all of them."""
    before = len(site.vnx.audit)
    record = attach(site, "iron,zinc", initiators=f"{WWNS.lower()},{IQN.upper()}")
    assert (record.state, record.operation) == (State.SUCCEEDED, "register-and-attach"), record.error
    assert hosts(site) == {"storage group node": ", ".join(FIBRE + ISCSI)}
    assert sees(site, "node") == {1: "iron", 2: "zinc"}
    assert sent(site, before) == ["create_storage_group", *["set_path"] * 6, "map_lun", "map_lun"]
    told, _ = connections(record.facts)
    assert (len(told.fibre), [one.partition(",")[0] for one in told.iscsi]) == (4, ["10.0.4.1", "10.0.4.2"])


def test_a_known_host_costs_what_it_did(site: Installation) -> None:
    """Initiators that are registered already are named for nothing: one changing command, and no list of ports."""
    attach(site, initiators=IQN)
    before = len(site.vnx.audit)
    record = attach(site, "zinc", initiators=IQN)
    assert (record.state, record.operation) == (State.SUCCEEDED, "attach-volume")
    assert [one.verb for one in site.vnx.audit[before:]] == ["luns", "storage_groups", "map_lun"]
    assert site.do("detach-volume", volumes="iron,zinc", host="node").state is State.SUCCEEDED
    assert hosts(site) == {"storage group node": ", ".join(ISCSI)}


def test_a_further_initiator_of_a_known_host_is_registered(site: Installation) -> None:
    """It comes into the group that stands, beside the others; turned back, it alone is forgotten."""
    attach(site, initiators=IQN)
    site.vnx.plan("map_lun", refused())
    assert attach(site, "zinc", initiators=[IQN, WWNS]).state is State.FAILED
    assert hosts(site) == {"storage group node": ", ".join(ISCSI)}
    assert attach(site, "zinc", initiators=[IQN, WWNS], ports="a-1,B-1").state is State.SUCCEEDED
    assert hosts(site) == {"storage group node": ", ".join([*ISCSI, FIBRE[1], FIBRE[3]])}
    assert sees(site, "node") == {1: "iron", 3: "zinc"}


def test_what_stood_before_is_not_taken_back(site: Installation) -> None:
    """A group that somebody else made stays, and so does a host that the array knew: only our part is undone."""
    array = MemoryArray(site.vnx)
    array.create_storage_group("node")
    array.set_path("node", "node", WWNS, array.fibre_ports()[0])
    array.disconnect_host("node", "node")
    site.read_array()
    before = hosts(site)
    site.vnx.plan("map_lun", refused())
    record = attach(site, initiators=[WWNS, IQN])
    assert (record.state, record.operation) == (State.FAILED, "connect-and-attach")
    assert hosts(site) == before == {"storage group node": "", "storage group ~management": FIBRE[0]}


def test_an_initiator_with_several_paths_is_taken_back_by_one_command(site: Installation) -> None:
    """The array forgets an initiator on all its ports at once; nothing of the host is left."""
    before = len(site.vnx.audit)
    site.vnx.plan("map_lun", refused())
    assert attach(site, initiators=[WWNS, IQN]).state is State.FAILED
    assert hosts(site) == {}
    assert sent(site, before)[-3:] == ["remove_initiator", "remove_initiator", "destroy_storage_group"]
    assert not [key for key in site.held() if key.startswith(("storage-group:", "hlus:box:node"))]


def test_a_stuck_job_names_group_and_initiators_once(site: Installation) -> None:
    """Each stands with the command that removes it, in the order in which they must be given."""
    site.vnx.plan("map_lun", refused())
    site.vnx.plan("remove_initiator", refused())
    record = attach(site, initiators=[WWNS, IQN])
    assert record.state is State.STUCK
    assert record.leftovers == (
        f"initiator {IQN} of host node: naviseccli port -removeHBA -hbauid {IQN} -o",
        f"initiator {WWNS} of host node: naviseccli port -removeHBA -hbauid {WWNS} -o",
        "storage group node: naviseccli storagegroup -destroy -gname node -o",
    )


def test_a_group_that_others_use_by_now_is_not_destroyed(site: Installation) -> None:
    """If somebody shows a volume by the group that the job made, the job is stuck rather than to take that away."""
    array = MemoryArray(site.vnx)
    site.vnx.plan("set_path", meanwhile(lambda: array.map_lun("node", 9, 3)))
    site.vnx.plan("map_lun", refused(), skip=1)
    record = attach(site, initiators=IQN)
    assert record.state is State.STUCK
    assert "in use" in record.why
    assert sees(site, "node") == {9: "zinc"}


def test_two_first_attachments_of_a_host_make_one_group(site: Installation) -> None:
    """The second waits for the first, then finds group and initiators, and only maps its volume."""
    jobs = [
        site.submit("attach-volume", volumes=name, host="node", mode="rw", initiators=IQN).job
        for name in ("iron", "zinc")
    ]
    states = [site.record(job).state for job in jobs]
    ended = site.run(*jobs)  # which of the two is first is a matter of the millisecond in which both came
    assert [one.state for one in ended] == [State.SUCCEEDED, State.SUCCEEDED], [one.error for one in ended]
    assert State.WAITING in states
    assert sorted(one.operation for one in ended) == ["attach-volume", "register-and-attach"]
    assert sent(site).count("create_storage_group") == 2, "the fixture's, and one of the two"
    first = next(one.name for one in ended if one.operation == "register-and-attach")
    second = "zinc" if first == "iron" else "iron"
    assert sees(site, "node") == {1: first, 3: second}, "its first number goes to the end of the row"


def test_a_host_that_sees_another_group_is_left_there(valkey_url: str, prefix: str, tmp_path: Path) -> None:
    """A group that the settings name is not forced upon a host that sees another one: it would lose what it sees."""
    site = prepared(Installation(valkey_url, prefix, tmp_path, storage_groups={"other": "elsewhere"}))
    before = len(site.vnx.audit)
    with pytest.raises(Refused, match="other sees the storage group cluster") as caught:
        attach(site, host="other", initiators=IQN)
    assert caught.value.code == Code.NOT_SUPPORTED
    assert len(site.vnx.audit) == before
    site.close()


def test_another_hosts_initiator_is_refused(site: Installation) -> None:
    """It is refused before the array is asked."""
    with pytest.raises(Refused, match="is registered as one of host other") as caught:
        attach(site, initiators=[IQN, f"{WWNS[:-2]}57"])
    assert caught.value.code == Code.NAME_IN_USE


def test_what_somebody_registered_meanwhile_is_left_alone(site: Installation) -> None:
    """An initiator that appeared since the last list is not ours to take back: the job fails before it changes it."""
    array = MemoryArray(site.vnx)
    site.read_ports()
    job = site.submit("attach-volume", volumes="iron", host="node", mode="rw", initiators=IQN).job
    array.create_storage_group("node")
    array.set_path("node", "node", IQN, array.iscsi_portals()[1])
    (record,) = site.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.NAME_IN_USE)
    assert hosts(site) == {"storage group node": ISCSI[1]}
    assert attach(site, initiators=IQN).state is State.SUCCEEDED


def test_an_array_without_such_ports_is_looked_at_once(site: Installation) -> None:
    """If no port of the kind, or of that name, is listed, the job fails and says so; nothing was changed."""
    before = len(site.vnx.audit)
    record = attach(site, initiators=IQN, ports="B-9")
    assert (record.state, record.code) == (State.FAILED, Code.NOT_SUPPORTED)
    assert "no port for iSCSI B-9" in record.error
    assert sent(site, before) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"initiators": "10:00:00:00:C9:12:34:56"},
        {"initiators": "iqn.abc"},
        {"initiators": [IQN, IQN]},
        {"initiators": IQN, "ports": "C-1"},
        {"ports": "A-0"},
    ],
)
def test_initiators_are_checked_at_the_door(site: Installation, fields: dict[str, Any]) -> None:
    """A port's WWN without its node's, a name that is none, one named twice, a port that is none: refused."""
    with pytest.raises(Refused) as caught:
        attach(site, **fields)
    assert caught.value.code == Code.INVALID


@pytest.fixture
def simulated(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[SimulatedInstallation]:
    """Make an installation over a simulated array with a volume `gold`, and no host."""
    made = SimulatedInstallation(valkey_url, prefix, tmp_path)
    assert made.do("create-volume", name="gold", size_gb=1, pool="pool").state is State.SUCCEEDED
    yield made
    made.close()


@pytest.mark.real
def test_a_new_host_of_a_simulated_array(simulated: SimulatedInstallation) -> None:
    """The array's own executable lists the group, the volume under its number, and a path on each SP."""
    record = simulated.do("attach-volume", volumes="gold", host="node", initiators=[IQN, WWNS], ports="A-4,B-4,A-0")
    assert record.state is State.SUCCEEDED, record.error
    (group,) = [one for one in simulated.inventory.storage_groups(ARRAY) if one.name == "node"]
    assert [hlu for hlu, _ in group.luns] == [1]
    assert {(one.uid, f"{one.sp}-{one.port}") for one in group.initiators} == {
        (IQN, "A-4"),
        (IQN, "B-4"),
        (WWNS, "A-0"),
    }
    (told,) = connections(record.facts)
    assert (len(told.iscsi), len(told.fibre), told.mode) == (2, 1, "rw")
