"""Batches by HTTP: lists, time left, reports, orders, and submissions that are whole or filled in."""

import csv
import io
import json

import pytest

from tests.api.site import OTHER, ApiSite, volume
from tests.api.test_jobs import refused

ROWS = {"batch": "web", "defaults": volume("x"), "jobs": [{"name": "web-{n}", "count": 3}]}
AUDITED = [("POST /v1/batches/none/cancel", ""), ("POST /v1/batches/web/cancel", "box")]


def test_a_batch_is_looked_at_ordered_and_reported(site: ApiSite) -> None:
    """It is listed, its rows are counted and reported in both forms, and an order reaches each job; all is audited."""
    with site.client() as client:
        assert client.post("/v1/batches", json=ROWS, params={"atomic": True}).status_code == 202
        listed = client.get("/v1/batches").json()["batches"]
        assert [(one["batch"], one["jobs"], one["percent"]) for one in listed] == [("web", 3, 0)]
        paused = client.post("/v1/batches/web/pause").json()
        assert (paused["jobs_taken"], paused["taken_by_state"], paused["refused"]) == (3, {"PAUSED": 3}, [])
        assert client.post("/v1/batches/web/pause").json()["already"] == 3
        stands = client.get("/v1/batches/web").json()
        assert (stands["seconds_left"], stands["basis"]) == (None, "unknown: 3 rows are paused")
        report = client.get("/v1/batches/web/report").json()
        assert [(row["row"], row["state"]) for row in report["rows"]] == [(f"web-{n}", "PAUSED") for n in (1, 2, 3)]
        cells = list(csv.DictReader(io.StringIO(client.get("/v1/batches/web/report?format=csv").text)))
        told = [{name: value or "" for name, value in row.items()} for row in report["rows"]]
        assert cells == told
        refused(client.post("/v1/batches/none/cancel"), 404, "no-such-batch")
        assert client.post("/v1/batches/web/cancel").json()["taken_by_state"] == {"CANCELLED": 3}
        assert client.get("/v1/batches/web").json()["jobs_by_state"] == {"CANCELLED": 3}
    assert [(what, array) for _, what, array, *_ in site.audit if what.endswith("cancel")] == AUDITED


def test_a_batch_on_two_arrays_is_what_the_caller_sees_of_it(site: ApiSite) -> None:
    """Of rows on an array that he does not see there is neither a name nor a count, and no order reaches them."""
    with site.client() as client:
        rows = {"batch": "both", "jobs": [volume("mine"), volume("theirs", OTHER)]}
        assert client.post("/v1/batches", json=rows).status_code == 202
        alone = {"batch": "hidden", "jobs": [volume("secret", OTHER)]}
        assert client.post("/v1/batches", json=alone).status_code == 202
    with site.client("admin-box") as client:
        assert [(one["batch"], one["jobs"]) for one in client.get("/v1/batches").json()["batches"]] == [("both", 1)]
        assert client.get("/v1/batches/both").json()["jobs"] == 1
        assert [row["name"] for row in client.get("/v1/batches/both/report").json()["rows"]] == ["mine"]
        assert "theirs" not in client.get("/v1/batches/both/report?format=csv").text
        answer = client.post("/v1/batches/both/cancel").json()
        assert (answer["rows"], answer["taken_by_state"]) == (1, {"CANCELLED": 1})
    states = {one.name: str(one.state) for one in site.house.store.find()}
    assert states == {"mine": "CANCELLED", "theirs": "QUEUED", "secret": "QUEUED"}


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_variables_by_http(site: ApiSite, form: str) -> None:
    """The body's variables are filled in, the address's stand before them, and doubled braces are braces."""
    with site.client() as client:
        if form == "json":
            body = {"vars": {"env": "test"}, "batch": "{env}", "jobs": [{**volume("{env}-{n}"), "count": 2}]}
            answer = client.post("/v1/batches", json=body, params={"var": "env=live"})
        else:
            fields = "operation: create-volume, size_gb: 1, pool: pool, array: box"
            text = f"vars: {{env: test}}\nbatch: '{{env}}'\njobs:\n  - {{name: '{{env}}-{{n}}', count: 2, {fields}}}\n"
            kind = {"Content-Type": "application/yaml"}
            answer = client.post("/v1/batches", content=text, params={"var": "env=live"}, headers=kind)
        assert (answer.status_code, answer.json()["batch"]) == (202, "live")
        assert [row["name"] for row in answer.json()["rows"]] == ["live-1", "live-2"]
        for field, wrong in (("vars", {"n": "1"}), ("vars", {"x": 1}), ("vars", []), ("atomic", "yes")):
            refused(client.post("/v1/batches", json={**ROWS, field: wrong}), 422, "invalid")
        refused(client.post("/v1/batches", json=ROWS, params={"var": "env"}), 422, "invalid")
        refused(client.post("/v1/batches", json=ROWS, params={"atomic": True, "partial": True}), 422, "invalid")
    assert len(site.house.store.find()) == 2


