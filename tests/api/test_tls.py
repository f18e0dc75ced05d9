"""A service that speaks TLS with a certificate of one's own, asked by the program and by the client."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.api.served import served
from tests.api.service import Service
from tests.api.site import ApiSite
from tests.cli.terminal import Home
from tests.state_server import free_port
from vnx_jobs import Client
from vnx_jobs.cli.exits import Exit
from vnx_jobs.client import Refused, UnreachableError
from vnx_jobs.client.again import Patience

SUBMIT = ("submit", "delete-volume", "name=v", "array=box")


class Issuer:
    """One who vouches for certificates."""

    def __init__(self, folder: Path, name: str) -> None:
        self._stem = folder / name
        self.cert, self._key = self._stem.with_suffix(".pem"), self._stem.with_suffix(".key")
        _openssl("req", "-x509", *_new(self._key, name), "-days", "2", "-out", str(self.cert))

    def issue(self, meant: str) -> tuple[Path, Path]:
        """Return a certificate, and its key, for what it is meant for: `IP:127.0.0.1` for instance."""
        cert, key, asked, more = (self._stem.with_suffix(f".leaf.{one}") for one in ("pem", "key", "csr", "cnf"))
        more.write_text(f"subjectAltName={meant}\nbasicConstraints=critical,CA:FALSE\n")
        _openssl("req", *_new(key, "service"), "-out", str(asked))
        signing = ("-CA", str(self.cert), "-CAkey", str(self._key), "-CAcreateserial", "-days", "2")
        _openssl("x509", "-req", "-in", str(asked), *signing, "-extfile", str(more), "-out", str(cert))
        return cert, key


def _new(key: Path, name: str) -> tuple[str, ...]:
    return ("-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", str(key))


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)  # noqa: S607 -- from PATH


@dataclass(frozen=True)
class Ground:
    """A service that speaks TLS, the machine of who asks it, and two who vouch: for its certificate, and for others."""

    url: str
    far: Home
    token: str
    ours: Path
    others: Path


@pytest.fixture
def ground(site: ApiSite, valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Ground]:
    """Give a service with a certificate for 127.0.0.1 alone, in a process of its own."""
    ours, others = Issuer(tmp_path, "ours"), Issuer(tmp_path, "others")
    cert, key = ours.issue("IP:127.0.0.1")
    folder = tmp_path / "serving"
    folder.mkdir()
    token = tmp_path / "token"
    token.write_text(site.secret("viewer"))
    far = Home(tmp_path / "far", VNX_JOBS_TOKEN_FILE=str(token))
    far.folder.mkdir()
    with Service(folder, valkey_url, prefix, "--tls-cert", str(cert), "--tls-key", str(key)) as service:
        yield Ground(service.url, far, token.read_text(), ours.cert, others.cert)


@pytest.mark.real
def test_a_service_with_a_certificate(ground: Ground) -> None:
    """Who trusts the one who vouches for its certificate is answered; else what is wrong is one line, with status 3."""
    near, port = ground.url, ground.url.rpartition(":")[2]
    assert ground.far("--url", near, "--ca-file", str(ground.ours), "arrays", "-o", "json").json[0]["array"] == "box"
    nobody = Home(ground.far.folder)("--url", near, "--ca-file", str(ground.ours), "arrays")
    assert (nobody.status, nobody.complains("the service asks for a token")) == (Exit.REFUSED, True), nobody
    with Client(near, ground.token, ca_file=ground.ours) as client:
        assert [one.array for one in client.arrays()] == ["box"]
        assert list(client.jobs()) == []
    wrong: list[tuple[str, Path | None, str]] = [
        (near, ground.others, "its certificate is not trusted (unable to get local issuer certificate)"),
        (near, None, "its certificate is not trusted (unable to get local issuer certificate)"),
        (f"https://localhost:{port}", ground.ours, "its certificate is not trusted (Hostname mismatch, "),
    ]
    for address, trusted, says in wrong:
        with Client(address, ground.token, ca_file=trusted) as client, pytest.raises(UnreachableError) as caught:
            client.arrays()
        assert (says in caught.value.message, "\n" in caught.value.message, caught.value.lasting) == (True, False, True)
        given = () if trusted is None else ("--ca-file", str(trusted))
        for words in (("arrays",), ("watch", "01KB0000000000000000000000"), SUBMIT):
            answer = ground.far("--url", address, *given, *words)
            assert (answer.status, answer.complains(says)) == (Exit.NO_STACK, True), answer
            assert "may have been accepted" not in answer.complaint


@pytest.mark.real
def test_http_to_a_service_that_speaks_tls(ground: Ground) -> None:
    """Who forgets the `s` is told that it may be missing, and the service goes on."""
    plain = ground.url.replace("https:", "http:")
    with Client(plain, ground.token, patience=0) as client, pytest.raises(UnreachableError, match="then https://"):
        client.arrays()
    answer = ground.far("--url", plain, "arrays")
    assert (answer.status, answer.complains("then https://")) == (Exit.NO_STACK, True), answer
    with Client(ground.url, ground.token, ca_file=ground.ours) as client:
        assert len(client.arrays()) == 1


def test_tls_to_a_service_without(site: ApiSite, tmp_path: Path) -> None:
    """Who speaks TLS to a port that does not is told so."""
    with served(site) as url:
        secure = url.replace("http:", "https:")
        with Client(secure) as client, pytest.raises(UnreachableError) as caught:
            client.arrays()
        assert (
            caught.value.message == f"{secure} does not answer: it does not speak TLS there: http:// or another port?"
        )
        assert caught.value.lasting
        answer = Home(tmp_path)("--url", secure, "arrays")
        assert (answer.status, answer.complains("it does not speak TLS there")) == (Exit.NO_STACK, True), answer


def test_what_lasts_is_not_asked_again() -> None:
    """Who has patience with a service that is away has none with one that a person must mend."""
    asked: list[bool] = []

    def ask(*, lasting: bool) -> None:
        asked.append(lasting)
        if len(asked) < 3:
            raise UnreachableError("no answer", lasting=lasting)

    with pytest.raises(UnreachableError):
        Patience(60)(lambda: ask(lasting=True))
    assert asked == [True]
    Patience(60)(lambda: ask(lasting=False))
    assert asked == [True, False, False]


def test_a_file_that_holds_no_certificates(tmp_path: Path) -> None:
    """It is refused before anything is sent, with its name, and status 2."""
    url = f"https://127.0.0.1:{free_port()}"
    (tmp_path / "text.pem").write_text("no certificate\n")
    for file in (tmp_path / "text.pem", tmp_path / "none.pem", tmp_path):
        with pytest.raises(Refused) as caught:
            Client(url, ca_file=file)
        assert (caught.value.code, str(file) in caught.value.message) == ("invalid", True)
        answer = Home(tmp_path)("--url", url, "--ca-file", str(file), "arrays")
        assert (answer.status, answer.complains(str(file))) == (Exit.REFUSED, True), answer
