"""The contract of the array port for snapshots that users name: one suite for every implementation."""

import pytest

from tests.array.sites import Site, make_lun, make_snap_copy, snapshot_names, verdict_of
from vnx_jobs.model.array import Snapshot
from vnx_jobs.model.errors import Verdict
from vnx_jobs.model.keeping import FOR_GOOD, Keeping


def shown(site: Site, name: str) -> Snapshot:
    """Return a snapshot that must be there."""
    found = site.array.snapshot(name)
    assert found is not None
    return found


@pytest.mark.parametrize("keeping", [FOR_GOOD, Keeping(hours=48), Keeping(auto_delete=True)])
def test_a_snapshot_is_kept_as_long_as_was_said(site: Site, keeping: Keeping) -> None:
    """A new snapshot shows an end if it has one, and whether the array may delete it."""
    make_lun(site, 1, "one")
    site.array.create_snapshot(1, "moment", writable=False, description="job 7", keeping=keeping)
    moment = shown(site, "moment")
    assert (moment.expires is not None, moment.auto_delete) == (bool(keeping.hours), keeping.auto_delete)
    assert moment.description == "job 7"


@pytest.mark.parametrize("keeping", [FOR_GOOD, Keeping(hours=48), Keeping(auto_delete=True)])
def test_a_snapshot_gets_name_description_and_end_at_once(site: Site, keeping: Keeping) -> None:
    """A renamed snapshot is what it was, under another name, with a description, and kept as long as was said."""
    make_lun(site, 1, "one")
    site.array.create_snapshot(1, "moment", writable=False)
    site.array.copy_snapshot("moment", "copy")
    site.array.name_snapshot("copy", "monday", description="job 7", keeping=keeping)
    monday = shown(site, "monday")
    assert (monday.source, monday.primary, monday.description) == (1, 1, "job 7")
    assert (monday.expires is not None, monday.auto_delete) == (bool(keeping.hours), keeping.auto_delete)
    assert snapshot_names(site) == {"moment", "monday"}


def test_a_snapshot_name_in_use_is_not_given(site: Site) -> None:
    """Renaming a snapshot to a name in use is ALREADY, and both stay as they were."""
    make_lun(site, 1, "one")
    for name in ("moment", "monday"):
        site.array.create_snapshot(1, name, writable=False)
    before = site.array.snapshots()
    rename = site.array.name_snapshot
    verdict = verdict_of(lambda: rename("moment", "monday", description="job 7", keeping=FOR_GOOD))
    assert verdict is Verdict.ALREADY
    assert site.array.snapshots() == before


def test_a_missing_snapshot_gets_no_name(site: Site) -> None:
    """Renaming a snapshot that does not exist is REFUSED: so is a command that lands a second time."""
    rename = site.array.name_snapshot
    verdict = verdict_of(lambda: rename("nothing", "monday", description="", keeping=FOR_GOOD))
    assert verdict is Verdict.REFUSED
    assert snapshot_names(site) == set()


def test_an_attached_snapshot_keeps_its_mount_point_under_another_name(site: Site) -> None:
    """A snapshot that is renamed while it is attached is shown by the same mount point."""
    make_lun(site, 1, "one")
    make_snap_copy(site, 9, 1)
    site.array.name_snapshot("of-9", "nine", description="", keeping=FOR_GOOD)
    assert shown(site, "nine").attached == 9
    mount = site.array.lun(9)
    assert mount is not None
    assert mount.attached == "nine"


def test_a_restored_lun_holds_what_its_snapshot_holds(site: Site) -> None:
    """The LUN holds what the snapshot froze, the backup what the LUN held; UID and snapshot are as before."""
    primary = make_lun(site, 1, "one")
    site.write(1, "then")
    then = site.content(1)
    site.array.create_snapshot(1, "moment", writable=False)
    moment = shown(site, "moment")
    site.write(1, "now!")
    now = site.content(1)
    site.array.restore_snapshot("moment", 1, "backup")
    assert site.content(1) == then
    assert (site.array.lun(1), shown(site, "moment")) == (primary, moment)
    backup = shown(site, "backup")
    assert (backup.source, backup.primary, backup.writable, backup.description) == (1, 1, False, "")
    site.array.restore_snapshot("backup", 1, "again")
    assert site.content(1) == now


def test_a_lun_is_restored_once_under_one_backup(site: Site) -> None:
    """Restoring again with the same backup is ALREADY, and what hosts wrote since stays."""
    make_lun(site, 1, "one")
    site.array.create_snapshot(1, "moment", writable=False)
    site.array.restore_snapshot("moment", 1, "backup")
    site.write(1, "new!")
    new = site.content(1)
    assert verdict_of(lambda: site.array.restore_snapshot("moment", 1, "backup")) is Verdict.ALREADY
    assert site.content(1) == new


def test_a_lun_is_restored_to_its_own_snapshots_only(site: Site) -> None:
    """Restoring to another LUN's snapshot, or to none, is REFUSED; the LUN is as before, and there is no backup."""
    make_lun(site, 1, "one")
    make_lun(site, 2, "two")
    site.write(2, "mine")
    mine = site.content(2)
    site.array.create_snapshot(1, "moment", writable=False)
    for name, number in (("moment", 2), ("nothing", 2), ("moment", 7)):
        assert verdict_of(lambda s=name, n=number: site.array.restore_snapshot(s, n, "backup")) is Verdict.REFUSED  # type: ignore[misc]
    assert site.content(2) == mine
    assert snapshot_names(site) == {"moment"}
