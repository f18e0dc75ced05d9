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
        ("DELETE /v1/schedules/nightly", ARRAY, "done"),
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


KIND = {"Content-Type": "application/yaml"}
JOB = "{operation: create-volume, array: %s, name: 'night-{due}', size_gb: 1, pool: pool}"


def policy(array: str = ARRAY, *names: str, hour: int = 1) -> str:
    """Return a policy file of some schedules."""
    rows = "".join(f"  {name}: {{cron: '0 {hour} * * *', jobs: {JOB % array}}}\n" for name in names)
    return f"schedules:\n{rows}" if rows else "schedules: {}\n"


def test_a_policy_file_is_planned_and_applied(site: ApiSite) -> None:
    """The plan stores nothing; what is in the file is made so, what is no longer in it is removed, and nothing else."""
    with site.client() as client:

        def send(word: str, text: str, owner: str = "nights") -> Any:
            answer = client.post(f"/v1/schedules:{word}", content=text, params={"owner": owner}, headers=KIND)
            assert answer.status_code == 200, answer.text
            return answer.json()

        client.put("/v1/schedules/by-hand", json=NIGHTLY)
        plan = send("plan", policy(ARRAY, "a", "b"))
        assert [one["schedule"] for one in plan["added"]] == ["a", "b"]
        assert (plan["stored"], sorted(stored(site))) == (False, ["by-hand"])
        send("apply", policy(ARRAY, "a", "b"))
        send("apply", policy(ARRAY, "c"), owner="days")
        done = send("apply", policy(ARRAY, "a", hour=2))
        assert (done["added"], done["removed"], done["same"]) == ([], ["b"], [])
        assert [(one["schedule"], one["fields"]) for one in done["replaced"]] == [
            ("a", {"cron": ["0 1 * * *", "0 2 * * *"]})
        ]
    crons = {name: cron for name, (cron, _) in stored(site).items()}
    assert crons == {"a": "0 2 * * *", "c": "0 1 * * *", "by-hand": "0 1 * * *"}
    assert [(what, array) for _, what, array, *_ in site.audit][1:] == [("POST /v1/schedules:apply", ARRAY)] * 3


@pytest.mark.parametrize(
    ("text", "kind", "status", "code"),
    [
        ("schedules: {a: {cron: '61 1 * * *', jobs: []}}", "application/yaml", 422, "invalid"),
        ("colours: red", "application/yaml", 422, "invalid"),
        ("{", "application/yaml", 422, "invalid"),
        (b"\xff", "application/yaml", 422, "invalid"),
        (policy(ARRAY, "by-hand"), "application/yaml", 409, "name-in-use"),
        (policy("nowhere", "a"), "application/yaml", 404, "unknown-array"),
        ("schedules: {}", "application/json", 415, "unsupported-media-type"),
    ],
)
def test_a_policy_file_with_a_mistake_changes_nothing(
    site: ApiSite, text: str | bytes, kind: str, status: int, code: str
) -> None:
    """It is refused whole: neither route stores anything."""
    with site.client() as client:
        client.put("/v1/schedules/by-hand", json=NIGHTLY)
        for word in ("plan", "apply"):
            asked = {"params": {"owner": "nights"}, "headers": {"Content-Type": kind}}
            refused(client.post(f"/v1/schedules:{word}", content=text, **asked), status, code)
    assert list(stored(site)) == ["by-hand"]


def test_a_policy_file_reaches_no_array_that_its_sender_does_not_see(site: ApiSite) -> None:
    """Schedules of the same file on another array stay, their names are taken, and nothing else is told of them."""
    both = policy(OTHER, "hidden") + policy(ARRAY, "old").partition("\n")[2]
    asked: dict[str, Any] = {"params": {"owner": "nights"}, "headers": KIND}
    with site.client() as client:
        assert client.put("/v1/schedules/theirs", json={**NIGHTLY, "jobs": [volume("n-{due}", OTHER)]}).is_success
        assert client.post("/v1/schedules:apply", content=both, **asked).is_success
    with site.client(f"admin-{ARRAY}") as client:
        done = client.post("/v1/schedules:apply", content=policy(ARRAY, "new"), **asked).json()
        assert (done["removed"], [one["schedule"] for one in done["added"]]) == (["old"], ["new"])
        for name in ("theirs", "hidden"):
            answer = client.post("/v1/schedules:apply", content=policy(ARRAY, name), **asked)
            refused(answer, 409, "name-in-use")
            assert OTHER not in answer.text
        refused(client.post("/v1/schedules:apply", content=both, **asked), 404, "unknown-array")
    arrays = {name: where for name, (_, where) in stored(site).items()}
    assert arrays == {"theirs": [OTHER], "hidden": [OTHER], "new": [ARRAY]}
