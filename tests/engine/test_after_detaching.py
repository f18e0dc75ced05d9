"""What no host may see waits for a detachment that was asked for before it, and is judged then."""

from pathlib import Path
from typing import Any

import pytest

from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.adapters.memory.vnx import refused
from vnx_jobs.model.errors import Code, Refused, Verdict
from vnx_jobs.model.names import new_job_id
from vnx_jobs.model.record import Record
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted
from vnx_jobs.preview import Rehearsal, preview
from vnx_jobs.submission import Request

DETACH: dict[str, Any] = {"operation": "detach-volume", "volumes": ["gold"], "host": "one"}
DELETE: dict[str, Any] = {"operation": "delete-volume", "name": "gold"}


@pytest.fixture(params=["in Valkey", "in memory"])
def site(request: pytest.FixtureRequest, installation: Installation, tmp_path: Path) -> Installation:
    """Make two hosts; the first one sees the volume `gold`."""
    if request.param == "in memory":
        installation = Installation("", "", tmp_path)
        installation.make("gold", content="ore")
    array = MemoryArray(installation.vnx)
    for host in ("one", "two"):
        array.create_storage_group(host)
    array.map_lun("one", 1, 1)
    installation.read_array()
    return installation


def submit(site: Installation, *asked: dict[str, Any]) -> list[Accepted | Refused]:
    """Submit requests in one call."""
    return site.submission.submit_many([Request(parse({"array": ARRAY, **one}), job=new_job_id()) for one in asked])


def ended(site: Installation, answers: list[Accepted | Refused]) -> list[Record]:
    """Let all that were accepted end; none may have been refused."""
    return site.run(*(one.job for one in answers if isinstance(one, Accepted)))


def test_a_deletion_waits_for_the_detachment_before_it(site: Installation) -> None:
    """Both in one call: the deletion says whom it waits for, and the volume is gone in the end."""
    answers = submit(site, DETACH, DELETE)
    first, second = (one for one in answers if isinstance(one, Accepted))
    assert (second.state, second.why) == (State.WAITING, f"waits for job {first.job}, which detaches gold")
    assert [one.state for one in ended(site, answers)] == [State.SUCCEEDED, State.SUCCEEDED]
    assert "gold" not in site.array_shows()


def test_a_deletion_waits_until_all_hosts_let_go(site: Installation) -> None:
    """Detached from two hosts, it is the last detachment that is waited for."""
    MemoryArray(site.vnx).map_lun("two", 7, 1)
    site.read_array()
    answers = submit(site, DETACH, {**DETACH, "host": "two"}, DELETE)
    assert [one.state for one in ended(site, answers)] == [State.SUCCEEDED] * 3
    assert "gold" not in site.array_shows()


def test_a_deletion_behind_a_detachment_that_fails_is_refused_then(site: Installation) -> None:
    """The volume is still shown: the deletion fails in one line, and changes nothing."""
    site.vnx.plan("unmap_lun", refused(Verdict.REFUSED, "no"))
    records = ended(site, submit(site, DETACH, DELETE))
    assert [(one.state, one.code) for one in records] == [
        (State.FAILED, Code.ARRAY_REFUSED),
        (State.FAILED, Code.IN_USE),
    ]
    assert records[1].error.startswith("gold is shown to hosts by storage group one: detach it first")
    assert "gold" in site.array_shows()


def test_a_deletion_is_refused_when_nobody_detaches(site: Installation) -> None:
    """Before a detachment, and after one that has ended without it, the refusal comes at once."""
    with pytest.raises(Refused, match="detach it first"):
        site.submit(**DELETE)
    site.vnx.plan("unmap_lun", refused(Verdict.REFUSED, "no"))
    ended(site, submit(site, DETACH))
    with pytest.raises(Refused, match="detach it first"):
        site.submit(**DELETE)


def test_a_preview_says_what_a_deletion_waits_for(site: Installation) -> None:
    """It names the row that detaches the volume, and plans the deletion as it will be then."""
    rehearsal = Rehearsal(site.submission)
    rehearsal.submit_many([Request(parse({"array": ARRAY, **one}), job=new_job_id()) for one in (DETACH, DELETE)])
    plan = preview(rehearsal)
    assert plan.tells.waits_for(plan.jobs[1]) == "waits for row gold, which detaches gold"
    assert plan.jobs[1].table.name == "delete-volume"
    assert plan.jobs[1].claims != ()
    assert "gold" in site.array_shows()
