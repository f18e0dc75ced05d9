"""Migrations: what becomes of a volume, what is refused before the array is asked, and what waits for what."""

from typing import Any

import pytest

from tests.engine.test_operations import commands
from tests.installation import Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.array import THICK, Lun
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State

SHARED = {"luns", "snapshots", "sessions"}


def _lun(installation: Installation, name: str) -> Lun:
    """Return a volume as the array shows it."""
    return next(lun for lun in MemoryArray(installation.vnx).luns() if lun.name == name)


def _own(installation: Installation) -> list[str]:
    """Return the commands since the last call, but for the lists that jobs share."""
    return [verb for verb in commands(installation) if verb not in SHARED]


def _refused(installation: Installation, operation: str, **fields: Any) -> Code:
    """Return the code of a refusal, for which the array must not have been asked."""
    commands(installation)
    with pytest.raises(Refused) as caught:
        installation.submit(operation, **fields)
    assert commands(installation) == []
    return caught.value.code


def _is_copying(installation: Installation, job: str) -> None:
    """Run until the array copies for a job."""
    installation.until(lambda: "session-over" in installation.record(job).condition)


def test_promote(installation: Installation) -> None:
    """A promoted snap copy stands alone with its bytes, number and UID; its slots are free, its snapshot is gone."""
    installation.do("snap-copy", name="copy", source="gold")
    installation.vnx.write(_lun(installation, "copy").number, "slag")
    before = _lun(installation, "copy")
    commands(installation)
    record = installation.do("promote-volume", name="copy")
    assert record.state is State.SUCCEEDED
    assert _own(installation) == ["create_lun", "migrate", "destroy_snapshot"]
    assert installation.array_shows() == {"gold": "2 GB full: ore", "copy": "2 GB full: slag"}
    after = _lun(installation, "copy")
    assert (after.number, after.uid, after.provisioning) == (before.number, before.uid, "thin")
    assert installation.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 0}
    assert installation.reads.volume("box", "copy").metadata == {"snapcopy": "False"}
    assert installation.held() == {"numbers:box": [str(before.number)]}
    assert installation.do("delete-volume", name="gold").state is State.SUCCEEDED


def test_a_migrated_snap_copy_is_promoted(installation: Installation) -> None:
    """To migrate a snap copy, or to change its kind, makes it a full copy where and as it was to be."""
    for name in ("one", "two"):
        installation.do("snap-copy", name=name, source="gold")
    assert installation.do("migrate-volume", name="one", pool="other").operation == "promote-volume"
    assert installation.do("retype-volume", name="two", provisioning="thick").operation == "promote-volume"
    shown = [(_lun(installation, name).pool, _lun(installation, name).provisioning) for name in ("one", "two")]
    assert shown == [("other", "thin"), ("pool", "thick")]
    assert installation.slots("gold") == {"copies": 0, "mounts": 0, "snapshots": 0}


def test_migrate(installation: Installation) -> None:
    """A migrated volume has number, name and UID as before, and what hosts wrote before and during the copy."""
    installation.vnx.seconds_per_gb = 0.2
    before = _lun(installation, "gold")
    commands(installation)
    job = installation.submit("migrate-volume", name="gold", pool="other", provisioning="thick").job
    _is_copying(installation, job)
    assert installation.vnx.read(before.number) == "ore"
    installation.vnx.write(before.number, "slag")
    assert installation.run(job)[0].state is State.SUCCEEDED
    assert _own(installation) == ["create_lun", "migrate"]
    after = _lun(installation, "gold")
    assert (after.number, after.uid, after.pool, after.provisioning) == (before.number, before.uid, "other", "thick")
    assert installation.array_shows() == {"gold": "2 GB full: slag"}
    assert installation.held() == {}
    assert installation.reads.volume("box", "gold").pool == "other"


def test_retype(installation: Installation) -> None:
    """A volume changes its kind or its tier within its pool; hosts see the same bytes."""
    assert installation.do("retype-volume", name="gold", provisioning="deduplicated").state is State.SUCCEEDED
    assert installation.do("retype-volume", name="gold", tiering="LowestAvailable").state is State.SUCCEEDED
    after = _lun(installation, "gold")
    assert (after.provisioning, after.tiering, after.pool) == ("deduplicated", "LowestAvailable", "pool")
    assert installation.array_shows() == {"gold": "2 GB full: ore"}


def test_compress(installation: Installation) -> None:
    """A volume is compressed by moving it onto compressed storage; a snap copy must be promoted first."""
    installation.make("plain", content="coal")
    installation.do("snap-copy", name="copy", source="gold")
    commands(installation)
    record = installation.do("retype-volume", name="plain", provisioning="compressed")
    assert (record.state, record.operation) == (State.SUCCEEDED, "migrate-compressed-volume")
    assert _own(installation) == ["create_lun", "compress_lun", "migrate"]
    assert _lun(installation, "plain").provisioning == "compressed"
    assert installation.array_shows()["plain"] == "2 GB full: coal"
    assert _refused(installation, "retype-volume", name="copy", provisioning="compressed") == Code.NOT_SUPPORTED


