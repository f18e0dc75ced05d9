"""What one caller may ask for: bytes, entries, requests; and where the service may listen."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.served import served
from tests.api.service import Service
from tests.api.site import ApiSite, volume
from tests.api.test_jobs import refused
from tests.state_server import free_port
from vnx_jobs import Client
from vnx_jobs.api import bounds
from vnx_jobs.api.bounds import Rate
from vnx_jobs.api.serving import Place, listening, serve
from vnx_jobs.client import ClientError
from vnx_jobs.documents.meanings import MEANINGS
from vnx_jobs.documents.problems import ProblemDocument
from vnx_jobs.model.errors import Code, JobError, Refused


def test_every_code_has_its_statuses() -> None:
    """The table of statuses knows every code, refuses by 4xx or 5xx, and makes a document of each."""
    assert set(MEANINGS) == set(Code)
    for code in Code:
        told = ProblemDocument.of(JobError(code, "why")).told()
        assert (told["code"], told["type"]) == (str(code), f"urn:vnx-jobs:{code}")
        assert 400 <= told["status"] < 600


@pytest.fixture
def narrow(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[ApiSite]:
    """Give an installation whose service allows little."""
    site = ApiSite(valkey_url, prefix, tmp_path, body=2000, page=2, rate=0.001, burst=12)
    try:
        yield site
    finally:
        site.close()


def test_bodies_pages_and_requests_are_bounded(narrow: ApiSite) -> None:
    """Too large a body is refused, said or not; a page is cut; who asks too often is told when to come again."""
    with narrow.client() as client:
        large = json.dumps(volume("x" * 3000)).encode()
        refused(client.post("/v1/jobs", content=large, headers={"Content-Type": "application/json"}), 413, "too-large")
        in_parts = (large[at : at + 500] for at in range(0, len(large), 500))
        unsaid = client.post("/v1/jobs", content=in_parts, headers={"Content-Type": "application/json"})
        refused(unsaid, 413, "too-large")
        for number in range(3):
            assert client.post("/v1/jobs", json=volume(f"v{number}")).status_code == 202
        assert len(client.get("/v1/jobs", params={"limit": 1000}).json()["jobs"]) == 2
        answers = [client.get("/v1/arrays") for _ in range(12)]
        late = [one for one in answers if one.status_code != 200]
        assert len(late) == 6
        refused(late[0], 429, "too-many-requests")
        assert int(late[0].headers["retry-after"]) >= 1
    assert len(narrow.house.store.find()) == 3


def test_each_caller_has_a_rate_of_its_own() -> None:
    """A caller has its requests at once, then as many as time brings, and costs no other one any."""
    now = [0.0]
    rate = Rate(2.0, 3, lambda: now[0])
    for _ in range(3):
        rate.take("a")
    with pytest.raises(Refused, match="wait 1 s"):
        rate.take("a")
    rate.take("b")
    now[0] += 0.5
    rate.take("a")
    with pytest.raises(Refused):
        rate.take("a")


def test_a_body_that_does_not_come_is_not_waited_for(site: ApiSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request whose body stops coming is refused, and nothing is submitted."""
    monkeypatch.setattr(bounds, "_PATIENCE", 0.2)
    head = f"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.secret('admin')}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    with served(site) as url, socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 10) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65536).decode()
        assert answer.startswith("HTTP/1.1 422 ")
    assert site.house.store.find() == []


def test_what_could_be_read_in_two_ways_is_refused(site: ApiSite) -> None:
    """A name given twice, a parameter that there is not, and an empty key are refused, and nothing is submitted."""
    kind = {"Content-Type": "application/json"}
    twice = b'{"operation": "create-volume", "operation": "delete-volume", "array": "box", "name": "v1"}'
    rows = {"batch": "web", "jobs": [volume("v1")]}
    with site.client() as client:
        refused(client.post("/v1/jobs", content=twice, headers=kind), 422, "invalid")
        refused(client.post("/v1/batches", content=b'{"jobs": [%s]}' % twice, headers=kind), 422, "invalid")
        refused(client.post("/v1/batches", json=rows, params={"atmoic": "true"}), 422, "invalid")
        refused(client.get("/v1/jobs", params={"arrays": "box"}), 422, "invalid")
        refused(client.post("/v1/jobs", json=volume("v1"), headers={"Idempotency-Key": ""}), 422, "invalid")
        many = client.post("/v1/jobs:many", json={"jobs": [{**volume("v1"), "key": ""}]}).json()
        assert [one["refused"]["code"] for one in many["answers"]] == ["invalid"]
        wrong = client.get("/v1/jobs", params={"state": "NOPE"})
        refused(wrong, 422, "invalid")
        assert wrong.json()["detail"].startswith("state must be 'QUEUED', ")
    assert site.house.store.find() == []


