"""Sending one message to a real receiver, and to strange ones."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.hooks.receiver import Receiver, status
from vnx_jobs.hooks.addresses import Addresses
from vnx_jobs.hooks.posting import Answer, Poster

LOOPBACK = (ip_network("127.0.0.0/8"),)
HEADERS = {"webhook-id": "job_A_crm"}


def poster(*, limit: float = 5.0, ca_file: Path | None = None) -> Poster:
    """Return what sends messages to loopback; every name means it."""
    return Poster(Addresses(LOOPBACK, lambda _, __: ("127.0.0.1",)), allow_http=True, ca_file=ca_file, limit=limit)


def test_what_a_receiver_hears() -> None:
    """A message comes as a POST of its bytes and headers to the URL's path, for the host that the URL names."""
    with Receiver() as receiver:
        answer = poster()(f"http://crm.example:{receiver.port}/told?by=vnx", HEADERS, b"{}")
    assert (answer.well, answer.text) == (True, "204 No Content")
    (heard,) = receiver.heard
    assert (heard.path, heard.body) == ("/told?by=vnx", b"{}")
    assert heard.headers["host"] == f"crm.example:{receiver.port}"
    assert heard.headers["webhook-id"] == "job_A_crm"


@pytest.mark.parametrize(
    ("code", "well"), [(200, True), (202, True), (299, True), (400, False), (410, False), (500, False)]
)
def test_only_a_status_of_success_is_one(code: int, *, well: bool) -> None:
    """2xx means that the receiver has it, anything else that it has not."""
    with Receiver(status(code)) as receiver:
        answer = poster()(receiver.url, HEADERS, b"{}")
    assert (answer.status, answer.well) == (code, well)


def test_a_redirect_is_not_followed() -> None:
    """Whoever is redirected to hears nothing, and the answer counts as a failure."""
    with Receiver() as other, Receiver(status(307, Location=other.url)) as receiver:
        answer = poster()(receiver.url, HEADERS, b"{}")
    assert (answer.status, answer.well, other.heard) == (307, False, [])


@pytest.mark.parametrize("manner", ["hang", "trickle"])
def test_a_slow_receiver_is_left(manner: str) -> None:
    """A receiver that does not answer, or a byte now and then, is left when the time is over."""
    with Receiver() as receiver:
        receiver._replies = [getattr(receiver, manner)]
        answer = poster(limit=0.3)(receiver.url, HEADERS, b"{}")
    assert answer.text == "no answer within 0.3 s"


def test_an_interim_answer_is_followed_by_the_answer() -> None:
    """What a receiver says while it thinks (102, 103) is passed over; its answer is what counts."""
    said = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 201 Created\r\n\r\n"
    answer = _said(said)
    assert (answer.status, answer.well) == (201, True)


def test_an_endless_answer_is_left() -> None:
    """Of an answer without end no more is read than some bytes."""

    def pour(listener: socket.socket, poured: list[int]) -> None:
        with closing(listener.accept()[0]) as channel:
            try:
                channel.sendall(b"HTTP/1.1 200 OK\r\n")
                while True:
                    poured.append(channel.send(b"X: " + b"x" * 1000 + b"\r\n"))
            except OSError:  # it was left
                pass

    poured: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=pour, args=(listener, poured))
        thread.start()
        answer = poster()(f"http://127.0.0.1:{listener.getsockname()[1]}/", HEADERS, b"{}")
        thread.join(10)
    assert not thread.is_alive()
    assert not answer.well


@pytest.mark.parametrize("said", [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 nonsense\r\n\r\n", b"\x00" * 100])
def test_who_does_not_speak_http(said: bytes) -> None:
    """Whatever a stranger says is one line of legible words."""
    answer = _said(said)
    assert not answer.well
    assert answer.text.isprintable()


def _said(said: bytes) -> Answer:
    """Return what is made of a receiver's very words."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def say() -> None:
            with closing(listener.accept()[0]) as channel:
                channel.recv(65536)
                channel.sendall(said)

        thread = threading.Thread(target=say)
        thread.start()
        answer = poster()(f"http://127.0.0.1:{listener.getsockname()[1]}/", HEADERS, b"{}")
        thread.join(10)
    return answer


def test_nobody_is_there() -> None:
    """A refused connection is told in the system's words."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert poster()(f"http://127.0.0.1:{port}/", HEADERS, b"{}").text == "no answer: Connection refused"


def test_a_name_that_means_loopback_by_now() -> None:
    """A receiver that was public when it was registered, and means this machine now, is not connected to."""
    with Receiver() as receiver:
        rebound = Poster(Addresses(resolve=lambda _, __: ("127.0.0.1",)), allow_http=True)
        answer = rebound(f"http://crm.example:{receiver.port}/", HEADERS, b"{}")
    assert answer.text.startswith("not sent: 127.0.0.1 is a loopback address")
    assert receiver.heard == []


def test_what_is_judged_is_what_is_connected_to() -> None:
    """A name is looked up once: that it would mean another address a moment later makes no difference."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    asked: list[str] = []

    def resolve(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    with Receiver() as receiver:
        only_one = Poster(Addresses((ip_network("127.0.0.1/32"),), resolve), allow_http=True)
        assert only_one(f"http://crm.example:{receiver.port}/", HEADERS, b"{}").well
    assert asked == ["crm.example"]


@pytest.mark.parametrize(("given", "seconds"), [("120", 120.0), ("", 0.0), ("soon", 0.0), ("-5", 0.0)])
def test_how_long_a_receiver_wants_to_be_left_alone(given: str, seconds: float) -> None:
    """Retry-After is read where it is a number of seconds, or a date, and is nothing else."""
    with Receiver(status(503, Retry_After=given)) as receiver:
        assert poster()(receiver.url, HEADERS, b"{}").retry_after == seconds


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate for crm.example that signs itself; return it and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "cert.pem", folder / "key.pem"
    words = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=crm.example", "-addext", "subjectAltName=DNS:crm.example"]
    files = ["-out", str(made[0]), "-keyout", str(made[1])]
    subprocess.run(["/usr/bin/openssl", "req", *words, *names, *files], check=True, capture_output=True)
    return made


@pytest.fixture
def secured(certificate: tuple[Path, Path]) -> Iterator[Receiver]:
    """Open a receiver with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with Receiver(tls=context) as receiver:
        yield receiver


def test_tls_is_verified(secured: Receiver, certificate: tuple[Path, Path]) -> None:
    """A message goes only to whom an authority that is trusted certifies under the name that the URL has."""
    trusting = poster(ca_file=certificate[0])
    assert trusting(f"https://crm.example:{secured.port}/", HEADERS, b"{}").well
    for refused, host in ((poster(), "crm.example"), (trusting, "other.example")):
        answer = refused(f"https://{host}:{secured.port}/", HEADERS, b"{}")
        assert answer.text.startswith("not sent: the certificate is not valid")
    assert len(secured.heard) == 1