def test_hooks_of_a_manifest_that_cannot_name_any(site: ApiSite) -> None:
    """A list of CSV names its hooks in the address, which come after those of a body; an unknown one is refused."""
    for name in ("crm", "desk"):
        site.house.hooks.add(name, "https://8.8.8.8/told", "test")
    text, kind = "operation,array,name,size_gb,pool\ncreate-volume,box,web-1,1,pool\n", {"Content-Type": "text/csv"}
    with site.client() as client:
        for hook, batch in (("nobody", "lost"), ("crm", "listed")):
            asked = {"batch": batch, "hook": hook}
            plan = client.post("/v1/batches:plan", content=text, params=asked, headers=kind)
            answer = client.post("/v1/batches", content=text, params=asked, headers=kind)
            expected = (200, 202) if hook == "crm" else (404, 404)
            assert (plan.status_code, answer.status_code) == expected, answer.text
        rows = {"batch": "both", "hooks": ["desk"], "jobs": [volume("web-2")]}
        assert client.post("/v1/batches", json=rows, params={"hook": ["crm", "desk"]}).status_code == 202
    assert [one.batch for one in site.house.store.find()] == ["both", "listed"]
    assert {batch: _told(site, batch) for batch in ("listed", "both")} == {"listed": ["crm"], "both": ["desk", "crm"]}


def _told(site: ApiSite, batch: str) -> object:
    """Return whom the state server will tell of a batch."""
    return json.loads(str(site.house.server.client.hget(f"{site.settings.prefix}telling:{batch}", "hooks")))


def test_defaults_are_for_rows_whose_operation_has_them(site: ApiSite) -> None:
    """A JSON body is read as a file in YAML is; a default that no operation has is refused."""
    rows = [volume("v"), {"operation": "create-snapshot", "array": "box", "name": "s", "volume": "v", "after": ["v"]}]
    with site.client() as client:
        told = client.post(
            "/v1/batches", json={"batch": "a b", "defaults": {"size_gb": 2, "pool": "pool"}, "jobs": rows}
        )
        assert (told.status_code, told.headers["Location"]) == (202, "/v1/batches/a%20b")
        strange = client.post("/v1/batches", json={"defaults": {"colour": "red"}, "jobs": rows})
        refused(strange, 422, "invalid")
        assert strange.json()["detail"] == "no operation has a field 'colour', as defaults say"
    assert {one.name: one.spec.get("size_gb") for one in site.house.store.find()} == {"v": 1, "s": None}


def test_batches_that_wait_leave_the_service_free(site: ApiSite) -> None:
    """Of batches that are to be accepted whole no more are taken at once than leave threads for everybody else."""
    with site.client() as client:
        places = client.app.state.doors.atomic  # type: ignore[attr-defined]  # it is an application of ours
        held = sum(places.acquire(blocking=False) for _ in range(site.settings.api.threads))
        assert held == site.settings.api.threads / 2
        late = client.post("/v1/batches", json={**ROWS, "atomic": True})
        refused(late, 429, "too-many-requests")
        places.release()
        assert client.post("/v1/batches", json={**ROWS, "atomic": True}).status_code == 202


def test_one_refused_row_of_a_whole_batch(site: ApiSite) -> None:
    """With one row beyond a limit nothing of it is accepted, and the problem document says which row it was."""
    rows = {"batch": "web", "atomic": True, "jobs": [{**volume("web-{n:03}"), "count": 401}]}
    with site.client() as client:
        answer = client.post("/v1/batches", json=rows)
        refused(answer, 422, "invalid")
        assert "web-401" in answer.json()["detail"]
        refused(client.get("/v1/batches/web"), 404, "no-such-batch")
        assert site.house.store.find() == []
        known = {"batch": "web", "jobs": [volume("web-001")]}
        assert client.post("/v1/batches", json=known).status_code == 202
        refused(client.post("/v1/batches", json=rows), 422, "invalid")
    assert [outcome for *_, outcome in site.audit] == ["invalid", "done", "invalid"]
