"""The contract of the array port, continued: volumes that exist are compressed, extended and renamed."""

import pytest

from tests.array.sites import POOL, SimulatedSite, Site, lun, make_lun, make_snap_copy, numbers, verdict_of
from vnx_jobs.model.array import BLOCKS_PER_GB, THICK, THIN, Layout
from vnx_jobs.model.errors import Verdict


def test_a_lun_that_is_to_be_compressed_is_created_thin(site: Site) -> None:
    """The layout `compressed` makes a thin LUN, which is compressed by a command of its own, once."""
    site.array.create_lun(1, "one", 1, POOL, Layout("compressed"))
    site.wait(lambda: lun(site, 1).ready)
    assert lun(site, 1).provisioning == "thin"
    site.array.compress_lun(1)
    assert (lun(site, 1).provisioning, lun(site, 1).thin) == ("compressed", True)
    assert verdict_of(lambda: site.array.compress_lun(1)) is Verdict.ALREADY


def test_what_has_snapshots_is_not_compressed_nor_the_other_way_round(site: Site) -> None:
    """A LUN with a snapshot, a snap copy, or nothing is not compressed; snapshotting a compressed LUN is REFUSED.

    In which words an array refuses to compress a LUN is not known, so that may be NO_ANSWER.
    """
    make_lun(site, 1, "one")
    make_snap_copy(site, 9, 1)
    for number in (1, 9, 7):
        verdict = verdict_of(lambda n=number: site.array.compress_lun(n))  # type: ignore[misc]
        assert verdict in {Verdict.REFUSED, Verdict.NO_ANSWER}
    assert lun(site, 1).provisioning == "thick"
    make_lun(site, 2, "two")
    site.array.compress_lun(2)
    assert verdict_of(lambda: site.array.create_snapshot(2, "moment", writable=True)) is Verdict.REFUSED
    assert site.array.snapshot("moment") is None


@pytest.mark.parametrize("thin", [True, False])
def test_a_lun_is_extended(site: Site, *, thin: bool) -> None:
    """An extended LUN has its new size, and all else as before; what it held is still there."""
    before = make_lun(site, 1, "one", 1, thin=thin)
    site.write(1, "then")
    site.array.expand_lun(1, 3)
    after = lun(site, 1)
    assert (after.blocks, after.uid, after.name, after.thin) == (3 * BLOCKS_PER_GB, before.uid, "one", thin)
    make_lun(site, 2, "two", 3)
    site.write(2, "then")
    assert site.content(1) == site.content(2)


def test_a_lun_is_not_made_smaller(site: Site) -> None:
    """Extending to the same or a smaller size, or beyond the array's limit, is REFUSED."""
    make_lun(site, 1, "one", 2)
    for size_gb in (2, 1, 16385):
        assert verdict_of(lambda size=size_gb: site.array.expand_lun(1, size)) is Verdict.REFUSED  # type: ignore[misc]
    assert lun(site, 1).size_gb == 2


def test_a_thick_lun_with_snapshots_is_not_extended(site: Site) -> None:
    """Extending a thick LUN that has a snapshot is REFUSED; a thin one grows, its snap copy keeps its size."""
    make_lun(site, 1, "thick")
    make_lun(site, 2, "thin", thin=True)
    for number in (1, 2):
        make_snap_copy(site, 10 + number, number)
    assert verdict_of(lambda: site.array.expand_lun(1, 2)) is Verdict.REFUSED
    site.array.expand_lun(2, 2)
    assert [lun(site, number).size_gb for number in (1, 2, 11, 12)] == [1, 2, 1, 1]


def test_a_mount_point_is_not_extended(site: Site) -> None:
    """Extending a mount point, or nothing, is REFUSED."""
    make_lun(site, 1, "one")
    make_snap_copy(site, 9, 1)
    assert verdict_of(lambda: site.array.expand_lun(9, 2)) is Verdict.REFUSED
    assert verdict_of(lambda: site.array.expand_lun(7, 2)) is Verdict.REFUSED
    assert lun(site, 9).size_gb == 1


def test_a_lun_that_is_preparing_is_not_extended(site: Site) -> None:
    """Extending a LUN that was just created is BUSY, and works when it is ready."""
    site.slow_down()
    site.array.create_lun(1, "fresh", 1, POOL, THIN)
    assert verdict_of(lambda: site.array.expand_lun(1, 2)) is Verdict.BUSY
    site.wait(lambda: lun(site, 1).ready)
    site.array.expand_lun(1, 2)
    assert lun(site, 1).size_gb == 2


def test_a_lun_is_renamed(site: Site) -> None:
    """A renamed LUN keeps number, UID and content, and its mount points name it anew; a snap copy is renamed too."""
    before = make_lun(site, 1, "one")
    site.write(1, "then")
    make_snap_copy(site, 9, 1)
    site.array.rename_lun(1, "first of all")
    after = lun(site, 1)
    assert (after.uid, after.name) == (before.uid, "first of all")
    assert (lun(site, 9).primary, lun(site, 9).attached) == ("first of all", "of-9")
    site.array.rename_lun(9, "window")
    assert lun(site, 9).name == "window"
    assert site.content(1) == site.content(9)


def test_a_name_is_given_once(site: Site) -> None:
    """Renaming to a name in use is ALREADY, renaming nothing is REFUSED, and nothing is changed."""
    make_lun(site, 1, "one")
    make_lun(site, 2, "two")
    assert verdict_of(lambda: site.array.rename_lun(1, "two")) is Verdict.ALREADY
    assert verdict_of(lambda: site.array.rename_lun(7, "seven")) is Verdict.REFUSED
    assert {lun(site, number).name for number in numbers(site)} == {"one", "two"}


@pytest.mark.real
def test_a_pool_is_filled_beyond_its_threshold_only_on_demand(simulated: SimulatedSite) -> None:
    """On the simulated array, where pools have thresholds, a LUN beyond one is refused unless it is asked for."""
    assert verdict_of(lambda: simulated.array.create_lun(1, "large", 3600, POOL, THICK)) is Verdict.REFUSED
    simulated.array.create_lun(1, "large", 3600, POOL, Layout(ignore_thresholds=True))
    assert numbers(simulated) == {1}
