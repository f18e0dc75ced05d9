"""Registering hooks, their keys, and requests that name them."""

import base64
import stat
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.hooks.conftest import Place
from tests.hooks.receiver import Receiver, status
from tests.installation import ARRAY, Installation
from tests.store.world import RedisWorld
from vnx_jobs.adapters.redis.hooks import RedisHooks
from vnx_jobs.hooks.addresses import Addresses
from vnx_jobs.hooks.posting import Poster
from vnx_jobs.hooks.registry import Registry
from vnx_jobs.hooks.signing import Secret, signed
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.orders import Order
from vnx_jobs.model.specs import parse
from vnx_jobs.orders import Orders
from vnx_jobs.preview.rehearsal import Rehearsal
from vnx_jobs.submission import Request, Submission

URL = "https://8.8.8.8/told"


@pytest.fixture
def registry(place: Place, tmp_path: Path) -> Registry:
    """Open a registry of each kind; every name means an address of the internet."""
    poster = Poster(Addresses((ip_network("127.0.0.0/8"),)), allow_http=True)
    return Registry(place.hooks, Secret(tmp_path / "hooks.secret"), poster, "t")


def test_the_signature_is_that_of_the_standard() -> None:
    """Id, time and body are signed as the Standard Webhooks say: their own example."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_registration_has_a_key_of_its_own(registry: Registry) -> None:
    """Neither another hook nor the next receiver under the same name has the same key."""
    first = registry.add("crm", URL, "admin")
    other = registry.add("audit", URL, "admin")
    assert registry.key("crm") == first
    registry.remove("crm")
    second = registry.add("crm", URL, "admin")
    assert len({first, other, second}) == 3
    assert all(len(base64.b64decode(key.removeprefix("whsec_"))) == 32 for key in (first, other, second))


def test_the_secret_is_a_file_of_its_owner_alone(registry: Registry) -> None:
    """It is made once, readable by nobody else; one that others may read, or too short, is not used."""
    file = registry.secret.file
    registry.add("crm", URL, "admin")
    content = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    registry.add("audit", URL, "admin")
    assert file.read_bytes() == content
    assert [one.name for one in file.parent.iterdir()] == ["hooks.secret"]
    for mode, held in ((0o640, content), (0o600, b"short"), (0o600, None)):
        file.chmod(mode)
        file.unlink() if held is None else file.write_bytes(held)
        with pytest.raises(Refused) as refused:
            registry.key("crm")
        assert refused.value.code is Code.CREDENTIALS
        assert content.decode().strip() not in refused.value.message


def test_nothing_secret_is_kept_or_shown(real: RedisWorld, tmp_path: Path) -> None:
    """Neither secret nor key is in the state server, nor in how our parts write themselves."""
    poster = Poster(Addresses(), allow_http=True)
    registry = Registry(RedisHooks(real.server), Secret(tmp_path / "hooks.secret"), poster, "t")
    key = registry.add("crm", URL, "admin")
    secret = registry.secret.file.read_text().strip()
    told = f"{real.keys()} {registry!r} {registry.find()!r}"
    assert secret not in told
    assert key.removeprefix("whsec_") not in told


def test_another_machine_needs_the_same_secret(registry: Registry, tmp_path: Path) -> None:
    """A machine whose secret is another neither registers nor signs: what it sent could not be verified."""
    registry.add("crm", URL, "admin")
    elsewhere = replace(registry, secret=Secret(tmp_path / "elsewhere" / "hooks.secret"))
    why = "is not the secret that hook crm was registered with"
    with pytest.raises(Refused, match=why) as refused:
        elsewhere.add("audit", URL, "admin")
    assert refused.value.code is Code.CREDENTIALS
    with pytest.raises(Refused, match=why):
        elsewhere.key("crm")
    assert [one.hook.name for one in registry.find()] == ["crm"]


@pytest.mark.parametrize("name", ["", "CRM", "a.b", "-a", "a b", "a" * 41, "ä", "a\n"])
def test_names_that_are_refused(registry: Registry, name: str) -> None:
    """A name becomes a part of headers and of ids that are divided by dots: it has letters, digits, _ and - alone."""
    with pytest.raises(Refused, match="a hook's name may hold only") as refused:
        registry.add(name, URL, "admin")
    assert refused.value.code is Code.INVALID
    assert registry.find() == ()


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "ftp://8.8.8.8/"]
)
def test_urls_that_are_refused(registry: Registry, url: str) -> None:
    """A receiver that nothing would be sent to is not registered, and no secret is made for it."""
    with pytest.raises(Refused) as refused:
        registry.add("crm", url, "admin")
    assert refused.value.code is Code.INVALID
    assert registry.find() == ()
    assert not registry.secret.file.exists()


def test_a_name_is_taken_once(registry: Registry) -> None:
    """A second receiver under a name is refused, and the first stays, with its key."""
    key = registry.add("crm", URL, "admin")
    with pytest.raises(Refused) as refused:
        registry.add("crm", "https://8.8.4.4/", "admin")
    assert refused.value.code is Code.NAME_IN_USE
    assert registry.key("crm") == key
    assert registry.get("crm").hook.url == URL


def test_who_is_not_registered(registry: Registry) -> None:
    """Whatever is asked of a hook that there is none of is refused, and says which there are."""
    registry.add("crm", URL, "admin")
    for ask in (registry.get, registry.key, registry.test, registry.again, registry.remove):
        with pytest.raises(Refused, match=r"there is no hook 'cmr' \(hooks: crm\)") as refused:
            ask("cmr")
        assert refused.value.code is Code.UNKNOWN_HOOK


def test_a_receiver_is_tried(registry: Registry) -> None:
    """`test` sends a signed message of its own type at once, and says what came of it."""
    with Receiver(status(200), status(401)) as receiver:
        key = registry.add("crm", receiver.url, "admin")
        assert registry.test("crm").text == "200 OK"
        assert registry.test("crm").text == "401 Unauthorized"
    assert receiver.heard[0].is_signed_with(key)
    assert receiver.heard[0].event["type"] == "vnx-jobs.hook.test"
    assert receiver.heard[0].event["id"] != receiver.heard[1].event["id"]


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[tuple[Installation, Submission]]:
    """Open an installation where the hook `crm` is registered."""
    installation = Installation(valkey_url, prefix, tmp_path)
    hooks = RedisHooks(installation.server)
    Registry(hooks, Secret(tmp_path / "hooks.secret"), Poster(Addresses()), "t").add("crm", URL, "admin")
    yield installation, replace(installation.submission, known_hooks=hooks.known)
    installation.close()


def volume(*hooks: str, name: str = "web", key: str = "") -> Request:
    """Return a request for a volume that names hooks."""
    spec = {"operation": "create-volume", "array": ARRAY, "name": name, "size_gb": 1, "pool": "pool"}
    return Request(parse(spec), key=key, hooks=hooks)


def test_a_request_that_names_a_hook(site: tuple[Installation, Submission]) -> None:
    """The record keeps the names; one that is no hook's refuses the request, submitted or planned."""
    installation, submission = site
    accepted = submission.submit(volume("crm"))
    record = installation.store.get(accepted.job)
    assert record is not None
    assert record.hooks == ("crm",)
    for submit in (submission.submit, Rehearsal(submission).submit):
        with pytest.raises(Refused, match="there is no hook 'cmr'") as refused:
            submit(volume("crm", "cmr", name="db"))
        assert refused.value.code is Code.UNKNOWN_HOOK
    with pytest.raises(Refused, match="more than 10") as refused:
        submission.submit(volume(*["crm"] * 11, name="db"))
    assert refused.value.code is Code.INVALID
    assert len(installation.store.find()) == 1


def test_a_key_stands_for_its_hooks_too(site: tuple[Installation, Submission]) -> None:
    """The same request with the same hooks is the same job; with others its key is refused, since nobody were told."""
    _, submission = site
    first = submission.submit(volume("crm", key="k"))
    assert submission.submit(volume("crm", key="k")).job == first.job
    with pytest.raises(Refused) as refused:
        submission.submit(volume(key="k"))
    assert refused.value.code is Code.KEY_CONFLICT


def test_a_job_that_is_tried_again_tells_the_same_hooks(site: tuple[Installation, Submission]) -> None:
    """The new job names the hooks of the old one that there still are."""
    installation, submission = site
    job = submission.submit(volume("crm")).job
    orders = Orders(installation.store, installation.bell, submission)
    orders.give(job, Order.CANCEL, "me")
    again = installation.store.get(orders.retry(job, "me").job)
    assert again is not None
    assert again.hooks == ("crm",)
