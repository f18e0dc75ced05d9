"""A part of the crash matrix over real processes: workers, Valkey, storops and naviseccli before a simulated array."""

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.site import ARRAY, Site
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import State

pytestmark = pytest.mark.real

TIMES: Final = {"write_limit": 60, "read_limit": 60, "margin": 20, "watch_tick": 10}
"""Divided by the array's speed, 20: a command is killed after three seconds, and settled after five."""


@dataclass(frozen=True)
class Case:
    """A job, and what befalls one of its commands."""

    fault: str
    command: str
    """The words of the command that tell it from those of all other jobs."""
    request: dict[str, Any]


COPY: Final = ("snap -create", "lun -create", "lun -attach")
CLONE: Final = (*COPY, "lun -create", "migrate -start", "snap -destroy")
DELETE: Final = ("lun -destroy", "snap -destroy")
WORDS: Final = {
    "snap -create": "-name {hidden}",
    "lun -create": "-name {name}",
    "lun -attach": "-snapName {hidden}",
    "migrate -start": "migrate -start -source {volume}",
    "snap -destroy": "snap -destroy -id {hidden}",
    "lun -destroy": "lun -destroy -l {number}",
}


def _copy(name: str, command: str, fault: str) -> Case:
    return Case(fault, command, {"operation": "snap-copy", "name": name, "source": "gold"})


def _clone(name: str, command: str, fault: str) -> Case:
    return Case(fault, command, {"operation": "clone", "name": name, "source": "gold"})


def _delete(name: str, command: str, fault: str) -> Case:
    return Case(fault, command, {"operation": "delete-volume", "name": name})


UNANSWERED: Final = (
    _copy("copy0", "snap -create", "timeout"),
    _copy("copy1", "lun -create", "timeout-after"),
    _copy("copy2", "lun -attach", "drop-connection-after"),
    _copy("copy3", "snap -create", "garbled"),
    _copy("copy4", "lun -create", "hang:60"),
    _copy("copy5", "lun -attach", "hold:1:at-once"),
    _copy("copy6", "snap -create", "hold:1:at-once"),
    _copy("copy7", "lun -attach", "silent-failure"),
    _clone("twin0", "migrate -start", "garbled"),
    _clone("twin1", "migrate -start", "hold:1:at-once"),
    _clone("twin2", "snap -destroy", "lost-answer"),
    _delete("old0", "lun -destroy", "hang-after:60"),
    _delete("old1", "snap -destroy", "hold:1:at-once"),
    _delete("old2", "lun -destroy", "drop-connection"),
)
IN_FLIGHT: Final = (
    _copy("copy0", "snap -create", "hang:60"),
    _copy("copy1", "lun -attach", "hang-after:60"),
    _clone("twin0", "migrate -start", "hang-after:60"),
    _delete("old0", "lun -destroy", "hang:60"),
    _delete("old1", "lun -destroy", "hang-after:60"),
)


@pytest.fixture
def site(valkey_url: str, prefix: str, tmp_path: Path) -> Iterator[Site]:
    """Make a site with a volume `gold`, and snap copies of it to be deleted; no worker is left."""
    made = Site(tmp_path, valkey_url, prefix, times=TIMES, command_slots=8)
    try:
        worker = made.start_worker()
        made.source()
        made.sim("write", str(made.box), "gold", "--data", "ore")
        old = [made.submit("snap-copy", name=f"old{number}", source="gold").job for number in range(3)]
        assert {record.state for record in made.wait(*old)} == {State.SUCCEEDED}
        made.kill_worker(worker)
        yield made
    finally:
        made.stop()


def _submitted(site: Site, cases: tuple[Case, ...]) -> list[tuple[Case, dict[str, Any]]]:
    """Submit jobs and plan their faults while no worker is there; return each with what its commands say."""
    made = []
    for case in cases:
        request = dict(case.request)
        record = site.record(site.submit(request.pop("operation"), **request).job)
        said = {"job": record.id, "name": record.name, "hidden": f"vjt-{record.id}-snap", **record.numbers}
        if record.operation == "delete-snap-copy":
            said |= {"hidden": record.facts["hidden_snapshot"], "number": record.facts["number"]}
        match = WORDS[case.command].format(**said)
        site.sim("fault", str(site.box), case.fault, "--match", match, "--times", "1")
        made.append((case, said))
    return made