def test_a_larger_clone(installation: Installation) -> None:
    """A full clone may be larger, of another kind and in another tier; it holds what its source held."""
    before = _lun(installation, "gold")
    fields = {"size_gb": 3, "provisioning": "thick", "tiering": "HighestAvailable"}
    record = installation.do("clone", name="twin", source="gold", rate="low", **fields)
    assert record.state is State.SUCCEEDED
    assert installation.array_shows() == {"gold": "2 GB full: ore", "twin": "3 GB full: ore"}
    after = _lun(installation, "twin")
    assert (after.provisioning, after.tiering, after.pool) == ("thick", "HighestAvailable", "pool")
    assert [one.arguments[2] for one in installation.vnx.audit if one.verb == "migrate"] == ["low"]
    assert _lun(installation, "gold") == before
    assert _refused(installation, "clone", name="third", source="gold", size_gb=1) == Code.INVALID


def test_what_can_never_be_migrated_is_refused(installation: Installation) -> None:
    """A source with snapshots or snap copies, a volume that is so already, a full copy: refused without a command."""
    installation.make("plain")
    installation.do("create-snapshot", name="monday", volume="gold")
    assert _refused(installation, "migrate-volume", name="gold", pool="other") == Code.HAS_SNAPSHOTS
    assert _refused(installation, "retype-volume", name="gold", provisioning="thick") == Code.HAS_SNAPSHOTS
    installation.do("snap-copy", name="copy", source="gold")
    assert _refused(installation, "migrate-volume", name="gold", pool="other") == Code.HAS_COPIES
    assert _refused(installation, "migrate-volume", name="plain", pool="pool") == Code.NOTHING_TO_DO
    assert _refused(installation, "retype-volume", name="plain", provisioning="thin") == Code.NOTHING_TO_DO
    assert _refused(installation, "promote-volume", name="plain") == Code.NOTHING_TO_DO
    assert _refused(installation, "migrate-volume", name="plain", pool="nowhere") == Code.UNKNOWN_POOL


@pytest.mark.parametrize(
    ("operation", "fields", "says"),
    [
        ("migrate-volume", {}, "give at least one of pool, provisioning and tiering"),
        ("retype-volume", {"pool": "other"}, "give provisioning or tiering"),
        ("migrate-volume", {"pool": "other", "rate": "asap"}, "give allow_asap=true too"),
        ("promote-volume", {"rate": "asap"}, "give allow_asap=true too"),
        ("clone", {"source": "iron", "rate": "asap"}, "give allow_asap=true too"),
        ("clone", {"source": "iron", "snapcopy": True, "size_gb": 3}, "leave out size_gb"),
        ("promote-volume", {"rate": "fast"}, "rate must be 'low', 'medium', 'high' or 'asap'"),
    ],
)
def test_a_request_that_is_wrong_in_itself(
    installation: Installation, operation: str, fields: dict[str, Any], says: str
) -> None:
    """A migration to nowhere, and rate asap that nobody allowed, are refused in one line that says what to do."""
    with pytest.raises(Refused, match=says):
        installation.submit(operation, name="gold", **fields)


def test_a_snapshot_waits_for_the_end_of_a_migration(installation: Installation) -> None:
    """What the array would refuse during a migration waits for its end, and is done then."""
    installation.vnx.seconds_per_gb = 0.2
    migration = installation.submit("migrate-volume", name="gold", pool="other").job
    _is_copying(installation, migration)
    rivals = [
        installation.submit("create-snapshot", name="monday", volume="gold"),
        installation.submit("snap-copy", name="copy", source="gold"),
        installation.submit("clone", name="twin", source="gold"),
    ]
    assert [rival.state for rival in rivals] == [State.WAITING] * 3
    records = installation.run(migration, *(rival.job for rival in rivals))
    assert [record.state for record in records] == [State.SUCCEEDED] * 4
    assert installation.slots("gold") == {"copies": 1, "mounts": 1, "snapshots": 2}


def test_a_migration_waits_for_clones_of_its_source(installation: Installation) -> None:
    """A clone's own snapshot is no reason to refuse: the migration begins when the clone has ended."""
    installation.vnx.seconds_per_gb = 0.2
    clone = installation.submit("clone", name="twin", source="gold").job
    _is_copying(installation, clone)
    migration = installation.submit("migrate-volume", name="gold", pool="other")
    assert migration.state is State.WAITING
    records = installation.run(clone, migration.job)
    assert [record.state for record in records] == [State.SUCCEEDED] * 2
    assert _lun(installation, "gold").pool == "other"


def test_a_snap_copy_that_has_snapshots_is_not_promoted(installation: Installation) -> None:
    """What becomes of snapshots of a snap copy is not known either: it stays a snap copy, and nothing is sent."""
    installation.do("snap-copy", name="copy", source="gold")
    MemoryArray(installation.vnx).create_snapshot(_lun(installation, "copy").number, "theirs", writable=False)
    before = installation.array_shows()
    commands(installation)
    record = installation.do("promote-volume", name="copy")
    assert (record.state, record.code) == (State.FAILED, Code.HAS_SNAPSHOTS)
    assert set(commands(installation)) == {"luns", "snapshots"}
    assert installation.array_shows() == before


