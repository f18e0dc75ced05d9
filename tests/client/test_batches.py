"""A client submits whole batches, looks at them and tells their jobs what to do: the same over HTTP and straight."""

import json
from typing import Any

import pytest

from tests.api.site import OTHER, ApiSite, volume
from tests.client.ground import FORMS, client_of, working
from tests.client.test_contract import refusal
from tests.installation import ARRAY
from vnx_jobs import Client
from vnx_jobs.client import Refused
from vnx_jobs.client.manifests import Form
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State

WEBS = """
batch: "{env}-web"
vars: {env: test}
defaults: {array: box, pool: pool}
jobs:
  - {operation: create-volume, name: "{env}-{n}", count: 2, size_gb: 1}
  - {operation: create-snapshot, name: "{env}-first", volume: "{env}-1", after: "{env}-1"}
"""
TEXTS: dict[Form, str] = {
    "yaml": f"jobs:\n  - {{operation: create-volume, name: '{{who}}', size_gb: 1, pool: pool, array: {ARRAY}}}\n",
    "jsonl": json.dumps(volume("{who}")) + "\n",
    "csv": f"operation,array,name,size_gb,pool\ncreate-volume,{ARRAY},{{who}},1,pool\n",
}


def rows(*asked: dict[str, Any]) -> str:
    """Return a manifest of JSON lines."""
    return "".join(json.dumps(one) + "\n" for one in asked)


def told_to(site: ApiSite, batch: str) -> object:
    """Return whom the state server will tell of a batch."""
    return json.loads(str(site.house.server.client.hget(f"{site.settings.prefix}telling:{batch}", "hooks")))


@pytest.mark.parametrize("form", TEXTS)
def test_a_manifest_in_each_form(site: ApiSite, client: Client, form: Form) -> None:
    """A text of each form becomes jobs, with its variable filled in and the name that it is given."""
    report = client.submit_batch(TEXTS[form], form, batch="one", variables={"who": "gold"})
    (row,) = report.rows
    (job,) = site.house.store.find()
    assert (report.batch, row.name, row.fate, row.job_id) == ("one", "gold", "submitted", job.id)
    assert (job.batch, job.name, job.by.partition("@")[0] != "") == ("one", "gold", True)


def test_a_batch_from_its_manifest_to_its_report(site: ApiSite, client: Client) -> None:
    """It is submitted whole, found again, waited for, listed and reported; given variables stand before its own."""
    first = client.submit_batch(WEBS, variables={"env": "live"}, atomic=True)
    assert (first.batch, [row.name for row in first.rows]) == ("live-web", ["live-1", "live-2", "live-first"])
    again = client.submit_batch(WEBS, variables={"env": "live"})
    assert [(row.job_id, row.fate) for row in again.rows] == [(row.job_id, "known") for row in first.rows]
    heard: list[int] = []
    with working(site.world):
        over = client.wait_batch("live-web", timeout=20, on_progress=lambda one: heard.append(one.percent))
    assert (over.jobs_by_state, over.percent, over.seconds_left) == ({State.SUCCEEDED: 3}, 100, 0)
    assert heard == sorted(heard)
    report = client.batch_report("live-web")
    assert [(row.row, row.job, row.state) for row in report.rows] == [
        (row.row, row.job_id, State.SUCCEEDED) for row in first.rows
    ]
    client.submit_batch(WEBS)
    assert [(one.batch, one.rows_over) for one in client.batches()] == [("test-web", 0), ("live-web", 3)]
    assert [one.batch for one in client.batches(limit=1)] == ["test-web"]
    assert {"live-1", "live-2"} <= site.world.array_shows().keys()


