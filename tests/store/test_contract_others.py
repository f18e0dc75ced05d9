"""What others changed is noted when a list shows it, and kept until it is settled; what jobs do is not noted."""

from dataclasses import replace
from typing import Final

import pytest

from tests.store.world import BOX, NUMBERS, World, entry, locked, numbers, slot
from vnx_jobs.model.array import Group, HostLun, Lun, Snapshot, StorageGroup
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.hosts import HLUS
from vnx_jobs.model.keys import group_key, hlus_key, mapping_key, name_key, snapshot_key, volume_key
from vnx_jobs.model.others import Altered
from vnx_jobs.model.slots import Discrepancy
from vnx_jobs.model.states import State
from vnx_jobs.ports import Change, Lists

GOLD: Final = Lun(1, "gold", "60:gold", 4096, "pool", thin=True)
TIN: Final = Lun(2, "tin", "60:tin", 4096, "pool", thin=True)
IMAGE: Final = Snapshot("monday", 1, 1, "01/01/26 00:00:00")
SET: Final = Group("set", (1, 2), "theirs")
ESX: Final = StorageGroup("esx", ((5, 1),))
JOB: Final = "01M81VBVG5YVN7W6DZZEH1WV74"


def read(
    world: World,
    luns: tuple[Lun, ...] = (GOLD, TIN),
    snapshots: tuple[Snapshot, ...] = (IMAGE,),
    groups: tuple[Group, ...] = (SET,),
    storage_groups: tuple[StorageGroup, ...] = (ESX,),
) -> int:
    """Take in lists of everything; return when they were begun."""
    world.advance(1)
    ticket, begun = world.inventory.ticket()
    lists = Lists(begun, ticket, luns, snapshots, (), (), groups, storage_groups)
    world.inventory.store(BOX, lists, NUMBERS)
    world.advance(1)
    return begun


def host_number(key: str) -> Claim:
    """Return a host LUN number of a storage group; it stays with the volume."""
    return Claim(Kind.NUMBER, key, "hlu", HLUS, keep=True)


def noted(world: World) -> list[tuple[str, str]]:
    """Return kinds and names of what is noted."""
    return [(one.kind, one.name) for one in world.inventory.altered(BOX)]


def test_the_first_lists_are_compared_with_nothing(world: World) -> None:
    """Nothing is known before the first list, and the same lists again differ in nothing."""
    read(world)
    read(world)
    assert world.inventory.altered(BOX) == ()
    assert world.inventory.altered("other") == ()


def test_what_was_before_is_kept_and_when_it_was_seen_first(world: World) -> None:
    """However many lists come: an object that changed twice is noted as it was first."""
    read(world)
    grown, other = replace(GOLD, blocks=8192), replace(IMAGE, created="02/02/26 00:00:00")
    shown = StorageGroup("esx", ((5, 2), (6, 1)))
    begun = read(world, (grown,), (other,), (), (shown,))
    read(world, (replace(GOLD, blocks=16384),), (other,), (), (shown,))
    assert set(world.inventory.altered(BOX)) == {
        Altered("luns", "gold", GOLD, begun),
        Altered("luns", "tin", TIN, begun),
        Altered("snapshots", "monday", IMAGE, begun),
        Altered("groups", "set", SET, begun),
        Altered("mappings", "5 esx", HostLun("esx", 5, 1), begun),
        Altered("mappings", "6 esx", HostLun("esx", 6, None), begun),
    }


def test_what_is_as_it_was_is_noted_no_more(world: World) -> None:
    """A list that shows everything as it was takes all notes away."""
    read(world)
    read(world, (), (), (), ())
    assert len(noted(world)) == 5
    read(world)
    assert noted(world) == []


def test_how_an_object_fares_is_no_change(world: World) -> None:
    """State, owner and order of members say nothing of what an object is; nor what was not known before."""
    world.accept(entry("J"))
    world.commit("J", Change(State.RUNNING, "advanced", cursor=1, made=(replace(IMAGE, created=""),)))
    world.commit("J", Change(State.SUCCEEDED, "ended", cursor=2))
    read(world)
    busy = replace(GOLD, ready=False, state="Ready, Expanding", sp="B", tiering="Auto")
    read(world, (busy, TIN), (replace(IMAGE, writable=True, description="x"),), (replace(SET, members=(2, 1)),))
    assert noted(world) == []


@pytest.mark.parametrize(
    "key",
    [volume_key(BOX, "60:gold"), name_key(BOX, "gold")],
)
def test_what_a_job_holds_alone_is_its_business(world: World, key: str) -> None:
    """A volume that a job may be changing is not noted, whatever a list shows of it; a later change is."""
    read(world)
    world.accept(entry("J", locked(key)))
    read(world, (replace(GOLD, blocks=8192), TIN))
    assert noted(world) == []
    world.succeed("J")
    read(world, (replace(GOLD, blocks=16384), TIN))
    assert noted(world) == [("luns", "gold")]


def test_the_business_of_jobs_is_not_noted(world: World) -> None:
    """What jobs are to make, hold alone by name, or for their own use, and what stands under their numbers."""
    read(world)
    locks = [snapshot_key(BOX, "monday"), group_key(BOX, "set"), mapping_key(BOX, "60:gold")]
    world.accept(entry(JOB, *map(locked, sorted(locks)), makes=("volume:new", "snapshot:image", "group:more")))
    world.accept(entry("K", numbers()))
    new = Lun(3, "new", "60:new", 1, "pool", thin=True)
    own = Lun(500, "somehow", "60:own", 1, "pool", thin=True)
    temporary = Lun(9, f"vjt-{JOB}-target", "60:target", 1, "pool", thin=True)
    image, more = Snapshot("image", 1, 1, "01/01/26 00:00:00"), Group("more", (1,))
    read(world, (GOLD, TIN, new, own, temporary), (image,), (more,), (StorageGroup("esx"),))
    assert noted(world) == []