def test_what_is_given_twice_is_refused(site: ApiSite) -> None:
    """Two keys, tokens, or values of a parameter that takes one are refused; what takes several takes them."""
    key, token = b"Idempotency-Key", b"Authorization"
    with site.client() as client:
        bearer = client.headers["Authorization"].encode()
        keys = client.post("/v1/jobs", json=volume("v1"), headers=[(key, b"a"), (key, b"b")])
        refused(keys, 422, "invalid")
        assert keys.json()["detail"] == "Idempotency-Key is given twice"
        refused(client.get("/v1/jobs", headers=[(token, bearer), (token, b"Bearer else")]), 422, "invalid")
        modes = client.post("/v1/batches?partial=true&partial=false", json={"batch": "web", "jobs": [volume("v1")]})
        refused(modes, 422, "invalid")
        assert modes.json()["detail"] == "partial is given twice"
        assert client.get("/v1/jobs?state=QUEUED&state=FAILED").json()["jobs"] == []
    assert site.house.store.find() == []


def test_what_is_no_text_is_refused(site: ApiSite) -> None:
    """Halves of characters are refused by every way in: in UTF-16, in a row of JSON lines; nothing is submitted."""
    row = json.dumps(volume("v1")).replace('"v1"', r'"\ud800"')
    kinds = ({"Content-Type": "application/json"}, {"Content-Type": "application/x-ndjson"})
    with site.client() as client:
        refused(client.post("/v1/jobs", content=row.encode(), headers=kinds[0]), 422, "invalid")
        refused(client.post("/v1/jobs", content=row.encode("utf-16"), headers=kinds[0]), 422, "invalid")
        refused(client.post("/v1/batches", content=row.encode(), headers=kinds[1]), 422, "invalid")
        refused(client.post("/v1/jobs", json=volume("v1", array="\u2028")), 404, "unknown-array")
        whole = json.dumps(volume("v1", pool="\U0001f600")).encode()  # two halves that are one: only no pool's name
        assert "half a character" not in client.post("/v1/jobs", content=whole, headers=kinds[0]).text
    assert site.house.store.find() == []


def test_every_refusal_of_a_change_is_in_the_audit_trail(site: ApiSite) -> None:
    """Also what is refused before it is known what it is about leaves a line; plans and looks leave none."""
    wrong = {"Content-Type": "application/json"}
    with site.client("viewer") as client:
        client.post("/v1/jobs", content=b"{", headers=wrong)
        client.post("/v1/jobs", content=b"{}", headers={"Content-Type": "text/plain"})
        client.post("/v1/batches?array=nosuch", json={"jobs": [volume("v")]})
        client.post("/v1/batches?atomic=true&partial=true", json={"jobs": [volume("v")]})
        client.post("/v1/arrays/nosuch/pause")
        client.post("/v1/backups/nosuch/pin")
        client.post("/v1/jobs:plan", content=b"{", headers=wrong)
        client.get("/v1/jobs?limit=0")
    assert [(what, outcome) for _, what, _, _, outcome in site.audit] == [
        ("POST /v1/jobs", "invalid"),
        ("POST /v1/jobs", "unsupported-media-type"),
        ("POST /v1/batches", "unknown-array"),
        ("POST /v1/batches", "invalid"),
        ("POST /v1/arrays/nosuch/pause", "unknown-array"),
        ("POST /v1/backups/nosuch/pin", "no-such-backup"),
    ]


def test_any_word_may_be_a_method(site: ApiSite) -> None:
    """Methods that there are not are counted as one: nobody fills the service's memory with words."""
    with site.client() as client:
        for word in ("BREW", "X" * 5000):
            assert client.request(word, "/v1/jobs").status_code == 405
        counted = client.get("/metrics").text
    assert 'vnx_jobs_http_requests_total{method="other",route="/v1/jobs",status="405"} 2' in counted
    assert "BREW" not in counted


