"""Who may what: each route with each role, and a token that does not see an array learns nothing of it."""

from typing import Any

import pytest

from tests.api.site import OTHER, ApiSite, volume
from tests.api.test_jobs import refused
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.api.app import create_app
from vnx_jobs.model.array import THIN
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.names import new_job_id
from vnx_jobs.ports import Lists

LOOKS = {
    *("/v1/jobs", "/v1/jobs/{job}", "/v1/jobs/{job}/events", "/v1/batches/{batch}", "/v1/batches/{batch}/events"),
    *("/v1/batches", "/v1/batches/{batch}/report"),
    *("/v1/volumes", "/v1/volumes/{array}/{name}", "/v1/sources", "/v1/sources/{array}/{name}", "/v1/arrays"),
    *("/v1/arrays/{array}", "/v1/backups", "/v1/backups/{archive}", "/v1/schedules", "/v1/schedules/{name}"),
    *("/v1/backups:volumes", "/v1/backups:retention"),
    *("/metrics", "/v1/jobs:plan", "/v1/batches:plan", "/v1/group-clones:plan"),
}
"""What a viewer may ask for."""
PLANS = {path for path in LOOKS if path.endswith(":plan")}
OPERATES = {
    *("/v1/jobs", "/v1/batches", "/v1/jobs/{job}/cancel", "/v1/jobs/{job}/pause", "/v1/jobs/{job}/resume"),
    *("/v1/jobs/{job}/undo", "/v1/jobs/{job}/abandon", "/v1/jobs/{job}/retry"),
    *("/v1/backups/{archive}/pin", "/v1/backups/{archive}/unpin", "/v1/jobs:many", "/v1/group-clones"),
    *(f"/v1/batches/{{batch}}/{order}" for order in ("cancel", "pause", "resume", "undo")),
}
"""What an operator may ask for besides, by POST."""
POLICIES = ("/v1/schedules:plan", "/v1/schedules:apply")
MANAGES = {
    *("/v1/arrays/{array}/pause", "/v1/arrays/{array}/resume", "/v1/schedules/{name}/pause"),
    *("/v1/schedules/{name}/resume", "/v1/schedules/{name}/run", *POLICIES),
}
"""What only an admin may ask for, by POST."""
CHANGES = {("put", "/v1/schedules/{name}"), ("delete", "/v1/schedules/{name}")}
"""What only an admin may ask for besides."""
NIGHTLY = {"cron": "0 1 * * *", "jobs": [{**volume("v-{due}"), "pool": "pool"}]}
STREAMS = {"/v1/events"}
"""What a viewer may ask for, and nobody hears the end of."""
EVERYBODY = {"/healthz", "/readyz"}


@pytest.fixture
def two(site: ApiSite) -> ApiSite:
    """Give an installation with a volume, a job, a backup and a schedule on each of its two arrays."""
    MemoryArray(site.world.vnx).create_lun(7, "secret-lun", 2, "pool", THIN)
    ticket, begun = site.house.inventory.ticket()
    array = MemoryArray(site.world.vnx)
    site.house.inventory.store(OTHER, Lists(begun, ticket, luns=array.luns()), site.world.box.number_range)
    with site.client() as client:
        client.post("/v1/jobs", json=volume("web-01"), headers={"Idempotency-Key": "shared"})
        client.post("/v1/jobs", json=volume("secret-01", OTHER), headers={"Idempotency-Key": "theirs"})
        for name, where in (("open", "box"), ("hidden", OTHER)):
            rows: dict[str, Any] = {
                "batch": f"{name}-batch",
                "defaults": volume("x", where),
                "jobs": [{"name": f"{name}-row"}],
            }
            assert client.post("/v1/batches", json=rows).status_code == 202
    for where, name in (("box", "gold"), (OTHER, "secret-gold")):
        label = Label(where, name, "60:06", "", new_job_id(), 1_700_000_000_000, 1 << 30, digest_of([]))
        site.house.catalogue.enter(Backup.of(label, added=1, seconds=1, tool="borg 1.2.4", repository="main"))
    return site


