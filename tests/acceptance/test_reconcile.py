"""Reconciling a site whose array was changed from outside, with the array's own executable."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.acceptance.site import ARRAY, Site
from tests.cli.terminal import run_here
from vnx_jobs.model.states import State

pytestmark = pytest.mark.real

LOST: Final = "vjt-01ARZ3NDEKTSV4RRFFQ69G5FAV"
"""How the objects of a job begin of which there is no record."""
NEVER: Final = 1e9
READS: Final = {"-list", "-info"}


@dataclass
class Admin:
    """A person at the terminal of a site."""

    site: Site
    capsys: pytest.CaptureFixture[str]

    def reconcile(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Run `vnx-jobs reconcile`; return its status, and what it wrote."""
        answer = run_here(["reconcile", ARRAY, "--json", *words], self.capsys)
        assert answer.output, answer.complaint
        return answer.status, answer.json


@pytest.fixture
def admin(make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Admin:
    """Make a site with some volumes, a group, a snap copy and a snapshot, on which no list is read but for jobs."""
    site = make_site(times={"idle_refresh": NEVER})
    for name, value in site.environment.items():
        monkeypatch.setenv(name, value)
    site.start_worker()
    volumes = {"gold": 1, "one": 1, "two": 1, "three": 1, "four": 1, "five": 1, "large": 500}
    fields: dict[str, Any] = {"pool": "pool_1", "provisioning": "thin"}
    made = [
        *(site.submit("create-volume", name=name, size_gb=size, **fields).job for name, size in volumes.items()),
        site.submit("snap-copy", name="copy", source="gold").job,
        site.submit("create-snapshot", name="monday", volume="gold").job,
    ]
    made += [
        site.submit("create-group", after=tuple(made), name="set", members=["one", "five"]).job,
        site.submit("set-readonly", after=tuple(made), name="three", readonly=True).job,
    ]
    assert {record.state for record in site.wait(*made)} == {State.SUCCEEDED}
    return Admin(site, capsys)


def change_ten_things(site: Site) -> None:
    """Do what other administrators might, and leave what a lost job might have left."""
    numbers = {lun["name"]: str(lun["number"]) for lun in site.shown()["luns"]}
    hidden = next(one["name"] for one in site.shown()["snapshots"] if one["name"] != "monday")
    lun = ("lun", "-create", "-type", "Thin", "-capacity", "1", "-sq", "gb", "-poolName", "pool_1")
    site.admin(*lun[:5], "500", *lun[6:], "-l", "29999", "-name", f"{LOST}-target")
    site.admin("snap", "-create", "-res", numbers["gold"], "-name", "their-image", "-allowReadWrite", "yes")
    site.admin("lun", "-create", "-type", "snap", "-primaryLun", numbers["gold"], "-l", "77", "-name", "theirs")
    site.admin("lun", "-attach", "-l", "77", "-snapName", "their-image")
    site.admin("lun", "-destroy", "-l", numbers["copy"], "-forceDetach", "-o")
    site.admin("snap", "-destroy", "-id", hidden, "-o")
    site.admin("snap", "-create", "-res", numbers["gold"], "-name", "tuesday")
    site.admin("snap", "-destroy", "-id", "monday", "-o")
    site.admin("snap", "-group", "-rmmember", "-id", "set", "-res", numbers["one"])
    site.admin("lun", "-destroy", "-l", numbers["one"], "-o")
    site.admin("lun", "-expand", "-l", numbers["two"], "-capacity", "3", "-sq", "gb", "-o")
    site.admin("lun", "-destroy", "-l", numbers["three"], "-o")
    site.admin(*lun, "-l", "78", "-name", "three")
    site.admin("lun", "-modify", "-l", numbers["four"], "-newName", "vier", "-o")
    site.admin(*lun, "-l", "25000", "-name", "stranger")
    site.admin("snap", "-create", "-res", numbers["gold"], "-name", f"{LOST}-snap")
    site.admin("migrate", "-start", "-source", numbers["large"], "-dest", "29999", "-rate", "low", "-o")


FOUND: Final = {
    ("volume-appeared", "theirs", "adopt"),
    ("volume-vanished", "copy", "adopt"),
    ("snapshot-appeared", "tuesday", "adopt"),
    ("snapshot-vanished", "monday", "adopt"),
    ("volume-vanished", "one", "adopt"),
    ("volume-resized", "two", "adopt"),
    ("volume-replaced", "three", "adopt"),
    ("volume-renamed", "vier", "adopt"),
    ("group-changed", "set", "adopt"),
    ("number-taken", "stranger", "leave"),
    ("leftover", f"{LOST}-snap", "clean"),
    ("leftover", f"{LOST}-target", "clean"),
    ("session", f"{LOST}-target", "clean"),
}


def test_ten_changes_from_outside_are_found_and_repaired(admin: Admin) -> None:
    """Each change is a finding, also after lists were read since.

    What was left is removed by three commands, what is others' stays, then all is well.
    """
    site = admin.site
    nothing = {"array": ARRAY, "applied": True, "findings": [], "remain": 0}
    assert admin.reconcile("--apply") == (0, nothing)
    change_ten_things(site)
    for _ in range(2):  # the watch reads all lists, as at any refresh: what it has seen is told all the same
        (record,) = site.wait(site.submit("reconcile").job)
        assert record.state is State.SUCCEEDED
        assert record.facts["findings"] == len(FOUND) - 1  # it is not told of the session
    status, told = admin.reconcile()
    assert (status, told["applied"], told["remain"]) == (1, False, len(FOUND))
    assert {(one["kind"], one["subject"], one["remedy"]) for one in told["findings"]} == FOUND
    assert len(told["findings"]) == len(FOUND)
    logged = len(site.log())
    status, done = admin.reconcile("--apply")
    assert (status, done["remain"]) == (1, 1)  # the stranger's LUN is left
    assert [one["state"] for one in done["findings"] if one["remedy"] == "clean"] == ["SUCCEEDED"] * 3
    sent = [" ".join(entry["argv"][:2]) for entry in site.log()[logged:] if not READS & set(entry["argv"])]
    assert sorted(sent) == ["lun -destroy", "migrate -cancel", "snap -destroy"]
    assert admin.reconcile("--apply") == (0, nothing)
    (record,) = site.wait(site.submit("reconcile").job)
    assert record.facts == {"findings": 0, "repaired": 0}
    inventory = site.house.inventory
    assert inventory.altered(ARRAY) == ()
    assert set(inventory.marks(ARRAY)) <= {one.lun.uid for one in inventory.volumes(ARRAY)}
    shown = site.shown()
    foreign = {"stranger", "theirs", "three", "vier"}
    assert {one["name"] for one in shown["luns"]} == {"gold", "large", "two", "five", *foreign}
    assert {one["name"] for one in shown["snapshots"]} == {"their-image", "tuesday"}
    assert shown["migrations"] == []