def _each_is_done_once(site: Site, made: list[tuple[Case, dict[str, Any]]]) -> None:
    """Check by the array's audit log that each changing command of each job was carried out exactly once."""
    done = [" ".join(entry["argv"]) for entry in site.log() if entry["effect"] == "changed"]
    for case, said in made:
        table = {"snap-copy": COPY, "clone": CLONE, "delete-volume": DELETE}[case.request["operation"]]
        for command in set(table):
            match = WORDS[command].format(**said)
            times = [line for line in done if line.startswith(command) and f"{match} " in f"{line} "]
            assert len(times) == 1, (case, match, times)


def _all_ended_whole(site: Site, made: list[tuple[Case, dict[str, Any]]], records: list[Record]) -> None:
    """Check what stands on the array, what can be read from it, and that no lock is held."""
    assert {record.state for record in records} == {State.SUCCEEDED}, [record.error for record in records]
    deleted = {case.request["name"] for case, _ in made if case.request["operation"] == "delete-volume"}
    copies = {f"old{number}" for number in range(3)} - deleted
    copies |= {case.request["name"] for case, _ in made if case.request["operation"] == "snap-copy"}
    clones = {case.request["name"] for case, _ in made if case.request["operation"] == "clone"}
    shown = site.shown()
    assert {lun["name"] for lun in shown["luns"] if lun["primary"] == "gold"} == copies
    assert {lun["name"] for lun in shown["luns"] if lun["primary"] is None} == clones | {"gold"}
    assert (len(shown["snapshots"]), shown["migrations"]) == (len(copies), [])
    for name in copies | clones:
        assert site.sim("read", str(site.box), name, "--length", "3").startswith("ore")
    stem = f"{site.settings.prefix}h:"
    held = [str(key).removeprefix(stem) for key in site.house.server.client.scan_iter(match=f"{stem}*", count=1000)]
    assert {key.partition(":")[0] for key in held} == {"copies", "mounts", "snapshots", "numbers"}
    uid = site.house.inventory.volume(ARRAY, "gold")
    assert uid is not None
    assert site.house.server.client.zcard(f"{stem}copies:{ARRAY}:{uid.lun.uid}") == len(copies)


def test_answers_that_are_lost_late_or_garbled(site: Site) -> None:
    """Hung, dropped, garbled and held commands of fourteen jobs at once: all end whole, and each was done once."""
    made = _submitted(site, UNANSWERED)
    site.start_worker(4)
    _all_ended_whole(site, made, site.wait(*(said["job"] for _, said in made)))
    _each_is_done_once(site, made)


def _in_flight(site: Site) -> list[int]:
    """Return the process ids of the naviseccli calls that hang."""
    hanging = [int(entry["pid"]) for entry in site.log() if entry["fault"].startswith("hang")]
    return [process for process in hanging if Path(f"/proc/{process}").exists()]


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def _kill_children(site: Site) -> None:
    """Kill -9 the workers' children that wait for an answer."""
    for process in _in_flight(site):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            os.kill(_parent(process), signal.SIGKILL)


def test_workers_killed_while_commands_are_in_flight(site: Site) -> None:
    """Five commands hang, before or after their effect; children and then the worker are killed: each is done once."""
    made = _submitted(site, IN_FLIGHT)
    worker = site.start_worker(2)
    site.until(lambda: len(_in_flight(site)) > 0)
    _kill_children(site)
    site.until(lambda: len(_in_flight(site)) > 0)
    site.kill_worker(worker)
    site.start_worker(2)
    _all_ended_whole(site, made, site.wait(*(said["job"] for _, said in made)))
    _each_is_done_once(site, made)