def test_the_routes_are_these(site: ApiSite) -> None:
    """Every route stands in one of the lists of this file, so that none is forgotten."""
    document = create_app(site.house, site.settings, site.house.authority).openapi()
    every = {(method, path) for path, methods in document["paths"].items() for method in methods}
    gets = {("get", path) for path in LOOKS | STREAMS | EVERYBODY if not path.endswith(":plan")}
    heads = {("head", path) for path in EVERYBODY}
    posts = {("post", path) for path in OPERATES | MANAGES | PLANS}
    assert every == gets | heads | posts | CHANGES


@pytest.mark.parametrize("role", ["", "nobody", "viewer", "operator", "admin"])
def test_each_route_with_each_role(two: ApiSite, role: str) -> None:
    """Without a known token everything is refused; a viewer looks, an operator submits and orders, an admin manages."""
    (job,) = [one.id for one in two.house.store.find() if one.name == "web-01"]
    archive = two.house.catalogue.find("box")[0].archive
    names = {"job": job, "batch": "open-batch", "array": "box", "name": "none", "archive": archive}
    posts = OPERATES | MANAGES | PLANS
    asked = [("GET", path) for path in LOOKS if not path.endswith((":plan", "/events"))]
    asked += [("POST", path) for path in posts]
    asked += [(method.upper(), path) for method, path in CHANGES]
    body = volume("web-09")
    with two.client(role) as client:
        for method, path in sorted(asked):
            rows: dict[str, Any] = {"batch": "n", "jobs": [body]} if "batches" in path else body
            asks = path == "/v1/jobs" or path.startswith(("/v1/jobs:", "/v1/batches", "/v1/group"))
            takes = method == "PUT" or (method == "POST" and asks)
            rows = NIGHTLY if method == "PUT" else rows
            said: dict[str, Any] = {"json": rows} if takes else {}
            if path in POLICIES:
                kind = {"Content-Type": "application/yaml"}
                said = {"content": "schedules: {}", "params": {"owner": "nights"}, "headers": kind}
            answer = client.request(method, path.format(**names), **said)
            looks = path in LOOKS and (method.lower(), path) not in CHANGES
            may = looks or role == "admin" or (role == "operator" and path in OPERATES)
            if method == "POST" and path in OPERATES and role == "viewer":
                may = False
            if role in {"", "nobody"}:
                refused(answer, 401, "unauthorized")
            elif may:
                assert answer.status_code not in {401, 403}, (method, path, answer.text)
            elif "{name}" in path and method != "PUT":  # what there is not is not there for anybody
                refused(answer, 404, "no-such-schedule")
            else:
                refused(answer, 403, "forbidden")


def test_what_a_token_does_not_see_is_not_there(two: ApiSite) -> None:
    """No list, count, single thing, refusal or metric tells of an array that the token does not see."""
    hidden = [one.id for one in two.house.store.find() if one.array == OTHER]
    archive = two.house.catalogue.find(OTHER)[0].archive
    with two.client("admin-box") as client:
        lists = ["jobs", "volumes", "sources", "arrays", "backups", "schedules"]
        lists += ["backups:volumes", "backups:retention?last=1"]
        heard = [*(client.get(f"/v1/{kind}") for kind in lists), client.get("/metrics")]
        assert [len(heard[0].json()["jobs"]), len(heard[4].json()["backups"])] == [2, 1]
        assert [len(heard[6].json()["volumes"]), len(heard[7].json()["backups"])] == [1, 1]
        for job in hidden:
            heard += [client.get(f"/v1/jobs/{job}"), client.get(f"/v1/jobs/{job}/events")]
            heard += [client.post(f"/v1/jobs/{job}/{word}") for word in ("cancel", "retry", "abandon")]
        heard += [client.get(f"/v1/backups/{archive}"), client.post(f"/v1/backups/{archive}/pin")]
        heard += [client.get(f"/v1/batches/hidden-batch{more}") for more in ("", "/events", "/report")]
        heard += [client.post(f"/v1/batches/hidden-batch/{order}") for order in ("cancel", "pause", "resume", "undo")]
        for name in (OTHER, "nowhere"):
            heard += [client.get(f"/v1/{kind}", params={"array": name}) for kind in ("jobs", "volumes", "sources")]
            heard.append(client.get("/v1/backups:retention", params={"array": name, "last": 1}))
            heard.append(client.get("/v1/backups:volumes", params={"array": name}))
            heard += [client.get(f"/v1/arrays/{name}"), client.get(f"/v1/volumes/{name}/secret-lun")]
            heard += [client.post(f"/v1/arrays/{name}/pause"), client.post("/v1/jobs", json=volume("v", name))]
            heard.append(client.post("/v1/batches", json={"batch": "x", "jobs": [volume("v", name)]}))
        assert [one.status_code for one in heard[9:]] == [404] * (len(heard) - 9)
        conflict = client.post("/v1/jobs", json=volume("v"), headers={"Idempotency-Key": "theirs"})
        refused(conflict, 409, "key-conflict")
        assert conflict.json()["job"] is None
    for answer in [*heard, conflict]:
        told = answer.text.replace(f"there is no array '{OTHER}'", "").replace(f"/v1/arrays/{OTHER}", "")
        for secret in (OTHER, "secret", *(job for job in hidden if job not in str(answer.url))):
            assert secret not in told.replace(archive, "").replace("hidden-batch", ""), (answer.url, answer.text)
    assert len(two.house.store.find()) == 4


