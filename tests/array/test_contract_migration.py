"""The contract of the array port, continued: migration sessions."""

import pytest

from tests.array.sites import POOL, Site, lun, make_lun, make_snap_copy, numbers, verdict_of
from vnx_jobs.model.array import THICK, Layout
from vnx_jobs.model.errors import ArrayError, Verdict


def test_migration_makes_a_full_copy_of_a_snap_copy(site: Site) -> None:
    """At the end the mount point is a LUN in the destination's place, with its own number, name, UID and content."""
    make_lun(site, 1, "one")
    site.write(1, "then")
    before = make_snap_copy(site, 9, 1)
    content = site.content(9)
    make_lun(site, 5, "target", 2, thin=True)
    site.array.migrate(9, 5, "high")
    site.wait(lambda: 5 not in numbers(site))
    assert site.array.sessions() == ()
    after = lun(site, 9)
    assert (after.uid, after.name, after.size_gb) == (before.uid, before.name, 2)
    assert (after.primary, after.attached, after.thin, after.pool) == (None, None, True, POOL)
    left = site.array.snapshot("of-9")
    assert left is not None
    assert left.attached is None
    if after.blocks == before.blocks:
        assert site.content(9) == content
    site.array.destroy_snapshot("of-9")
    assert numbers(site) == {1, 9}


def test_a_migrated_copy_holds_what_its_source_held(site: Site) -> None:
    """A clone equals its source at the moment of the snapshot, and goes its own way afterwards."""
    make_lun(site, 1, "one")
    site.write(1, "then")
    then = site.content(1)
    make_snap_copy(site, 9, 1)
    site.write(1, "now!")
    make_lun(site, 5, "target")
    site.array.migrate(9, 5, "asap")
    site.wait(lambda: 5 not in numbers(site))
    assert site.content(9) == then
    assert site.content(1) != then


def test_a_session_is_listed_while_it_runs(site: Site) -> None:
    """A running session shows source, destination and percentage; its LUNs cannot be destroyed or migrated again."""
    make_lun(site, 1, "one", 400)
    make_lun(site, 5, "target", 400)
    make_lun(site, 6, "other", 400)
    site.array.migrate(1, 5, "low")
    site.wait(lambda: bool(site.array.sessions()))
    (session,) = site.array.sessions()
    assert (session.source, session.destination, session.failed) == (1, 5, False)
    assert 0 <= session.percent < 100
    assert session.seconds_left is not None
    assert session.seconds_left > 0
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.BUSY
    assert verdict_of(lambda: site.array.destroy_lun(5)) is Verdict.BUSY
    assert verdict_of(lambda: site.array.migrate(6, 5, "low")) is Verdict.BUSY
    assert numbers(site) == {1, 5, 6}


def test_a_cancelled_session_leaves_both_luns(site: Site) -> None:
    """Cancelling ends the session and leaves source and destination; without a session it is ALREADY."""
    source = make_lun(site, 1, "one", 400)
    target = make_lun(site, 5, "target", 400)
    site.array.migrate(1, 5, "low")
    site.array.cancel_migration(1)
    assert site.array.sessions() == ()
    assert set(site.array.luns()) == {source, target}
    assert verdict_of(lambda: site.array.cancel_migration(1)) is Verdict.ALREADY


def test_migration_waits_for_its_destination(site: Site) -> None:
    """A destination that is preparing, or is not there, is BUSY; a source that is not there is REFUSED."""
    make_lun(site, 1, "one")
    site.slow_down()
    site.array.create_lun(5, "target", 1, POOL, THICK)
    assert verdict_of(lambda: site.array.migrate(1, 5, "high")) is Verdict.BUSY
    assert verdict_of(lambda: site.array.migrate(1, 77, "high")) is Verdict.BUSY
    assert verdict_of(lambda: site.array.migrate(77, 1, "high")) is Verdict.REFUSED
    assert site.array.sessions() == ()


def test_a_destination_is_not_smaller_than_its_source(site: Site) -> None:
    """Migrating onto a smaller LUN fails, and no session is listed."""
    make_lun(site, 1, "one", 2)
    make_lun(site, 5, "target", 1)
    with pytest.raises(ArrayError):
        site.array.migrate(1, 5, "high")
    assert site.array.sessions() == ()


def test_a_source_with_mount_points_is_not_migrated(site: Site) -> None:
    """Migrating a LUN that has mount points fails, and no session is listed."""
    make_lun(site, 1, "one")
    make_snap_copy(site, 9, 1)
    make_lun(site, 5, "target")
    with pytest.raises(ArrayError):
        site.array.migrate(1, 5, "high")
    assert site.array.sessions() == ()
    assert numbers(site) == {1, 5, 9}


def test_a_migrated_volume_lies_where_its_destination_did(site: Site) -> None:
    """An ordinary LUN keeps number, name, UID and content, and has the destination's pool, kind, tier and size."""
    before = make_lun(site, 1, "one")
    site.write(1, "then")
    site.array.create_lun(5, "target", 2, "silver", Layout("deduplicated", "LowestAvailable"))
    site.wait(lambda: lun(site, 5).ready)
    site.array.migrate(1, 5, "asap")
    site.wait(lambda: 5 not in numbers(site))
    after = lun(site, 1)
    assert (after.number, after.name, after.uid) == (1, "one", before.uid)
    assert (after.pool, after.provisioning, after.tiering) == ("silver", "deduplicated", "LowestAvailable")
    assert (before.size_gb, after.size_gb) == (1, 2)


def test_a_source_with_snapshots_is_not_migrated(site: Site) -> None:
    """Migrating a LUN that has a snapshot fails, and so does a mount point of which one was taken."""
    make_lun(site, 1, "one")
    make_lun(site, 5, "target")
    make_snap_copy(site, 9, 1)
    site.array.create_snapshot(9, "of-the-copy", writable=False)
    for source in (1, 9):
        with pytest.raises(ArrayError):
            site.array.migrate(source, 5, "high")
    assert site.array.sessions() == ()
