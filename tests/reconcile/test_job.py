"""The job `reconcile`: by shared lists it repairs claims and keeps what it found; it changes nothing else."""

from tests.installation import ARRAY
from tests.reconcile.ground import SPARE, Ground


def test_an_array_that_nobody_touched(ground: Ground) -> None:
    """The job reads each list once, shared, sends no changing command, and finds nothing."""
    before = len(ground.installation.vnx.audit)
    first, second = (ground.installation.submit("reconcile").job for _ in range(2))
    records = ground.installation.run(first, second)
    assert [(one.state, one.facts) for one in records] == [("SUCCEEDED", {"findings": 0, "repaired": 0})] * 2
    read = sorted(command.verb for command in ground.installation.vnx.audit[before:])
    assert read == ["groups", "luns", "snapshots", "storage_groups"]


def test_what_others_changed_is_kept_in_the_record(ground: Ground) -> None:
    """Each finding is a sentence in the facts, told again by the next job, until it is settled."""
    stands = ground.installation.array_shows() | {"spare": "5 GB full: tin"}
    ground.grow(SPARE, 5)
    for _ in range(2):
        record = ground.installation.do("reconcile")
        assert record.facts["findings"] == 1
        assert "volume spare (LUN 2) has 5 GB, and had 2" in str(record.facts["found"])
        ground.installation.clock.advance(1)
    assert ground.installation.array_shows() == stands
    ground.apply()
    assert ground.installation.do("reconcile").facts == {"findings": 0, "repaired": 0}


def test_claims_are_repaired(ground: Ground) -> None:
    """Places that are held for nothing are given back, those of volumes that vanished long ago too."""
    server = ground.installation.server
    keys = [f"{server.prefix}h:snapshots:{ARRAY}:60:lost", f"{server.prefix}h:hlus:{ARRAY}:gone"]
    server.client.zadd(keys[0], {"nobody": 1})
    server.client.zadd(keys[1], {"7": 1})
    record = ground.installation.do("reconcile")
    assert (record.facts["findings"], record.facts["repaired"]) == (2, 2)
    assert server.client.exists(*keys) == 0
    assert ground.installation.do("reconcile").facts == {"findings": 0, "repaired": 0}


def test_more_findings_than_a_record_keeps(ground: Ground) -> None:
    """All are counted, twenty are told."""
    for number in range(30, 60):
        ground.lun(number, f"new{number}")
    record = ground.installation.do("reconcile")
    assert record.facts["findings"] == 30
    assert len(str(record.facts["found"]).splitlines()) == 20
