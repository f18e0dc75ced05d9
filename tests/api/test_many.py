"""Many jobs by one request: each is answered in its place, and a body that is none changes nothing."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.site import OTHER, ApiSite, volume
from tests.api.test_jobs import refused


def test_each_is_answered_in_its_place(site: ApiSite, admin: TestClient) -> None:
    """What is right is accepted, what is wrong is refused as it would be alone; the audit trail has one line of it."""
    rows = [{**volume("a"), "key": "k/1"}, volume("b", size_gb=0), {**volume("c"), "key": "k/3"}]
    answer = admin.post("/v1/jobs:many", json={"jobs": rows, "batch": "abc", "first": 7})
    assert answer.status_code == 200
    first, wrong, last = answer.json()["answers"]
    assert (first["refused"], last["refused"], wrong["accepted"]) == (None, None, None)
    assert (wrong["refused"]["code"], wrong["refused"]["status"]) == ("invalid", 422)
    jobs = [one["accepted"]["job"] for one in (first, last)]
    listed = admin.get("/v1/jobs", params={"batch": "abc"}).json()["jobs"]
    assert [(one["job"], one["row"], one["key"]) for one in listed] == [(jobs[0], "8", "k/1"), (jobs[1], "10", "k/3")]
    assert site.audit == [("admin", "POST /v1/jobs:many", "box", tuple(jobs), "done")]
    again = admin.post("/v1/jobs:many", json={"jobs": rows, "batch": "abc", "first": 7}).json()["answers"]
    assert [one["accepted"] and one["accepted"]["known"] for one in again] == [True, None, True]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"jobs": []},
        {"jobs": {}},
        {"jobs": ["a"]},
        {"jobs": [volume("a")] * 1001},
        {"jobs": [volume("a")], "batch": "no/name"},
        {"jobs": [volume("a")], "batch": 7},
        {"jobs": [volume("a")], "first": -1},
        {"jobs": [volume("a")], "first": True},
        {"jobs": [volume("a")], "then": 1},
    ],
    ids=lambda body: f"{str(body)[:60]}",
)
def test_a_body_that_is_none(site: ApiSite, admin: TestClient, body: dict[str, Any]) -> None:
    """A body of no rows is refused whole, and nothing is stored."""
    refused(admin.post("/v1/jobs:many", json=body), 422, "invalid")
    assert site.house.store.find() == []


def test_what_others_have_is_not_told(site: ApiSite, admin: TestClient) -> None:
    """A row with a key of a hidden array's job names no job; jobs that are not seen are not listed by their ids."""
    theirs = admin.post("/v1/jobs", json=volume("v", OTHER), headers={"Idempotency-Key": "theirs"}).json()["job"]
    own = admin.post("/v1/jobs", json=volume("v")).json()["job"]
    with site.client("operator-box") as client:
        rows = [{**volume("w"), "key": "theirs"}, volume("w", OTHER), {**volume("w"), "after": [theirs]}]
        answers = client.post("/v1/jobs:many", json={"jobs": rows}).json()["answers"]
        assert [one["refused"]["code"] for one in answers] == ["key-conflict", "unknown-array", "no-such-job"]
        assert answers[0]["refused"]["job"] is None
        assert theirs not in answers[0]["refused"]["detail"]
        listed = client.get("/v1/jobs", params={"job": [theirs, own, "none"]}).json()
        assert [one["job"] for one in listed["jobs"]] == [own]
    both = admin.get("/v1/jobs", params={"job": [own, theirs]}).json()["jobs"]
    assert [one["job"] for one in both] == [own, theirs]
    refused(admin.get("/v1/jobs", params={"job": ["j"] * 101}), 422, "invalid")
