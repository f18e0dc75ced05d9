"""Backups volume by volume, over HTTP: whose proof is old, and what a policy would keep."""

import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.api.site import OTHER, ApiSite
from tests.api.test_jobs import refused
from vnx_jobs import Client
from vnx_jobs.client import Refused
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.digest import digest_of
from vnx_jobs.model.names import new_job_id

DAY = 86_400_000
DAYS = {("box", "gold", "60:01"): (1, 2, 3, 40), ("box", "ore", "60:02"): (9,), (OTHER, "gold", "60:03"): (1, 20)}
"""How many days ago each volume was backed up."""


@pytest.fixture
def kept(site: ApiSite) -> ApiSite:
    """Give a catalogue with backups of three volumes, one of which was proved yesterday."""
    now = round(time.time() * 1000)
    for (array, volume, uid), ages in DAYS.items():
        for age in ages:
            label = Label(array, volume, uid, "", new_job_id(), now - age * DAY, 1 << 30, digest_of([]))
            site.house.catalogue.enter(Backup.of(label, added=1, seconds=1, tool="borg 1.2.4", repository="main"))
    (proved, *_) = site.house.catalogue.find(OTHER)
    site.house.catalogue.proved(proved.archive, now - DAY)
    return site


def parts(client: httpx.Client, path: str, what: str, **asked: Any) -> list[list[dict[str, Any]]]:
    """Read a list to its end, a part at a time."""
    read: list[list[dict[str, Any]]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = client.get(f"/v1/backups:{path}", params={**asked, "cursor": cursor})
        assert answer.status_code == 200, answer.text
        read.append(answer.json()[what])
        cursor = answer.json()["cursor"]
    return read


def every(client: httpx.Client, path: str, what: str, **asked: Any) -> list[dict[str, Any]]:
    """Read a list to its end."""
    return [one for part in parts(client, path, what, **asked) for one in part]


def test_volumes_whose_proof_is_old(kept: ApiSite) -> None:
    """All volumes that have backups are listed, or those of an array, or those not proved for so many days."""

    def named(**asked: Any) -> list[tuple[str, str]]:
        return [(one["array"], one["volume"]) for one in every(client, "volumes", "volumes", **asked)]

    with kept.client("viewer") as client:
        assert named() == named(limit=1) == [("box", "gold"), ("box", "ore"), (OTHER, "gold")]
        assert named(array=OTHER) == [(OTHER, "gold")]
        assert named(unproved=5) == named(unproved=5, limit=1) == [("box", "gold"), ("box", "ore")]
        assert named(unproved=10) == [("box", "gold")]
        assert named(unproved=100) == []
        times = [(one["first"], one["proved"]) for one in client.get("/v1/backups:volumes").json()["volumes"]]
        assert [proved is None for _, proved in times] == [True, True, False]
        assert [(datetime.now(UTC) - datetime.fromisoformat(first)).days for first, _ in times] == [40, 9, 20]
    with kept.client("viewer-box") as client:
        assert named() == [("box", "gold"), ("box", "ore")]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_what_a_policy_would_keep(kept: ApiSite, limit: int) -> None:
    """Each backup is judged once, volume by volume and the newest first, however small the parts are."""
    with kept.client("viewer") as client:
        read = parts(client, "retention", "backups", last=2, limit=limit)
        gold = every(client, "retention", "backups", last=2, volume="gold", array="box", limit=limit)
    assert all(len(part) == limit for part in read[:-1])
    whole = [one for part in read for one in part]
    told = [(one["array"], one["volume"], one["stays"], one["why"]) for one in whole]
    assert told == [
        ("box", "gold", True, "last #1"),
        ("box", "gold", True, "last #2"),
        ("box", "gold", False, "no rule keeps it"),
        ("box", "gold", False, "no rule keeps it"),
        ("box", "ore", True, "last #1"),
        (OTHER, "gold", True, "last #1"),
        (OTHER, "gold", True, "last #2"),
    ]
    ages = [one["instant"] for one in whole]
    assert ages[:4] == sorted(ages[:4], reverse=True)
    assert gold == whole[:4]


def test_nothing_is_removed_and_what_changes_meanwhile_moves_nothing(kept: ApiSite) -> None:
    """A backup that is made while a list is read is not in it, and doubles nothing."""
    with kept.client("viewer") as client:
        first = client.get("/v1/backups:retention", params={"daily": 7, "limit": 2}).json()
        label = Label("box", "gold", "60:01", "", new_job_id(), round(time.time() * 1000), 1 << 30, digest_of([]))
        kept.house.catalogue.enter(Backup.of(label, added=1, seconds=1, tool="borg 1.2.4", repository="main"))
        rest = client.get("/v1/backups:retention", params={"daily": 7, "cursor": first["cursor"]}).json()
    archives = [one["archive"] for one in first["backups"] + rest["backups"]]
    assert len(archives) == len(set(archives)) == 7
    assert len(kept.house.catalogue.find()) == 8


def test_an_array_that_is_in_the_settings_no_more(kept: ApiSite) -> None:
    """What is left of it is found by its name, by those who see it; to others there is no such array."""
    label = Label("sold", "gold", "60:09", "", new_job_id(), 1_700_000_000_000, 1 << 30, digest_of([]))
    kept.house.catalogue.enter(Backup.of(label, added=1, seconds=1, tool="borg 1.2.4", repository="main"))
    job = kept.world.submit("create-volume", name="new", size_gb=1, pool="pool").job
    (record,) = kept.house.store.find()
    settings = kept.settings.model_copy(update={"arrays": {OTHER: kept.settings.arrays[OTHER]}})
    assert (record.id, record.array) == (job, "box")
    with kept.client("viewer") as client:
        asked = {"array": "sold", "last": 1}
        for path, what in (("backups", "backups"), ("backups:volumes", "volumes"), ("backups:retention", "backups")):
            given = asked if path.endswith("retention") else {"array": "sold"}
            (one,) = client.get(f"/v1/{path}", params=given).json()[what]
            assert one["uid"] == "60:09"
    with kept.client("viewer-box") as client:
        refused(client.get("/v1/backups", params={"array": "sold"}), 404, "unknown-array")
    with Client.direct(settings) as left:
        assert [one.job for one in left.jobs(array="box")] == [job]
        assert [one.uid for one in left.backed_up("box")] == ["60:01", "60:02"]
        with pytest.raises(Refused, match="there is no array 'nowhere'"):
            list(left.jobs(array="nowhere"))


def test_refusals(kept: ApiSite) -> None:
    """A policy that keeps nothing, numbers that mean nothing and cursors of other lists are refused, each in a line."""
    with kept.client("viewer") as client:
        other = client.get("/v1/backups:volumes?limit=1").json()["cursor"]
        for path, asked, says in (
            ("retention", {}, "a policy keeps something"),
            ("retention", {"last": -2}, "last must "),
            ("retention", {"last": 1, "zone": "Mars/Olympus"}, "no time zone is called 'Mars/Olympus' here"),
            ("retention", {"last": 1, "limit": 0}, "limit must "),
            (
                "retention",
                {"last": 1, "cursor": other},
                "cursor: ",
            ),
            ("volumes", {"unproved": -1}, "unproved must "),
            ("volumes", {"unproved": "nan"}, "unproved must "),
            ("volumes", {"unproved": 1e9}, "unproved must "),
            ("volumes", {"cursor": "x"}, "cursor: "),
        ):
            answer = client.get(f"/v1/backups:{path}", params=asked)
            refused(answer, 422, "invalid")
            assert says in answer.json()["detail"], answer.text
        refused(client.get("/v1/backups:volumes", params={"array": "nowhere"}), 404, "unknown-array")
