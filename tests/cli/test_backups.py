"""`vnx-jobs backups`: what a user sees of the catalogue, and what he may change in it."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.terminal import Answer
from vnx_jobs.adapters.redis.catalogue import RedisCatalogue
from vnx_jobs.adapters.redis.server import Server, connect
from vnx_jobs.cli.exits import Exit
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.names import new_job_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAID = ("TOOK", "VERIFIED", "PROVED", "PINNED", "ARCHIVE")
DIGEST = digest_of([b"gold"])


@pytest.fixture
def catalogue(
    here: Callable[..., Answer], valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RedisCatalogue]:
    """Open the catalogue that the program uses."""
    del here  # whose home folder it is
    monkeypatch.setenv("VNX_JOBS_REDIS_URL", valkey_url)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.yaml").write_text(f"prefix: '{prefix}'\n")
    client = connect(valkey_url)
    try:
        yield RedisCatalogue(Server(client, prefix))
    finally:
        client.close()


def enter(catalogue: RedisCatalogue, at: datetime, volume: str = "gold") -> Backup:
    """Enter a backup that was taken then."""
    label = Label(
        "box", volume, f"60:06:{volume.upper()}", "", new_job_id(), round(at.timestamp() * 1000), 3 << 30, DIGEST
    )
    made = Backup.of(label, added=1536, seconds=61, tool="borg 1.2.4", repository="main")
    catalogue.enter(made)
    return made


def test_backups_are_listed_newest_first(here: Callable[..., Answer], catalogue: RedisCatalogue) -> None:
    """People get a line a backup, programs a document; both may ask for one volume, or for some."""
    old, new, iron = (
        enter(catalogue, NOON),
        enter(catalogue, NOON + timedelta(days=1)),
        enter(catalogue, NOON, "iron"),
    )
    head, *lines = here("backups", "list", "--array", "box", "--volume", "gold", "-o", "wide").output.splitlines()
    assert re.split(" +", head) == [*("ARRAY", "VOLUME", "TAKEN", "SIZE", "ADDED"), *SAID]
    assert [line.split()[-1] for line in lines] == [new.archive, old.archive]
    assert ["3 GiB" in lines[0], "1.5 KiB" in lines[0], "1:01 min" in lines[0]] == [True] * 3
    assert [one["archive"] for one in here("backups", "list", "--limit", "1", "--json").json] == [new.archive]
    (told,) = here("backups", "list", "--volume", "iron", "--json").json
    assert told == {
        "archive": iron.archive,
        "array": "box",
        "volume": "iron",
        "uid": "60:06:IRON",
        "group": "",
        "job": iron.job,
        "instant": "2026-03-01T12:00:00.000+00:00",
        "size": 3221225472,
        "added": 1536,
        "seconds": 61,
        "digest": DIGEST,
        "tool": "borg 1.2.4",
        "repository": "main",
        "verified": None,
        "proved": None,
        "pinned": False,
    }
    assert here("backups", "list", "--volume", "tin").output == "no backups\n"


def test_one_backup_is_shown(here: Callable[..., Answer], catalogue: RedisCatalogue) -> None:
    """Whoever looks for a backup that nobody knows is told in one line where the names are."""
    one = enter(catalogue, NOON)
    catalogue.proved(one.archive, 1_772_400_000_000)
    told = dict(line.split(":", 1) for line in here("backups", "show", one.archive).output.splitlines())
    assert told["digest"].strip() == DIGEST
    assert told["verified"].strip() == "never"
    assert told["proved"].strip() != "never"
    assert here("backups", "show", one.archive, "--json").json["proved"] == "2026-03-01T21:20:00.000+00:00"
    refused = here("backups", "show", "gone")
    assert refused.status == Exit.REFUSED
    assert refused.complains("no backup is called gone: see `vnx-jobs backups list`")


def test_pins_are_set_and_taken_out(here: Callable[..., Answer], catalogue: RedisCatalogue) -> None:
    """By name, all of a volume, or all of an array; all or none: one wrong name changes nothing."""
    one, other = enter(catalogue, NOON), enter(catalogue, NOON, "iron")

    def pinned() -> list[bool]:
        return [found.pinned for name in (one, other) if (found := catalogue.get(name.archive))]

    assert here("backups", "pin", one.archive, "gone").complains("no backup is called gone")
    assert pinned() == [False, False]
    assert here("backups", "pin", one.archive, other.archive).status == Exit.WELL
    assert pinned() == [True, True]
    assert here("backups", "unpin", one.archive).status == Exit.WELL
    assert pinned() == [False, True]
    assert here("backups", "pin", "--volume", "gold").status == Exit.WELL
    assert pinned() == [True, True]
    assert here("backups", "unpin", "--array", "box").status == Exit.WELL
    assert pinned() == [False, False]
    assert here("backups", "pin").complains("name the backups, or say whose: --array, --volume")
    assert here("backups", "pin", one.archive, "--volume", "gold").complains("name the backups, or say whose")
    assert here("backups", "pin", "--volume", "tin").complains("there are no such backups")


def test_a_policy_is_tried_on_the_catalogue(here: Callable[..., Answer], catalogue: RedisCatalogue) -> None:
    """Each volume is judged by itself, each backup with its reason, and nothing is removed."""
    made = [enter(catalogue, NOON + timedelta(days=day)) for day in range(4)]
    iron = enter(catalogue, NOON, "iron")
    catalogue.pin(made[0].archive, on=True)
    catalogue.proved(made[1].archive, 1)
    *lines, total = here("backups", "retention", "--daily", "1").output.splitlines()
    assert [tuple(re.split(" {2,}", line)[2:4]) for line in lines[1:]] == [
        ("stays", "daily #1"),
        ("goes", "no rule keeps it"),
        ("stays", "last one proved"),
        ("stays", "pinned"),
        ("stays", "daily #1"),
    ]
    assert total == "4 stay, 1 go"
    assert len(catalogue.find()) == 5
    told = here("backups", "retention", "--last", "-1", "--volume", "iron", "--json").json
    assert [(one["archive"], one["stays"], one["why"]) for one in told] == [(iron.archive, True, "last #1")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "a policy keeps something"),
        (("--daily", "1", "--zone", "Mars"), "no time zone is called 'Mars' here"),
        (("--daily", "-2"), "-2 is not in the range"),
    ],
)
def test_a_policy_that_is_none(here: Callable[..., Answer], words: tuple[str, ...], said: str) -> None:
    """A mistake in a policy is one line, and needs no state server."""
    refused = here("backups", "retention", *words)
    assert refused.status == Exit.REFUSED
    assert refused.complains(said)


def test_a_monitor_asks_for_what_was_not_proved(here: Callable[..., Answer], catalogue: RedisCatalogue) -> None:
    """The status is 1 while some volume's last proof is too old; one that never was proved counts from its first."""
    now = datetime.now(UTC)
    proved, _, fresh = (
        enter(catalogue, now - timedelta(days=40), "proved"),
        enter(catalogue, now - timedelta(days=40), "never"),
        enter(catalogue, now - timedelta(days=1), "fresh"),
    )
    catalogue.proved(proved.archive, round(time.time() * 1000) - 10 * 86_400_000)
    told = here("backups", "volumes", "--unproved", "30", "--json")
    assert (told.status, [one["volume"] for one in told.json]) == (Exit.FAILED, ["never"])
    assert [one["volume"] for one in here("backups", "volumes", "--unproved", "5", "--json").json] == [
        "never",
        "proved",
    ]
    assert here("backups", "volumes", "--unproved", "50").status == Exit.WELL
    every = here("backups", "volumes", "--json")
    assert (every.status, [one["volume"] for one in every.json]) == (Exit.WELL, ["fresh", "never", "proved"])
    assert {one["volume"]: one["proved"] is None for one in every.json} == {
        "fresh": True,
        "never": True,
        "proved": False,
    }
    catalogue.forget([fresh.archive])
    assert len(here("backups", "volumes").output.splitlines()) == 3