def test_what_a_job_shows_moves_what_is_known(world: World) -> None:
    """What others had done to an object goes when a job shows it, and with it what the same UID was called before."""
    read(world)
    renamed = replace(GOLD, name="ore")
    read(world, (renamed,), (), (), (StorageGroup("esx"),))
    assert len(noted(world)) == 6
    world.accept(entry("J"))
    made = (replace(renamed, blocks=8192), IMAGE, SET, HostLun("esx", 5, 1))
    world.commit("J", Change(State.RUNNING, "advanced", cursor=1, made=made))
    assert noted(world) == [("luns", "tin")]


def test_what_a_job_destroyed_is_known(world: World) -> None:
    """A volume that others had renamed, and a job then destroyed, is noted under neither name."""
    read(world)
    read(world, (replace(GOLD, name="ore"), TIN))
    world.accept(entry("J"))
    world.commit("J", Change(State.RUNNING, "advanced", cursor=1, gone=("ore",)))
    read(world, (TIN,))
    assert noted(world) == []


def test_what_jobs_show_to_hosts_is_not_noted(world: World) -> None:
    """What a job has shown or hidden since the last list was its doing, also when the list is older than that."""
    read(world)
    world.accept(entry("J"))
    world.commit("J", Change(State.RUNNING, "advanced", cursor=1, made=(HostLun("esx", 5, None), HostLun("esx", 6, 2))))
    world.advance(1)
    read(world, storage_groups=(StorageGroup("esx", ((6, 2),)),))
    assert noted(world) == []
    ticket, begun = world.inventory.ticket()
    world.advance(1)
    world.commit("J", Change(State.RUNNING, "advanced", cursor=2, made=(HostLun("esx", 7, 1),)))
    lists = Lists(begun, ticket, storage_groups=(StorageGroup("esx", ((6, 2),)),))
    world.inventory.store(BOX, lists, NUMBERS)
    assert noted(world) == []


def test_notes_are_settled_up_to_a_moment(world: World) -> None:
    """Those that are named go, unless a younger list has noted them."""
    read(world)
    begun = read(world, (GOLD,))
    later = read(world, (GOLD,), ())
    changes = world.inventory.altered(BOX)
    assert [one.seen for one in changes] == [begun, later]
    world.inventory.settle(BOX, changes, begun)
    assert noted(world) == [("snapshots", "monday")]
    world.inventory.settle(BOX, changes, later)
    assert noted(world) == []


def test_an_access_mark_is_forgotten(world: World) -> None:
    """It is gone at once; forgetting one that is not there changes nothing."""
    world.accept(entry("J"))
    world.commit("J", Change(State.RUNNING, "advanced", cursor=1, access={"60:gold": "ro", "60:tin": "rw"}))
    world.inventory.unmark(BOX, "60:gold")
    world.inventory.unmark(BOX, "60:gold")
    assert world.inventory.marks(BOX) == {"60:tin": "rw"}


def test_claims_of_what_was_forgotten_are_found_and_given_back(world: World) -> None:
    """Slots of a volume, and host LUN numbers of a group, that vanished while a job held them are found for ever."""
    read(world, storage_groups=(StorageGroup("esx"),))
    copies, hlus = f"copies:{BOX}:60:gold", hlus_key(BOX, "esx")
    world.accept(entry("J", slot(copies, 9, "image", keep=True), numbers(), makes=("snapshot:image",)))
    world.accept(entry("K", host_number(hlus)))
    for _ in range(2):
        read(world, (TIN,), (), (), ())
    ticket, begun = world.inventory.ticket()
    lists = Lists(begun, ticket, (TIN,), (), groups=(), storage_groups=())
    assert world.inventory.discrepancies(BOX, lists, NUMBERS) == ()
    world.succeed("J")
    world.succeed("K")
    assert Discrepancy(copies, "image", held=True) not in world.inventory.discrepancies(BOX, lists, NUMBERS)
    read(world, (TIN,), (), (), ())
    ticket, begun = world.inventory.ticket()
    lists = Lists(begun, ticket, (TIN,), (), groups=(), storage_groups=())
    found = set(world.inventory.discrepancies(BOX, lists, NUMBERS))
    assert found == {Discrepancy(copies, "image", held=True), Discrepancy(hlus, "1", held=True)}
    world.inventory.repair(BOX, lists, NUMBERS)
    assert world.inventory.discrepancies(BOX, lists, NUMBERS) == ()


def test_the_ticket_of_the_last_lists(world: World) -> None:
    """It is that of the older one of the lists of LUNs and of storage groups; 0 while one was never read."""
    ticket, begun = world.inventory.ticket()
    world.inventory.store(BOX, Lists(begun, ticket, luns=(GOLD,)), NUMBERS)
    assert world.inventory.readings(BOX).ticket == 0
    world.accept(entry("J", locked("x")))
    ticket, begun = world.inventory.ticket()
    world.inventory.store(BOX, Lists(begun, ticket, storage_groups=()), NUMBERS)
    world.accept(entry("K", locked("y")))
    later, begun = world.inventory.ticket()
    world.inventory.store(BOX, Lists(begun, later, luns=(GOLD,)), NUMBERS)
    assert world.inventory.readings(BOX).ticket == ticket
