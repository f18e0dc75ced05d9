"""What a preview says of backups, restores and drills: commands, claims, time and room."""

from typing import Any

import pytest

from tests.backup_host import HOST, REPOSITORY
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.preview import Preview, Rehearsal, preview
from vnx_jobs.submission import Request


@pytest.fixture
def site(installation: Installation) -> Installation:
    """Make a storage group for the backup host, and a second volume, which is larger."""
    MemoryArray(installation.vnx).create_storage_group(HOST)
    installation.make("iron", size_gb=6, content="rust")
    return installation


def _planned(site: Installation, **asked: Any) -> Preview:
    rehearsal = Rehearsal(site.submission)
    rehearsal.submit(Request(parse({"array": ARRAY, "host": HOST, **asked}), job=new_job_id()))
    return preview(rehearsal)


def _backed_up(site: Installation) -> str:
    record = site.do("backup", volumes="gold", repository=REPOSITORY, host=HOST)
    assert record.state is State.SUCCEEDED, record.error
    return site.catalogue.find()[0].archive


def test_a_backup_of_two_volumes(site: Installation) -> None:
    """Each costs seven changing commands and two reading ones, a mount point and a snapshot; pools give nothing."""
    plan = _planned(site, operation="backup", volumes="gold,iron", repository=REPOSITORY)
    assert (plan.commands.changing, plan.commands.reading, plan.commands.lists) == (14, 4, ("luns",))
    slots = {(use.source, use.kind, use.now, use.peak) for use in plan.slots}
    assert slots == {(name, kind, 0, 1) for name in ("gold", "iron") for kind in ("mounts", "snapshots")}
    assert (plan.pools, plan.durations[0].seconds) == ((), None)
    told = {(one.kind, one.mode) for one in plan.tells.claims(plan.jobs[0])}
    assert told >= {("volume", "shared"), ("repository", "alone"), ("storage-group", "shared"), ("hlus", "number")}


def test_a_backup_takes_as_long_as_others_did(site: Installation) -> None:
    """After three backups the time of one is told by their median rate and its size."""
    for _ in range(3):
        assert _planned(site, operation="backup", volumes="gold", repository=REPOSITORY).durations[0].seconds is None
        _backed_up(site)
    past = site.store.find(states=[State.SUCCEEDED])
    seconds = sorted((one.ended - one.created) / 1000 for one in past)[1]
    (told,) = _planned(site, operation="backup", volumes="iron", repository=REPOSITORY).durations
    assert told.seconds == pytest.approx(3 * seconds)
    assert told.basis.startswith("measured: 3 such jobs did ")


def test_what_a_restore_and_a_drill_take_of_their_pool(site: Installation) -> None:
    """Both write onto a new volume of the backup's size, thin unless said otherwise."""
    archive = _backed_up(site)
    made = {"backup": archive, "pool": "other"}
    thin = _planned(site, operation="restore-backup", name="again", **made)
    thick = _planned(site, operation="restore-backup", name="again", provisioning="thick", **made)
    drill = _planned(site, operation="drill", **made)
    uses = [(use.pool, use.thick_gb, use.thin_gb) for plan in (thin, thick, drill) for use in plan.pools]
    assert uses == [("other", 0, 2), ("other", 2, 0), ("other", 0, 2)]
    assert [plan.commands.changing for plan in (thin, thick, drill)] == [3, 3, 4]
