"""The in-memory array beyond the contract: faults at any command, late effects, its limits, its audit."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.array.sites import POOL, MemorySite, verdict_of
from vnx_jobs.adapters.memory.vnx import answer_lost, refused, worker_killed
from vnx_jobs.model.array import THICK, THIN
from vnx_jobs.model.errors import ArrayError, Verdict


class Killed(BaseException):
    """What a planned kill raises."""


@pytest.fixture
def site() -> MemorySite:
    """Make an array with one LUN that is ready."""
    site = MemorySite()
    site.array.create_lun(1, "one", 1, POOL, THICK)
    site.clock.now += 3
    return site


def names(site: MemorySite) -> list[str]:
    """Return the names of all snapshots, without a command."""
    return sorted(site.vnx.world.images)


def snap(site: MemorySite, name: str = "moment") -> None:
    """Take a snapshot."""
    site.array.create_snapshot(1, name, writable=True)


def test_a_planned_refusal_changes_nothing(site: MemorySite) -> None:
    """A refused command raises the planned verdict once and has no effect; the next one works."""
    site.vnx.plan("create_snapshot", refused(Verdict.BUSY, "not now"))
    with pytest.raises(ArrayError, match="not now"):
        snap(site)
    assert names(site) == []
    snap(site)
    assert names(site) == ["moment"]


@pytest.mark.parametrize("effect", [True, False])
def test_a_lost_answer_hides_the_effect(site: MemorySite, *, effect: bool) -> None:
    """A command whose answer is lost is NO_ANSWER, whether it was carried out or not."""
    site.vnx.plan("create_snapshot", answer_lost(effect=effect))
    assert verdict_of(lambda: snap(site)) is Verdict.NO_ANSWER
    assert names(site) == (["moment"] if effect else [])


def test_a_late_command_lands_when_its_time_comes(site: MemorySite) -> None:
    """A late command has no effect until its time, and then its whole effect."""
    site.vnx.plan("create_snapshot", answer_lost(effect=True, after=5))
    assert verdict_of(lambda: snap(site)) is Verdict.NO_ANSWER
    assert site.vnx.audit[-1].carried_out is False
    site.clock.now += 4.9
    assert site.array.snapshots() == ()
    site.clock.now += 0.2
    assert [one.name for one in site.array.snapshots()] == ["moment"]


def test_a_late_command_may_be_refused_by_then(site: MemorySite) -> None:
    """A late command that no longer fits when it lands has no effect and troubles nobody."""
    site.vnx.plan("create_snapshot", answer_lost(effect=True, after=5))
    assert verdict_of(lambda: snap(site)) is Verdict.NO_ANSWER
    snap(site)
    owner = site.array.snapshot("moment")
    site.clock.now += 6
    assert site.array.snapshots() == (owner,)


@pytest.mark.parametrize("effect", [True, False])
def test_a_worker_is_killed_before_or_after_its_command(site: MemorySite, *, effect: bool) -> None:
    """The planned exception is raised, and the array shows whether the command was carried out."""
    site.vnx.plan(2, worker_killed(Killed(), effect=effect))
    with pytest.raises(Killed):
        snap(site)
    assert names(site) == (["moment"] if effect else [])


def test_a_killed_worker_hides_a_refusal(site: MemorySite) -> None:
    """A worker killed after a command that the array refused never hears of it; nothing was changed."""
    site.vnx.plan("create_snapshot", worker_killed(Killed(), effect=True))
    with pytest.raises(Killed):
        site.array.create_snapshot(7, "moment", writable=True)
    assert names(site) == []
    assert site.vnx.audit[-1].carried_out is False


def test_reads_meet_faults_too(site: MemorySite) -> None:
    """A read can be lost like a change, and counts as a command."""
    site.vnx.plan(2, answer_lost(effect=False))
    assert verdict_of(site.array.luns) is Verdict.NO_ANSWER
    assert len(site.array.luns()) == 1


def test_the_audit_tells_every_command(site: MemorySite) -> None:
    """Each command has its number, verb, arguments, whether it was carried out, and what the caller met."""
    site.vnx.plan(3, answer_lost(effect=True))
    site.array.luns()
    verdict_of(lambda: snap(site))
    verdict_of(lambda: snap(site))
    told = [(line.number, line.verb, line.change, line.carried_out, line.error) for line in site.vnx.audit]
    assert told == [
        (1, "create_lun", True, True, ""),
        (2, "luns", False, True, ""),
        (3, "create_snapshot", True, True, "no-answer"),
        (4, "create_snapshot", True, False, "already"),
    ]
    assert site.vnx.audit[2].arguments == (1, "moment", True)


def test_a_primary_has_255_mount_points_and_256_snapshots_at_most(site: MemorySite) -> None:
    """One mount point or snapshot more than a VNX allows is REFUSED."""
    for place in range(255):
        site.array.create_mount_point(1000 + place, f"window {place}", 1)
        snap(site, f"moment {place}")
    assert verdict_of(lambda: site.array.create_mount_point(2000, "one more", 1)) is Verdict.REFUSED
    site.array.copy_snapshot("moment 0", "the last")
    assert verdict_of(lambda: snap(site, "one more")) is Verdict.REFUSED
    assert verdict_of(lambda: site.array.copy_snapshot("moment 0", "one more")) is Verdict.REFUSED
    assert (len(site.vnx.world.volumes), len(site.vnx.world.images)) == (256, 256)


def test_thin_luns_may_promise_more_than_their_pool_has(site: MemorySite) -> None:
    """Thick LUNs take their size from the pool at once, thin ones do not."""
    site.array.create_lun(5, "thin", 9000, POOL, THIN)
    site.array.create_lun(6, "thick", 3999, POOL, THICK)
    assert verdict_of(lambda: site.array.create_lun(7, "one more", 1, POOL, THICK)) is Verdict.REFUSED
    assert [pool.available_gb for pool in site.array.pools() if pool.name == POOL] == [0]


def test_a_read_only_snapshot_is_not_attached(site: MemorySite) -> None:
    """The twin is as strict as an array may be: a snapshot must be writable to be attached."""
    site.array.create_snapshot(1, "moment", writable=False)
    site.array.create_mount_point(9, "window", 1)
    assert verdict_of(lambda: site.array.attach_snapshot(9, "moment")) is Verdict.REFUSED
    site.array.allow_writes("moment")
    site.array.attach_snapshot(9, "moment")
    assert site.vnx.world.volumes[9].attached == "moment"


def test_a_stopped_session_stays_until_it_is_cancelled(site: MemorySite) -> None:
    """A session that stopped is listed for ever, has failed, holds its LUNs, and can be cancelled."""
    site.array.create_lun(5, "target", 1, POOL, THICK)
    site.clock.now += 3
    site.array.migrate(1, 5, "high")
    site.vnx.stop_session(1, "FAULTED")
    site.clock.now += 1000
    (session,) = site.array.sessions()
    assert (session.state, session.failed) == ("FAULTED", True)
    assert verdict_of(lambda: site.array.destroy_lun(5)) is Verdict.BUSY
    site.array.cancel_migration(1)
    assert (site.array.sessions(), sorted(site.vnx.world.volumes)) == ((), [1, 5])


def test_a_new_session_may_be_unlisted_for_a_while() -> None:
    """On a busy array a session that was started is not listed yet, and still holds its LUNs."""
    site = MemorySite()
    site.vnx.unlisted = 2
    for number in (1, 5):
        site.array.create_lun(number, f"lun {number}", 10, POOL, THICK)
    site.clock.now += 3
    site.array.migrate(1, 5, "high")
    assert site.array.sessions() == ()
    assert verdict_of(lambda: site.array.destroy_lun(1)) is Verdict.BUSY
    site.clock.now += 2
    assert [session.source for session in site.array.sessions()] == [1]


def test_many_threads_leave_a_whole_array(site: MemorySite) -> None:
    """Commands of many threads happen one after the other: none is lost, none is counted twice."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda place: snap(site, f"moment {place}"), range(200)))
    assert len(site.vnx.world.images) == 200
    assert [line.number for line in site.vnx.audit] == list(range(1, 202))
