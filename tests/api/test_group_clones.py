"""Clones of a group's snapshot by HTTP: a batch with a job for each volume, or nothing at all."""

from typing import Any

import pytest

from tests.api.site import OTHER, ApiSite
from tests.api.test_jobs import refused
from tests.installation import ARRAY
from vnx_jobs.adapters.redis.inspection import contents

TWINS: dict[str, Any] = {"array": ARRAY, "snapshot": "frozen", "names": "{member}-2"}


@pytest.fixture
def grouped(site: ApiSite) -> ApiSite:
    """Give an installation with a snapshot `frozen` of the group of `gold` and `iron`."""
    site.world.make("gold", content="ore")
    site.world.make("iron", content="rust")
    site.world.do("create-group", name="wide", members="gold,iron")
    site.world.do("create-group-snapshot", name="frozen", group="wide")
    return site


def test_each_volume_has_its_job_and_a_key_finds_them_again(grouped: ApiSite) -> None:
    """Two jobs clone the two volumes, of one moment; the same key again finds both, also when the snapshot went."""
    with grouped.client("operator-box") as client:
        first = client.post("/v1/group-clones", json=TWINS, headers={"Idempotency-Key": "nightly"})
        assert (first.status_code, first.headers["location"]) == (202, "/v1/batches/clone-group-nightly")
        jobs = {row["row"]: row["job_id"] for row in first.json()["rows"]}
        assert set(jobs) == {"gold", "iron"}
        grouped.world.run(*jobs.values())
        assert grouped.world.do("delete-group-snapshot", name="frozen").state == "SUCCEEDED"
        again = client.post("/v1/group-clones", json=TWINS, headers={"Idempotency-Key": "nightly"})
    assert (again.status_code, {row["row"]: row["job_id"] for row in again.json()["rows"]}) == (200, jobs)
    shows = grouped.world.array_shows()
    assert (shows["gold-2"], shows["iron-2"]) == ("2 GB full: ore", "2 GB full: rust")
    assert [line[1:] for line in grouped.audit] == [
        ("POST /v1/group-clones", ARRAY, tuple(jobs.values()), "done"),
        ("POST /v1/group-clones", ARRAY, (), "done"),
    ]


def test_a_plan_stores_nothing(grouped: ApiSite) -> None:
    """It tells what the clones would take, and nothing is stored; a viewer may see it, and submits nothing."""
    with grouped.client("viewer") as client:
        before = contents(grouped.house.server)
        planned = client.post("/v1/group-clones:plan", json=TWINS)
        assert (planned.status_code, len(planned.json()["rows"])) == (200, 2)
        refused(client.post("/v1/group-clones", json=TWINS), 403, "forbidden")
        after = contents(grouped.house.server)
    assert {key: value for key, value in after.items() if "audit" not in key and "token" not in key} == {
        key: value for key, value in before.items() if "audit" not in key and "token" not in key
    }
    assert grouped.house.store.find(batch="clone-group-x") == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"array": OTHER}, 404, "unknown-array"),
        ({"snapshot": "other"}, 404, "no-such-snapshot"),
        ({"names": "same"}, 422, "invalid"),
        ({"names": {"gold": "g"}}, 422, "invalid"),
        ({"snapcopy": True}, 422, "invalid"),
        ({"operation": "clone"}, 422, "invalid"),
        ({"hooks": "x"}, 422, "invalid"),
        ({"hooks": ["nobody"]}, 404, "unknown-hook"),
        ({"path": "/etc"}, 422, "invalid"),
    ],
)
def test_what_is_refused_leaves_nothing(grouped: ApiSite, change: dict[str, Any], status: int, code: str) -> None:
    """A request that does not fit the snapshot, or names what the caller does not see, makes no job."""
    jobs = len(grouped.house.store.find())
    with grouped.client("operator-box") as client:
        refused(client.post("/v1/group-clones", json={**TWINS, **change}), status, code)
    assert len(grouped.house.store.find()) == jobs


def test_a_key_of_an_array_that_is_hidden_tells_nothing(grouped: ApiSite) -> None:
    """Rows that a hidden array's request has under the same key do not show in what another array is asked for."""
    with grouped.client("operator-box") as client:
        client.post("/v1/group-clones", json=TWINS, headers={"Idempotency-Key": "k"})
    with grouped.client("operator-vault") as client:
        asked = {**TWINS, "array": OTHER, "snapshot": "other"}
        answer = client.post("/v1/group-clones", json=asked, headers={"Idempotency-Key": "k"})
        refused(answer, 404, "no-such-snapshot")
    assert "gold" not in answer.text
