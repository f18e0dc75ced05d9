"""Attaching and detaching: which number a volume gets, who may write, what is refused, and what waits."""

from pathlib import Path

import pytest

from tests.cli.terminal import run_here
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.model.array import THIN
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.hosts import Attachment, Connection, connections
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

WWNS = "20:00:00:00:C9:12:34:56:10:00:00:00:C9:12:34:56"
IQN = "iqn.1993-08.org.debian:01:abc"


@pytest.fixture
def site(installation: Installation) -> Installation:
    """Make volumes, and a host that sees a storage group of its name, with one of them under number 1."""
    for name in ("iron", "zinc", "lead"):
        installation.make(name)
    array = MemoryArray(installation.vnx)
    array.create_storage_group("esx")
    array.set_path("esx", "esx", WWNS, array.fibre_ports()[2])
    array.set_path("esx", "esx", IQN, array.iscsi_portals()[0])
    array.map_lun("esx", 1, 4)
    installation.read_array()
    return installation


def shown(site: Installation) -> dict[int, str]:
    """Return what the host sees: names by host LUN number."""
    world = site.vnx.world
    return {hlu: world.volumes[number].name for hlu, number in world.storage_groups["esx"].luns}


def uid(site: Installation, name: str) -> str:
    """Return the UID of a volume."""
    return next(one.uid for one in site.vnx.world.volumes.values() if one.name == name)


def attach(site: Installation, volumes: str, mode: str | None = "rw") -> Record:
    """Attach volumes to the host."""
    return site.do("attach-volume", volumes=volumes, host="esx", mode=mode)


def detach(site: Installation, volumes: str) -> Record:
    """Detach volumes from the host."""
    return site.do("detach-volume", volumes=volumes, host="esx")


def test_several_volumes_are_attached_by_one_job(site: Installation) -> None:
    """Each gets a number of its own that nobody uses, by one command each, and the attachments are noted."""
    before = len(site.vnx.audit)
    record = attach(site, "gold, iron,zinc")
    assert record.state is State.SUCCEEDED, record.error
    assert shown(site) == {1: "lead", 2: "gold", 3: "iron", 4: "zinc"}
    assert [one.verb for one in site.vnx.audit[before:] if one.change] == ["map_lun"] * 3
    assert site.inventory.attachments(ARRAY, uid(site, "iron")) == (Attachment("esx", 3, "rw"),)
    assert (record.name, detach(site, "iron,gold").state) == ("gold, iron, zinc", State.SUCCEEDED)
    assert shown(site) == {1: "lead", 4: "zinc"}
    assert site.inventory.attachments(ARRAY, uid(site, "iron")) == ()
    assert site.inventory.attachments(ARRAY, uid(site, "zinc")) == (Attachment("esx", 4, "rw"),)


def test_the_job_tells_how_the_host_opens_each_volume(site: Installation) -> None:
    """Its connection information holds number, UID, mode, and the ports on which the host is registered."""
    told = connections(attach(site, "iron,gold", "ro").facts)
    fibre = ("50:06:01:68:3B:A0:2E:11",)
    iscsi = ("10.0.4.1,iqn.1992-04.com.emc:cx.apm00000000001.a4",)
    assert told == (
        Connection(ARRAY, "esx", "iron", uid(site, "iron"), 2, "ro", fibre, iscsi),
        Connection(ARRAY, "esx", "gold", uid(site, "gold"), 3, "ro", fibre, iscsi),
    )


def test_ports_are_read_once(site: Installation) -> None:
    """The first attachment of a day has them read; the next reads lists of volumes and storage groups alone."""
    attach(site, "iron")
    before = len(site.vnx.audit)
    attach(site, "gold")
    assert [one.verb for one in site.vnx.audit[before:]] == ["luns", "storage_groups", "map_lun"]


@pytest.mark.parametrize("at", [1, 2])
def test_several_volumes_are_all_attached_or_none(site: Installation, at: int) -> None:
    """If the array refuses one of them, those before it are shown no longer, and all numbers are free again."""
    site.vnx.plan("map_lun", refused(), skip=at)
    record = attach(site, "gold,iron,zinc")
    assert (record.state, record.code) == (State.FAILED, Code.ARRAY_REFUSED)
    assert shown(site) == {1: "lead"}
    assert site.held().get(f"hlus:{ARRAY}:esx") == ["1"]
    assert site.inventory.attachments(ARRAY, uid(site, "gold")) == ()


def test_a_stuck_job_names_each_mapping_once(site: Installation) -> None:
    """What it left is named volume by volume, with the command that takes it away, last first."""
    site.vnx.plan("map_lun", refused(), skip=2)
    site.vnx.plan("unmap_lun", refused())
    record = attach(site, "gold,iron,zinc")
    assert record.state is State.STUCK
    assert record.leftovers == (
        "mapping of LUN 2 in storage group esx: naviseccli storagegroup -removehlu -hlu 3 -gname esx -o",
        "mapping of LUN 1 in storage group esx: naviseccli storagegroup -removehlu -hlu 2 -gname esx -o",
    )