def test_a_target_that_is_gone_proves_nothing_alone(installation: Installation) -> None:
    """When a person cancels the session and destroys the target, the volume was not migrated, and the job says so."""
    installation.vnx.seconds_per_gb = 1000.0
    job = installation.submit("migrate-volume", name="gold", pool="other").job
    _is_copying(installation, job)
    array = MemoryArray(installation.vnx)
    array.cancel_migration(1)
    array.destroy_lun(installation.record(job).numbers["target"])
    (record,) = installation.run(job)
    assert (record.state, record.error) == (State.FAILED, "the target LUN is gone and the copy is not complete")
    assert _lun(installation, "gold").pool == "pool"


def test_a_volume_that_lies_as_wanted_proves_nothing_alone(installation: Installation) -> None:
    """A change of tier whose session has faulted is undone, though pool and kind are what they were to be."""
    installation.vnx.seconds_per_gb = 1000.0
    before = _lun(installation, "gold")
    job = installation.submit("retype-volume", name="gold", tiering="LowestAvailable").job
    _is_copying(installation, job)
    installation.vnx.stop_session(1, "FAULTED")
    assert installation.run(job)[0].state is State.FAILED
    assert MemoryArray(installation.vnx).luns() == (before,)
    assert installation.held() == {}


def test_a_volume_that_was_replaced_is_not_migrated(installation: Installation) -> None:
    """A namesake that an administrator made since the last list is left alone: both identities are told."""
    array = MemoryArray(installation.vnx)
    array.destroy_lun(1)
    array.create_lun(1, "gold", 2, "pool", THICK)
    (record,) = installation.run(installation.submit("migrate-volume", name="gold", pool="other").job)
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert str(record.facts["uid"]) in record.error
    assert _lun(installation, "gold").uid in record.error
    assert _own(installation).count("migrate") == 0
    assert _lun(installation, "gold").pool == "pool"


def test_a_volume_that_was_replaced_while_its_job_waited_is_not_migrated(installation: Installation) -> None:
    """A job that waits long for a place looks once more whom it is about to migrate, and leaves a namesake alone."""
    for number in range(9):
        installation.make(f"v{number}")
    installation.vnx.seconds_per_gb = 0.2
    names = [*(f"v{number}" for number in range(8)), "gold"]
    jobs = [installation.submit("migrate-volume", name=name, pool="other").job for name in names]
    installation.until(lambda: "waits for a place" in installation.record(jobs[-1]).why)
    array = MemoryArray(installation.vnx)
    array.destroy_lun(1)
    array.create_lun(1, "gold", 2, "pool", THICK)
    installation.read_array()
    record = installation.run(*jobs)[-1]
    assert (record.state, record.code) == (State.FAILED, Code.IDENTITY)
    assert all(one.arguments[0] != 1 for one in installation.vnx.audit if one.verb == "migrate")
    assert _lun(installation, "gold").pool == "pool"


def test_a_session_that_is_not_ours_is_not_cancelled(installation: Installation) -> None:
    """A job that is cancelled when its volume was replaced leaves the namesake's own migration alone."""
    installation.vnx.seconds_per_gb = 1000.0
    job = installation.submit("migrate-volume", name="gold", pool="other").job
    _is_copying(installation, job)
    array = MemoryArray(installation.vnx)
    array.cancel_migration(1)
    array.destroy_lun(1)
    array.create_lun(1, "gold", 2, "pool", THICK)
    array.create_lun(2, "theirs", 2, "pool", THICK)
    array.migrate(1, 2, "low")
    installation.read_array()
    installation.bell.ring(installation.store.order(job, Order.CANCEL, "ann").rings)
    assert installation.run(job)[0].state is State.CANCELLED
    assert [one.destination for one in installation.vnx.world.copies.values()] == [2]
    assert set(installation.array_shows()) == {"gold", "theirs"}


def test_asap_is_limited(installation: Installation) -> None:
    """Of five migrations at rate asap two run at one time, beside others; all end."""
    for number in range(6):
        installation.make(f"v{number}")
    installation.vnx.seconds_per_gb = 0.05
    running: set[int] = set()

    def watched() -> bool:
        rates = {one.arguments[0]: one.arguments[2] for one in installation.vnx.audit if one.verb == "migrate"}
        running.add(sum(rates[source] == "asap" for source in installation.vnx.world.copies))
        return all(installation.ended(job) for job in jobs)

    rates: list[dict[str, Any]] = [{"rate": "asap", "allow_asap": True}] * 5 + [{"rate": "low"}]
    jobs = [
        installation.submit("migrate-volume", name=f"v{number}", pool="other", **rate).job
        for number, rate in enumerate(rates)
    ]
    installation.until(watched)
    assert max(running) == 2
    assert {installation.record(job).state for job in jobs} == {State.SUCCEEDED}
    sent = [one.arguments[2] for one in installation.vnx.audit if one.verb == "migrate"]
    assert sorted(sent) == ["asap"] * 5 + ["low"]
    assert installation.held() == {}
