"""The catalogue's contract, kept by the state server and by its twin."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.store.world import RedisWorld, redis_world
from vnx_jobs.adapters.memory.catalogue import MemoryCatalogue
from vnx_jobs.adapters.redis.catalogue import RedisCatalogue
from vnx_jobs.adapters.redis.server import Server, connect
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.errors import StateServerError
from vnx_jobs.model.names import new_job_id
from vnx_jobs.ports import BackedUp, Catalogue

GOLD, IRON = "60:06:GOLD", "60:06:IRON"
NOON = 1_700_000_000_000
DIGEST = digest_of([b"gold"])


def backup(instant: int = NOON, *, volume: str = "gold", uid: str = GOLD, array: str = "box") -> Backup:
    """Return a backup of 16 TiB, larger than 14 digits."""
    label = Label(array, volume, uid, "", new_job_id(), instant, (1 << 44) + 512, DIGEST)
    return Backup.of(label, added=123_456_789_012_345, seconds=1.25, tool="borg", repository="main")


@pytest.fixture(params=["redis", "memory"])
def catalogue(request: pytest.FixtureRequest) -> Iterator[Catalogue]:
    """Open an empty catalogue of each kind."""
    if request.param == "memory":
        yield MemoryCatalogue()
        return
    with redis_world(request.getfixturevalue("valkey_url"), request.getfixturevalue("prefix")) as world:
        assert isinstance(world, RedisWorld)
        yield RedisCatalogue(world.server)


def entered(catalogue: Catalogue, *backups: Backup) -> None:
    """Enter backups in this order."""
    for one in backups:
        catalogue.enter(one)


def test_an_entry_comes_back_as_it_was(catalogue: Catalogue) -> None:
    """Every field is kept exactly, large numbers too; of an archive that nobody entered nothing is known."""
    one = replace(backup(volume="my gold:1"), group="cg", verified=NOON + 1, proved=NOON + 2, pinned=True)
    catalogue.enter(one)
    assert catalogue.get(one.archive) == one
    assert catalogue.get("box-gold-19700101T000000Z-none") is None


def test_entering_again_keeps_the_marks(catalogue: Catalogue) -> None:
    """A step that enters its backup twice takes nothing back; what the second says besides marks is what holds."""
    one = backup()
    entered(catalogue, one)
    assert catalogue.verified(one.archive, NOON + 5)
    assert catalogue.proved(one.archive, NOON + 6)
    assert catalogue.pin(one.archive, on=True)
    catalogue.enter(replace(one, seconds=9.0, verified=NOON + 7, proved=NOON + 1))
    kept = replace(one, seconds=9.0, verified=NOON + 7, proved=NOON + 6, pinned=True)
    assert catalogue.of("box", GOLD) == (kept,)


def test_marks_only_grow(catalogue: Catalogue) -> None:
    """An older verification that is told late changes nothing, and an archive that is not known gets no marks."""
    one = backup()
    entered(catalogue, one)
    for at in (NOON + 5, NOON + 3):
        assert catalogue.verified(one.archive, at)
        assert catalogue.proved(one.archive, at + 1)
    assert catalogue.get(one.archive) == replace(one, verified=NOON + 5, proved=NOON + 6)
    assert not catalogue.verified("unknown", NOON)
    assert not catalogue.proved("unknown", NOON)
    assert not catalogue.pin("unknown", on=True)
    assert catalogue.get("unknown") is None


def test_a_pin_is_taken_out_again(catalogue: Catalogue) -> None:
    """Pinning and unpinning may be repeated; the last word holds."""
    one = backup()
    entered(catalogue, one)
    for on in (True, True, False, False):
        assert catalogue.pin(one.archive, on=on)
        assert catalogue.get(one.archive) == replace(one, pinned=on)


def test_backups_of_a_volume_are_newest_first(catalogue: Catalogue) -> None:
    """A volume is its UID on its array: other volumes of the same name, and other arrays, are not meant."""
    old, middle, new = (backup(NOON + day, volume=name) for day, name in ((1, "ore"), (2, "gold"), (3, "gold")))
    entered(catalogue, middle, new, old, backup(uid=IRON), backup(array="other"))
    assert catalogue.of("box", GOLD) == (new, middle, old)
    assert catalogue.of("box", "60:06:NONE") == ()


def test_finding_goes_by_the_newest_name(catalogue: Catalogue) -> None:
    """A volume that was renamed is found with all its backups by its newest name, and by its old one no more."""
    old, new = backup(NOON + 1, volume="ore"), backup(NOON + 4)
    iron, other = backup(NOON + 2, volume="iron", uid=IRON), backup(NOON + 3, array="other")
    entered(catalogue, new, old, iron, other)
    assert catalogue.find() == (new, other, iron, old)
    assert catalogue.find("box") == (new, iron, old)
    assert catalogue.find("box", "gold") == (new, old)
    assert catalogue.find(volume="gold") == (new, other, old)
    assert catalogue.find("box", "ore") == ()
    assert catalogue.find("nowhere") == ()
    assert catalogue.find(limit=2) == (new, other)
    assert catalogue.find("box", "gold", 1) == (new,)


def test_the_volumes_that_have_backups(catalogue: Catalogue) -> None:
    """Each volume is told once, by the name of its newest backup, until its last backup is forgotten."""
    old, new, iron = backup(NOON, volume="ore"), backup(NOON + 1), backup(array="a", volume="iron", uid=IRON)
    entered(catalogue, new, old, iron)
    assert catalogue.volumes() == (BackedUp("a", IRON, "iron", NOON), BackedUp("box", GOLD, "gold", NOON))
    assert catalogue.volumes("box") == (BackedUp("box", GOLD, "gold", NOON),)
    catalogue.forget([new.archive])
    assert catalogue.volumes("box") == (BackedUp("box", GOLD, "ore", NOON),)
    catalogue.forget([old.archive, iron.archive])
    assert catalogue.volumes() == ()


def test_a_volume_remembers_when_it_was_proved(catalogue: Catalogue) -> None:
    """First backup and last proof stay known when their backups are removed, and go with the last of them."""
    first, second, third = (backup(NOON + day) for day in range(3))
    entered(catalogue, second, first, replace(third, proved=NOON + 10))
    assert catalogue.volumes() == (BackedUp("box", GOLD, "gold", NOON, NOON + 10),)
    catalogue.proved(second.archive, NOON + 20)
    catalogue.proved(third.archive, NOON + 15)
    catalogue.verified(third.archive, NOON + 30)
    entered(catalogue, second)
    catalogue.forget([first.archive, second.archive])
    assert catalogue.volumes() == (BackedUp("box", GOLD, "gold", NOON, NOON + 20),)
    catalogue.forget([third.archive])
    entered(catalogue, second)
    assert catalogue.volumes() == (BackedUp("box", GOLD, "gold", NOON + 1),)


def test_what_is_forgotten_is_gone(catalogue: Catalogue) -> None:
    """Forgetting takes an entry out of every list, leaves all others, and may be repeated."""
    one, other = backup(NOON), backup(NOON + 1)
    entered(catalogue, one, other)
    for _ in range(2):
        catalogue.forget({one.archive, "unknown"})
        assert catalogue.get(one.archive) is None
        assert catalogue.of("box", GOLD) == catalogue.find() == (other,)


def test_more_than_one_round_trip_holds(catalogue: Catalogue) -> None:
    """A thousand and one backups of one volume are all returned, and all forgotten."""
    many = [backup(NOON + count) for count in range(1001)]
    entered(catalogue, *many)
    assert catalogue.of("box", GOLD) == tuple(reversed(many))
    assert len(catalogue.find(limit=600)) == 600
    assert catalogue.find("box", limit=0) == tuple(reversed(many))
    catalogue.forget([one.archive for one in many[1:]])
    assert catalogue.of("box", GOLD) == (many[0],)


def test_nothing_is_left_of_what_is_forgotten(redis_only: RedisWorld) -> None:
    """An empty catalogue has no key; what stood in it is documented."""
    catalogue, one = RedisCatalogue(redis_only.server), backup()
    before = redis_only.keys().keys()
    entered(catalogue, one)
    catalogue.pin(one.archive, on=True)
    assert redis_only.keys().keys() - before == {
        f"backup:{one.archive}",
        "backups:box",
        f"backups:box:{GOLD}",
        "backed",
        *("commits", "server"),
    }
    catalogue.forget([one.archive])
    assert redis_only.keys().keys() - before == {"commits", "server"}


def test_a_change_that_no_replica_has_is_an_error(
    valkey_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With replicas asked for, an entry counts as made when one has it, and else whoever entered it is told."""
    monkeypatch.setattr("vnx_jobs.adapters.redis.server._REPLICA_LIMIT", 0.2)
    client = connect(valkey_url)
    try:
        with pytest.raises(StateServerError, match="only 0 of 1 replicas"):
            RedisCatalogue(Server(client, prefix, replicas=1)).enter(backup())
    finally:
        client.close()
