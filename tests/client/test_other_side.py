"""What else may be at the other end: bounds, proxies, newer services, strangers; and who may see the token."""

import json
import logging
from pathlib import Path

import pytest

from tests.api.served import served
from tests.api.site import ApiSite
from tests.client.test_contract import create, delete
from tests.client.wire import answering
from vnx_jobs import Client
from vnx_jobs.client import AnswerError, Refused, UnreachableError
from vnx_jobs.documents.answers import AcceptedDocument

SECRET = "vnxj_a-secret-that-nobody-may-see"  # noqa: S105 -- a test's own


def test_a_service_that_bounds_requests(valkey_url: str, prefix: str, tmp_path: Path) -> None:
    """A client that comes too often waits as it is told; what is too large for one request goes by several."""
    site = ApiSite(valkey_url, prefix, tmp_path, rate=5, burst=6, body=2048)
    try:
        with served(site) as url, Client(url, site.secret("admin")) as client:
            answers = client.submit_many((delete(f"v-{number:02}") for number in range(40)), batch="b")
            jobs = [one.job for one in answers if isinstance(one, AcceptedDocument)]
            assert [one.name for one in map(site.house.reads.job, jobs)] == [f"v-{number:02}" for number in range(40)]
            assert [one.id for one in site.house.reads.jobs(batch="b")] == jobs
            with pytest.raises(Refused) as caught:
                client.submit({"operation": "delete-volume", "array": "box", "name": "n" * 3000})
            assert caught.value.code == "too-large"
        with served(site) as url, Client(url, site.secret("viewer"), patience=0) as hasty:
            with pytest.raises(Refused) as refused:
                list(map(hasty.array, ["box"] * 10))
            assert (refused.value.code, refused.value.retry_after) == ("too-many-requests", 1)
    finally:
        site.close()


def test_who_may_not(site: ApiSite) -> None:
    """Without a token, or with too small a role, every call is refused as at every door."""
    with served(site) as url:
        for token, code in (("", "unauthorized"), ("nobody", "unauthorized"), ("viewer", "forbidden")):
            with Client(url, site.secret(token) if token else None) as client, pytest.raises(Refused) as caught:
                client.submit_many([create("a")])
            assert caught.value.code == code
        with Client(url, site.secret("operator-vault")) as client:
            (answer,) = client.submit_many([create("a")])
            assert isinstance(answer, Refused)
            assert (answer.code, answer.message) == ("unknown-array", "there is no array 'box' (arrays: vault)")
    assert site.house.store.find() == []


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b"<html>no such page</html>", AnswerError),
        (302, b"", AnswerError),
        (200, b"<html>welcome</html>", AnswerError),
        (200, b'{"job": 7}', AnswerError),
        (200, b"[]", AnswerError),
        (500, b'{"code": "internal-error", "detail": "a fault"}', AnswerError),
        (502, b"<html>bad gateway</html>", UnreachableError),
        (503, b'{"code": "state-server", "detail": "it is away"}', UnreachableError),
        (409, b'{"code": "a-newer-code", "detail": "no", "more": 1}', Refused),
    ],
)
def test_what_is_no_answer_of_ours(status: int, body: bytes, error: type[Exception]) -> None:
    """Whatever answers in place of the service is told by one of the client's errors, in one line."""
    with answering(status, body) as (url, _), Client(url, SECRET, patience=0) as client:
        for call in (lambda: client.job("j"), lambda: client.submit(create("a")), lambda: list(client.events(job="j"))):
            with pytest.raises(error) as caught:
                call()
            assert SECRET not in repr(caught.value)
            assert "\n" not in str(caught.value)


def test_nobody_comes_before_he_is_asked_to() -> None:
    """Who is told to come again after a time for which there is no patience does not come again at all."""
    problem = json.dumps({"code": "too-many-requests", "detail": "wait"}).encode()
    with answering(429, problem, **{"Retry-After": "3"}) as (url, seen), Client(url, patience=2) as client:
        for call in (client.arrays, lambda: client.cancel("j"), lambda: list(client.events())):
            with pytest.raises(Refused) as caught:
                call()
            assert (caught.value.code, caught.value.retry_after) == ("too-many-requests", 3)
    assert len(seen) == 3


def test_a_newer_service() -> None:
    """A code that this version does not know is a refusal with that code, and what else it says does no harm."""
    problem = {"code": "a-newer-code", "detail": "no", "job": "j", "more": {"than": "known"}}
    with answering(409, json.dumps(problem).encode()) as (url, _), Client(url) as client:
        with pytest.raises(Refused) as caught:
            client.job("j")
        assert (caught.value.code, caught.value.message, caught.value.job) == ("a-newer-code", "no", "j")


def test_the_token_is_shown_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """No text of client, error or log holds the token; it is sent to no address that the service names instead."""
    caplog.set_level(logging.DEBUG)
    with answering(200, b"{}") as (other, stolen), answering(307, b"", Location=f"{other}/v1/jobs/j") as (url, seen):
        client = Client(url, SECRET, patience=0)
        with client, pytest.raises(AnswerError) as caught:
            client.job("j")
        shown = [repr(client), str(client), repr(vars(client)), repr(caught.value), caplog.text]
        for wrong in (f"http://user:{SECRET}@127.0.0.1", f"ftp://{SECRET}", SECRET, f"http://h/?token={SECRET}"):
            with pytest.raises(Refused) as refused:
                Client(wrong)
            shown.append(repr(refused.value))
        for wrong in (f"{SECRET}\n", f"{SECRET} x", f"{SECRET}\u00fc"):
            with pytest.raises(Refused) as refused:
                Client(url, wrong)
            shown.append(repr(refused.value))
    assert [SECRET in one for one in seen] == [True]
    assert stolen == []
    assert SECRET not in "".join(shown)


def test_settings_with_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A direct client finds the command line's settings, and says what is wrong with them, or that no stack runs."""
    monkeypatch.delenv("VNX_JOBS_REDIS_URL", raising=False)
    monkeypatch.delenv("VNX_JOBS_CONFIG", raising=False)
    with pytest.raises(UnreachableError, match="no stack runs"):
        Client.direct(home=tmp_path)
    (tmp_path / "config.yaml").write_text("colour: red\n")
    with pytest.raises(Refused, match="colour") as caught:
        Client.direct(home=tmp_path)
    assert caught.value.code == "invalid"
    with pytest.raises(Refused, match="cannot be used"):
        Client("https://127.0.0.1", ca_file=tmp_path / "none")
