"""The inventory's contract for hosts: attachments, front-end ports, and host LUN numbers that lists repair."""

from tests.store.test_contract_inventory import begin
from tests.store.world import BOX, NUMBERS, World, entry
from vnx_jobs.model.array import StorageGroup
from vnx_jobs.model.claim import Claim, Kind
from vnx_jobs.model.hosts import HLUS, Attachment, FrontPort
from vnx_jobs.model.keys import hlus_key
from vnx_jobs.ports import Lists

ESX = hlus_key(BOX, "esx")
HBA = FrontPort("A", 0, "50:06:01:60:BB:A0:2E:11:50:06:01:60:3B:A0:2E:11")
PORTAL = FrontPort("B", 4, "iqn.1992-04.com.emc:cx.b4", 1, "10.0.4.2")


def listed(world: World, begun: Lists, *pairs: tuple[int, int]) -> None:
    """Take in a list of storage groups that was begun before: what the group shows, as number and LUN."""
    lists = Lists(begun.begun, begun.ticket, storage_groups=(StorageGroup("esx", pairs),))
    world.inventory.store(BOX, lists, NUMBERS)


def asked(world: World, count: int = 1) -> tuple[str, list[int]]:
    """Submit a job that asks for host LUN numbers; return it, and what it was granted, by role."""
    roles = [f"hlu-{place}" for place in range(count)]
    claim = Claim(Kind.NUMBER, ESX, ",".join(roles), HLUS, refuse=True, keep=True)
    job = world.accept(entry(world.new_id(), claim)).job
    granted = world.record(job).numbers
    return job, [granted[role] for role in roles]


def test_an_attachment_is_kept_until_it_is_forgotten(world: World) -> None:
    """Each storage group has one of a volume; a newer one replaces it, and to forget it twice changes nothing."""
    for attachment in (Attachment("esx", 1, "rw"), Attachment("hyper v", 2, "ro"), Attachment("esx", 3, "ro")):
        world.inventory.keep_attachment(BOX, "60:GOLD", attachment)
    world.inventory.keep_attachment(BOX, "60:IRON", Attachment("esx", 4, "rw"))
    assert world.inventory.attachments(BOX, "60:GOLD") == (Attachment("esx", 3, "ro"), Attachment("hyper v", 2, "ro"))
    assert {uid: len(them) for uid, them in world.inventory.attached(BOX).items()} == {"60:GOLD": 2, "60:IRON": 1}
    for _ in range(2):
        world.inventory.forget_attachment(BOX, "60:GOLD", "esx")
    assert world.inventory.attachments(BOX, "60:GOLD") == (Attachment("hyper v", 2, "ro"),)
    assert world.inventory.attachments("other", "60:GOLD") == ()
    assert world.inventory.attachments(BOX, "60:IRON") == (Attachment("esx", 4, "rw"),)


def test_ports_are_those_of_the_last_list(world: World) -> None:
    """A list of ports is known as it was read, and when it was begun; the next one replaces it."""
    begun = begin(world)
    world.inventory.store(BOX, Lists(begun.begun, begun.ticket, ports=(HBA, PORTAL)), NUMBERS)
    assert world.inventory.ports(BOX) == (HBA, PORTAL)
    assert world.inventory.readings(BOX).ports == begun.begun
    assert world.inventory.readings(BOX).oldest(("ports",)) == 0, "the list of LUNs was never read"
    later = begin(world)
    world.inventory.store(BOX, Lists(later.begun, later.ticket, ports=(PORTAL,)), NUMBERS)
    assert world.inventory.ports(BOX) == (PORTAL,)


def test_numbers_that_others_use_are_not_given(world: World) -> None:
    """What a list shows is taken, whoever mapped it; a group that nobody listed has all its numbers."""
    listed(world, begin(world), (1, 7), (3, 8), (0, 9), (400, 10))
    assert asked(world, 3)[1] == [2, 4, 5]
    other = Claim(Kind.NUMBER, hlus_key(BOX, "new"), "hlu-0", HLUS, refuse=True, keep=True)
    assert world.record(world.accept(entry(world.new_id(), other)).job).numbers == {"hlu-0": 1}


def test_all_numbers_stay_with_a_success_and_none_with_a_failure(world: World) -> None:
    """A job that attached several volumes leaves each its number; one that failed gives all back, to be used last."""
    first, kept = asked(world, 2)
    world.succeed(first)
    second, given = asked(world, 2)
    world.fail(second)
    third, last = asked(world, 2)
    world.fail(third)
    assert (kept, given, last) == ([1, 2], [3, 4], [5, 6])
    assert asked(world, len(HLUS) - 2)[1][-4:] == [3, 4, 5, 6]


def test_a_list_gives_back_what_it_does_not_show(world: World) -> None:
    """A mapping that somebody took away frees its number; one that is younger than the list, or under way, keeps it."""
    attached, _ = asked(world, 2)
    world.succeed(attached)
    _, under_way = asked(world)
    begun = begin(world)
    younger, _ = asked(world)
    world.succeed(younger)
    listed(world, begun, (1, 7))
    assert under_way == [3]
    assert asked(world, len(HLUS) - 3)[1][-1] == 2, "1 is shown, 3 is under way, 4 is younger than the list"