def test_a_number_is_not_given_again_at_once(site: Installation) -> None:
    """Numbers go round: what was detached last is given out last, so that a command that lands late hits nobody."""
    for number in (2, 3, 4):
        attach(site, "gold")
        assert shown(site) == {1: "lead", number: "gold"}
        detach(site, "gold")


def test_what_others_mapped_since_the_last_list_is_not_known(site: Installation) -> None:
    """A number that somebody else took meanwhile fails the job clean, and the list that follows makes it known."""
    MemoryArray(site.vnx).map_lun("esx", 2, 3)
    record = attach(site, "gold")
    assert (record.state, record.code) == (State.FAILED, Code.NAME_IN_USE)
    assert shown(site) == {1: "lead", 2: "zinc"}
    attach(site, "gold")
    assert shown(site) == {1: "lead", 2: "zinc", 3: "gold"}


def test_a_volume_is_deleted_as_soon_as_it_is_detached(site: Installation) -> None:
    """What attaching and detaching did is known at once, and costs no list: in use, then free to be deleted."""
    attach(site, "iron,zinc")
    with pytest.raises(Refused, match="iron is shown to hosts by storage group esx") as caught:
        site.submit("delete-volume", name="iron")
    assert caught.value.code == Code.IN_USE
    detach(site, "iron")
    assert site.do("delete-volume", name="iron").state is State.SUCCEEDED
    with pytest.raises(Refused, match="zinc is shown to hosts by storage group esx"):
        site.submit("delete-volume", name="zinc")
    assert shown(site) == {1: "lead", 3: "zinc"}


def test_what_an_undone_attachment_showed_is_known_to_be_free(site: Installation) -> None:
    """The mappings that a failed job took back stand in nobody's way."""
    site.vnx.plan("map_lun", refused(), skip=1)
    assert attach(site, "iron,zinc").state is State.FAILED
    assert site.do("delete-volume", name="iron").state is State.SUCCEEDED


def test_a_full_storage_group_is_refused(site: Installation) -> None:
    """With all 255 numbers in use the request is refused before the array is asked, and says what to do."""
    array = MemoryArray(site.vnx)
    for number in range(2, 256):
        array.create_lun(1000 + number, f"v{number}", 1, "pool", THIN)
        array.map_lun("esx", number, 1000 + number)
    site.read_array()
    before = len(site.vnx.audit)
    with pytest.raises(Refused, match="storage group esx has 255 of 255 host LUN numbers in use") as caught:
        attach(site, "gold")
    assert caught.value.code == Code.NUMBERS_LIMIT
    assert len(site.vnx.audit) == before


def test_nothing_is_attached_for_writing_by_default(site: Installation) -> None:
    """Of a volume without a mark the mode must be stated; a mark is the default, and `ro` is never written to."""
    with pytest.raises(Refused, match="state mode=ro or mode=rw") as unknown:
        attach(site, "gold", None)
    assert unknown.value.code == Code.INVALID
    assert site.do("set-readonly", name="gold", readonly=True).state is State.SUCCEEDED
    with pytest.raises(Refused, match="gold is read-only") as protected:
        attach(site, "gold", "rw")
    assert protected.value.code == Code.READ_ONLY
    (told,) = connections(attach(site, "gold", None).facts)
    assert told.mode == "ro"


def test_a_new_volume_is_attached_for_writing(site: Installation) -> None:
    """A volume that a job of ours made is marked as writable: no mode need be stated."""
    site.do("create-volume", name="new", size_gb=1, pool="pool")
    (told,) = connections(attach(site, "new", None).facts)
    assert told.mode == "rw"


def test_a_mark_that_changes_while_the_job_waits_is_kept_to(site: Installation) -> None:
    """A volume that is made read-only after its attachment for writing was accepted is not attached for writing."""
    first = site.submit("set-readonly", name="gold", readonly=True).job
    second = site.submit("attach-volume", volumes="gold", host="esx", mode="rw").job
    site.run(first)
    (record,) = site.run(second)
    assert (record.state, record.code) == (State.FAILED, Code.READ_ONLY)
    assert shown(site) == {1: "lead"}


def test_a_mark_that_was_set_after_planning_is_kept_to(site: Installation) -> None:
    """A mark that no plan has seen, as one made between planning and admission, stops the job before its command."""
    job = site.submit("attach-volume", volumes="gold", host="esx", mode="rw").job
    site.server.client.hset(f"{site.server.prefix}access:{ARRAY}", uid(site, "gold"), "ro")
    (record,) = site.run(job)
    assert (record.state, record.code) == (State.FAILED, Code.READ_ONLY)
    assert shown(site) == {1: "lead"}


def test_an_unknown_host_is_looked_for_once(site: Installation) -> None:
    """A host without a storage group waits for one list, and fails if that does not show it either."""
    before = len(site.vnx.audit)
    record = site.do("attach-volume", volumes="gold", host="hyperv", mode="ro")
    assert (record.state, record.code) == (State.FAILED, Code.NO_SUCH_HOST)
    assert not any(one.change for one in site.vnx.audit[before:])


