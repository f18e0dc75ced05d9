"""The inventory's contract, continued: access marks, and volumes that are looked up by number."""

from tests.store.world import BOX, NUMBERS, World, entry
from vnx_jobs.model.array import Lun
from vnx_jobs.model.states import State
from vnx_jobs.ports import Change, Lists

GOLD = Lun(1, "gold", "60:GOLD", 4096, "pool", thin=True)
COPY = Lun(500, "copy", "60:COPY", 4096, "pool", thin=True, primary="gold", attached="moment")


def mark(world: World, **access: str | None) -> None:
    """Let a job end that marks volumes: `GOLD="ro"` marks the UID 60:GOLD."""
    job = world.new_id()
    world.accept(entry(job))
    marks = {f"60:{name}": mode for name, mode in access.items()}
    world.commit(job, Change(State.SUCCEEDED, "ended", cursor=2, access=marks))  # type: ignore[arg-type]  # modes are spelt out


def show(world: World, *luns: Lun) -> None:
    """Take in a list of LUNs."""
    ticket, begun = world.inventory.ticket()
    world.inventory.store(BOX, Lists(begun, ticket, luns=luns), NUMBERS)


def test_a_mark_holds_until_another_is_set(world: World) -> None:
    """A volume has the mark that the last commit gave it, and none after one that took it away; others keep theirs."""
    assert world.inventory.access(BOX, "60:GOLD") is None
    mark(world, GOLD="rw", COPY="rw")
    mark(world, GOLD="ro")
    assert world.inventory.access(BOX, "60:GOLD") == "ro"
    assert world.inventory.marks(BOX) == {"60:GOLD": "ro", "60:COPY": "rw"}
    mark(world, GOLD=None)
    assert world.inventory.access(BOX, "60:GOLD") is None
    assert world.inventory.marks(BOX) == {"60:COPY": "rw"}
    assert world.inventory.marks("another") == {}


def test_a_lost_turn_marks_nothing(world: World) -> None:
    """Of two turns at one step only the one that counts leaves its mark."""
    world.accept(entry("J"))
    lost = world.turn("J", lease=1.0)
    world.advance(2)
    won = world.turn("J")
    assert world.store.commit(lost, Change(State.RUNNING, "advanced", cursor=1, access={"60:GOLD": "rw"})) is None
    assert world.inventory.marks(BOX) == {}
    assert world.store.commit(won, Change(State.RUNNING, "advanced", cursor=1, access={"60:GOLD": "ro"})) is not None
    assert world.inventory.marks(BOX) == {"60:GOLD": "ro"}


def test_a_view_shows_marks_with_the_storage_groups(world: World) -> None:
    """A view of the storage groups has the marks of the volumes that it shows, by UID; another view has none."""
    show(world, GOLD, COPY)
    mark(world, GOLD="ro", COPY="rw", OTHER="rw")
    assert world.inventory.view(BOX, {"copy"}, {"storage-groups"}).access == {"60:COPY": "rw", "60:GOLD": "ro"}
    assert world.inventory.view(BOX, {"none"}, {"storage-groups"}).access == {}
    assert world.inventory.view(BOX, {"gold"}).access == {}


def test_a_volume_is_found_by_number(world: World) -> None:
    """`#NUMBER` stands for the volume of that number, which is then known by its name too, with what it hangs on."""
    show(world, GOLD, COPY)
    world.accept(entry("J", makes=("volume:copy",)))
    view = world.inventory.view(BOX, {"#500", "#501", "new"})
    assert view.volume("#500") == view.volume("copy") == COPY
    assert view.volume("gold") == GOLD
    assert view.volume("#501") is None
    assert view.maker("volume:copy") == "J"
    assert view.maker("volume:#501") is None
