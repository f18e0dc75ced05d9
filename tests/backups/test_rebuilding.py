"""A catalogue that is lost is rebuilt from what the repositories hold."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.backups.site import GOLD, IRON, NOON, Site
from vnx_jobs.backups.rebuilding import Rebuilt, Unread
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.digest import digest_of
from vnx_jobs.ports.mover import MoverError


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Make a site without archives."""
    return Site(tmp_path)


def test_a_lost_catalogue_comes_back(site: Site) -> None:
    """Every entry is as its job made it; a second run has nothing more to enter."""
    made = [site.store(instant=NOON), site.store(instant=NOON + 1), site.store(IRON)]
    first = site.rebuild()
    assert {one.archive: one for one in first.entered} == {one.archive: one for one in made}
    assert site.catalogue.of("box", GOLD) == (made[1], made[0])
    assert site.catalogue.of("box", IRON) == (made[2],)
    assert site.rebuild() == Rebuilt(known=3)


def test_what_comes_back_may_come_back_pinned(site: Site) -> None:
    """Nobody knows what was pinned, so all may come back pinned; what the catalogue knows is left as it is."""
    known, lost = site.store(), site.store(instant=NOON + 1)
    site.catalogue.enter(replace(known, proved=NOON))
    assert site.rebuild(pinned=True).entered == (lost,)
    assert site.catalogue.of("box", GOLD) == (replace(lost, pinned=True), replace(known, proved=NOON))


def test_what_a_job_is_at_is_left_to_it(site: Site) -> None:
    """The archive of a job that has not ended is entered by the job, or removed by it; neither is told as lost."""
    stored = site.store()
    site.catalogue.enter(elsewhere := replace(site.store(instant=NOON + 1), archive="not-there-yet"))
    site.live = {stored.job, elsewhere.job}
    done = site.rebuild()
    assert (stored.archive in {one.archive for one in done.entered}, done.lost) == (False, ())


def test_what_a_repository_no_longer_holds_is_told(site: Site) -> None:
    """An entry whose archive is gone is told and stays; one of another repository is not asked for here."""
    gone, kept, elsewhere = site.store(), site.store(instant=NOON + 1), replace(site.store(IRON), repository="other")
    for one in (gone, kept, elsewhere):
        site.catalogue.enter(one)
    for one in (gone, elsewhere):
        site.repositories.of("box", one.uid).remove([one.archive])
    assert site.rebuild() == Rebuilt(known=1, lost=(gone,))
    assert site.catalogue.get(gone.archive) == gone


def test_archives_that_say_nothing_are_told(site: Site) -> None:
    """What is not ours, lies with another volume, or is not what it says is named with the reason, and not entered."""
    foreign = site.store(comment="by hand")
    strayed = site.store(IRON, place=GOLD)
    twisted = site.store(digest=digest_of([b"other bytes"]))
    done = site.rebuild()
    assert (done.entered, site.catalogue.volumes()) == ((), ())
    assert {one.what for one in done.unread} == {foreign.archive, strayed.archive, twisted.archive}
    assert "no label of vnx-jobs" in _why(done, foreign)
    assert _why(done, twisted) == "its size or digest is not what it says of itself"
    assert _why(done, strayed) == "it says that it is of box 60:06:02"


def _why(done: Rebuilt, of: Backup) -> str:
    return next(one.why for one in done.unread if one.what == of.archive)


def test_one_broken_repository_does_not_hide_the_others(site: Site) -> None:
    """A volume whose repository cannot be read is named, and the others are entered."""
    broken, fine = site.store(), site.store(IRON)
    next(file for file in site.path.glob(f"*/*/{broken.archive}.json")).write_text("{")
    done = site.rebuild()
    assert done.entered == (fine,)
    assert [one.what for one in done.unread] == [f"box {GOLD}"]
    assert isinstance(done.unread[0], Unread)


def test_a_place_that_is_not_mounted_is_no_empty_one(site: Site) -> None:
    """If the repositories are not there nothing is told as lost: the call fails."""
    site.catalogue.enter(site.store())
    site.path.rename(site.path.with_name("elsewhere"))
    with pytest.raises(MoverError, match="is not there"):
        site.rebuild()