def test_same_refusal_for_hidden_and_for_none(two: ApiSite) -> None:
    """An array that is hidden and one that there is not are refused in the same words."""
    with two.client("viewer-box") as client:
        hidden, none = (client.get(f"/v1/arrays/{name}").json()["detail"] for name in (OTHER, "nowhere"))
    assert hidden.replace(OTHER, "X") == none.replace("nowhere", "X")


def test_an_open_service_is_for_its_machine(two: ApiSite) -> None:
    """Open, it asks for no token, and refuses a page of somebody else's that leads a browser to it."""
    with two.client("", is_open=True) as client:
        assert len(client.get("/v1/jobs").json()["jobs"]) == 4
        refused(client.get("/v1/jobs", headers={"Host": "evil.example"}), 403, "forbidden")
        assert client.get("/v1/jobs", headers={"Host": "127.0.0.1:8470"}).status_code == 200
        for said in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            refused(client.post("/v1/arrays/box/pause", headers=said), 403, "forbidden")
        own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        assert client.post("/v1/arrays/box/pause", headers=own).status_code == 200


def test_a_key_of_a_hidden_job_names_no_job(two: ApiSite) -> None:
    """Rows and requests that meet the key of a job on a hidden array are refused without a word of that job."""
    (hidden,) = [one.id for one in two.house.store.find() if one.name == "hidden-row"]
    batch = {"batch": "hidden-batch", "jobs": [{**volume("mine"), "row": "hidden-row"}]}
    with two.client("operator-box") as client:
        answers = [
            client.post("/v1/batches", json=batch),
            client.post("/v1/batches", json=batch, params={"atomic": True}),
            client.post("/v1/batches:plan", json=batch),
            client.post("/v1/jobs", json=volume("mine"), headers={"Idempotency-Key": "hidden-batch/hidden-row"}),
            client.post("/v1/jobs:many", json={"jobs": [{**volume("mine"), "key": "hidden-batch/hidden-row"}]}),
        ]
    for answer in answers:
        assert "the idempotency key was used before, for a different request" in answer.text
        assert hidden not in answer.text


def test_hooks_are_told_of_no_hidden_job(two: ApiSite) -> None:
    """A token for one array names no hook for a batch that has jobs on another: the hook would be told how many."""
    two.house.hooks.add("crm", "https://8.8.8.8/told", "test")
    mixed = {"batch": "hidden-batch", "hooks": ["crm"], "jobs": [volume("mine")]}
    with two.client("operator-box") as client:
        for route in ("/v1/batches", "/v1/batches:plan"):
            refused(client.post(route, json=mixed), 409, "name-in-use")
        assert client.post("/v1/batches", json={**mixed, "batch": "open-batch"}).status_code == 202
    assert not two.house.server.client.exists(f"{two.settings.prefix}telling:hidden-batch")


def test_probes_need_no_token(two: ApiSite) -> None:
    """A load balancer asks by GET or HEAD, without a token; to HEAD there is no body."""
    with two.client("") as client:
        for path in ("/healthz", "/readyz"):
            assert (client.get(path).json(), client.head(path).status_code) == ({"status": "ok"}, 200)
            assert client.head(path).content == b""
