"""Jobs over HTTP: submitted, planned, listed, ordered; each refusal is one form with the command line's code."""

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.api.site import ApiSite, volume
from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.documents.problems import MEDIA_TYPE
from vnx_jobs.model.states import State


def refused(answer: Response, status: int, code: str) -> str:
    """Say what a refusal says, after it was found to be one of the right form."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE), answer.text
    told = answer.json()
    assert (told["type"], told["status"], told["code"]) == (f"urn:vnx-jobs:{code}", status, code)
    return str(told["detail"])


def test_a_job_is_accepted_and_its_key_finds_it_again(site: ApiSite, admin: TestClient) -> None:
    """A submission is answered with 202, the job and where it is; the same key again with 200 and the same job."""
    key = {"Idempotency-Key": "k 1"}
    first = admin.post("/v1/jobs", json=volume("web-01"), headers=key)
    again = admin.post("/v1/jobs", json=volume("web-01"), headers=key)
    assert (first.status_code, again.status_code) == (202, 200)
    job = first.json()["job"]
    assert first.headers["location"] == again.headers["location"] == f"/v1/jobs/{job}"
    assert (first.json()["known"], again.json()["known"], again.json()["job"]) == (False, True, job)
    (record,) = site.house.store.find()
    assert (record.id, record.name, record.by, record.key) == (job, "web-01", "admin@http", "k 1")
    assert site.audit[0] == ("admin", "POST /v1/jobs", "box", (job,), "done")


def test_a_key_stands_for_one_request(site: ApiSite, admin: TestClient) -> None:
    """Another request with a known key is refused with the job that it stands for, and nothing is stored."""
    key = {"Idempotency-Key": "k"}
    job = admin.post("/v1/jobs", json=volume("web-01"), headers=key).json()["job"]
    answer = admin.post("/v1/jobs", json=volume("web-02"), headers=key)
    refused(answer, 409, "key-conflict")
    assert answer.json()["job"] == job
    assert len(site.house.store.find()) == 1
    assert site.audit[-1][-1] == "key-conflict"


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b"[" * 100_000, "application/json", 422, "invalid"),
        (b"\xff", "application/json", 422, "invalid"),
        (b'{"operation": "create-volume"}', "application/json", 422, "invalid"),
        (b'{"operation": "delete-volume", "array": "box", "name": "\\ud800"}', "application/json", 422, "invalid"),
        (b'{"operation": "delete-volume", "array": "nowhere", "name": "x"}', "application/json", 404, "unknown-array"),
        (b'{"operation": "delete-volume", "array": ["box"], "name": "x"}', "application/json", 422, "invalid"),
        (b'{"operation": 7, "array": "box"}', "application/json", 422, "invalid"),
        (b"1" * 5000, "application/json", 422, "invalid"),
        (b"{}", "text/plain", 415, "unsupported-media-type"),
        (b"{}", "", 415, "unsupported-media-type"),
    ],
)
def test_what_cannot_be_understood(  # noqa: PLR0913, PLR0917 -- a column each
    site: ApiSite, admin: TestClient, body: bytes, kind: str, status: int, code: str
) -> None:
    """A body that is no request is refused, and nothing is stored."""
    refused(admin.post("/v1/jobs", content=body, headers={"Content-Type": kind}), status, code)
    assert site.house.store.find() == []


def test_plan_stores_nothing(site: ApiSite, admin: TestClient) -> None:
    """A plan says the steps, and no job is there afterwards."""
    told = admin.post("/v1/jobs:plan", json=volume("web-01")).json()
    assert (told["stored"], told["known"], told["jobs"][0]["table"]) == (False, False, "create-volume")
    assert told["jobs"][0]["steps"]
    assert site.house.store.find() == []


def test_pages_stand_still_while_jobs_come(site: ApiSite, admin: TestClient) -> None:
    """All jobs are listed once, newest first, in parts, although others come between the parts."""
    before = [admin.post("/v1/jobs", json=volume(f"v{n}")).json()["job"] for n in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = admin.get("/v1/jobs", params={"limit": 2, "cursor": cursor}).json()
        seen += [one["job"] for one in page["jobs"]]
        admin.post("/v1/jobs", json=volume(f"late{len(seen)}"))
        if page["cursor"] is None:
            break
        cursor = page["cursor"]
    assert seen == sorted(before, reverse=True)
    assert len(site.house.store.find()) == 8
    refused(admin.get("/v1/jobs", params={"cursor": "x" + cursor}), 422, "invalid")
    refused(admin.get("/v1/jobs", params={"cursor": cursor, "batch": "b"}), 422, "invalid")


def test_jobs_of_a_batch_in_their_order(site: ApiSite, admin: TestClient) -> None:
    """The jobs of a batch are listed in the order of its rows, in parts, by state and array."""
    rows = [{"name": f"b-{n}", "row": f"r{n}"} for n in range(5)]
    body = {"batch": "five", "defaults": volume("x"), "jobs": rows}
    assert admin.post("/v1/batches", json=body).status_code == 202
    first = admin.get("/v1/jobs", params={"batch": "five", "limit": 3, "state": "QUEUED", "array": "box"}).json()
    rest = admin.get("/v1/jobs", params={"batch": "five", "limit": 3, "cursor": first["cursor"]}).json()
    assert [one["row"] for one in first["jobs"] + rest["jobs"]] == ["r0", "r1", "r2", "r3", "r4"]
    assert rest["cursor"] is None
    assert admin.get("/v1/jobs", params={"state": "FAILED"}).json()["jobs"] == []
    assert len(site.house.store.find(batch="five")) == 5


def test_a_job_from_its_submission_to_its_end(site: ApiSite, admin: TestClient) -> None:
    """A job that workers carry out is shown as it ends, in the form that clients read back."""
    job = admin.post("/v1/jobs", json=volume("web-01")).json()["job"]
    site.world.run(job)
    told = JobDocument.model_validate(admin.get(f"/v1/jobs/{job}", params={"wait": 5}).json())
    assert (told.state, told.code, told.is_over) == (State.SUCCEEDED, None, True)
    assert told == JobDocument.of(site.house.reads.job(job))
    (shown,) = admin.get("/v1/volumes").json()["volumes"]
    assert (shown["name"], shown["metadata"]["snapcopy"]) == ("web-01", "False")


def test_orders(site: ApiSite, admin: TestClient) -> None:
    """Orders take hold or are refused with their reason, and a cancelled job is tried again as a new one."""
    job = admin.post("/v1/jobs", json=volume("web-01")).json()["job"]
    assert admin.post(f"/v1/jobs/{job}/pause").json()["state"] == "PAUSED"
    assert admin.post(f"/v1/jobs/{job}/resume").json()["state"] == "WAITING"
    assert "cannot be told" in refused(admin.post(f"/v1/jobs/{job}/undo"), 409, "order-refused")
    assert admin.post(f"/v1/jobs/{job}/cancel").json()["order"] == "cancel"
    site.world.run(job)
    refused(admin.post(f"/v1/jobs/{job}/abandon"), 409, "order-refused")
    answer = admin.post(f"/v1/jobs/{job}/retry")
    assert (answer.status_code, answer.json()["retry_of"]) == (202, job)
    assert site.house.reads.job(answer.json()["job"]).retry_of == job
    assert [line[-1] for line in site.audit[1:]] == [
        "done",
        "done",
        "order-refused",
        "done",
        "order-refused",
        "done",
    ]
    refused(admin.post("/v1/jobs/none/cancel"), 404, "no-such-job")


def test_predecessors_must_be_there(site: ApiSite, admin: TestClient) -> None:
    """A job may come after others by their ids; an id that is no job's is refused."""
    first = admin.post("/v1/jobs", json=volume("web-01")).json()["job"]
    second = admin.post(
        "/v1/jobs", json={"operation": "delete-volume", "array": "box", "name": "web-01"} | {"after": [first]}
    )
    assert site.house.reads.job(second.json()["job"]).after == (first,)
    refused(admin.post("/v1/jobs", json=volume("web-02", after=["nobody"])), 404, "no-such-job")
    refused(admin.post("/v1/jobs", json=volume("web-02", after="x")), 422, "invalid")
    site.world.run(first, second.json()["job"])
    assert site.world.array_shows() == {}
