"""What a user is promised, over real processes."""

from collections.abc import Callable

import pytest

from tests.acceptance.site import Site
from vnx_jobs.model.states import State

pytestmark = pytest.mark.real


def test_an_undisturbed_snap_copy_costs_three_commands_and_shared_reads(make_site: Callable[..., Site]) -> None:
    """Ten snap copies: 30 changing commands, and LUN lists that do not grow with the number of jobs."""
    site = make_site()
    site.start_worker()
    site.source()
    jobs = [site.submit("snap-copy", name=f"copy-{n}", source="gold").job for n in range(10)]
    assert [record.state for record in site.wait(*jobs)] == [State.SUCCEEDED] * 10
    assert len(site.commands("snap", "-create")) == 10
    assert len(site.commands("lun", "-create", "-type", "snap")) == 10
    assert len(site.commands("lun", "-attach")) == 10
    shown = site.shown()
    assert sorted(lun["name"] for lun in shown["luns"]) == ["copy-0", *(f"copy-{n}" for n in range(1, 10)), "gold"]
    assert len(shown["snapshots"]) == 10


def test_a_clone_whose_worker_is_killed_completes(make_site: Callable[..., Site]) -> None:
    """Kill -9 in the middle of a full clone: another worker completes it, and nothing temporary is left."""
    site = make_site()
    first = site.start_worker()
    site.source(size_gb=4)
    job = site.submit("clone", name="twin", source="gold").job
    site.until(lambda: site.record(job).step == "copy-onto-target")
    site.kill_worker(first)
    site.start_worker()
    (record,) = site.wait(job)
    assert record.state is State.SUCCEEDED
    shown = site.shown()
    assert sorted(lun["name"] for lun in shown["luns"]) == ["gold", "twin"]
    assert (shown["snapshots"], shown["migrations"]) == ([], [])
