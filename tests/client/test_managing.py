"""The client manages arrays, backups, schedules and groups: the same over HTTP and straight."""

from typing import Any

from tests.api.site import OTHER, ApiSite, volume
from tests.client.ground import FORMS, client_of
from tests.client.test_contract import refusal
from tests.installation import ARRAY
from vnx_jobs import Client
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.names import new_job_id
from vnx_jobs.schedules.checking import read_as

NIGHTLY: dict[str, Any] = {"cron": "0 1 * * *", "jobs": [volume("night-{due}")]}


def outcomes(site: ApiSite) -> list[tuple[str, str]]:
    """Return what the audit trail says: the arrays, and what came of it."""
    return [(array, outcome) for _, _, array, _, outcome in site.audit]


def test_an_array_is_held(site: ApiSite, client: Client) -> None:
    """Nothing is begun on it until the hold is ended, which can be ended once."""
    assert client.pause_array(ARRAY).standing == "held"
    job = site.world.submit("create-volume", name="v", size_gb=1, pool="pool").job
    site.world.turns()
    assert (site.world.record(job).state, client.array(ARRAY).standing) == ("QUEUED", "held")
    assert client.resume_array(ARRAY).standing == "at work"
    assert site.world.run(job)[0].state == "SUCCEEDED"
    assert refusal(lambda: client.resume_array(ARRAY))[0] == "order-refused"
    assert refusal(lambda: client.pause_array("nowhere"))[0] == "unknown-array"
    assert outcomes(site)[:3] == [(ARRAY, "done"), (ARRAY, "done"), (ARRAY, "order-refused")]


def test_a_backup_is_pinned(site: ApiSite, client: Client) -> None:
    """It bears its pin until that is taken away."""
    label = Label(ARRAY, "gold", "60:06", "", new_job_id(), 1_700_000_000_000, 1 << 30, digest_of([]))
    backup = Backup.of(label, added=1, seconds=1, tool="borg 1.2.4", repository="main")
    site.house.catalogue.enter(backup)
    assert client.pin(backup.archive).pinned
    found = site.house.catalogue.get(backup.archive)
    assert found is not None
    assert found.pinned
    assert not client.unpin(backup.archive).pinned
    assert refusal(lambda: client.pin("none"))[0] == "no-such-backup"
    assert outcomes(site) == [(ARRAY, "done"), (ARRAY, "done"), ("", "no-such-backup")]


def test_a_schedule_is_managed(site: ApiSite, client: Client) -> None:
    """It is added, replaced, paused, resumed, run and removed; what is wrong with one is told, and nothing stored."""
    assert client.put_schedule("nightly", NIGHTLY).standing == "on time"
    other = {**NIGHTLY, "cron": "0 2 * * *"}
    assert refusal(lambda: client.put_schedule("nightly", other, replace=False))[0] == "name-in-use"
    assert client.put_schedule("nightly", NIGHTLY, replace=False).standing == "on time"
    assert client.put_schedule("nightly", {**NIGHTLY, "zone": "Europe/Berlin"}).model_extra is not None
    assert site.house.scheduler.standing("nightly")[1].schedule.zone == "Europe/Berlin"
    assert client.pause_schedule("nightly").standing == "paused"
    assert client.resume_schedule("nightly").standing == "on time"
    run = client.run_schedule("nightly")
    assert (run.jobs, len(run.job_ids)) == (1, 1)
    assert client.job(run.job_ids[0]).name.startswith("night-")
    client.remove_schedule("nightly")
    assert client.schedules() == []
    for code, wrong in (
        ("invalid", {**NIGHTLY, "cron": "61 * * * *"}),
        ("invalid", {**NIGHTLY, "owner": "somebody"}),
        ("invalid", {**NIGHTLY, "jobs": [volume("same")]}),
        ("unknown-array", {**NIGHTLY, "jobs": [volume("n-{due}", "nowhere")]}),
    ):
        assert refusal(lambda: client.put_schedule("wrong", wrong))[0] == code  # noqa: B023 -- called at once
    assert refusal(lambda: client.remove_schedule("nightly"))[0] == "no-such-schedule"
    assert refusal(lambda: client.run_schedule("nightly"))[0] == "no-such-schedule"
    assert client.schedules() == []


def test_a_group_is_cloned(site: ApiSite, client: Client) -> None:
    """Each volume has its job; the same key finds them again; what does not fit is refused, and makes none."""
    site.world.make("gold", content="ore")
    site.world.make("iron", content="rust")
    site.world.do("create-group", name="wide", members="gold,iron")
    site.world.do("create-group-snapshot", name="frozen", group="wide")
    report = client.clone_group(ARRAY, "frozen", "{member}-2", key="nightly", rate="high")
    jobs = [row.job_id for row in report.rows]
    assert ([row.row for row in report.rows], report.batch) == (["gold", "iron"], "clone-group-nightly")
    again = client.clone_group(ARRAY, "frozen", "{member}-2", key="nightly", rate="high")
    assert [(row.job_id, row.fate) for row in again.rows] == [(job, "known") for job in jobs]
    assert {one.name for one in site.world.run(*filter(None, jobs))} == {"gold-2", "iron-2"}
    before = len(site.house.store.find())
    assert refusal(lambda: client.clone_group(ARRAY, "frozen", "same"))[0] == "invalid"
    assert refusal(lambda: client.clone_group(ARRAY, "frozen", "{member}-2"))[0] == "invalid"
    assert refusal(lambda: client.clone_group("nowhere", "frozen", "{member}-3"))[0] == "unknown-array"
    assert refusal(lambda: client.clone_group(OTHER, "frozen", "{member}-3"))[0] == "no-such-snapshot"
    assert refusal(lambda: client.clone_group(ARRAY, "frozen", "{member}-3", snapcopy=True))[0] == "invalid"
    assert len(site.house.store.find()) == before


def test_both_forms_refuse_in_the_same_words(site: ApiSite) -> None:
    """Whatever is refused is refused with one code and one line, whichever way it was asked for."""
    site.house.scheduler.put(read_as("taken", NIGHTLY, ARRAY), replace=False)
    said: list[list[tuple[str, str | None, str]]] = []
    for form in FORMS:
        with client_of(form, site) as client:
            said.append(
                [
                    refusal(lambda: client.put_schedule("n", {**NIGHTLY, "colour": "red"})),
                    refusal(lambda: client.put_schedule("n", {**NIGHTLY, "name": "m"})),
                    refusal(lambda: client.put_schedule("taken", {**NIGHTLY, "most": 2}, replace=False)),
                    refusal(lambda: client.remove_schedule("n")),
                    refusal(lambda: client.resume_array(ARRAY)),
                    refusal(lambda: client.pin("none")),
                    refusal(lambda: client.clone_group(ARRAY, "other", "x")),
                ]
            )
    assert said[0] == said[1]
