"""Many jobs of every kind over two arrays, which nothing disturbs: all end, and what stands is what was asked for."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.mixed import HOST, Model, detach, mix, sources
from tests.acceptance.site import ARRAY, Site
from vnx_jobs.model.array import BLOCKS_PER_GB
from vnx_jobs.model.names import job_of
from vnx_jobs.model.specs import parse
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted
from vnx_jobs.simulator.host import HostLun
from vnx_jobs.submission import Request

pytestmark = pytest.mark.real

PATH: Final = (
    *("storagegroup", "-setpath", "-gname", HOST, "-hbauid", "iqn.1993-08.org.debian:01:abc", "-host", HOST),
    *("-sp", "a", "-spport", "4", "-spvport", "0", "-ip", "1.2.3.4", "-o"),
)
SPEED: Final = 10
TICK: Final = 10 / SPEED
"""Seconds between two readings of an array for all that wait for one."""


class Pair(Site):
    """A site with two arrays of one kind."""

    def __init__(self, folder: Path, url: str, prefix: str) -> None:
        self.ashes = folder / "ash"
        self.sim("init", str(self.ashes))
        shown = json.loads(self.sim("show", str(self.ashes), "--json"))["array"]
        own = {"naviseccli": str(self.ashes / "bin" / "naviseccli"), "spa": shown["spa"], "spb": shown["spb"]}
        super().__init__(folder, url, prefix, others={"ash": own}, speed=SPEED)
        self.folders = {ARRAY: self.box, "ash": self.ashes}
        for box in map(str, self.folders.values()):
            self.sim("admin", box, "--", "storagegroup", "-create", "-gname", HOST)
            self.sim("admin", box, "--", *PATH)

    def run(self, models: dict[str, Model], begun: int) -> None:
        """Submit what was asked for since then, alternating between the arrays, and see every job succeed."""
        rows = [
            (place, parse({"array": array, **request}))
            for array, model in models.items()
            for place, (_, request) in enumerate(model.asked[begun:])
        ]
        requests = [Request(spec) for _, spec in sorted(rows, key=lambda row: row[0])]
        answers = self.house.submission.submit_many(requests)
        jobs = [answer.job for answer in answers if isinstance(answer, Accepted)]
        assert len(jobs) == len(requests), [answer for answer in answers if not isinstance(answer, Accepted)][:3]
        ended = self.wait(*jobs, limit=900)
        assert [(one.name, one.state, one.error) for one in ended if one.state is not State.SUCCEEDED] == []

    def state(self, array: str) -> dict[str, Any]:
        """Return what stands on an array, asked of its state and not by a command."""
        shown: dict[str, Any] = json.loads(self.sim("show", str(self.folders[array]), "--json"))
        return shown

    def is_known(self, array: str) -> bool:
        """Say whether each list of an array that jobs are planned by has been read."""
        read = self.house.inventory.readings(array)
        return min(read.luns, read.snapshots, read.pools, read.groups, read.storage_groups) > 0

    @property
    def reads(self) -> int:
        """How many reading commands have reached the arrays."""
        return sum(is_read(words) for array in self.folders for words in self.words(array))

    def words(self, array: str) -> list[list[str]]:
        """Return all commands of ours that reached an array."""
        log = map(json.loads, self.sim("log", str(self.folders[array]), "--json").splitlines())
        return [entry["argv"] for entry in log if entry["caller"] != "admin"]


@pytest.fixture
def pair(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Pair]:
    """Make a site with two arrays and a worker."""
    made = Pair(tmp_path, valkey_url, prefix)
    made.start_worker(6)
    yield made
    made.stop()


def is_read(words: list[str]) -> bool:
    """Say whether a command changes nothing."""
    return "-list" in words or "-getport" in words


def check_model(pair: Pair, array: str, model: Model) -> None:
    """Compare what stands on an array with its model: names, kinds, bytes and slots."""
    shown = pair.state(array)
    assert sorted(lun["name"] for lun in shown["luns"]) == sorted(model.volumes)
    snapshots = {one["name"] for one in shown["snapshots"]}
    backups = {name for name in snapshots if name.startswith("before-")}
    assert len(backups) == model.backups.total()
    assert {name for name in snapshots - backups if job_of(name, "t") is None} == model.snapshots.keys()
    assert len(snapshots - backups) == len(model.snapshots) + len(model.copies)
    check_changes(pair, array, model, shown)
    assert shown["migrations"] == []
    for name, held in model.volumes.items():
        with HostLun(pair.folders[array], name) as device:
            assert device.read(0, 64).rstrip(b"\0").decode() == held, name
    seen = {one.lun.name: one.lun for one in pair.house.inventory.volumes(array)}
    assert {name: lun.primary for name, lun in seen.items() if lun.primary} == model.copies
    for source in model.sources:
        copies = sum(one == source for one in model.copies.values())
        images = copies + sum(one == source for one, _ in model.snapshots.values()) + model.backups[source]
        taken = [
            int(pair.house.server.client.zcard(f"{pair.settings.prefix}h:{kind}:{array}:{seen[source].uid}"))
            for kind in ("copies", "mounts", "snapshots")
        ]
        assert taken == [copies, copies, images], source


def check_changes(pair: Pair, array: str, model: Model, shown: dict[str, Any]) -> None:
    """Compare sizes, pools, marks, groups, and what hosts see with an array's model."""
    luns = {lun["name"]: lun for lun in shown["luns"]}
    numbers = {lun["number"]: name for name, lun in luns.items()}
    assert {name for name, lun in luns.items() if lun["size_blocks"] == 2 * BLOCKS_PER_GB} == model.larger
    assert {name for name, lun in luns.items() if lun["pool"] == "pool_2"} == model.moved
    marks = pair.house.inventory.marks(array)
    assert {name for name, lun in luns.items() if marks.get(lun["uid"]) == "ro"} == model.protected
    groups = {group["name"]: [numbers[one] for one in group["members"]] for group in shown["consistency_groups"]}
    assert groups == {name: [source] for name, source in model.groups.items()}
    (host,) = shown["storage_groups"]
    assert {numbers[one["alu"]] for one in host["luns"]} == model.attached
    held = pair.house.server.client.zcard(f"{pair.settings.prefix}h:hlus:{array}:{HOST}")
    assert held == len(model.attached)