def test_long_values_come_back_short(site: ApiSite) -> None:
    """A value of 50,000 characters is refused in a line that says what there is; the audit trail keeps little of it."""
    long = "z" * 50_000
    with site.client() as client:
        for field in volume("v1"):
            answer = client.post("/v1/jobs", json={**volume("v1"), field: long})
            assert 400 <= answer.status_code < 500
            assert len(answer.json()["detail"]) < 1500
        refused(answer := client.get(f"/v1/volumes?array={long}"), 404, "unknown-array")
        assert answer.json()["detail"] == f"there is no array '{'z' * 99}...' (arrays: box, vault)"
        words = client.post("/v1/jobs", json={**volume("v1"), "operation": "z " * 5_000})
        assert len(words.json()["detail"]) < 4_100
        refused(client.post(f"/v1/arrays/{long}/pause"), 404, "unknown-array")
    assert max(len(what) for _, what, *_ in site.audit) <= 400
    assert max(len(array) for _, _, array, *_ in site.audit) == 4_000


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [("/v1/nothing", "GET", 404, "no-such-route"), ("/v1/jobs", "DELETE", 405, "method-not-allowed")],
)
def test_addresses_that_there_are_not(site: ApiSite, path: str, method: str, status: int, code: str) -> None:
    """A route or method that there is not is refused in the form of all refusals."""
    with site.client() as client:
        refused(client.request(method, path), status, code)


def test_open_to_a_loopback_address_alone(site: ApiSite) -> None:
    """A service without tokens refuses to start on an address that others reach."""
    for host in ("0.0.0.0", "::", "192.0.2.1", "a.example"):  # noqa: S104 -- that it is refused is the point
        with pytest.raises(Refused, match="only a loopback address may be open"):
            serve(site.settings, Place(host, 0, is_open=True))
    assert [Place(host, 0).is_local for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9")] == [True] * 4


def test_a_port_that_is_taken() -> None:
    """A port that is taken is refused in one line, or another one is taken if that is allowed."""
    port = free_port()
    with listening(Place("127.0.0.1", port)) as first:
        assert first.getsockname()[1] == port
        with pytest.raises(Refused, match="in use"):
            listening(Place("127.0.0.1", port))
        with listening(Place("127.0.0.1", port, any_port=True)) as second:
            assert second.getsockname()[1] not in {0, port}


@pytest.mark.real
def test_tls_and_no_token(valkey_url: str, prefix: str, tmp_path: Path) -> None:
    """With a certificate the service speaks TLS alone, and asks for tokens; a certificate that is none is one line."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = f"-newkey rsa:2048 -nodes -days 2 -subj /CN=vnx-jobs -keyout {key} -out {cert}".split()
    words += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", "-x509", *words], check=True, capture_output=True)  # noqa: S607 -- from PATH
    with Service(tmp_path, valkey_url, prefix, "--tls-cert", str(cert), "--tls-key", str(key)) as service:
        assert service.url.startswith("https://127.0.0.1:")
        with service.client(verify=False) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            refused(client.get("/v1/jobs"), 401, "unauthorized")
        with Client(service.url, ca_file=cert) as trusting, pytest.raises(ClientError, match="a token is needed"):
            trusting.arrays()
        with Client(service.url, patience=0) as wary, pytest.raises(ClientError, match="certificate is not trusted"):
            wary.arrays()
        assert service.stop() == 0
    cert.write_text("no certificate")
    program = str(Path(sys.executable).with_name("vnx-jobs"))
    environment = {"VNX_JOBS_HOME": str(tmp_path), "VNX_JOBS_REDIS_URL": valkey_url}
    wrong = [program, "serve", "--tls-cert", str(cert), "--tls-key", str(key)]
    done = subprocess.run(wrong, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot be used" in done.stderr


def test_the_command_line_needs_no_http() -> None:
    """Whoever runs a command but `serve` does not load what serves HTTP."""
    text = "import sys, vnx_jobs.cli.program, vnx_jobs.cli.jobs; print({'fastapi', 'uvicorn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_fault_is_told_without_what_variables_hold(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of the program is answered as one, and its log holds no token."""
    monkeypatch.setattr(type(site.house.reads), "standing", lambda *_: 1 // 0)
    with site.client("admin-box-vault") as client:
        refused(client.get("/v1/arrays"), 500, "internal-error")
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.out + said.err
    assert site.secret("admin-box-vault") not in said.out + said.err