def test_a_wrong_row(site: ApiSite, client: Client) -> None:
    """With one row wrong nothing is submitted, and the report says which; `partial` submits the others."""
    text = rows(volume("fine"), volume("wrong", size_gb=0))
    with pytest.raises(Refused, match=r"nothing was submitted: 1 of 2 rows are wrong.*row wrong \(line 2\)") as caught:
        client.submit_batch(text, "jsonl", batch="b")
    assert caught.value.code == "invalid"
    assert caught.value.report is not None
    assert [(row["row"], row["fate"]) for row in caught.value.report["rows"]] == [
        ("fine", "held back"),
        ("wrong", "wrong"),
    ]
    assert site.house.store.find() == []
    report = client.submit_batch(text, "jsonl", batch="b", partial=True)
    assert [(row.fate, bool(row.job_id)) for row in report.rows] == [("submitted", True), ("wrong", False)]
    assert [one.name for one in site.house.store.find()] == ["fine"]


def test_all_rows_or_none(site: ApiSite, client: Client) -> None:
    """Of a batch that is to be accepted whole nothing is left if one row is refused when it is stored."""
    site.world.make("gold")
    copies = [{"operation": "snap-copy", "array": ARRAY, "source": "gold", "name": f"c-{n}"} for n in range(256)]
    before = len(site.house.store.find())
    with pytest.raises(Refused) as caught:
        client.submit_batch(rows(*copies), "jsonl", batch="many", atomic=True)
    assert caught.value.report is not None
    fates = [row["fate"] for row in caught.value.report["rows"]]
    assert (len(fates), set(fates) & {"submitted", "known"}) == (256, set())
    assert len(site.house.store.find()) == before
    assert refusal(lambda: client.submit_batch(WEBS, atomic=True, partial=True))[0] == "invalid"


def test_a_plan_of_a_batch(site: ApiSite, client: Client) -> None:
    """A plan says what becomes of each row and what the jobs cost, and stores nothing."""
    plan = client.plan_batch(WEBS)
    assert [(row.row, row.fate) for row in plan.rows] == [
        (name, "would be submitted") for name in ("test-1", "test-2", "test-first")
    ]
    assert (plan.batch, plan.stored, plan.commands["changing"]) == ("test-web", False, 3)
    wrong = client.plan_batch(rows(volume("fine"), volume("wrong", size_gb=0)), "jsonl", partial=True)
    assert [row.fate for row in wrong.rows] == ["would be submitted", "wrong"]
    assert site.house.store.find() == []


def test_hooks_of_a_batch(site: ApiSite, client: Client) -> None:
    """Hooks that are named beside the text come after its own, and are told of the batch; an unknown one is refused."""
    for name in ("crm", "desk"):
        site.house.hooks.add(name, "https://8.8.8.8/told", "test")
    assert refusal(lambda: client.submit_batch(WEBS, hooks=["nobody"]))[0] == "unknown-hook"
    assert refusal(lambda: client.plan_batch(WEBS, hooks=["nobody"]))[0] == "unknown-hook"
    assert site.house.store.find() == []
    client.submit_batch(f"hooks: [desk]\n{WEBS}", hooks=["crm", "desk"])
    assert told_to(site, "test-web") == ["desk", "crm"]


def test_orders_to_a_batch(site: ApiSite, client: Client) -> None:
    """Each job is given the order; what came of it is counted, and each order is a line of the audit trail."""
    client.submit_batch(WEBS)
    paused = client.pause_batch("test-web")
    assert (paused.order, paused.rows, paused.taken_by_state) == (Order.PAUSE, 3, {State.PAUSED: 3})
    assert client.pause_batch("test-web").already == 3
    assert client.resume_batch("test-web").jobs_taken == 3
    assert client.undo_batch("test-web").left_by_state == {State.WAITING: 3}
    assert client.cancel_batch("test-web").taken_by_state == {State.CANCELLED: 3}
    assert client.cancel_batch("test-web").left_by_state == {State.CANCELLED: 3}
    assert {one.state for one in site.house.store.find()} == {State.CANCELLED}
    for call in (client.cancel_batch, client.pause_batch, client.resume_batch, client.undo_batch, client.batch_report):
        assert refusal(lambda call=call: call("none"))[0] == "no-such-batch"
    trail = [(array, outcome) for _, what, array, _, outcome in site.audit if "batch" in what]
    assert trail == [(ARRAY, "done")] * 7 + [("", "no-such-batch")] * 4