@pytest.mark.parametrize(
    ("jobs", "count"),
    [(20, 4), pytest.param(500, 50, marks=[pytest.mark.full, pytest.mark.timeout(1800)])],
    ids=["40 jobs", "1000 jobs"],
)
def test_a_mixed_load_over_two_arrays(pair: Pair, jobs: int, count: int) -> None:
    """All succeed, what stands equals a simple model's, no change was sent too many, reads keep within their bar."""
    models = {array: Model() for array in pair.folders}
    pair.until(lambda: all(pair.is_known(array) for array in models))
    before, began = pair.reads, time.monotonic()
    for model in models.values():
        sources(model, count)
    pair.run(models, 0)
    for array, model in models.items():
        for name in model.sources:
            with HostLun(pair.folders[array], name) as device:
                device.write(0, model.volumes[name].encode().ljust(512, b"\0"))
    for number, model in enumerate(models.values()):
        mix(model, jobs, random.Random(number))
    pair.run(models, count)
    for array, model in models.items():
        check_changes(pair, array, model, pair.state(array))
        detach(model)
    pair.run(models, jobs)
    pair.until(lambda: not pair.house.server.client.exists(f"{pair.settings.prefix}due"))
    reads, elapsed = pair.reads - before, time.monotonic() - began
    for array, model in models.items():
        check_model(pair, array, model)
        assert Counter(" ".join(words[:2]) for words in pair.words(array) if not is_read(words)) == model.writes
    asked = sum(len(model.asked) for model in models.values())
    assert reads <= elapsed / TICK * len(models) + asked / 20