def test_a_host_is_found_where_it_is_connected(site: Installation) -> None:
    """The storage group in which its initiators are is used, whatever its name."""
    array = MemoryArray(site.vnx)
    array.create_storage_group("cluster")
    array.set_path("cluster", "node-1", f"{WWNS[:-2]}57", array.fibre_ports()[0])
    site.read_array()
    record = site.do("attach-volume", volumes="gold", host="node-1", mode="rw")
    assert record.state is State.SUCCEEDED, record.error
    assert site.vnx.world.storage_groups["cluster"].luns == ((1, 1),)
    assert [one.fibre for one in connections(record.facts)] == [("50:06:01:60:3B:A0:2E:11",)]


def test_what_is_so_already_fails_and_changes_nothing(site: Installation) -> None:
    """A volume that the host sees is not attached, one that it does not see is not detached: both are said."""
    seen, unseen = attach(site, "gold,lead"), detach(site, "lead,gold")
    assert (seen.state, seen.code) == (State.FAILED, Code.ATTACHED)
    assert "under host LUN number 1" in seen.error
    assert (unseen.state, unseen.code) == (State.FAILED, Code.NOT_ATTACHED)
    assert shown(site) == {1: "lead"}


@pytest.mark.parametrize("word", ["attach-volume", "detach-volume"])
def test_a_recycled_number_is_left_alone(site: Installation, word: str) -> None:
    """A volume that was replaced by another of its name and number is neither shown nor hidden."""
    name = "iron" if word == "attach-volume" else "lead"
    number = next(one.number for one in site.vnx.world.volumes.values() if one.name == name)
    array = MemoryArray(site.vnx)
    if name == "lead":
        array.unmap_lun("esx", 1)
    array.destroy_lun(number)
    array.create_lun(number, name, 1, "pool", THIN)
    if name == "lead":
        array.map_lun("esx", 1, number)
    before = site.vnx.world
    mode = {"mode": "ro"} if word == "attach-volume" else {}
    record = site.do(word, volumes=name, host="esx", **mode)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert site.vnx.world == before


def test_an_attachment_waits_for_what_would_spoil_it_and_for_nothing_else(site: Installation) -> None:
    """It runs beside a copy of its volume; the volume's next attachment, and its new name, wait for it."""
    attach(site, "iron")
    detached = site.submit("detach-volume", volumes="iron", host="esx").job
    attached = site.submit("attach-volume", volumes="iron", host="esx", mode="ro").job
    copied = site.submit("snap-copy", name="copy", source="iron").job
    renamed = site.submit("rename-volume", name="iron", new_name="steel").job
    states = {job: site.record(job).state for job in (detached, attached, copied, renamed)}
    assert states == {
        detached: State.QUEUED,
        attached: State.WAITING,
        copied: State.QUEUED,
        renamed: State.WAITING,
    }
    assert [one.state for one in site.run(detached, attached, copied, renamed)] == [State.SUCCEEDED] * 4
    assert shown(site) == {1: "lead", 3: "steel"}


@pytest.mark.parametrize("volumes", ["", "gold,gold", ["gold", "gold"], "gold,,iron"])
def test_each_volume_is_named_once(site: Installation, volumes: object) -> None:
    """No name, an empty name and a name twice are refused."""
    with pytest.raises(Refused) as caught:
        site.submit("attach-volume", volumes=volumes, host="esx", mode="rw")
    assert caught.value.code == Code.INVALID


def test_people_and_programs_are_told_how_to_open_it(
    site: Installation, valkey_url: str, prefix: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """`vnx-jobs job ID` shows host LUN number, mode, WWN and targets of each volume; JSON has them as a list."""
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    capsys: pytest.CaptureFixture[str] = request.getfixturevalue("capsys")
    config = tmp_path / "config.yaml"
    config.write_text(f"installation: t\nprefix: '{prefix}'\nredis_url: {valkey_url}\n")
    monkeypatch.setenv("VNX_JOBS_CONFIG", str(config))
    record = attach(site, "gold,iron", "ro")
    output = run_here(["job", record.id], capsys).output
    wwn = uid(site, "iron").replace(":", "").lower()
    assert output.split("how esx opens what it was given:\n")[1].splitlines() == [
        "VOLUME  HOST LUN  MODE  WWN",
        f"gold    2         ro    {wwn[:-1]}1",
        f"iron    3         ro    {wwn}",
        "  by 50:06:01:68:3B:A0:2E:11",
        "  by 10.0.4.1,iqn.1992-04.com.emc:cx.apm00000000001.a4",
    ]
    gold, iron = run_here(["job", record.id, "--json"], capsys).json["connections"]
    assert (gold["volume"], gold["hlu"], iron["hlu"], iron["uid"]) == ("gold", 2, 3, uid(site, "iron"))
