"""Schedules by HTTP: added, replaced and removed by who manages every array that they name."""

from typing import Any

import pytest

from tests.api.site import OTHER, ApiSite, volume
from tests.api.test_jobs import refused
from tests.installation import ARRAY

NIGHTLY: dict[str, Any] = {
    "cron": "0 1 * * *",
    "zone": "Europe/Berlin",
    "exclude": ["2030-12-24..2031-01-06"],
    "jitter": "5m",
    "jobs": [volume("night-{due}")],
}


def stored(site: ApiSite) -> dict[str, tuple[str, list[str]]]:
    """Return what schedules there are: when each is due, and on which arrays it makes what."""
    _, found = site.house.scheduler.schedules.find()
    return {one.schedule.name: (one.schedule.cron, [str(job["array"]) for job in one.schedule.jobs]) for one in found}


def test_a_schedule_is_added_shown_replaced_and_removed(site: ApiSite) -> None:
    """It is stored as it was asked for, tells as many next runs as are asked for, and leaves a line for each change."""
    with site.client() as client:
        added = client.put("/v1/schedules/nightly", json=NIGHTLY)
        assert (added.status_code, added.json()["zone"], added.json()["jitter"]) == (201, "Europe/Berlin", 300)
        assert stored(site) == {"nightly": ("0 1 * * *", [ARRAY])}
        shown = client.get("/v1/schedules/nightly", params={"next": 10}).json()
        assert len(shown["next"]) == 10
        assert len({run["due"] for run in shown["next"]}) == 10
        replaced = client.put("/v1/schedules/nightly", json={**NIGHTLY, "cron": "0 2 * * *"})
        assert (replaced.status_code, replaced.json()["cron"]) == (200, "0 2 * * *")
        assert stored(site) == {"nightly": ("0 2 * * *", [ARRAY])}
        gone = client.delete("/v1/schedules/nightly")
        assert (gone.status_code, gone.content, stored(site)) == (204, b"", {})
        refused(client.delete("/v1/schedules/nightly"), 404, "no-such-schedule")
    lines = [(what, array, outcome) for _, what, array, _, outcome in site.audit]
    assert lines == [
        ("PUT /v1/schedules/nightly", ARRAY, "done"),
        ("PUT /v1/schedules/nightly", ARRAY, "done"),
        ("DELETE /v1/schedules/nightly", "", "done"),
        ("DELETE /v1/schedules/nightly", "", "no-such-schedule"),
    ]


def test_one_that_there_is_stays_if_that_is_asked_for(site: ApiSite) -> None:
    """With `replace=false` a name in use is refused, and what stands there stands on."""
    with site.client() as client:
        client.put("/v1/schedules/nightly", json=NIGHTLY)
        other = {**NIGHTLY, "cron": "0 2 * * *"}
        answer = client.put("/v1/schedules/nightly", params={"replace": False}, json=other)
        refused(answer, 409, "name-in-use")
    assert stored(site) == {"nightly": ("0 1 * * *", [ARRAY])}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"cron": "61 1 * * *"}, 422, "invalid"),
        ({"zone": "Mars"}, 422, "invalid"),
        ({"jobs": []}, 422, "invalid"),
        ({"jobs": "x"}, 422, "invalid"),
        ({"jobs": [volume("same")]}, 422, "invalid"),
        ({"jobs": [volume("n-{due}", "nowhere")]}, 404, "unknown-array"),
        ({"jobs": [{"operation": "create-volume", "name": "n-{due}"}]}, 404, "unknown-array"),
        ({"jobs": [{**volume("n-{due}"), "array": "{volume}"}], "volumes": [OTHER]}, 404, "unknown-array"),
        ({"jobs": [{**volume("n-{due}"), "command": "rm"}]}, 422, "invalid"),
        ({"owner": "somebody"}, 422, "invalid"),
        ({"name": "other"}, 422, "invalid"),
        ({"colour": "red"}, 422, "invalid"),
        ({"exclude": ["never"]}, 422, "invalid"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_stored(
    site: ApiSite, change: dict[str, Any], status: int, code: str
) -> None:
    """A schedule with a mistake is refused in one line, and none is stored."""
    with site.client() as client:
        answer = client.put("/v1/schedules/nightly", json={**NIGHTLY, **change})
        refused(answer, status, code)
        assert "\n" not in answer.json()["detail"]
    assert stored(site) == {}


def test_who_does_not_see_an_array_neither_makes_nor_replaces_what_is_of_it(site: ApiSite) -> None:
    """A hidden array is none; a schedule on one is not replaced under its name, and not removed."""
    with site.client("admin-vault") as client:
        assert client.put("/v1/schedules/theirs", json={**NIGHTLY, "jobs": [volume("n-{due}", OTHER)]}).is_success
    with site.client("admin-box") as client:
        both = [volume("a-{due}"), volume("b-{due}", OTHER)]
        refused(client.put("/v1/schedules/mine", json={**NIGHTLY, "jobs": both}), 404, "unknown-array")
        taken = client.put("/v1/schedules/theirs", json=NIGHTLY)
        refused(taken, 409, "name-in-use")
        assert OTHER not in taken.text
        refused(client.delete("/v1/schedules/theirs"), 404, "no-such-schedule")
    assert stored(site) == {"theirs": ("0 1 * * *", [OTHER])}