def test_what_cannot_be_sent(site: ApiSite, client: Client) -> None:
    """What is no manifest, or is said wrongly beside one, is refused before anything is stored."""
    text, unknown = TEXTS["yaml"], rows(volume("v", "nowhere"))
    wrong: list[tuple[str, str, str, dict[str, Any]]] = [
        ("invalid", text, "toml", {}),
        ("invalid", text, "yaml", {"variables": {"who": "v", "other": "x"}}),
        ("invalid", text, "yaml", {"variables": {"who=v": "x"}}),
        ("invalid", text, "yaml", {"variables": {"n": "x"}}),
        ("invalid", WEBS.replace("batch", "bitch"), "yaml", {}),
        ("invalid", "\ud800", "csv", {}),
        ("invalid", "", "csv", {}),
        ("invalid", rows(volume("v")), "jsonl", {"batch": "no/name"}),
        ("invalid", rows(volume("v")), "jsonl", {"batch": "n" * 101}),
        ("unknown-array", unknown, "jsonl", {}),
        ("unknown-array", rows(volume("v")), "jsonl", {"array": "nowhere"}),
    ]
    for code, manifest, form, more in wrong:
        for call in (client.submit_batch, client.plan_batch):
            assert refusal(lambda call=call: call(manifest, form, **more))[0] == code, more  # noqa: B023 -- called at once
    assert refusal(lambda: client.submit_batch(text))[0] == "invalid"  # its variable has no value
    assert [row.fate for row in client.plan_batch(text).rows] == ["wrong"]
    for limit in (0, 101):
        assert refusal(lambda limit=limit: client.batches(limit))[0] == "invalid"
    assert site.house.store.find() == []


def test_both_forms_say_the_same_of_batches(site: ApiSite) -> None:
    """Whatever one form tells of a batch, the other tells in the same values and the same words."""
    site.world.make("gold")
    wrong = rows(volume("fine"), volume("wrong", size_gb=0), volume("then", after=["wrong"]))
    said: list[list[object]] = []
    for form in FORMS:
        with client_of(form, site) as client:
            named = client.submit_batch(rows(volume("other", OTHER)), "jsonl", array=ARRAY).batch
            client.submit_batch(WEBS)
            with pytest.raises(Refused) as caught:
                client.submit_batch(wrong, "jsonl", batch="w")
            said.append(
                [
                    named,
                    client.submit_batch(WEBS),
                    client.plan_batch(WEBS, variables={"env": "live"}),
                    client.batch("test-web"),
                    client.batches(),
                    client.batch_report("test-web"),
                    (caught.value.message, caught.value.report),
                    client.plan_batch(wrong, "jsonl", partial=True),
                    client.undo_batch("test-web"),
                    *[
                        refusal(call)
                        for call in (
                            lambda: client.submit_batch("jobs: [", "yaml"),
                            lambda: client.submit_batch("jobs: {}", "yaml"),
                            lambda: client.submit_batch(TEXTS["csv"], "csv"),
                            lambda: client.submit_batch(TEXTS["csv"], "csv", variables={"who": "x", "y": "z"}),
                            lambda: client.submit_batch(WEBS, hooks=["nobody"]),
                            lambda: client.submit_batch(WEBS, partial=True, atomic=True),
                            lambda: client.submit_batch(rows(volume("v", "nowhere")), "jsonl"),
                            lambda: client.cancel_batch("none"),
                            lambda: client.batch_report("none"),
                            lambda: client.clone_group(ARRAY, "none", "x"),
                        )
                    ],
                ]
            )
    for one, other in zip(*said, strict=True):
        assert one == other
